// What was typed into a form (class "keeps") stays in this tab until it is saved: a lost line, an error or a session that ended
// takes nothing. Kept by person and address; a field that somebody else changed meanwhile is not overwritten.

const { who, draft, undraft } = document.body.dataset; // no `who`: a page outside, such as for signing in or for an error
const BEGINNING = "draft:";
const UNKEPT = ["hidden", "password", "file", "submit", "button"];

const keys = () => Object.keys(sessionStorage).filter((one) => one.startsWith(BEGINNING));
const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const write = (key, kept) => sessionStorage.setItem(key, JSON.stringify(kept));

function keyOf(form) {
  const { pathname, search } = new URL(form.getAttribute("action") || location.href, location.href);
  return `${BEGINNING}${who}:${pathname}${search}`;
}

const ticked = (field) => field.type === "checkbox" || field.type === "radio";
const chosen = (field, how) => [...field.options].filter((one) => one[how]).map((one) => one.value).join("\n");

function now(field) {
  if (ticked(field)) return field.checked;
  return field.multiple ? chosen(field, "selected") : field.value;
}

function given(field) {
  if (ticked(field)) return field.defaultChecked;
  if (!field.options) return field.defaultValue;
  return chosen(field, "defaultSelected") || (field.multiple ? "" : field.options[0]?.value ?? "");
}

// Fields by name and place, because some names come several times
function fieldsOf(form) {
  const seen = {};
  const named = [...form.elements].filter((one) => one.name && !one.disabled && !UNKEPT.includes(one.type));
  return new Map(named.map((field) => {
    const name = ticked(field) ? `${field.name}=${field.value}` : field.name;
    seen[name] = (seen[name] ?? 0) + 1;
    return [`${name}#${seen[name]}`, field];
  }));
}

// A form that came back with what is wrong shows what was typed as if it had been there before: what was there first still counts
const isRefused = (form) => form.querySelector(".has-error, .note-bad") !== null;

function keep(form, sent = false) {
  const before = isRefused(form) ? read(keyOf(form))?.fields ?? {} : {};
  const fields = {};
  for (const [at, field] of fieldsOf(form)) {
    const [was, is] = [before[at]?.[0] ?? given(field), now(field)];
    if (was !== is) fields[at] = [was, is];
  }
  if (Object.keys(fields).length) write(keyOf(form), { fields, sent }); else sessionStorage.removeItem(keyOf(form));
}

function bringBack(form) {
  if (isRefused(form)) return;
  let found = false;
  const here = fieldsOf(form);
  for (const [at, [was, typed]] of Object.entries(read(keyOf(form))?.fields ?? {})) {
    const field = here.get(at);
    if (!field || given(field) !== was || now(field) === typed) continue;
    if (ticked(field)) field.checked = typed;
    else if (field.multiple) [...field.options].forEach((one) => { one.selected = typed.split("\n").includes(one.value); });
    else field.value = typed;
    found = true;
  }
  if (found) tell(form); else sessionStorage.removeItem(keyOf(form));
}

function tell(form) {
  form.dataset.changed = "1";
  const line = document.createElement("p");
  line.className = "note row-flow";
  line.setAttribute("role", "status");
  const away = document.createElement("button");
  away.type = "button";
  away.className = "btn btn-small";
  away.textContent = undraft;
  away.addEventListener("click", () => { drop(form); form.reset(); line.remove(); });
  line.append(draft, away);
  form.prepend(line);
}

function drop(form) {
  sessionStorage.removeItem(keyOf(form));
  delete form.dataset.changed;
}

export const lookFor = (root) => { if (who) root.querySelectorAll("form.keeps").forEach(bringBack); };

// What was sent has arrived when the answer led on to a page inside; else it is as if it had never been sent
const ledOn = who && performance.getEntriesByType("navigation")[0]?.redirectCount > 0;
for (const key of keys()) {
  const kept = read(key);
  if (kept.sent && ledOn) sessionStorage.removeItem(key); else write(key, { ...kept, sent: false });
}
lookFor(document);

let waiting = 0;
let latest = null; // the form that is to be kept
const forget = () => { clearTimeout(waiting); latest = null; };
const formOf = (event) => who && event.target.closest?.("form.keeps");
document.addEventListener("input", (event) => {
  const form = formOf(event);
  if (!form) return;
  clearTimeout(waiting);
  latest = form;
  waiting = setTimeout(() => { keep(form); latest = null; }, 300);
});
addEventListener("pagehide", () => { if (latest) keep(latest); });
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leaves]")) keys().forEach((key) => sessionStorage.removeItem(key));
  if (!formOf(event) || event.defaultPrevented) return;
  forget();
  keep(event.target, true);
});
document.addEventListener("click", (event) => { if (event.target.closest(".form-foot a") && formOf(event)) { forget(); drop(formOf(event)); } });
document.addEventListener("undraft", (event) => { forget(); drop(event.target); });
