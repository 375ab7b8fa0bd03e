// Keyboard and selection on lists. Without it: links, checkboxes and buttons do the same.
import { open } from "./shared.js";

const list = document.getElementById("list");
const rows = () => [...list.querySelectorAll(".list-table tbody tr")];
const box = (row) => row.querySelector("input[name=id]");
const free = () => !document.querySelector("dialog[open]");
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select");
let here = -1;
let lastPicked = -1;

function go(to) {
  const all = rows();
  if (!all.length) return;
  all[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(all.length - 1, to));
  const row = all[here];
  row.classList.add("is-here");
  row.querySelector("a[data-open]")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function count() {
  const picked = rows().filter((row) => box(row)?.checked).length;
  const shown = list.querySelector("[data-picked]");
  if (shown) shown.textContent = String(picked);
  const all = list.querySelector("[data-pick-all]");
  if (all) { all.checked = picked > 0 && picked === rows().length; all.indeterminate = picked > 0 && !all.checked; }
  const everything = list.querySelector("[data-all]");
  if (everything && picked === 0) everything.checked = false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !free()) return;
  if (typing(event.target)) {
    if (event.key === "ArrowDown" && event.target.matches("[data-search]")) { event.preventDefault(); event.target.blur(); go(0); }
    if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
    return;
  }
  const row = rows()[here];
  const step = { j: 1, k: -1 }[event.key];
  if (step) { event.preventDefault(); go(here + step); }
  else if (event.key === "x" && row && box(row)) { event.preventDefault(); box(row).click(); }
  else if ((event.key === "o" || (event.key === "Enter" && !event.target.closest("a, button"))) && row) { row.querySelector("a[data-open]")?.click(); }
  else if (event.key === "v" && row) { const link = row.querySelector("a[data-open]"); if (link) { event.preventDefault(); document.dispatchEvent(new CustomEvent("quickview", { detail: link.href })); } }
  else if (event.key === "e" && row) { const cell = [...row.cells].find(keyOf); if (cell) { event.preventDefault(); edit(cell); } }
  else if (event.key === "n" || event.key === "p") { list.querySelector(`[data-page=${event.key === "n" ? "next" : "previous"}]`)?.click(); }
});

list.addEventListener("click", (event) => {
  const also = event.shiftKey && event.target.closest("a[data-also]");
  if (also) { event.preventDefault(); location.href = also.dataset.also; return; }
  const target = event.target;
  if (target.matches("input[name=id]")) {
    const all = rows();
    const at = all.indexOf(target.closest("tr"));
    if (event.shiftKey && lastPicked >= 0) {
      all.slice(Math.min(at, lastPicked), Math.max(at, lastPicked) + 1).forEach((row) => { box(row).checked = target.checked; });
    }
    lastPicked = at;
  }
  if (target.matches("[data-pick-all]")) rows().forEach((row) => { box(row).checked = target.checked; });
});
list.addEventListener("change", count);
document.addEventListener("click", (event) => {
  const up = event.target.closest("[data-up]");
  if (up) { const item = up.closest("li"); item.previousElementSibling?.before(item); up.focus(); }
});
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target === list) { here = -1; lastPicked = -1; count(); } });
addEventListener("pageshow", count); // a browser going back keeps the ticks

// Quick view by mouse: one button, that goes to the row under the pointer

const peek = document.createElement("button");
Object.assign(peek, { type: "button", className: "peek", tabIndex: -1, textContent: list.dataset.peek ?? "" });
if (list.dataset.peek) list.addEventListener("mouseover", (event) => {
  const cell = event.target.closest(".list-table tbody tr")?.querySelector("td.name");
  if (cell && !cell.contains(peek)) cell.append(peek);
});
peek.addEventListener("click", () => {
  const link = peek.closest("tr").querySelector("a[data-open]");
  document.dispatchEvent(new CustomEvent("quickview", { detail: link.href }));
});

// Changing a value in its cell: double click or "e", Enter saves, Escape leaves it. The record's own pages do the same

const before = new WeakMap();
const keyOf = (cell) => list.querySelector(".list-table thead tr").cells[cell.cellIndex]?.dataset.edit;

async function edit(cell) {
  const link = cell.parentElement.querySelector("a[data-open]");
  const key = keyOf(cell);
  if (!key || !link || !window.htmx || cell.querySelector(".cell-form")) return;
  before.set(cell, cell.innerHTML);
  await window.htmx.ajax("GET", `${link.pathname}cell/${key}/`, { target: cell, swap: "innerHTML", headers: { "X-Part": "cell" } });
}

function leave(cell) {
  if (!before.has(cell)) return;
  cell.innerHTML = before.get(cell);
  before.delete(cell);
  go(rows().indexOf(cell.parentElement));
}

list.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("tbody td");
  if (cell && keyOf(cell) && !event.target.closest(".cell-form")) { event.preventDefault(); edit(cell); }
});
list.addEventListener("click", (event) => { if (event.target.closest("[data-cancel]")) leave(event.target.closest("td")); });
list.addEventListener("keydown", (event) => {
  const cell = event.key === "Escape" && event.target.closest(".cell-form")?.closest("td");
  if (cell) { event.preventDefault(); event.stopPropagation(); leave(cell); }
});
document.addEventListener("htmx:afterSwap", (event) => {
  const cell = event.detail.target;
  if (cell.tagName !== "TD") return;
  const field = cell.querySelector(".cell-form input:not([type=hidden]), .cell-form select, .cell-form textarea");
  if (field) { field.focus(); field.select?.(); } else { before.delete(cell); go(rows().indexOf(cell.parentElement)); }
});

// Dialogs are fetched when they are wanted; without script the same links and buttons lead to pages

const dialog = document.getElementById("list-dialog");

async function show(answer, otherwise) {
  if (!answer?.ok && answer?.status !== 422) { otherwise(); return; }
  dialog.innerHTML = await answer.text();
  open(dialog);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-part]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(location.pathname + location.search, { headers: { "X-Part": link.dataset.part } }).catch(() => null);
  show(answer, () => { location.href = link.href; });
});

list.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-ask]")) return;
  event.preventDefault();
  const data = new FormData(event.target, button);
  const answer = await fetch(event.target.getAttribute("action"), { method: "POST", body: data, headers: { "X-Part": "part" } }).catch(() => null);
  if (answer?.redirected) { location.href = answer.url; return; }
  show(answer, () => { event.target.requestSubmit(); });
});

dialog?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-asks-on]")) return; // the answer is the next question, in the same dialog
  event.preventDefault();
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form), headers: { "X-Part": "part" } }).catch(() => null);
  show(answer, () => { delete form.dataset.asksOn; form.submit(); });
});

// Empty fields stay out of the address
document.addEventListener("submit", (event) => tidy(event.target));
function tidy(form) {
  if (form.method !== "get") return;
  form.querySelectorAll("input, select").forEach((field) => { if (!field.value) field.disabled = true; });
  setTimeout(() => form.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }));
}
