// Behind an @ in a text: the colleagues who may be told, to choose from. Typing the name in full does the same without this file.
let list = null;
let field = null;
let asked = 0;

const typed = () => field.value.slice(0, field.selectionStart).match(/[@＠]([^\s@＠]{0,30})$/);

function close() {
  list?.remove();
  list = null;
  field?.removeAttribute("aria-activedescendant");
  field?.setAttribute("aria-expanded", "false");
}

function show(html) {
  close();
  list = document.createElement("ul");
  list.className = "mention-list plain";
  list.id = "mention-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "@");
  list.innerHTML = html;
  if (!list.querySelector("[role=option]")) {
    list.className += " faint small";
    list.removeAttribute("role");
    list.textContent = field.dataset.none;
  }
  field.after(list);
  field.setAttribute("aria-expanded", "true");
  mark(list.querySelector("[role=option]"));
}

function mark(option) {
  list.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
  if (!option) return;
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const found = typed();
  if (!found) return close();
  const start = field.selectionStart - found[0].length;
  const words = `@${option.dataset.handle} `;
  field.setRangeText(words, start, field.selectionStart, "end");
  close();
  field.focus();
}

document.addEventListener("input", async (event) => {
  if (!event.target.matches?.("[data-mentions]")) return;
  field = event.target;
  const found = typed();
  if (!found) return close();
  const address = new URL(field.dataset.mentions, location.href);
  address.searchParams.set("q", found[1]);
  const mine = ++asked;
  const answer = await fetch(address, { headers: { "X-Part": "people" } }).catch(() => null);
  if (answer?.ok && mine === asked && typed()) show(await answer.text());
});

document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.isComposing) return;
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") close();
  else if (event.key === "ArrowDown" && options.length) mark(options[(at + 1) % options.length]);
  else if (event.key === "ArrowUp" && options.length) mark(options[(at - 1 + options.length) % options.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && at >= 0) take(options[at]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("mousedown", (event) => {
  const option = list && event.target.closest?.(".mention-list [role=option]");
  if (!option) return;
  event.preventDefault(); // the text keeps the focus
  take(option);
});

document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
