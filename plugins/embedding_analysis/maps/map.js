"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const canvas = byId("map"), pen = canvas.getContext("2d");
  const root = document.documentElement;
  // Okabe and Ito, lighter ones for dark ground; shapes tell more than six groups apart.
  const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#b35a92", "#b07a00", "#2f8fc4"];
  const DARK = ["#4fb0ea", "#ff8a3d", "#2fce9f", "#e59ac4", "#f0b429", "#8fd0f7"];
  const SHAPES = ["circle", "square", "triangle", "diamond"];
  const MARGIN = 50, REACH = 14, STEP = 60;
  const index = new Map(data.words.map((word, i) => [word, i]));
  const hidden = new Set();
  const view = { scale: 1, x: 0, y: 0 };
  let layout = 0, set = 0, hover = -1, chosen = -1, places = [];

  const colour = (group) => (root.dataset.theme === "dark" ? DARK : LIGHT)[group % LIGHT.length];
  const shape = (group) => SHAPES[Math.floor(group / LIGHT.length) % SHAPES.length];
  const shown = (i) => !hidden.has(data.group[i]);
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  /* Places on the screen */

  function fit() {
    view.scale = 1; view.x = 0; view.y = 0;
    draw();
  }

  function place() {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const points = data.layouts[layout].sets[set];
    const wide = Math.max(...points.map((p) => p[0]), 1e-9);
    const high = Math.max(...points.map((p) => p[1]), 1e-9);
    const size = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high);
    const left = (width - size * wide) / 2, top = (height - size * high) / 2;
    places = points.map(([x, y]) => [
      (left + x * size - width / 2) * view.scale + width / 2 + view.x,
      (height - top - y * size - height / 2) * view.scale + height / 2 + view.y,
    ]);
  }

  function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
    const scale = Math.min(Math.max(view.scale * factor, 0.5), 200);
    const real = scale / view.scale;
    const dx = x - canvas.clientWidth / 2, dy = y - canvas.clientHeight / 2;
    view.x = dx - (dx - view.x) * real;
    view.y = dy - (dy - view.y) * real;
    view.scale = scale;
    draw();
  }

  function move(dx, dy) {
    view.x += dx; view.y += dy;
    draw();
  }

  function nearest(x, y) {
    let best = -1, least = REACH * REACH;
    places.forEach(([px, py], i) => {
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least && shown(i)) { least = far; best = i; }
    });
    return best;
  }

  /* Drawing */

  function mark(x, y, radius, kind) {
    pen.beginPath();
    if (kind === "circle") pen.arc(x, y, radius, 0, 7);
    else if (kind === "square") pen.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
    else {
      const corners = kind === "triangle" ? [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]]
        : [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]];
      corners.forEach(([cx, cy]) => pen.lineTo(x + cx * radius, y + cy * radius));
      pen.closePath();
    }
    pen.fill();
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    place();
    lines();
    const focus = [chosen, hover].filter((i) => i >= 0);
    labels(focus, width, height);
    places.forEach(([x, y], i) => {
      if (!shown(i) || x < -9 || y < -9 || x > width + 9 || y > height + 9) return;
      pen.fillStyle = colour(data.group[i]);
      mark(x, y, focus.includes(i) ? 6 : 3.5, shape(data.group[i]));
    });
  }

  function lines() {
    if (chosen < 0 || !shown(chosen)) return;
    pen.strokeStyle = css("--soft");
    pen.lineWidth = 1;
    for (const [word] of data.sets[set].near[chosen]) {
      const other = index.get(word);
      if (other === undefined || !shown(other)) continue;
      pen.beginPath();
      pen.moveTo(...places[chosen]);
      pen.lineTo(...places[other]);
      pen.stroke();
    }
  }

  // A word is written where no word before it is: those in focus first, then in their order.
  function labels(focus, width, height) {
    const cells = new Set();
    const order = [...focus, ...places.keys()];
    pen.textBaseline = "middle";
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = css("--page");
    const done = new Set();
    for (const i of order) {
      const [x, y] = places[i];
      if (done.has(i) || !shown(i) || x < 0 || y < 0 || x > width || y > height) continue;
      const strong = focus.includes(i);
      pen.font = `${strong ? "600 14px" : "12px"} system-ui, sans-serif`;
      const long = pen.measureText(data.words[i]).width;
      const taken = [];
      for (let cx = Math.floor((x + 5) / 8); cx <= Math.floor((x + 9 + long) / 8); cx++) {
        for (let cy = Math.floor((y - 7) / 8); cy <= Math.floor((y + 7) / 8); cy++) taken.push(`${cx},${cy}`);
      }
      if (!strong && taken.some((cell) => cells.has(cell))) continue;
      taken.forEach((cell) => cells.add(cell));
      done.add(i);
      pen.strokeText(data.words[i], x + 7, y);
      pen.fillStyle = css("--ink");
      pen.fillText(data.words[i], x + 7, y);
    }
  }

  /* What is said of a word */

  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function tell(i) {
    const panel = byId("details");
    panel.replaceChildren();
    if (i < 0) {
      element("h2", `${data.words.length} words`, panel);
      element("p", "Point at a word, or search one, to see how frequent it is and what is near it.", panel);
      return;
    }
    element("h2", data.words[i], panel);
    element("p", data.groups[data.group[i]], panel);
    const seen = data.counts ? `, seen ${data.counts[i].toLocaleString("en")} times` : "";
    element("p", `number ${data.ranks[i].toLocaleString("en")} by frequency${seen}`, panel);
    const list = element("ol", "", panel);
    list.setAttribute("aria-label", `Nearest words of ${data.words[i]}`);
    for (const [word, cosine] of data.sets[set].near[i]) {
      const button = element("button", "", element("li", "", list));
      button.type = "button";
      button.disabled = !index.has(word);
      if (button.disabled) button.title = "not on this map";
      element("span", word, button);
      element("span", cosine.toFixed(3), button);
      button.addEventListener("click", () => choose(index.get(word)));
    }
  }

  function choose(i, centre = true) {
    chosen = i;
    if (i >= 0) {
      hidden.delete(data.group[i]);
      legend();
      place();
      const [x, y] = places[i];
      const out = x < MARGIN || y < MARGIN || x > canvas.clientWidth - MARGIN || y > canvas.clientHeight - MARGIN;
      if (centre && out) {
        view.x += canvas.clientWidth / 2 - x;
        view.y += canvas.clientHeight / 2 - y;
      }
    }
    tell(chosen);
    draw();
  }

  function find(text) {
    const query = text.trim().toLowerCase();
    if (!query) return;
    const low = data.words.map((word) => word.toLowerCase());
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
      element("span", data.group.filter((other) => other === group).length, button);
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

  /* What a reader does */

  function step(by) {
    for (let tried = 1; tried <= data.words.length; tried++) {
      const i = (((chosen < 0 && by > 0 ? -1 : chosen) + by * tried) % data.words.length + data.words.length) % data.words.length;
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
    if (found !== hover) { hover = found; tell(hover >= 0 ? hover : chosen); draw(); }
  });
  canvas.addEventListener("pointerup", (event) => {
    canvas.classList.remove("held");
    if (held && !moved) choose(nearest(...at(event)), false);
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; canvas.classList.remove("held"); });
  canvas.addEventListener("pointerleave", () => {
    if (hover >= 0) { hover = -1; tell(chosen); draw(); }
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
    select.addEventListener("change", () => { change(Number(select.value)); tell(chosen); draw(); });
  }

  byId("title").textContent = data.title;
  data.words.forEach((word) => { element("option", "", byId("known")).value = word; });
  choices("layout", data.layouts.map((one) => one.name), (i) => { layout = i; });
  choices("set", data.sets.map((one) => one.name), (i) => { set = i; });
  new ResizeObserver(draw).observe(canvas);
  paint(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  tell(-1);
})();
