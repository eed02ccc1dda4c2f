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
const index = new Map(data.words.map((word, i) => [word, i]));
const hidden = new Set();
const view = { scale: 1, x: 0, y: 0 };
let layout = 0, set = 0, hover = -1, chosen = -1, places = [];

const colour = (group) => (root.dataset.theme === "dark" ? DARK : LIGHT)[group % LIGHT.length];
const shape = (group) => SHAPES[Math.floor(group / LIGHT.length) % SHAPES.length];
const shown = (i) => !hidden.has(data.group[i]);
const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

/* Positions on the screen */

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

// Words are written in order, those in focus first. A label that would overlap one is left out.
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
