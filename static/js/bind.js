// Fills what the server has drawn with the newest values. An element says what of its item stands in it:
//   data-text="path"   data-show="path" or "!path"   data-attr="name:path;name:path"   data-icon="path" (a <use>)
//   data-plates="path" data-say="path" (figures on plates)   data-join="path:name" (that of every row, in one text)
//   data-each="path"   rows from its <template>; several templates are told apart by data-kind, rows by data-key
//                      (data-key names a row that is known by its item's id, key or place, so that it keeps its place
//                      when others come before it); data-newest turns the rows round, data-first="name" puts those
//                      first that have it
//   data-charts        drawn by the server, left alone here
// A path is names and numbers with points between; "." is the item itself. A path with braces is a sentence in which
// they hold paths. Inside data-each paths begin at the row's item. Rows are a list, or a mapping by place.

export function get(item, path) {
  if (path === ".") return item;
  if (path.includes("{")) return path.replace(/\{(.+?)\}/g, (_, part) => get(item, part) ?? "").trim();
  return path.split(".").reduce((value, name) => value?.[name], item);
}

export function fill(element, item, options) {
  const data = element.dataset ?? {};
  if (data.charts !== undefined) return;
  if (data.show !== undefined) {
    const not = data.show.startsWith("!");
    element.toggleAttribute("hidden", Boolean(get(item, not ? data.show.slice(1) : data.show)) === not);
  }
  if (data.attr !== undefined) {
    for (const pair of data.attr.split(";")) {
      const cut = pair.indexOf(":");
      set(element, pair.slice(0, cut), get(item, pair.slice(cut + 1)) ?? "");
    }
  }
  if (data.icon !== undefined) set(element, "href", `${options.icons}#${get(item, data.icon) || "ball"}`);
  if (data.text !== undefined) write(element, get(item, data.text));
  else if (data.plates !== undefined) hang(element, get(item, data.plates), get(item, data.say), options);
  else if (data.join !== undefined) {
    const [path, name] = data.join.split(":");
    write(
      element,
      Object.values(get(item, path) ?? {})
        .map((row) => row[name])
        .join(" "),
    );
  } else if (data.each !== undefined) repeat(element, inOrder(get(item, data.each) ?? [], data), options);
  else if (element.localName === "details" && !element.open) {
    // What is folded away is drawn when it is opened.
    element.ontoggle = () => fill(element, item, options);
    if (element.firstElementChild) fill(element.firstElementChild, item, options);
  } else for (const child of element.children) if (child.localName !== "template") fill(child, item, options);
}

function write(element, value) {
  const text = value === null || value === undefined ? "" : String(value);
  if (element.textContent !== text) element.textContent = text;
}

function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/* [[place, item], …] as they stand on the page. */
function inOrder(rows, { newest, first }) {
  const items = Object.entries(rows);
  if (newest !== undefined) items.reverse();
  if (first) items.sort(([, a], [, b]) => Boolean(b[first]) - Boolean(a[first]));
  return items;
}

function repeat(list, items, options) {
  const templates = [...list.children].filter((child) => child.localName === "template");
  const rows = [...list.children].filter((child) => child.localName !== "template");
  const known = new Map(rows.filter((row) => row.dataset.key !== undefined).map((row) => [row.dataset.key, row]));
  let before = templates.at(-1)?.nextElementSibling ?? null;
  items.forEach(([place, item], at) => {
    const key = item?.id ?? item?.key ?? place;
    const keyed = known.size || templates[0]?.content.firstElementChild?.dataset.key !== undefined;
    let row = keyed ? known.get(String(key)) : rows[at];
    if (!row) {
      const template = templates.length > 1 ? templates.find((one) => one.dataset.kind === item.kind) : templates[0];
      row = template.content.firstElementChild.cloneNode(true);
      if (row.dataset.key !== undefined) row.dataset.key = key;
      row.fresh = true;
    }
    known.delete(String(key));
    if (row !== before) list.insertBefore(row, before);
    else before = row.nextElementSibling;
    before = row.nextElementSibling;
    fill(row, item, { ...options, still: options.still || row.fresh });
    delete row.fresh;
  });
  while (before) {
    const next = before.nextElementSibling;
    before.remove();
    before = next;
  }
}

/* One label for the whole number; a figure that is new swings in from its hooks. */
function hang(place, value, said, options) {
  const text = String(value ?? "");
  const plates = place.querySelector(".plates");
  if (!plates) return;
  set(plates, "aria-label", said ?? text);
  const old = [...plates.children].map((plate) => plate.textContent);
  const figures = [...text];
  if (old.join("") === text) return;
  // Figures are compared from the end, where a number grows.
  const shift = figures.length - old.length;
  plates.replaceChildren(
    ...figures.map((figure, at) => {
      const plate = document.createElement("span");
      const gap = "/.,:-– ".includes(figure);
      plate.className = gap ? "plate is-gap" : `plate${options.still || old[at - shift] === figure ? "" : " is-new"}`;
      plate.setAttribute("aria-hidden", "true");
      plate.textContent = figure;
      return plate;
    }),
  );
}
