// Elements are made of text and attributes only: nothing that comes from a file is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "line", "rect", "g", "text", "circle", "title"]);

/** Makes an element: h("p.note", {title: "…"}, "text", child). */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const $ = (id) => document.getElementById(id);
export { $ };

/** Says something to whoever listens to the page instead of looking at it. */
export function say(text) { $("said").textContent = text; }

/** Calls a function once, some time after the first of many calls: however long they go on, it is called meanwhile. */
export function gathered(milliseconds, body) {
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      body();
    }, milliseconds);
  };
}

/** Calls a function once, some time after the last of many calls. */
export function debounced(milliseconds, body) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => body(...values), milliseconds);
  };
}
