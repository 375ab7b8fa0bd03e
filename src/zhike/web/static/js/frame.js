// What every page can do: dialogs, messages, copying, quick view, keyboard. Each form and link works without it.
import { lookFor } from "./drafts.js";
import { open, say } from "./shared.js";

const $ = (id) => document.getElementById(id);
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

// Messages

setTimeout(() => document.querySelectorAll(".toasts .toast-line:not(.is-bad)").forEach((line) => line.remove()), 8000);
document.addEventListener("say", (event) => say(event.detail.text ?? event.detail.value, event.detail.tone));
document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline, "bad"));
document.addEventListener("htmx:responseError", () => say(document.body.dataset.failed, "bad"));

// Of tabs that do not all fit, the current one is in sight

document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
});

// Dialogs

document.addEventListener("click", (event) => {
  const target = event.target;
  const opener = target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    opener.closest("[popover]")?.hidePopover?.();
    open($(opener.dataset.dialog));
    return;
  }
  const inside = target.closest("[data-close]") && target.closest("dialog");
  if (inside) { event.preventDefault(); inside.close(); }
  if (target.matches("dialog")) target.close(); // the veil around it
  if (target.closest("[data-dismiss]")) target.closest(".toast-line").remove();
  const copy = target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => {
      const label = copy.querySelector("span");
      const before = label.textContent;
      label.textContent = copy.dataset.done;
      setTimeout(() => { label.textContent = before; }, 1500);
    });
  }
  const quick = target.closest("a[data-panel]");
  if (quick && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    showInside($("panel"), quick.href, "panel");
  }
  const sheet = target.closest("a[data-sheet]");
  if (sheet && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    showInside($("sheet"), sheet.href, "sheet");
  }
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
  else if (event.target.method === "post" && navigator.onLine === false && document.body.dataset.offline) {
    event.preventDefault(); // a page that cannot come would take the form with it
    say(document.body.dataset.offline, "bad");
  }
}, true);

// A download leaves the page as it is, so a word is said meanwhile

document.addEventListener("submit", (event) => {
  const text = event.submitter?.dataset.says ?? event.target.dataset.says;
  if (!text || event.defaultPrevented) return;
  say(text);
  event.target.closest("dialog")?.close();
});

// Quick view: the part "panel" of the record's own page. A form of its own page as a dialog: its part "sheet"

async function showInside(place, address, part) {
  const answer = await fetch(address, { headers: { "X-Part": part } }).catch(() => null);
  const text = answer?.ok ? await answer.text() : "<!doctype";
  if (text.startsWith("<!doctype")) { location.href = address; return; } // no such part: the page itself
  place.innerHTML = text;
  window.htmx?.process(place);
  lookFor(place);
  open(place);
}

document.addEventListener("quickview", (event) => showInside($("panel"), event.detail, "panel"));

// A page in the place of one that the line lost: see worker.js

addEventListener("load", () => navigator.serviceWorker?.register("/worker.js").catch(() => {}));

// Theme: at once, and kept by the form behind it

document.querySelector("[data-theme-form]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const root = document.documentElement;
  root.dataset.theme = event.submitter.value;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = root.dataset.theme === "auto" ? (dark ? "dark" : "light") : root.dataset.theme;
  event.target.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === event.submitter)));
  document.dispatchEvent(new Event("themechange"));
  const data = new FormData(event.target);
  data.set("theme", event.submitter.value);
  fetch(event.target.getAttribute("action"), { method: "POST", body: data }).catch(() => say(document.body.dataset.offline, "bad"));
});

// Keyboard

const mainButton = (form) =>
  form.querySelector(".btn-primary:not([type=button]), .btn-danger:not([type=button])") ?? undefined;

let went = 0; // when "g" was pressed
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (form) { event.preventDefault(); form.requestSubmit(mainButton(form)); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?" && $("keys")) { event.preventDefault(); open($("keys")); return; }
  if (event.key === "/") {
    const box = document.querySelector("[data-search]");
    event.preventDefault();
    if (box) { box.focus(); box.select(); } else document.querySelector("[data-palette]")?.click();
    return;
  }
  if (event.key === "g") { went = Date.now(); return; }
  if (Date.now() - went < 1200) {
    went = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); location.href = link.href; }
  }
});

// What was typed is not lost by a stray click: a changed form asks before the page goes

document.addEventListener("input", (event) => { const form = event.target.closest?.("form.keeps"); if (form) form.dataset.changed = "1"; });
document.addEventListener("submit", (event) => { delete event.target.dataset.changed; });
addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-changed]")) event.preventDefault(); });
