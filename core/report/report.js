// Sorting by a click on a heading, filtering by text, enlarging pictures; the page reads without it.
"use strict";
for (const heading of document.querySelectorAll("th[data-sort]")) {
  heading.addEventListener("click", () => {
    const body = heading.closest("table").tBodies[0];
    const rising = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const key = (row) => row.cells[heading.cellIndex].textContent;
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [parseFloat(key(a)), parseFloat(key(b))];
      const order = Number.isNaN(x) || Number.isNaN(y) ? key(a).localeCompare(key(b)) : x - y;
      return rising ? order : -order;
    });
    body.append(...rows);
  });
}
for (const field of document.querySelectorAll("input[type=search]")) {
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    for (const row of document.getElementById(field.dataset.table).tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
}
for (const picture of document.querySelectorAll("figure img")) {
  picture.addEventListener("click", () => picture.classList.toggle("large"));
}
