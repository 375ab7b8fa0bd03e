// Ctrl/⌘+K: finds customers, screens, actions and saved views; a pasted phone number opens its customer.
import { open } from "./shared.js";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
let timer = 0;
let asked = 0; // the newest question; answers to older ones are dropped
let at = 0;

const options = () => [...list.querySelectorAll("[role=option]")];

function mark(to) {
  const all = options();
  if (!all.length) { input.removeAttribute("aria-activedescendant"); return; }
  at = (to + all.length) % all.length;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
  input.setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}

function show({ kinds }) {
  list.replaceChildren();
  let number = 0;
  for (const { label, items } of kinds) {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    const head = document.createElement("div");
    head.className = "palette-kind";
    head.setAttribute("aria-hidden", "true");
    head.textContent = label;
    group.append(head);
    for (const { text, hint, url } of items) {
      const line = document.createElement("a");
      line.className = "palette-item";
      line.href = url;
      line.id = `palette-${number++}`;
      line.tabIndex = -1;
      line.setAttribute("role", "option");
      const name = document.createElement("span");
      name.className = "cut";
      name.textContent = text;
      line.append(name);
      if (hint) {
        const beside = document.createElement("span");
        beside.className = "hint";
        beside.textContent = hint;
        line.append(beside);
      }
      group.append(line);
    }
    list.append(group);
  }
  if (!number) {
    const none = document.createElement("div");
    none.className = "palette-none";
    none.textContent = dialog.dataset.none;
    list.append(none);
  }
  mark(0);
}

async function ask(pasted = false) {
  const mine = ++asked;
  const answer = await fetch(`${dialog.dataset.src}?q=${encodeURIComponent(input.value.trim())}`).catch(() => null);
  if (mine !== asked || !answer?.ok) return;
  const found = await answer.json();
  if (mine !== asked) return;
  if (pasted && found.open) { location.href = found.open; return; }
  show(found);
}

function start() {
  open(dialog);
  input.value = "";
  input.focus();
  ask();
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) start(); });
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (dialog.open) dialog.close(); else start();
  }
});
input.addEventListener("input", (event) => {
  clearTimeout(timer);
  const pasted = event.inputType === "insertFromPaste";
  timer = setTimeout(() => ask(pasted), pasted ? 0 : 120);
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
  else if (event.key === "ArrowUp") { event.preventDefault(); mark(at - 1); }
  else if (event.key === "Enter") { event.preventDefault(); options()[at]?.click(); }
});
list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && options()[at] !== option) mark(options().indexOf(option));
});
