// The record: single keys for its actions, and a look for duplicates while a form is typed. All of it works without this file.
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

const form = document.querySelector("form[data-check-src]");
if (form) {
  const place = document.getElementById("matches");
  let waiting = 0;
  let asked = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-check]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const address = new URL(form.dataset.checkSrc, location.href);
      form.querySelectorAll("[data-check]").forEach((field) => address.searchParams.set(field.name, field.value));
      const mine = ++asked;
      const answer = await fetch(address, { headers: { "X-Part": "matches" } }).catch(() => null);
      if (answer?.ok && mine === asked) place.innerHTML = await answer.text();
    }, 300);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "kind") return; // other fields belong to an organisation than to a person
    const address = new URL(location.href);
    address.searchParams.set("kind", event.target.value);
    ["name", "phone"].forEach((name) => { if (form.elements[name]?.value) address.searchParams.set(name, form.elements[name].value); });
    if (location.pathname.endsWith("/new/")) { form.dispatchEvent(new Event("undraft", { bubbles: true })); location.replace(address); }
  });
}
