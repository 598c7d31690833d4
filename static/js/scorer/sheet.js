// Sheets: one <dialog> over the console, made of labelled fields; it says at once what it would enter, and gives the
// focus back.
import { button, h, icon, notice } from "./dom.js";

let count = 0;
const fresh = (name) => `${name}-${(count += 1)}`;

export function openSheet(title, ...content) {
  const id = fresh("sheet");
  const before = document.activeElement;
  const dialog = h("dialog.sheet", { "aria-labelledby": id });
  const close = () => dialog.close();
  dialog.append(
    h(
      "div.sheet-head",
      {},
      h("h2", { id, tabindex: "-1" }, title),
      h("button.button.is-square.is-plain", { type: "button", "aria-label": "Close", onclick: close }, icon("cross")),
    ),
    ...content.flat(),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
    else document.querySelector("[data-keys] button:not([disabled])")?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, close };
}

// A row of large words of which one is chosen. options: [[value, words, {icon, disabled, note}]].
export function choice(name, legend, options, value = null, { required = true, many = false } = {}) {
  return h(
    "fieldset.chips.is-big",
    { "data-field": name },
    h("legend.label", {}, legend),
    options.map(([key, words, more = {}]) =>
      h(
        "label.chip",
        {},
        h("input", {
          type: many ? "checkbox" : "radio",
          name,
          value: String(key),
          checked: many ? (value ?? []).includes(key) : value !== null && String(value) === String(key),
          required: !many && required,
          disabled: Boolean(more.disabled),
          "data-many": many ? "yes" : null,
        }),
        h("span", {}, more.icon ? icon(more.icon) : null, words, more.note ? h("small", {}, more.note) : null),
      ),
    ),
  );
}

export const several = (name, legend, options, value) => choice(name, legend, options, value, { many: true });

export function number(name, label, value, { min = 0, max = 999, hint = null, required = true } = {}) {
  const id = fresh(name);
  return h(
    "div.field.is-short",
    { "data-field": name },
    h("label", { for: id }, label),
    hint ? h("p.hint", { id: `${id}-hint` }, hint) : null,
    h("input", {
      id,
      name,
      type: "number",
      inputmode: "numeric",
      min: String(min),
      max: String(max),
      step: "1",
      value: value ?? "",
      required,
      "aria-describedby": hint ? `${id}-hint` : null,
    }),
  );
}

export function text(name, label, value = "", { hint = null, required = false, pattern = null } = {}) {
  const id = fresh(name);
  return h(
    "div.field",
    { "data-field": name },
    h("label", { for: id }, label),
    hint ? h("p.hint", { id: `${id}-hint` }, hint) : null,
    h("input", {
      id,
      name,
      type: "text",
      value: value ?? "",
      required,
      pattern,
      maxlength: "200",
      autocomplete: "off",
      "aria-describedby": hint ? `${id}-hint` : null,
    }),
  );
}

export function select(name, label, options, value = null) {
  const id = fresh(name);
  const list = h(
    "select",
    { id, name },
    options.map(([key, words]) => h("option", { value: String(key) }, words)),
  );
  if (value !== null && value !== undefined) list.value = String(value);
  return h("div.field", { "data-field": name }, h("label", { for: id }, label), list);
}

export function tick(name, words, value = false) {
  return h(
    "label.check",
    { "data-field": name },
    h("input", { type: "checkbox", name, checked: Boolean(value), "data-tick": "yes" }),
    h("span", {}, words),
  );
}

// What stands in a form, by name: text, whole numbers, lists of ticked chips in the order in which they were ticked,
// true or false.
export function read(form, order = new Map()) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled) continue;
    if (field.dataset.tick) values[field.name] = field.checked;
    else if (field.dataset.many) {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else if (field.type === "radio") {
      values[field.name] ??= null;
      if (field.checked) values[field.name] = field.value;
    } else if (field.type === "number") values[field.name] = field.value === "" ? null : Number(field.value);
    else values[field.name] = field.value.trim();
  }
  for (const [name, ticked] of order)
    if (values[name]) values[name] = ticked.filter((each) => values[name].includes(each));
  return values;
}

// A sheet with a form. `look(values)` runs at every touch and answers {words, wrong, show: {field: true or false}};
// `done(values)` enters it.
export function formSheet({ title, fields, look = () => ({}), done, submit = "Enter", also = [], kind = "is-main" }) {
  const order = new Map();
  const told = h("div.sheet-told", { role: "status" });
  const enter = h(`button.button.is-large.push.${kind}`, { type: "submit" }, icon("check"), submit);
  const form = h(
    "form.stack",
    { novalidate: true },
    fields,
    told,
    h(
      "div.row.sheet-go",
      {},
      button("Back", () => sheet.close(), { kind: "is-large" }),
      also,
      enter,
    ),
  );
  const refresh = () => {
    const values = read(form, order);
    const { words = null, wrong = null, show = {} } = look(values, form) ?? {};
    for (const [name, visible] of Object.entries(show)) {
      for (const node of form.querySelectorAll(`[data-field="${name}"]`)) node.hidden = !visible;
    }
    told.replaceChildren(...(wrong ? [notice(wrong, null, "warn")] : words ? [notice(words)] : []));
    enter.disabled = Boolean(wrong);
    return { values, wrong };
  };
  form.addEventListener("input", (event) => {
    const { name, value, checked, dataset } = event.target;
    if (dataset.many)
      order.set(name, [...(order.get(name) ?? []).filter((each) => each !== value), ...(checked ? [value] : [])]);
    refresh();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const bare = [...form.elements].find((field) => !field.closest("[hidden]") && !field.checkValidity());
    if (bare) {
      const label = bare.closest("fieldset")?.querySelector("legend") ?? bare.labels?.[0];
      told.replaceChildren(notice(`Still open: ${label?.textContent ?? bare.name}.`, null, "warn"));
      bare.focus();
      return;
    }
    const { values, wrong } = refresh();
    if (wrong) return;
    sheet.close();
    done(values);
  });
  const sheet = openSheet(title, form);
  for (const field of form.elements)
    if (field.dataset.many && field.checked) order.set(field.name, [...(order.get(field.name) ?? []), field.value]);
  refresh();
  return { ...sheet, form, refresh };
}

// A question with two answers; the second tap is the decision.
export function confirmSheet(title, sentence, words, done, kind = "is-main") {
  const sheet = openSheet(
    title,
    h("p", {}, sentence),
    h(
      "div.row.sheet-go",
      {},
      button("Back", () => sheet.close(), { kind: "is-large" }),
      button(
        words,
        () => {
          sheet.close();
          done();
        },
        { kind: `${kind} is-large push`, sign: "check" },
      ),
    ),
  );
  return sheet;
}
