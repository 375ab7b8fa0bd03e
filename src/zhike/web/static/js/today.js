// Today by keyboard: j and k walk, c records, l postpones, u says no, digits choose the outcome. Without it: the same links and forms.
const lines = () => [...document.querySelectorAll("[data-line]")];
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select");
let here = -1;

function go(to) {
  const all = lines();
  if (!all.length) return;
  all[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(all.length - 1, to));
  all[here].classList.add("is-here");
  all[here].focus({ preventScroll: true });
  all[here].scrollIntoView({ block: "nearest" });
}

function close(form) {
  const line = form.closest("[data-line]");
  form.remove();
  line?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const form = event.target.closest?.(".today-form");
  if (event.key === "Escape" && form) { event.preventDefault(); close(form); return; }
  if (typing(event.target)) return;
  if (form) {
    const pick = /^[1-9]$/.test(event.key) && form.querySelectorAll(".picks input[type=radio]")[Number(event.key) - 1];
    if (pick) { event.preventDefault(); pick.checked = true; pick.focus(); }
    return;
  }
  const step = { j: 1, k: -1 }[event.key];
  if (step) { event.preventDefault(); go(here + step); return; }
  if (here < 0 && ["c", "l", "u", "o"].includes(event.key)) go(0);  // nobody chosen yet: the first
  const line = lines()[here];
  if (!line) return;
  if (event.key === "o") line.querySelector("[data-open]")?.click();
  else if (event.key === "Enter" && event.target === line) line.querySelector("[data-open]")?.click();
  else { const act = line.querySelector(`[data-act="${CSS.escape(event.key)}"]`); if (act) { event.preventDefault(); act.click(); } }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.detail.target.querySelector?.(".today-form");
  if (form) { (form.querySelector(".field-error ~ input, input:checked, input[type=radio], input[type=date]") ?? form.querySelector("button"))?.focus(); return; }
  if (event.detail.target.id === "today" || document.activeElement === document.body) { const at = here; here = -1; if (at >= 0) go(at); }
});

document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-line]");
  if (line) { lines()[here]?.classList.remove("is-here"); here = lines().indexOf(line); line.classList.add("is-here"); }
  const way = event.target.closest(".today-line .form-foot a");
  if (way) { event.preventDefault(); close(way.closest("form")); }
});
document.getElementById("main")?.addEventListener("change", (event) => { if (event.target.id === "today-who") event.target.form.requestSubmit(); });
