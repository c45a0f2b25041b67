// The chart of a patient: drawn when plotly has been unpacked, redrawn by the page's switches, legend and filters.

const chart = document.getElementById("chart");
const state = { scale: page.scale, time: Object.keys(page.modes)[0], labels: "days", unit: "percent", thresholds: true };
const off = new Set();
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const print = window.matchMedia("print");
const PAPER = { width: 940, text: 700, left: 800 };
const CONFIG = { displaylogo: false, responsive: true, displayModeBar: "hover" };
const STEPS = [1, 2, 5, 7, 14, 28, 50, 100, 200, 365, 730, 1825];

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// Hover text is the row of the table: what a pointer shows can be read, printed and searched as well.
function hoverText(number) {
  if (number === null) return "";
  const names = table.tHead.rows[0].cells;
  const cells = Array.from(rows[number].cells);
  const marker = cells.find((cell) => cell.tagName === "TH");
  const lines = cells
    .filter((cell) => cell !== marker && cell.textContent)
    .map((cell) => `${escaped(names[cell.cellIndex].textContent)}: ${broken(cell.textContent)}`);
  return [`<b>${escaped(marker.textContent)}</b>`, ...lines].join("<br>");
}

function broken(text) {
  const pieces = text.length > 200 ? [`${text.slice(0, 199)}…`] : [text];
  return pieces[0].split(/(?<=.{55}\S*) /).map(escaped).join("<br>   ");
}

// Ticks of the days in sight; a scale with gaps has several pieces.
function dayTicks(range, mode) {
  const ticks = mode.slots.filter(([x]) => x >= range[0] && x <= range[1]);
  const parts = [];
  for (const [first, last, x] of mode.pieces) {
    const low = Math.max(first, range[0] - x + first), high = Math.min(last, range[1] - x + first);
    if (high >= low) parts.push([low, high, x - first]);
  }
  const seen = parts.reduce((sum, [low, high]) => sum + high - low, 0);
  const step = STEPS.find((size) => seen / size <= 9) ?? STEPS.at(-1);
  parts.forEach(([low, high, shift], index) => {
    // After a gap the scale begins anew, whatever the step.
    if (index) ticks.push([low + shift, dayLabel(low, mode)]);
    for (let day = Math.ceil(low / step) * step; day <= high; day += step) {
      if (!index || day - low >= step / 2) ticks.push([day + shift, dayLabel(day, mode)]);
    }
  });
  return { tickvals: ticks.map((tick) => tick[0]), ticktext: ticks.map((tick) => tick[1]) };
}

function dayLabel(day, mode) {
  if (state.labels !== "dates" || !mode.day0) return String(day);
  return new Date(Date.parse(mode.day0) + day * 864e5).toISOString().slice(0, 10);
}

function isOn(item) {
  const chosen = (name) => document.getElementById(`filter-${name}`).value;
  return !off.has(item) && ["kind", "technique", "tissue"].every((name) => !chosen(name) || chosen(name) === item[name]);
}

function layoutNow(range) {
  const mode = page.modes[state.time];
  const color = print.matches ? "#000" : getComputedStyle(document.body).color;
  const grid = print.matches ? "#ddd" : getComputedStyle(document.documentElement).getPropertyValue("--grid").trim();
  const layout = structuredClone(page.figure.layout);
  layout.xaxis = { ...mode.xaxis, range: range ?? mode.xaxis.range };
  layout.shapes = mode.shapes;
  Object.assign(layout.yaxis, mode.lanes);
  if (mode.pieces.length) {
    Object.assign(layout.xaxis, dayTicks(layout.xaxis.range, mode));
    if (state.labels === "dates") layout.xaxis.title.text = "date";
  }
  for (const [name, scales] of Object.entries(page.axes)) {
    const chosen = scales[state.scale] ?? scales.linear;
    Object.assign(layout[name], structuredClone(chosen.axis), { ticktext: chosen[state.unit], gridcolor: grid });
  }
  layout.xaxis.gridcolor = grid;
  layout.font.color = color;
  layout.hoverlabel.bgcolor = getComputedStyle(document.body).backgroundColor;
  layout.hoverlabel.font.color = color;
  if (print.matches) {
    Object.assign(layout, { width: PAPER.width, height: page.printed.height, annotations: structuredClone(page.printed.annotations) });
    for (const [name, domain] of Object.entries(page.printed.domains)) layout[name].domain = domain;
  }
  return layout;
}

function dataNow() {
  const traces = page.figure.data.map((trace, index) => ({ ...trace, ...page.modes[state.time].traces[index] }));
  const shown = new Set(page.legend.filter(isOn).map((item) => item.marker));
  for (const item of page.legend) {
    for (const index of item.traces) {
      traces[index].visible = isOn(item) && (traces[index].meta !== "limit" || shown.size === 1);
      if (traces[index].error_y) traces[index].error_y = { ...traces[index].error_y, visible: shown.size <= page.intervals };
    }
  }
  for (const [index, markers] of Object.entries(page.lines)) {
    traces[index].visible = state.thresholds && markers.some((marker) => shown.has(marker));
  }
  return traces;
}

function redraw() {
  // On paper the chart is made smaller as a whole, to the width of the text and what a page leaves below the legend.
  chart.style.zoom = print.matches ? Math.min(PAPER.text / PAPER.width, PAPER.left / page.printed.height) : "";
  return Plotly.react(chart, dataNow(), layoutNow(), CONFIG);
}

function press(button, isPressed) {
  button.setAttribute("aria-pressed", String(isPressed));
}

function wireControls() {
  dark.addEventListener("change", redraw);
  print.addEventListener("change", redraw);
  for (const button of document.querySelectorAll("button[data-set]")) {
    button.addEventListener("click", () => {
      state[button.dataset.set] = button.dataset.value;
      if (button.dataset.labels) state.labels = button.dataset.labels;
      for (const other of button.parentElement.querySelectorAll("button")) press(other, other === button);
      redraw();
    });
  }
  const thresholds = document.getElementById("thresholds");
  thresholds?.addEventListener("click", () => {
    state.thresholds = !state.thresholds;
    press(thresholds, state.thresholds);
    redraw();
  });
  const entries = Array.from(document.querySelectorAll(".legend button"));
  const show = () => {
    entries.forEach((entry, index) => press(entry, isOn(page.legend[index])));
    redraw();
  };
  entries.forEach((entry, index) => {
    const item = page.legend[index];
    const alone = () => {
      const isAlone = page.legend.every((other) => other === item || off.has(other));
      off.clear();
      if (!isAlone) page.legend.filter((other) => other !== item).forEach((other) => off.add(other));
      show();
    };
    // With the shift key (also by keyboard) or a double click: alone, and all again.
    entry.addEventListener("click", (event) => {
      if (event.shiftKey) return alone();
      if (!off.delete(item)) off.add(item);
      show();
    });
    entry.addEventListener("dblclick", alone);
  });
  for (const select of document.querySelectorAll("select[data-filter]")) select.addEventListener("change", show);
  document.getElementById("all").addEventListener("click", () => {
    off.clear();
    for (const select of document.querySelectorAll("select[data-filter]")) select.value = "";
    show();
  });
  document.getElementById("svg").addEventListener("click", () => Plotly.downloadImage(chart, { format: "svg", filename: page.name, width: chart.clientWidth, height: page.figure.layout.height }));
  document.getElementById("png").addEventListener("click", () => Plotly.downloadImage(chart, { format: "png", scale: 2, filename: page.name, width: chart.clientWidth, height: page.figure.layout.height }));
}

function wireChart() {
  chart.on("plotly_relayout", (change) => {
    const mode = page.modes[state.time];
    const isZoom = "xaxis.range[0]" in change || change["xaxis.autorange"];
    if (!mode.pieces.length || !isZoom) return;
    const range = change["xaxis.autorange"] ? mode.xaxis.range : [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    const ticks = dayTicks(range, mode);
    Plotly.relayout(chart, { "xaxis.tickvals": ticks.tickvals, "xaxis.ticktext": ticks.ticktext, "xaxis.range": range });
  });
  const rowsOf = (event) => event.points.map((point) => page.rows[point.curveNumber]?.[point.pointIndex]).filter((number) => Number.isInteger(number));
  const choose = (event, scroll) => {
    for (const row of table.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    for (const number of rowsOf(event)) {
      rows[number].classList.add("chosen");
      if (scroll) rows[number].scrollIntoView({ block: "center" });
    }
  };
  chart.on("plotly_hover", (event) => choose(event, false));
  chart.on("plotly_click", (event) => choose(event, true));
}

// A row of the table shows its point in the chart.
function wireRows() {
  const points = new Map();
  for (const [curve, numbers] of Object.entries(page.rows)) {
    numbers.forEach((number, index) => number !== null && points.set(number, { curveNumber: Number(curve), pointNumber: index }));
  }
  body.addEventListener("click", (event) => {
    const number = rows.indexOf(event.target.closest("tr"));
    if (!points.has(number)) return;
    chart.scrollIntoView({ block: "center" });
    const point = points.get(number);
    Plotly.Fx.hover(chart, [point], [`x${chart.data[point.curveNumber].yaxis}`]);
  });
}

// plotly stands in the page as base64 of gzip. It runs as an inline script, whose hash the page's policy knows.
async function loadPlotly() {
  const text = document.getElementById("plotly").textContent;
  const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const script = document.createElement("script");
  script.textContent = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  document.body.append(script);
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

async function drawChart() {
  if (typeof DecompressionStream === "undefined") {
    chart.textContent = "This browser is too old to draw the chart (Chromium 80, Firefox 113 or Safari 16.4 can). All of it is in the tables and in words.";
    openTable();
    return;
  }
  const isLong = document.querySelector("noscript.waiting") !== null;
  if (!isLong) openTable();
  await loadPlotly();
  chart.replaceChildren();
  if (isLong) {
    // A few series to look at, then the table, then the whole.
    const traces = dataNow();
    await Plotly.newPlot(chart, page.legend.slice(0, 3).flatMap((item) => item.traces.map((index) => traces[index])), layoutNow(), CONFIG);
    await nextTask();
    openTable();
  }
  for (const [index, numbers] of Object.entries(page.rows)) page.figure.data[index].hovertext = numbers.map(hoverText);
  await redraw();
  wireChart();
  wireRows();
  wireControls();
  document.documentElement.dataset.chart = "drawn";
}

drawChart();
