// Conveniences only: the report reads the same without them.
"use strict";

const FILTER_FROM = 12; // tables with fewer rows are seen at a glance

function sortValue(cell) {
  if (!cell) return "";
  return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
}

// Numbers before text; undefined numbers and empty cells last, whatever the direction.
function compare(a, b, direction) {
  const rank = (v) => (typeof v === "number" ? (Number.isNaN(v) ? 2 : 0) : v === "" ? 2 : 1);
  if (rank(a) !== rank(b)) return rank(a) === 2 || rank(b) === 2 ? rank(a) - rank(b) : direction * (rank(a) - rank(b));
  if (rank(a) === 2) return 0;
  if (typeof a === "number") return direction * (a - b);
  return direction * a.localeCompare(b, undefined, { numeric: true });
}

// Puts elements in the order of their values, into the element that holds them.
function reorder(holder, elements, valueOf, direction) {
  const pairs = elements.map((element) => [valueOf(element), element]);
  pairs.sort((one, other) => compare(one[0], other[0], direction));
  holder.append(...pairs.map((pair) => pair[1]));
}

function sortBy(table, heading) {
  const column = heading.cellIndex;
  const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  reorder(body, [...body.rows], (row) => sortValue(row.cells[column]), direction);
}

function makeSortable(table) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, heading));
    heading.append(button);
  }
}

function addFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  input.type = "search";
  input.placeholder = "Filter rows";
  input.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const seen = rows.filter((row) => !row.hidden).length;
    count.textContent = input.value ? `${seen} of ${rows.length}` : "";
  });
  label.append(input);
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(label, count);
  table.closest(".scroller").before(bar);
}

function makeGallerySortable(gallery) {
  const cards = [...gallery.children];
  const names = [...cards[0].querySelectorAll("dt")].map((name) => name.textContent);
  if (cards.length < 2 || !names.length) return;
  const label = document.createElement("label");
  const choice = document.createElement("select");
  const turn = document.createElement("button");
  choice.append(new Option("as listed", "-1"), ...names.map((name, column) => new Option(name, column)));
  turn.type = "button";
  turn.textContent = "lowest first";
  const sort = () => {
    const column = Number(choice.value);
    const valueOf = column < 0 ? (card) => cards.indexOf(card) : (card) => sortValue(card.querySelectorAll("dd")[column]);
    reorder(gallery, cards.slice(), valueOf, turn.textContent === "lowest first" ? 1 : -1);
    gallery.scrollTop = 0;
  };
  choice.addEventListener("change", sort);
  turn.addEventListener("click", () => {
    turn.textContent = turn.textContent === "lowest first" ? "highest first" : "lowest first";
    sort();
  });
  label.append("Sort by ", choice);
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(label, turn);
  gallery.before(bar);
}

// A picture stands in an element that chooses between its light and its dark form.
function makeEnlargeable(image, dialog) {
  const shown = image.closest("picture") || image;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "enlarge";
  button.setAttribute("aria-label", `Enlarge: ${image.alt}`);
  shown.replaceWith(button);
  button.append(shown);
  button.addEventListener("click", () => {
    dialog.replaceChildren(shown.cloneNode(true));
    dialog.showModal();
  });
}

for (const table of document.querySelectorAll("table")) {
  if (table.tBodies[0].rows.length > 1) makeSortable(table);
  if (table.tBodies[0].rows.length >= FILTER_FROM) addFilter(table);
}

const dialog = document.createElement("dialog");
dialog.setAttribute("aria-label", "Enlarged picture");
dialog.addEventListener("click", () => dialog.close());
document.body.append(dialog);
for (const gallery of document.querySelectorAll(".gallery")) makeGallerySortable(gallery);
for (const image of document.querySelectorAll(".paper img")) makeEnlargeable(image, dialog);

// Paper has no clicks: print what is folded, too.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
