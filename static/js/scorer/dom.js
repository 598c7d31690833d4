// Small makers of elements. Words go in as text only.

// h("button.key.is-four", {type: "button", onclick}, "4", icon("sig-four"))
export function h(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  const href = `${document.documentElement.dataset.icons ?? "/static/img/icons.svg"}#${name}`;
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href }));
}

/* Marks stay with their letter, and joined letters with each other: a number plate may be of any script. */
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function plates(text, label = text, small = false) {
  const figures = [...letters.segment(String(text))].map(({ segment: figure }) =>
    h(`span.plate${"/.,:-– ".includes(figure) ? ".is-gap" : ""}`, { "aria-hidden": "true" }, figure),
  );
  return h(`span.plates${small ? ".is-small" : ""}`, { role: "img", "aria-label": String(label) }, figures);
}

export function ball(text, kind, label) {
  return h(
    `li.delivery${kind ? `.is-${kind}` : ""}`,
    label ? { "aria-label": label } : { "aria-hidden": "true" },
    h("span", { "aria-hidden": "true" }, text),
  );
}

export function key(
  words,
  { small = null, said = null, sign = null, kind = "", letter = null, ...more } = {},
  onclick = null,
) {
  const hint = letter ? h("kbd", { "aria-hidden": "true" }, letter) : null;
  return h(
    `button.key${kind ? `.${kind.split(" ").join(".")}` : ""}`,
    { type: "button", onclick, "aria-keyshortcuts": letter, ...more },
    sign ? icon(sign) : null,
    h("b", {}, words),
    said ? h("span.visually-hidden", {}, said) : null,
    small === null ? null : h("small", {}, small),
    hint,
  );
}

export function button(words, onclick, { kind = "", sign = null, ...more } = {}) {
  return h(
    `button.button${kind ? `.${kind.split(" ").join(".")}` : ""}`,
    { type: "button", onclick, ...more },
    sign ? icon(sign) : null,
    words,
  );
}

export function notice(heading, sentence = null, kind = "", ...more) {
  return h(
    `div.notice${kind ? `.is-${kind}` : ""}`,
    {},
    icon(kind === "good" ? "check" : kind ? "alert" : "info"),
    h("strong", {}, heading),
    sentence ? h("p", {}, sentence) : null,
    ...more,
  );
}
