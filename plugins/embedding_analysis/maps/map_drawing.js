"use strict";
// The map itself: its state, where each word is on the screen, and how the words are drawn.
// The page joins this script and map_controls.js into one.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const canvas = byId("map"), pen = canvas.getContext("2d");
const root = document.documentElement;
// Colours of Okabe and Ito, lighter on a dark page. Shapes distinguish more than six groups.
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#b35a92", "#b07a00", "#2f8fc4"];
const DARK = ["#4fb0ea", "#ff8a3d", "#2fce9f", "#e59ac4", "#f0b429", "#8fd0f7"];
const SHAPES = ["circle", "square", "triangle", "diamond"];
const MARGIN = 50, REACH = 14, STEP = 60;
const LARGEST = 3.5, SMALLEST = 1.1; // radius of a mark, in pixels
const MANY = 4000; // from so many words on, marks are smaller, and hidden ones are not drawn
const MOST_LABELS = 400;
const CELL = 8; // pixels; a label takes the cells that it covers
const SCALE = 1e5; // positions are whole numbers up to this one
const count = data.words.length;
const index = new Map(data.words.map((word, i) => [word, i]));
const hidden = new Set();
const view = { scale: 1, x: 0, y: 0 };
// The map is drawn on `base`, and copied to the page with what is in focus: hovering redraws no map.
const base = document.createElement("canvas"), basePen = base.getContext("2d");
const across = new Float32Array(count), down = new Float32Array(count); // places on the screen
const widths = new Float32Array(count); // of labels; 0 where not measured yet
const layouts = new Map(), byGroup = data.groups.map(() => []);
data.group.forEach((group, i) => byGroup[group].push(i));
let layout = 0, set = 0, hover = -1, chosen = -1;

const colour = (group) => (root.dataset.theme === "dark" ? DARK : LIGHT)[group % LIGHT.length];
const shape = (group) => SHAPES[Math.floor(group / LIGHT.length) % SHAPES.length];
const shown = (i) => !hidden.has(data.group[i]);
const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

/* Nearest words: pairs of a word, or of its number on this map, and 1000 times the cosine */

function* near(i) {
  const row = data.sets[set].near[i];
  for (let at = 0; at < row.length; at += 2) {
    const other = typeof row[at] === "number" ? row[at] : -1;
    yield [other < 0 ? row[at] : data.words[other], other, row[at + 1] / 1000];
  }
}

/* Positions on the screen */

function fit() {
  view.scale = 1; view.x = 0; view.y = 0;
  draw();
}

// The chosen layout as x and y of each word, and how far they reach.
function positions() {
  const key = `${layout},${set}`;
  if (!layouts.has(key)) {
    const flat = data.layouts[layout].sets[set];
    const x = new Float32Array(count), y = new Float32Array(count);
    let wide = 1e-9, high = 1e-9;
    for (let i = 0; i < count; i++) {
      x[i] = flat[2 * i] / SCALE; y[i] = flat[2 * i + 1] / SCALE;
      if (x[i] > wide) wide = x[i];
      if (y[i] > high) high = y[i];
    }
    layouts.set(key, { x, y, wide, high });
  }
  return layouts.get(key);
}

function place() {
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const { x, y, wide, high } = positions();
  const size = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high);
  const left = ((width - size * wide) / 2 - width / 2) * view.scale + width / 2 + view.x;
  const bottom = (height / 2 - (height - size * high) / 2) * view.scale + height / 2 + view.y;
  const step = size * view.scale;
  for (let i = 0; i < count; i++) {
    across[i] = left + x[i] * step;
    down[i] = bottom - y[i] * step;
  }
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
  for (let i = 0; i < count; i++) {
    const far = (across[i] - x) ** 2 + (down[i] - y) ** 2;
    if (far < least && shown(i)) { least = far; best = i; }
  }
  return best;
}

/* Drawing */

function outline(on, x, y, radius, kind) {
  on.beginPath();
  if (kind === "circle") on.arc(x, y, radius, 0, 7);
  else if (kind === "square") on.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  else {
    const corners = kind === "triangle" ? [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]]
      : [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]];
    corners.forEach(([cx, cy]) => on.lineTo(x + cx * radius, y + cy * radius));
    on.closePath();
  }
  on.fill();
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  for (const one of [canvas, base]) {
    if (one.width !== Math.round(width * ratio) || one.height !== Math.round(height * ratio)) {
      one.width = Math.round(width * ratio);
      one.height = Math.round(height * ratio);
    }
  }
  basePen.setTransform(ratio, 0, 0, ratio, 0, 0);
  basePen.clearRect(0, 0, width, height);
  place();
  // Among many marks a label is read on top of them alone.
  for (const part of count > MANY ? [marks, labels] : [labels, marks]) part(width, height);
  drawFocus();
}

// Copies the map to the page, with the word in focus and the lines to its nearest words.
function drawFocus() {
  const ratio = window.devicePixelRatio || 1;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (!base.width || !base.height) return;
  pen.drawImage(base, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  lines();
  for (const i of new Set([chosen, hover])) {
    if (i < 0 || !shown(i)) continue;
    style(pen, true);
    write(pen, i);
    pen.fillStyle = colour(data.group[i]);
    outline(pen, across[i], down[i], 6, shape(data.group[i]));
  }
}

function lines() {
  if (chosen < 0 || !shown(chosen)) return;
  pen.strokeStyle = css("--soft");
  pen.lineWidth = 1;
  for (const [, other] of near(chosen)) {
    if (other < 0 || !shown(other)) continue;
    pen.beginPath();
    pen.moveTo(across[chosen], down[chosen]);
    pen.lineTo(across[other], down[other]);
    pen.stroke();
  }
}

// A mark that would lie on another one, to two pixels, is not drawn where there are many words.
function marks(width, height) {
  const many = count > MANY, columns = Math.ceil(width / 2) + 10, rows = Math.ceil(height / 2) + 10;
  const taken = many ? new Uint8Array(columns * rows) : null;
  const free = many ? Math.sqrt((MANY / count) * view.scale) : 1;
  const radius = Math.max(SMALLEST, Math.min(LARGEST, LARGEST * free));
  byGroup.forEach((members, group) => {
    if (hidden.has(group)) return;
    basePen.fillStyle = colour(group);
    const kind = shape(group);
    for (const i of members) {
      const x = across[i], y = down[i];
      if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
      if (many) {
        const cell = ((y + 10) >> 1) * columns + ((x + 10) >> 1);
        if (taken[cell]) continue;
        taken[cell] = 1;
      }
      if (radius < 2) basePen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      else outline(basePen, x, y, radius, kind);
    }
  });
}

function style(on, strong) {
  on.textBaseline = "middle";
  on.lineWidth = strong ? 5 : 3;
  on.lineJoin = "round";
  on.strokeStyle = css("--page");
  on.fillStyle = css("--ink");
  on.font = `${strong ? "600 14px" : "12px"} system-ui, sans-serif`;
}

function write(on, i) {
  on.strokeText(data.words[i], across[i] + 7, down[i]);
  on.fillText(data.words[i], across[i] + 7, down[i]);
}

// How many marks lie in each cell; none are counted among many words, whose labels lie on top.
function marked(width, height, columns, rows) {
  const found = new Uint8Array(columns * rows);
  for (let i = 0; i < count && count <= MANY; i++) {
    const x = across[i], y = down[i];
    if (x < 0 || y < 0 || x > width || y > height || !shown(i)) continue;
    found[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]++;
  }
  return found;
}

// Words are written in order. A label that would overlap one, or the mark of another word, is left out.
function labels(width, height) {
  const columns = Math.ceil(width / CELL) + 1, rows = Math.ceil(height / CELL) + 2;
  const taken = new Uint8Array(columns * rows), others = marked(width, height, columns, rows);
  const most = count > MANY ? MOST_LABELS : count;
  style(basePen, false);
  for (let i = 0, written = 0; i < count && written < most; i++) {
    const x = across[i], y = down[i];
    if (x < 0 || y < 0 || x > width || y > height || !shown(i)) continue;
    const first = Math.floor((x + 5) / CELL), top = Math.max(Math.floor((y - 7) / CELL), 0);
    const bottom = Math.floor((y + 7) / CELL);
    if (taken[bottom * columns + first]) continue; // most words end here
    widths[i] ||= basePen.measureText(data.words[i]).width;
    const last = Math.min(Math.floor((x + 9 + widths[i]) / CELL), columns - 1);
    const own = Math.floor(y / CELL) * columns + Math.floor(x / CELL);
    let free = true;
    for (let row = top; row <= bottom; row++) {
      for (let column = first; column <= last; column++) {
        const cell = row * columns + column;
        free &&= !taken[cell] && others[cell] <= (cell === own && count <= MANY ? 1 : 0);
      }
    }
    if (!free) continue;
    for (let row = top; row <= bottom; row++) taken.fill(1, row * columns + first, row * columns + last + 1);
    write(basePen, i);
    written++;
  }
}
