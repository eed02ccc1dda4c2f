// Boxes before and after NMS: the thresholds are sliders, and NMS is done here.
builders.suppression = (root, { names, colours, confidence, lowest, iou, pictures }) => {
  const [SCORE, LABEL] = [4, 5];
  const choice = make("select", { "aria-label": "Picture" }, ...pictures.map(({ id }, index) => new Option(id, index)));
  const range = (label, least, value) => {
    const input = make("input", { type: "range", min: least, max: 1, step: 0.01, "aria-label": label });
    input.value = value;
    const shown = make("output", {});
    return { input, shown, element: make("label", {}, `${label} `, input, " ", shown) };
  };
  const least = range("confidence", lowest, confidence);
  const most = range("IoU", 0, iou);
  const told = make("output", { class: "told" });
  const pair = make("div", { class: "pair" });

  const drawing = ({ source, width, height }, boxes, title) => {
    const svg = makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
      makeSvg("image", { href: source, width, height, preserveAspectRatio: "none" }));
    for (const box of [...boxes].reverse()) {
      const [x1, y1, x2, y2] = box.slice(0, 4).map((value) => value / 10);
      const words = `${names[box[LABEL]]} ${(box[SCORE] / 1000).toFixed(2)}`;
      svg.append(makeSvg("rect", { x: x1, y: y1, width: x2 - x1, height: y2 - y1, fill: "none", stroke: colours[box[LABEL] % colours.length], "stroke-width": 2, "vector-effect": "non-scaling-stroke" },
        makeSvg("title", {}, words)));
    }
    return make("figure", {}, svg, make("figcaption", {}, title));
  };
  const show = () => {
    const picture = pictures[choice.value];
    const raw = picture.boxes.filter((box) => box[SCORE] / 1000 >= Number(least.input.value));
    const kept = suppressed(raw, Number(most.input.value));
    least.shown.textContent = Number(least.input.value).toFixed(2);
    most.shown.textContent = Number(most.input.value).toFixed(2);
    told.textContent = `${raw.length} boxes, ${kept.length} after NMS`;
    pair.replaceChildren(drawing(picture, raw, "before NMS"), drawing(picture, kept, "after NMS"));
  };
  for (const input of [choice, least.input, most.input]) input.addEventListener("input", show);
  root.append(make("div", { class: "tools" }, choice, least.element, most.element), told, pair);
  show();
};

// Greedy NMS within each class: `boxes` are x1, y1, x2, y2, score, label by descending score.
function suppressed(boxes, iou) {
  const kept = [];
  for (const box of boxes) {
    if (!kept.some((other) => other[5] === box[5] && overlap(other, box) > iou)) kept.push(box);
  }
  return kept;
}

function overlap(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
  const common = width * height;
  return common / (area(one) + area(other) - common);
}
