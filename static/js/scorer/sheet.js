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
    ...content.flat().filter(Boolean),
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

// A row of large words of which one is chosen. options: [[value, words, {icon, disabled, note}]]; `ask` is said when
// nothing is.
export function choice(
  name,
  legend,
  options,
  value = null,
  { required = true, many = false, ask = "Choose one of these." } = {},
) {
  return h(
    "fieldset.chips.is-big",
    { "data-field": name, "data-ask": ask },
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
    { "data-field": name, "data-ask": `A whole number from ${min} to ${max}.` },
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

export function text(
  name,
  label,
  value = "",
  { hint = null, required = false, pattern = null, ask = "Fill this in." } = {},
) {
  const id = fresh(name);
  return h(
    "div.field",
    { "data-field": name, "data-ask": ask },
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

const inputsOf = (field) => [...field.querySelectorAll("input, select")];
const isBare = (field) =>
  !field.closest("[hidden]") && inputsOf(field).some((input) => !input.closest("[hidden]") && !input.checkValidity());

// The sentence at the field that it is about, and the field marked; without a sentence neither.
function mark(field, words) {
  const said = field.querySelector(".error");
  if (said?.textContent === words) return;
  said?.remove();
  field.classList.toggle("is-wrong", Boolean(words));
  const error = words ? h("span.error", { id: fresh("wrong") }, icon("alert"), words) : null;
  for (const input of inputsOf(field)) {
    const told = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== said?.id);
    if (error) told.push(error.id);
    if (told.length) input.setAttribute("aria-describedby", told.join(" "));
    else input.removeAttribute("aria-describedby");
    if (error) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  if (!error) return;
  const head = field.querySelector(".hint, legend") ?? field.querySelector("label");
  if (head) head.after(error);
  else field.append(error);
}

// Where a sheet says what it would enter, if not below its fields.
export const toldHere = () => h("div.sheet-told", { role: "status" });

// A sheet with a form. `look(values)` runs at every touch and answers {words, wrong, at, open, show}: what would be
// entered; what contradicts itself, and at which field; {field: sentence} of what is not said yet, which is asked for
// there when it is to be entered; {field: true or false}. `done(values)` enters it.
export function formSheet({ title, fields, look = () => ({}), done, submit = "Enter", also = [], kind = "is-main" }) {
  const order = new Map();
  const placed = fields.find((field) => field?.matches?.(".sheet-told"));
  const told = placed ?? toldHere();
  const enter = h(`button.button.is-large.push.${kind}`, { type: "submit" }, icon("check"), submit);
  const form = h(
    "form.stack",
    { novalidate: true },
    fields,
    placed ? null : told,
    h(
      "div.row.sheet-go",
      {},
      button("Back", () => sheet.close(), { kind: "is-large" }),
      also,
      enter,
    ),
  );
  const fieldOf = (name) => form.querySelector(`[data-field="${name}"]`);
  const refresh = () => {
    const values = read(form, order);
    const { words = null, wrong = null, at = null, open = {}, show = {} } = look(values, form) ?? {};
    for (const [name, visible] of Object.entries(show)) {
      for (const node of form.querySelectorAll(`[data-field="${name}"]`)) node.hidden = !visible;
    }
    for (const field of form.querySelectorAll(".is-wrong"))
      if (field.dataset.field !== at && !(field.dataset.field in open) && !isBare(field)) mark(field, null);
    if (wrong && at) mark(fieldOf(at), wrong);
    const [first] = Object.values(open);
    told.replaceChildren(
      ...(wrong ? [notice(wrong, null, "warn")] : first ? [notice(first)] : words ? [notice(words)] : []),
    );
    return { values, wrong, open };
  };
  form.addEventListener("input", (event) => {
    const { name, value, checked, dataset } = event.target;
    if (dataset.many)
      order.set(name, [...(order.get(name) ?? []).filter((each) => each !== value), ...(checked ? [value] : [])]);
    refresh();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { values, wrong, open } = refresh();
    for (const field of form.querySelectorAll("[data-field]"))
      if (isBare(field)) mark(field, open[field.dataset.field] ?? field.dataset.ask);
    for (const [name, words] of Object.entries(open)) mark(fieldOf(name), words);
    const first = [...form.querySelectorAll(".is-wrong")].find((field) => !field.closest("[hidden]"));
    if (first) {
      first.scrollIntoView({ block: "center" }); // clear of the buttons, which stay at the lower edge
      const inputs = inputsOf(first).filter((input) => !input.closest("[hidden]"));
      (inputs.find((input) => !input.checkValidity() || input.checked) ?? inputs[0])?.focus({ preventScroll: true });
    }
    if (first || wrong) return;
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
