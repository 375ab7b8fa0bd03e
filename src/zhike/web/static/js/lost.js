// On the page for a lost connection: once more by hand, and by itself as soon as there is a line again.
document.querySelector("[data-again]").addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
addEventListener("online", () => location.reload());
