// A confusion matrix: a click on a cell lists its samples.
builders.cells = (root, { counts, rows, columns, samples, pictures, several }) => {
  const sums = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const shown = make("div", { class: "samples", "aria-live": "polite" }, make("p", { class: "note" }, "Click a number to see its samples."));
  const open = (button, row, column) => {
    for (const other of root.querySelectorAll("[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", "true");
    shown.replaceChildren(...sampleList(`${rows[row]} → ${columns[column]}`, counts[row][column], samples[`${row},${column}`] ?? [], pictures, several));
  };
  const line = (row) => make("tr", {}, make("th", { scope: "row" }, rows[row]), ...counts[row].map((count, column) => {
    const cell = make("td", {});
    if (!count) return cell;
    const button = make("button", { type: "button", "aria-pressed": "false", "aria-label": `true ${rows[row]}, predicted ${columns[column]}: ${count}` }, count);
    const share = Math.round((100 * count) / sums[row]);
    button.style.background = `color-mix(in srgb, var(--accent) ${Math.max(share, 8)}%, transparent)`;
    if (share > 50) button.style.color = "var(--card)";
    button.addEventListener("click", () => open(button, row, column));
    cell.append(button);
    return cell;
  }));
  const head = make("tr", {}, make("td", {}, "true ↓ predicted →"), ...columns.map((name) => make("th", { scope: "col" }, name)));
  const table = make("table", { class: "cells" }, make("thead", {}, head), make("tbody", {}, ...rows.map((_, row) => line(row))));
  root.append(make("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Confusion matrix" }, table), shown);
};

// `several` of a cell can be in one sample, as boxes in a picture.
function sampleList(title, count, ids, pictures, several) {
  let more = count > ids.length ? `, of which ${ids.length} are listed` : "";
  if (several) more = `, in ${ids.length === 1 ? "this picture" : "these pictures"}`;
  const unit = count === 1 ? "one" : count;
  const heading = make("p", { class: "note" }, `${title}: ${unit}${more}`);
  return [heading, make("ul", {}, ...ids.map((id) => make("li", {}, ...sampleOf(id, pictures[id]))))];
}

// A sample's picture and its name, which leads to the image browser if there is one.
function sampleOf(id, source) {
  const image = source ? [make("img", { src: source, alt: `sample ${id}` })] : [];
  if (!browsers.some((browser) => browser.has(id))) return [...image, make("span", {}, id)];
  const button = make("button", { type: "button" }, ...image, make("span", {}, id));
  button.addEventListener("click", () => {
    for (const browser of browsers) browser.go(id);
  });
  return [button];
}
