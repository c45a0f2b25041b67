// A table that can be searched, sorted and downloaded. Used by the pages of patients and of the cohort.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

let table, body;
// Rows in the order of the file: the points of a chart name them by their number.
let rows = [];
// The same in the order that was chosen; those that a search found; how many of them stand in the page.
let ordered = [], found = [], portion = Infinity;
const PORTION = 500;

// Long tables wait as text in noscript elements: they would hold up the chart.
function openTable() {
  for (const waiting of document.querySelectorAll("noscript.waiting")) waiting.outerHTML = waiting.textContent;
  table = document.querySelector("table.searchable");
  body = table.tBodies[0];
  rows = Array.from(body.rows);
  openMoreRows();
  ordered = found = rows;
  document.getElementById("search").addEventListener("input", searchTable);
  document.getElementById("download").addEventListener("click", downloadTable);
  for (const header of table.tHead.rows[0].cells) {
    header.firstElementChild.addEventListener("click", () => sortTable(header));
  }
}

// A very long table shows a portion of its rows; search, order and download are over all of them.
function openMoreRows() {
  const more = document.getElementById("more-rows");
  if (!more) return;
  const holder = document.createElement("template");
  holder.innerHTML = more.textContent;
  rows.push(...holder.content.querySelectorAll("tr"));
  portion = PORTION;
  const next = document.getElementById("next-rows");
  next.hidden = false;
  next.addEventListener("click", () => {
    portion += PORTION;
    showRows();
  });
}

function showRows() {
  body.replaceChildren(...found.slice(0, portion));
  const isCut = found.length > portion;
  document.getElementById("shown").textContent = `${found.length} of ${rows.length} ${isCut ? `found, the first ${portion} shown` : "shown"}`;
  const next = document.getElementById("next-rows");
  if (next) next.hidden = !isCut;
}

function searchTable() {
  const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  found = ordered.filter((row) => {
    const content = row.textContent.toLowerCase();
    return words.every((word) => content.includes(word));
  });
  if (portion < Infinity) portion = PORTION;
  showRows();
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
  ordered = Array.from(rows).sort(compare);
  searchTable();
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
  const lines = [table.tHead.rows[0], ...found];
  const text = lines.map((row) => Array.from(row.cells, (cell) => cellText(cell.textContent)).join("\t")).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text + "\n"], { type: "text/tab-separated-values" }));
  link.download = `${page.name}.tsv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// A page with a chart opens its table when the chart allows.
if (!document.getElementById("chart")) openTable();
