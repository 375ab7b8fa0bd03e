// Before the first paint: "auto" follows the device. Paper is white.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  };
  apply();
  const change = (how) => { how(); document.dispatchEvent(new Event("themechange")); };
  dark.addEventListener("change", () => change(apply));
  addEventListener("beforeprint", () => change(() => { root.dataset.bsTheme = "light"; root.dataset.paper = ""; }));
  addEventListener("afterprint", () => change(() => { delete root.dataset.paper; apply(); }));
})();
