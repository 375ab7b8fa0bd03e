// Draws every figure with data-chart-src: fetches {option, table}, dresses it in the page's colours, and gives the same as a table.
const files = document.querySelector("script[data-echarts]").dataset;
const library = import(files.echarts);
const APART = { graph: files.echartsGraph, heatmap: files.echartsHeatmap, radar: files.echartsRadar, treemap: files.echartsTreemap };
const chinese = document.documentElement.lang.startsWith("zh");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Distinct also without colour vision (after Okabe and Ito), for both grounds.
const SERIES = {
  light: ["#0d6472", "#dca23c", "#6b87b8", "#bb5f8b", "#84a045", "#8d9490"],
  dark: ["#5fb4bf", "#c99a45", "#8ba3d0", "#cc86ab", "#9abf70", "#949b98"],
};

function short(value) {
  if (value == null || Number.isNaN(value)) return "–";
  const steps = chinese ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "k"]];
  for (const [step, unit] of steps) {
    if (Math.abs(value) >= step) return `${Number((value / step).toPrecision(3))}${unit}`;
  }
  return Number(value.toPrecision(3)).toLocaleString("en");
}

// Named in the option as "@money" where ECharts wants a function.
const FORMATS = {
  short: (value) => short(Number(value)),
  money: (value) => (Number(value) < 0 ? `-¥${short(-value)}` : `¥${short(Number(value))}`),
  percent: (value) => `${Number((value * 100).toFixed(1))}%`,
  number: (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 2 }),
};

function bring(node) { // puts functions and the page's colours in the place of their names
  if (Array.isArray(node)) { node.forEach(bring); return; }
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === "string" && value.startsWith("@")) {
      const format = FORMATS[value.slice(1)];
      node[key] = (given) => format(typeof given === "object" && given !== null ? [].concat(given.value).at(-1) : given);
    } else if (typeof value === "string" && value.startsWith("--")) node[key] = colour(value);
    else bring(value);
  }
}

function axis(own, kind) {
  const line = colour("--line");
  const base = {
    axisLine: { show: kind === "x", lineStyle: { color: colour("--line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: colour("--ink-3"), hideOverlap: true },
    nameTextStyle: { color: colour("--ink-3") },
    splitLine: { show: kind === "y", lineStyle: { color: line } },
  };
  const dress = (one) => ({ ...base, ...one, axisLabel: { ...base.axisLabel, ...one.axisLabel }, splitLine: { ...base.splitLine, ...one.splitLine } });
  return Array.isArray(own) ? own.map(dress) : own && dress(own);
}

function dressed(option) {
  const copy = structuredClone(option);
  bring(copy);
  const ink = colour("--ink");
  const dark = document.documentElement.dataset.bsTheme === "dark";
  const plain = !copy.xAxis;
  return {
    color: SERIES[dark ? "dark" : "light"],
    backgroundColor: "transparent",
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches && !("paper" in document.documentElement.dataset),
    animationDuration: 200,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    aria: { enabled: true, decal: { show: false } },
    ...copy,
    ...(plain ? {} : { grid: { left: 4, right: 16, top: 28, bottom: 4, containLabel: true, ...copy.grid } }),
    ...(plain ? {} : { xAxis: axis(copy.xAxis, "x"), yAxis: axis(copy.yAxis, "y") }),
    ...(copy.legend ? { legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 8, icon: "rect", ...copy.legend, textStyle: { color: colour("--ink-2") } } } : {}),
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: colour("--ground"), borderColor: colour("--line-strong"), borderWidth: 1,
      padding: 8, ...copy.tooltip, textStyle: { color: ink, fontSize: 12 },
    },
  };
}

function table({ columns, rows }) {
  const made = document.createElement("table");
  made.className = "ledger compact";
  const figures = columns.map((_, at) => rows.some((row) => typeof row[at] === "number"));
  const cell = (kind, text, at) => {
    const one = document.createElement(kind);
    one.textContent = typeof text === "number" ? text.toLocaleString("en", { maximumFractionDigits: 4 }) : text ?? "–";
    if (figures[at]) one.className = "num";
    return one;
  };
  const head = made.createTHead().insertRow();
  columns.forEach((label, at) => head.append(cell("th", label, at)));
  const body = made.createTBody();
  rows.forEach((row) => { const line = body.insertRow(); row.forEach((value, at) => line.append(cell("td", value, at))); });
  return made;
}

async function draw(figure) {
  const plot = figure.querySelector(".chart-plot");
  const sheet = figure.querySelector(".chart-table");
  const answer = await fetch(figure.dataset.chartSrc, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) { plot.textContent = figure.dataset.failed; plot.classList.add("faint"); return; }
  const { option, table: data } = await answer.json();
  const [{ init }] = await Promise.all([library, ...option.series.map(({ type }) => APART[type] && import(APART[type]))]);
  const chart = init(plot);
  const show = () => chart.setOption(dressed(option), true);
  show();
  chart.on("click", ({ data: point }) => { if (point?.url) location.href = point.url; });
  new ResizeObserver(() => chart.resize()).observe(plot);
  document.addEventListener("themechange", show);
  addEventListener("beforeprint", () => { chart.resize(); chart.getZr().flush(); }); // after the colours of paper

  const button = figure.querySelector("[data-chart-table]");
  button.hidden = !data;
  button.addEventListener("click", () => {
    if (!sheet.firstChild) sheet.append(table(data));
    sheet.hidden = !sheet.hidden;
    plot.hidden = !sheet.hidden;
    button.setAttribute("aria-pressed", String(plot.hidden));
    [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
    if (!plot.hidden) chart.resize();
  });
  figure.querySelector("[data-chart-png]").addEventListener("click", () => {
    const link = document.createElement("a");
    link.download = `${figure.querySelector("figcaption").textContent.trim()}.png`;
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("--ground") });
    link.click();
  });
}

const start = (root) => root.querySelectorAll("[data-chart-src]:not([data-drawn])").forEach((figure) => { figure.dataset.drawn = ""; draw(figure); });
start(document);
document.addEventListener("htmx:afterSettle", (event) => start(event.target));
