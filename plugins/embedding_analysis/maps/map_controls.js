// The controls of the map: the details panel, the legend, the search field, mouse and keyboard.
// They change the state that map_drawing.js declares.

const SUGGESTIONS = 20;

/* The details panel, the search and the legend */

function element(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}

function showDetails(i) {
  const panel = byId("details");
  panel.replaceChildren();
  if (i < 0) {
    element("h2", `${count.toLocaleString("en")} words`, panel);
    element("p", "Point at a word, or search for one, to see its frequency and its nearest words.", panel);
    return;
  }
  element("h2", data.words[i], panel);
  element("p", data.groups[data.group[i]], panel);
  const seen = data.counts ? `, occurs ${data.counts[i].toLocaleString("en")} times` : "";
  element("p", `rank ${data.ranks[i].toLocaleString("en")} by frequency${seen}`, panel);
  const list = element("ol", "", panel);
  list.setAttribute("aria-label", `Nearest words of ${data.words[i]}`);
  for (const [word, other, cosine] of near(i)) {
    const button = element("button", "", element("li", "", list));
    button.type = "button";
    button.disabled = other < 0;
    if (button.disabled) button.title = "not on this map";
    element("span", word, button);
    element("span", cosine.toFixed(3), button);
    button.addEventListener("click", () => choose(other));
  }
}

function choose(i, centre = true) {
  chosen = i;
  if (i >= 0) {
    hidden.delete(data.group[i]);
    legend();
    place();
    const x = across[i], y = down[i];
    const out = x < MARGIN || y < MARGIN || x > canvas.clientWidth - MARGIN || y > canvas.clientHeight - MARGIN;
    if (centre && out) {
      view.x += canvas.clientWidth / 2 - x;
      view.y += canvas.clientHeight / 2 - y;
    }
  }
  showDetails(chosen);
  draw();
}

const low = data.words.map((word) => word.toLowerCase());

// Offers the first words that begin with what is typed.
function suggest(text) {
  const query = text.trim().toLowerCase(), list = byId("known");
  list.replaceChildren();
  for (let i = 0; i < count && query && list.childElementCount < SUGGESTIONS; i++) {
    if (low[i].startsWith(query)) element("option", "", list).value = data.words[i];
  }
}

function find(text) {
  const query = text.trim().toLowerCase();
  if (!query) return;
  let i = low.indexOf(query);
  if (i < 0) i = low.findIndex((word) => word.startsWith(query));
  if (i < 0) i = low.findIndex((word) => word.includes(query));
  if (i >= 0) { choose(i); return; }
  const panel = byId("details");
  panel.replaceChildren();
  element("h2", text.trim(), panel);
  element("p", "is not on this map", panel);
}

function legend() {
  const list = byId("groups");
  const active = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren();
  data.groups.forEach((name, group) => {
    const button = element("button", "", element("li", "", list));
    button.type = "button";
    button.setAttribute("aria-pressed", String(!hidden.has(group)));
    button.append(symbol(group));
    element("span", name, button);
    element("span", byGroup[group].length, button);
    button.addEventListener("click", () => {
      if (!hidden.delete(group)) hidden.add(group);
      legend();
      draw();
    });
    if (group === active) button.focus();
  });
}

function symbol(group) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  const paths = {
    circle: "M6 1.5a4.5 4.5 0 1 0 .01 0z", square: "M2 2h8v8h-8z",
    triangle: "M6 1l5 9h-10z", diamond: "M6 0l6 6l-6 6l-6 -6z",
  };
  picture.setAttribute("width", 12);
  picture.setAttribute("height", 12);
  picture.setAttribute("aria-hidden", "true");
  path.setAttribute("d", paths[shape(group)]);
  path.setAttribute("fill", colour(group));
  picture.append(path);
  return picture;
}

/* Mouse and keyboard */

function step(by) {
  for (let tried = 1; tried <= count; tried++) {
    const i = (((chosen < 0 && by > 0 ? -1 : chosen) + by * tried) % count + count) % count;
    if (shown(i)) { choose(i); return; }
  }
}

const keys = {
  ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0),
  ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
  "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit, Home: fit,
  n: () => step(1), p: () => step(-1), Escape: () => choose(-1),
};
canvas.addEventListener("keydown", (event) => {
  const act = !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== byId("query")) {
    event.preventDefault();
    byId("query").focus();
  }
});

let held = null, moved = false;
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
canvas.addEventListener("pointerdown", (event) => {
  held = at(event); moved = false;
  canvas.setPointerCapture(event.pointerId);
  canvas.classList.add("held");
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = at(event);
  if (held) {
    moved = moved || Math.hypot(x - held[0], y - held[1]) > 3;
    if (moved) { move(x - held[0], y - held[1]); held = [x, y]; }
    return;
  }
  const found = nearest(x, y);
  if (found !== hover) { hover = found; showDetails(hover >= 0 ? hover : chosen); drawFocus(); }
});
canvas.addEventListener("pointerup", (event) => {
  canvas.classList.remove("held");
  if (held && !moved) choose(nearest(...at(event)), false);
  held = null;
});
canvas.addEventListener("pointercancel", () => { held = null; canvas.classList.remove("held"); });
canvas.addEventListener("pointerleave", () => {
  if (hover >= 0) { hover = -1; showDetails(chosen); drawFocus(); }
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), ...at(event));
}, { passive: false });

byId("find").addEventListener("submit", (event) => { event.preventDefault(); find(byId("query").value); });
byId("in").addEventListener("click", () => zoom(1.5));
byId("out").addEventListener("click", () => zoom(1 / 1.5));
byId("all").addEventListener("click", fit);
byId("theme").addEventListener("click", () => paint(root.dataset.theme === "dark" ? "light" : "dark"));

function paint(theme) {
  root.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
  legend();
  draw();
}

function choices(id, names, change) {
  const select = byId(id);
  names.forEach((name, i) => { element("option", name, select).value = String(i); });
  select.parentElement.hidden = names.length < 2;
  if (names.length < 2) select.parentElement.style.display = "none";
  select.addEventListener("change", () => { change(Number(select.value)); showDetails(chosen); draw(); });
}

byId("title").textContent = data.title;
byId("query").addEventListener("input", () => suggest(byId("query").value));
choices("layout", data.layouts.map((one) => one.name), (i) => { layout = i; });
choices("set", data.sets.map((one) => one.name), (i) => { set = i; });
new ResizeObserver(draw).observe(canvas);
paint(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
showDetails(-1);
