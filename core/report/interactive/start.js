// Interactive figures. A script below adds a builder; its figure stays a picture if that fails.
const builders = {};
const dark = matchMedia("(prefers-color-scheme: dark)");

// Of a colour for light pages and one for dark pages.
function shade([light, inTheDark]) {
  return dark.matches ? inTheDark : light;
}

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function startInteractive() {
  for (const root of document.querySelectorAll(".interactive")) {
    const figure = root.closest("figure");
    root.hidden = false;
    figure.classList.add("touched");
    try {
      builders[root.dataset.kind](root, JSON.parse(root.querySelector("script").textContent));
    } catch (error) {
      root.hidden = true;
      figure.classList.remove("touched");
      console.error(error);
    }
  }
}

queueMicrotask(startInteractive); // when all builders are known
