// Elements of the page with their attributes and children, shared by the scripts below.
const SVG = "http://www.w3.org/2000/svg";
const browsers = []; // the image browsers of the page, which other scripts can lead

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function makeSvg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

