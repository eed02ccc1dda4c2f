// The image browser: one picture with its outlines, and a list of all that match the filters.
// The state is in the address, after #, so that a link leads back to what is seen.

const ON_PAGE = 100; // entries of the list at a time
const [ID, SOURCE, WIDTH, HEIGHT, NUMBERS, OUTLINES] = [0, 1, 2, 3, 4, 5];
const [LABEL, KIND, SCORE, POINTS, NOTE] = [0, 1, 2, 3, 4];

// Reads the integers of a picture's outlines: see browser.py.
function outlinesOf(numbers, notes) {
  const found = [];
  for (let at = 0; at < numbers.length; ) {
    const [label, kind, note, score, count] = numbers.slice(at, at + 5);
    const points = numbers.slice(at + 5, at + 5 + count).map((value) => value / 10);
    found.push([label, kind, score < 0 ? null : score / 1000, points, notes[note]]);
    at += 5 + count;
  }
  return found;
}

class ImageBrowser {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.querySelector("script").textContent);
    for (const picture of this.data.pictures) picture[OUTLINES] = outlinesOf(picture[OUTLINES], this.data.notes);
    this.state = this.first();
    this.current = 0; // index into data.pictures
    this.build();
    this.restore();
    addEventListener("hashchange", () => this.restore());
    addEventListener("keydown", (event) => this.key(event));
  }

  first() {
    const kinds = new Set(this.data.kinds.flatMap((kind, index) => (kind[4] ? [index] : [])));
    return { label: -1, kinds, least: this.data.least, sort: -1, falling: true, labels: true };
  }

  // Whether the filters leave an outline.
  passes(outline) {
    const { label, kinds, least } = this.state;
    if (label >= 0 && outline[LABEL] !== label) return false;
    if (outline[SCORE] !== null && outline[SCORE] < least) return false;
    return kinds.has(outline[KIND]);
  }

  // Indices of the pictures that have an outline left, or of all where nothing is filtered.
  matching() {
    const all = this.data.pictures.map((_, index) => index);
    const first = this.first();
    const same = this.state.kinds.size === first.kinds.size && [...first.kinds].every((kind) => this.state.kinds.has(kind));
    const chosen = this.state.label < 0 && same && this.state.least === first.least
      ? all
      : all.filter((index) => this.data.pictures[index][OUTLINES].some((outline) => this.passes(outline)));
    if (this.state.sort < 0) return chosen;
    const value = (index) => this.data.pictures[index][NUMBERS][this.state.sort];
    const turn = this.state.falling ? -1 : 1;
    return chosen.sort((a, b) => {
      const [one, other] = [value(a), value(b)];
      if (one === null || other === null) return (one === null) - (other === null) || a - b;
      return turn * (one - other) || a - b;
    });
  }

  build() {
    const { kinds, labels, numbers } = this.data;
    this.label = make("select", { "aria-label": "Class" }, new Option("all classes", "-1"));
    labels.forEach((name, index) => this.label.append(new Option(name, index)));
    this.sort = make("select", { "aria-label": "Sort by" }, new Option("as listed", "-1"));
    numbers.forEach((name, index) => this.sort.append(new Option(name, index)));
    this.turn = make("button", { type: "button" });
    this.least = make("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Lowest confidence" });
    this.leastShown = make("output");
    this.names = make("input", { type: "checkbox", checked: "" });
    this.boxes = kinds.map((kind) => this.kindBox(kind));
    this.count = make("output", { class: "count" });
    this.earlier = make("button", { type: "button" }, "← previous");
    this.later = make("button", { type: "button" }, "next →");
    this.list = make("ol", { class: "entries", "aria-label": "Pictures" });
    this.stage = make("div", { class: "stage" });
    this.marks = make("ul", { class: "marks", "aria-label": "Outlines on the picture" });
    const confidence = make("label", {}, "confidence ≥ ", this.least, this.leastShown);
    const tools = make("div", { class: "tools" }, this.label, ...this.boxes.map((box) => box.parentElement),
      confidence, make("label", {}, this.names, "names"));
    this.label.hidden = labels.length < 2;
    confidence.hidden = !this.any((outline) => outline[SCORE] !== null);
    this.names.parentElement.hidden = !this.any((outline) => outline[POINTS].length === 4);
    const order = make("div", { class: "tools" }, make("label", {}, "Sort by ", this.sort), this.turn,
      this.earlier, this.later, this.count);
    const body = make("div", { class: "split" }, this.list, make("div", { class: "viewer" }, this.stage, this.marks));
    this.root.append(tools, order, body);
    this.listen();
  }

  any(test) {
    return this.data.pictures.some((picture) => picture[OUTLINES].some(test));
  }

  kindBox([name, colour, meaning]) {
    const box = make("input", { type: "checkbox" });
    const swatch = makeSvg("svg", { viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" },
      makeSvg("rect", { width: 10, height: 10, fill: colour }));
    make("label", { title: meaning }, box, swatch, name);
    return box;
  }

  listen() {
    const changed = (change) => () => { change(); this.show(); };
    this.label.addEventListener("change", changed(() => { this.state.label = Number(this.label.value); }));
    this.sort.addEventListener("change", changed(() => { this.state.sort = Number(this.sort.value); this.toFirst(); }));
    this.turn.addEventListener("click", changed(() => { this.state.falling = !this.state.falling; this.toFirst(); }));
    this.least.addEventListener("input", changed(() => { this.state.least = Number(this.least.value); }));
    this.names.addEventListener("change", changed(() => { this.state.labels = this.names.checked; }));
    this.boxes.forEach((box, kind) => box.addEventListener("change", changed(() => {
      if (box.checked) this.state.kinds.add(kind); else this.state.kinds.delete(kind);
    })));
    this.earlier.addEventListener("click", () => this.step(-1));
    this.later.addEventListener("click", () => this.step(1));
  }

  toFirst() {
    this.current = this.matching()[0] ?? this.current;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.("input, select, dialog")) return;
    const steps = { ArrowRight: 1, n: 1, j: 1, ArrowLeft: -1, p: -1, k: -1 };
    if (!(event.key in steps) || !this.nearby()) return;
    event.preventDefault();
    this.step(steps[event.key]);
  }

  // Keys belong to the browser while it is seen.
  nearby() {
    const place = this.root.getBoundingClientRect();
    return place.top < innerHeight && place.bottom > 0;
  }

  step(by) {
    const found = this.matching();
    const place = found.indexOf(this.current);
    const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), found.length - 1);
    if (found.length) this.current = found[next];
    this.show();
  }

  has(id) {
    return this.data.pictures.some((picture) => picture[ID] === id);
  }

  // Shows a picture and brings it into view.
  go(id) {
    this.state = this.first();
    this.current = this.data.pictures.findIndex((picture) => picture[ID] === id);
    this.show();
    this.root.scrollIntoView();
  }

  setLeast(least) {
    this.state.least = least;
    this.render();
  }

  // Drawings of the first pictures with all objects and with the detections from a confidence on.
  examples(least, most) {
    const shown = (outline) => outline[SCORE] === null || outline[SCORE] >= least;
    return this.data.pictures.slice(0, most).map((picture) => this.drawing(picture, picture[OUTLINES].filter(shown)));
  }

  // Shows what the user has chosen, and puts it into the address.
  show() {
    this.render();
    history.replaceState(null, "", this.address());
  }

  render() {
    const found = this.matching();
    if (found.length && !found.includes(this.current)) this.current = found[0];
    this.showControls();
    this.showList(found);
    this.showPicture(found.length > 0);
  }

  showControls() {
    const { label, kinds, least, sort, falling, labels } = this.state;
    this.label.value = label;
    this.sort.value = sort;
    this.turn.textContent = falling ? "highest first" : "lowest first";
    this.turn.hidden = sort < 0;
    this.least.value = least;
    this.leastShown.textContent = least.toFixed(2);
    this.names.checked = labels;
    this.boxes.forEach((box, kind) => { box.checked = kinds.has(kind); });
  }

  showList(found) {
    const place = Math.max(found.indexOf(this.current), 0);
    const start = Math.max(0, Math.min(place - ON_PAGE / 2, found.length - ON_PAGE));
    this.list.start = start + 1;
    this.list.replaceChildren(...found.slice(start, start + ON_PAGE).map((index) => this.entry(index)));
    this.count.textContent = `${found.length ? place + 1 : 0} of ${found.length}, ${this.data.pictures.length} in all`;
    const own = this.list.querySelector("[aria-current]");
    if (own) this.list.scrollTop = own.offsetTop - this.list.offsetTop - this.list.clientHeight / 2;
  }

  entry(index) {
    const picture = this.data.pictures[index];
    const number = this.state.sort < 0 ? null : picture[NUMBERS][this.state.sort];
    const shown = number === null ? "" : String(Math.round(number * 1e4) / 1e4);
    const button = make("button", { type: "button" }, make("span", {}, picture[ID]), make("span", {}, shown));
    if (index === this.current) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { this.current = index; this.show(); });
    return make("li", {}, button);
  }

  showPicture(any) {
    const picture = this.data.pictures[this.current];
    if (!any) {
      this.stage.replaceChildren(make("p", {}, "No picture matches the filters."));
      this.marks.replaceChildren();
      return;
    }
    const outlines = picture[OUTLINES].filter((outline) => this.passes(outline));
    const drawing = this.drawing(picture, outlines);
    const shapes = drawing.querySelectorAll("g");
    this.stage.replaceChildren(drawing);
    this.marks.replaceChildren(...outlines.map((outline, index) => this.line(outline, shapes[index])));
  }

  drawing(picture, outlines) {
    const [width, height] = [picture[WIDTH], picture[HEIGHT]];
    return makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": picture[ID] },
      makeSvg("image", { href: picture[SOURCE], width, height, preserveAspectRatio: "none" }),
      ...outlines.map((outline) => this.shape(outline, Math.max(width, height))));
  }

  shape(outline, side) {
    const points = outline[POINTS];
    const [, colour, , dashed] = this.data.kinds[outline[KIND]];
    const group = makeSvg("g", { stroke: colour, fill: "none" }, makeSvg("title", {}, this.words(outline)));
    const style = { "vector-effect": "non-scaling-stroke", "stroke-width": 2, ...(dashed ? { "stroke-dasharray": "6 4" } : {}) };
    const box = points.length === 4;
    group.append(box
      ? makeSvg("rect", { x: points[0], y: points[1], width: points[2] - points[0], height: points[3] - points[1], ...style })
      : makeSvg("polygon", { points: points.join(" "), ...style }));
    if (this.state.labels && box) {
      const size = side / 48;
      group.append(makeSvg("text", { x: points[0], y: Math.max(points[1] - size / 4, size), "font-size": size, fill: colour, stroke: "#000", "stroke-width": size / 6, "paint-order": "stroke" },
        `${this.data.labels[outline[LABEL]]}${outline[SCORE] === null ? "" : ` ${outline[SCORE].toFixed(2)}`}`));
    }
    return group;
  }

  line(outline, shape) {
    const item = make("li", {}, this.words(outline));
    item.addEventListener("mouseenter", () => shape.classList.add("pointed"));
    item.addEventListener("mouseleave", () => shape.classList.remove("pointed"));
    return item;
  }

  words(outline) {
    const score = outline[SCORE] === null ? "" : ` ${outline[SCORE].toFixed(2)}`;
    const note = outline[NOTE] ? ` (${outline[NOTE]})` : "";
    return `${this.data.kinds[outline[KIND]][0]}: ${this.data.labels[outline[LABEL]]}${score}${note}`;
  }

  address() {
    const { label, kinds, least, sort, falling } = this.state;
    const words = new URLSearchParams({ picture: this.data.pictures[this.current][ID] });
    if (label >= 0) words.set("class", this.data.labels[label]);
    words.set("kinds", [...kinds].sort((a, b) => a - b).map((kind) => this.data.kinds[kind][0]).join(","));
    if (least !== this.data.least) words.set("confidence", least);
    if (sort >= 0) words.set("sort", `${falling ? "-" : ""}${this.data.numbers[sort]}`);
    return `#${words}`;
  }

  restore() {
    const words = new URLSearchParams(location.hash.slice(1));
    if (words.has("picture")) {
      const place = this.data.pictures.findIndex((picture) => picture[ID] === words.get("picture"));
      if (place >= 0) this.current = place;
      this.state = this.first();
      this.state.label = this.data.labels.indexOf(words.get("class"));
      if (words.has("kinds")) {
        const names = words.get("kinds").split(",");
        this.state.kinds = new Set(this.data.kinds.flatMap(([name], index) => (names.includes(name) ? [index] : [])));
      }
      if (words.has("confidence")) this.state.least = Math.min(Math.max(Number(words.get("confidence")) || 0, 0), 1);
      const sort = words.get("sort") ?? "";
      this.state.falling = sort.startsWith("-");
      this.state.sort = this.data.numbers.indexOf(sort.replace(/^-/, ""));
    } else if (location.hash) {
      return; // an anchor of the page
    }
    this.render();
  }
}

for (const root of document.querySelectorAll(".browser")) browsers.push(new ImageBrowser(root));
