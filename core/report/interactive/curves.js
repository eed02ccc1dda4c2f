// Training curves: one chart for each panel.
const FEW_POINTS = 30; // curves with at most so many points show them

builders.curves = (root, { axis: x, panels }) => {
  const note = "Point at a curve to read its values. Click a name to hide its curve. Drag to zoom in, double-click to zoom out.";
  // All places first: how wide one is depends on the others.
  const holders = panels.map((panel) => make("div", { class: "chart" }, make("h4", {}, panel.title)));
  root.append(make("p", { class: "note" }, note), make("div", { class: "charts" }, ...holders));
  panels.forEach((panel, place) => {
    makeChart(holders[place], {
      x,
      log: panel.log,
      series: panel.curves.map(({ name, look, x: places }) => ({ label: name, points: places.length <= FEW_POINTS, ...look })),
      data: uPlot.join(panel.curves.map((curve) => [curve.x, curve.y])),
    });
  });
};
