// A chart by uPlot in the page's colours, as wide as its place.
const CHART_HEIGHT = 210;

function shortNumber(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(4)));
}

// The nearest place where a curve has a value: the rows of validation are far apart.
function nearestValue(chart, curve, place) {
  const values = chart.data[curve];
  for (let step = 0; step < values.length; step += 1) {
    for (const at of [place - step, place + step]) {
      if (values[at] !== null && values[at] !== undefined) return at;
    }
  }
  return place;
}

function axis(label, size, log = false) {
  const powers = (chart, splits) => splits.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-9 ? value : null));
  return {
    label,
    size,
    labelSize: label ? 18 : 0,
    labelFont: "12px system-ui, sans-serif",
    font: "11px system-ui, sans-serif",
    stroke: () => colourOf("--soft"),
    grid: { stroke: () => colourOf("--line"), width: 1, ...(log ? { filter: powers } : {}) },
    ticks: { stroke: () => colourOf("--line"), width: 1, ...(log ? { filter: powers } : {}) },
    ...(log ? { filter: powers } : {}),
    values: (chart, splits) => splits.map((value) => (value === null ? "" : String(Number(value.toPrecision(6))))),
  };
}

// `series` have label, colours, dashed and points; `data` starts with x.
function makeChart(holder, { x, y = "", log = false, range, series, data }) {
  const width = () => Math.max(holder.clientWidth, 220);
  const chart = new uPlot({
    width: width(),
    height: CHART_HEIGHT,
    scales: { x: { time: false, ...(range ? { range } : {}) }, y: { ...(log ? { distr: 3 } : {}), ...(range ? { range } : {}) } },
    cursor: { dataIdx: (self, curve, place) => (curve === 0 ? place : nearestValue(self, curve, place)), drag: { x: !range, y: false }, focus: { prox: 24 } },
    focus: { alpha: 0.35 },
    axes: [axis(x, 34), axis(y, 52, log)],
    series: [
      { label: x, value: (self, value) => shortNumber(value) },
      ...series.map(({ label, colours, dashed, points }) => ({
        label,
        stroke: () => shade(colours),
        width: points === "only" ? 0 : 2,
        dash: dashed ? [6, 4] : undefined,
        spanGaps: true,
        points: { show: Boolean(points), size: points === "only" ? 12 : 5, fill: () => shade(colours) },
        value: (self, value) => shortNumber(value),
      })),
    ],
  }, data, holder);
  for (const name of holder.querySelectorAll(".u-legend .u-series:not(:first-child) th")) makePressable(name);
  dark.addEventListener("change", () => chart.redraw(false));
  new ResizeObserver(() => {
    if (chart.width !== width()) chart.setSize({ width: width(), height: CHART_HEIGHT });
  }).observe(holder);
  return chart;
}

// The legend of uPlot answers to clicks alone.
function makePressable(name) {
  name.tabIndex = 0;
  name.setAttribute("role", "button");
  name.title = "Click to hide or show this curve";
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    name.click();
  });
}
