// Precision against recall with a slider for the threshold; pictures of the image browser follow.
const EXAMPLES = 4; // pictures below the curve

builders.sweep = (root, { key, used, thresholds, groups, looks }) => {
  const group = make("select", { "aria-label": "Class" }, ...groups.map(({ name }, index) => new Option(name, index)));
  const slider = make("input", { type: "range", min: 0, max: thresholds.length - 1, step: 1, "aria-label": `Threshold: ${key}` });
  slider.value = thresholds.findIndex((value) => value >= used - 1e-9);
  const told = make("output", { class: "told" });
  const holder = make("div", { class: "chart" });
  const examples = make("div", { class: "examples", "aria-label": "Example pictures at this threshold" });
  root.append(make("div", { class: "tools" }, group, make("label", {}, `${key} `, slider)), told, holder, examples);
  let chart = null;
  let order = [];

  const curve = () => {
    const { right, found, truths } = groups[group.value];
    order = right.map((_, place) => place).filter((place) => found[place] > 0 && truths > 0).reverse();
    return [order.map((place) => right[place] / truths), order.map((place) => right[place] / found[place])];
  };
  const show = () => {
    const place = Number(slider.value);
    const [recall, precision] = curve();
    const data = [recall, precision, order.map((at, index) => (at === place ? precision[index] : null))];
    if (chart) chart.setData(data, false);
    else chart = makeChart(holder, { x: "recall", y: "precision", range: () => [0, 1.02], data, series: [{ label: "precision", ...looks[0] }, { label: "at the threshold", points: "only", ...looks[1] }] });
    told.textContent = sentence(key, thresholds[place], groups[group.value], place);
    showExamples(examples, thresholds[place]);
  };
  group.addEventListener("change", show);
  slider.addEventListener("input", () => {
    show();
    for (const browser of browsers) browser.setLeast(thresholds[slider.value]);
  });
  show();
};

function sentence(key, threshold, { right, found, truths }, place) {
  const [hits, all] = [right[place], found[place]];
  const share = (part, whole) => (whole ? (part / whole).toFixed(3) : "undefined");
  return `${key} ≥ ${threshold.toFixed(3)}: precision ${share(hits, all)}, recall ${share(hits, truths)}, F1 ${share(2 * hits, all + truths)}; `
    + `${hits} true positives, ${all - hits} false positives, ${truths - hits} misses.`;
}

function showExamples(holder, threshold) {
  const drawings = browsers.flatMap((browser) => browser.examples(threshold, EXAMPLES));
  holder.replaceChildren(...drawings);
}
