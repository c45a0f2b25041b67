// A table that can be searched, sorted and downloaded. Used by the pages of patients and of the cohort.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

let table, body;
// Rows in the order of the file: the points of a chart name them by their number.
let rows = [];

// Long tables wait as text in noscript elements: they would hold up the chart.
function openTable() {
  for (const waiting of document.querySelectorAll("noscript.waiting")) waiting.outerHTML = waiting.textContent;
  table = document.querySelector("table.searchable");
  body = table.tBodies[0];
  rows = Array.from(body.rows);
  document.getElementById("search").addEventListener("input", (event) => searchTable(event.target.value));
  document.getElementById("download").addEventListener("click", downloadTable);
  for (const header of table.tHead.rows[0].cells) {
    header.firstElementChild.addEventListener("click", () => sortTable(header));
  }
}

function searchTable(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const content = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => content.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length} shown`;
}

function sortTable(header) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const column = header.cellIndex;
  const inOrder = ["Sample", "Time"].includes(header.textContent);
  const keys = new Map(rows.map((row, index) => [row, inOrder ? index : sortKey(row.cells[column].textContent)]));
  const compare = (a, b) => {
    const x = keys.get(a), y = keys.get(b);
    // What is empty stays at the end, numbers come before words.
    if (x === "" || y === "") return (x === "") - (y === "");
    const order = typeof x === typeof y ? (typeof x === "number" ? x - y : x.localeCompare(y)) : typeof x === "number" ? -1 : 1;
    return ascending ? order : -order;
  };
  body.append(...Array.from(body.rows).sort(compare));
}

function sortKey(text) {
  if (/^\d{4}-\d\d/.test(text)) return text;
  const number = /^(?:day )?[≥≤<>~= ]*(-?[\d,]*\.?\d+(?:e[+-]?\d+)?)/.exec(text);
  return number ? Number(number[1].replaceAll(",", "")) : text;
}

// A cell that a spreadsheet would run as a formula is made text; tabs and line ends would break the columns.
function cellText(text) {
  const flat = text.trim().replace(/\s+/g, " ");
  return /^[=+\-@]/.test(flat) && !/^-?[\d.]+$/.test(flat) ? `'${flat}` : flat;
}

function downloadTable() {
  const lines = [table.tHead.rows[0], ...Array.from(body.rows).filter((row) => !row.hidden)];
  const text = lines.map((row) => Array.from(row.cells, (cell) => cellText(cell.textContent)).join("\t")).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text + "\n"], { type: "text/tab-separated-values" }));
  link.download = `${page.name}.tsv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// A page with a chart opens its table when the chart allows.
if (!document.getElementById("chart")) openTable();
