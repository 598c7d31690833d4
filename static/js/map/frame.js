// The elements around the canvas: zoom buttons, tip, bar, live text and the legend. Built here, so that a page gives
// one empty element only.
const SVG = "http://www.w3.org/2000/svg";

export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") node.textContent = value;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function drawing(view, cls, ...shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", view);
  svg.setAttribute("class", cls);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of shapes) {
    const shape = svg.appendChild(document.createElementNS(SVG, name));
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
  }
  return svg;
}

const button = (label, act, d) => {
  const node = make("button", { type: "button", class: "button is-square", "aria-label": label, title: label });
  node.append(drawing("0 0 24 24", "icon", ["path", { d }]));
  node.addEventListener("click", act);
  return node;
};

const square = (cls) => ["rect", { class: cls, x: -6, y: -6, width: 12, height: 12, rx: 3 }];
const KEYS = {
  free: ["Free", square("f")],
  mine: ["Yours", ["circle", { class: "ball", r: 7 }], ["path", { class: "tick", d: "M-3 0l2.2 2.3L3.4-2.4" }]],
  held: [
    "Someone is choosing it",
    ["rect", { class: "o", x: -5, y: -5, width: 10, height: 10, rx: 2.5 }],
    ["path", { class: "o", d: "M-4 4 4-4" }],
  ],
  sold: ["Sold", ["rect", { class: "sold", x: -3.5, y: -3.5, width: 7, height: 7, rx: 1.5 }]],
  accessible: [
    "Wheelchair space",
    ["rect", { class: "a", x: -6.5, y: -6.5, width: 13, height: 13, rx: 3 }],
    ["path", { class: "w", d: "M-1-4v4.5h3.5L4 4M-2 .5A2.6 2.6 0 1 0 2 4" }],
  ],
  companion: [
    "Companion",
    ["rect", { class: "a", x: -6.5, y: -6.5, width: 13, height: 13, rx: 3 }],
    ["path", { class: "w", d: "M-3.5 0h7M0-3.5v7" }],
  ],
  restricted: ["Part of view hidden", square("f"), ["path", { class: "s", d: "M5-5V5H-5z" }]],
  members: [
    "Members only",
    ["rect", { class: "m", x: -5, y: -5, width: 10, height: 10, rx: 2.5 }],
    ["rect", { class: "f", x: -1.8, y: -1.8, width: 3.6, height: 3.6, rx: 1 }],
  ],
  unreserved: ["Unreserved, by count", ["rect", { class: "grassy", x: -8, y: -6, width: 16, height: 12, rx: 2 }]],
  shade: [
    "In the shade at the hour of play",
    ["rect", { class: "shady", x: -8, y: -7, width: 16, height: 14 }],
    square("f"),
  ],
  blocked: ["Not for sale", ["path", { class: "x", d: "M-3.5-3.5l7 7M3.5-3.5l-7 7" }]],
};

export function legend(keys) {
  const list = make("ul", { class: "seat-key map-key", "aria-label": "What the seats mean" });
  for (const key of keys) {
    const [words, ...shapes] = KEYS[key];
    list.append(make("li", {}, drawing("-8 -8 16 16", "key-seat", ...shapes), words));
  }
  return list;
}

/** Builds the frame inside `root`; does = {zoomIn, zoomOut, back}; `controls` takes the buttons. */
export function frame(root, does, label, controls = null) {
  const canvas = make("canvas", {
    class: "map-canvas",
    tabindex: "0",
    role: "application",
    "aria-label": label,
    "aria-roledescription": "seat map",
  });
  const parts = {
    canvas,
    tip: make("div", { class: "map-tip", hidden: true }, make("b"), make("span"), make("span")),
    bar: make(
      "p",
      { class: "map-bar", hidden: true },
      make("b"),
      make("button", { type: "button", class: "price" }),
      make("span"),
    ),
    live: make("p", { class: "visually-hidden", "aria-live": "polite" }),
    back: button("Back to the whole ground", does.back, "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"),
    larger: button("Larger", does.zoomIn, "M12 5v14M5 12h14"),
    smaller: button("Smaller", does.zoomOut, "M5 12h14"),
  };
  // Beside the stage where the page has a place for them, so that they cover no seat.
  const zoom = make(
    "div",
    { class: "map-zoom", role: "group", "aria-label": "Zoom" },
    parts.smaller,
    parts.larger,
    parts.back,
  );
  parts.stage = make("div", { class: "map-stage" }, canvas, parts.tip, parts.bar);
  if (controls) {
    controls.replaceChildren(zoom);
    zoom.classList.add("is-beside");
  } else parts.stage.append(zoom);
  root.classList.add("map");
  root.replaceChildren(parts.stage, parts.live);
  return parts;
}
