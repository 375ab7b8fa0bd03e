// What several scripts use. It keeps nothing and listens to nothing, so it may be loaded by several of them.

export function say(text, tone = "") {
  const place = document.getElementById("toasts");
  const line = document.createElement("div");
  line.className = `toast-line${tone === "bad" ? " is-bad" : ""}`;
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", place.dataset.close);
  close.textContent = "×";
  line.append(close);
  place.append(line);
  setTimeout(() => line.remove(), 8000);
}

export function open(dialog) {
  if (dialog.open) return;
  dialog.removeAttribute("popover");
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}
