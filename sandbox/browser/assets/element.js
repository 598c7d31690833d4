// The card form in its frame. It talks to the page around it by messages, and to the sandbox by fetch;
// what is typed here goes to the sandbox only.

import { applyAppearance } from "/browser/assets/appearance.js";
import { confirm } from "/browser/assets/confirm.js";
import { brandOf, groupExpiry, groupNumber, problemsOf, readExpiry } from "/browser/assets/card.js";

const shop = new URLSearchParams(location.search).get("parent");
const form = document.querySelector("form");
const fields = { number: form.elements.number, expiry: form.elements.expiry, cvc: form.elements.cvc };
const kinds = [...document.querySelectorAll("[name=kind]")];

/** Which method is chosen: the only one, or the one whose tab is on. */
const kind = () => kinds.find((tab) => tab.checked)?.value || "card";

function tell(type, data = {}) {
  window.parent.postMessage({ sandboxStripe: type, ...data }, shop);
}

function values() {
  return Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value]));
}

function tellChange() {
  const isCard = kind() === "card";
  const complete = !isCard || Object.keys(problemsOf(values())).length === 0;
  const empty = isCard && Object.values(fields).every((input) => input.value === "");
  tell("change", { complete, empty, collapsed: false, value: { type: kind() } });
}

function showProblem(name, message) {
  document.getElementById(`${name}-error`).textContent = message || "";
  if (message) fields[name].setAttribute("aria-invalid", "true");
  else fields[name].removeAttribute("aria-invalid");
}

/** Show every problem, focus the first; returns Stripe's validation error or null. */
function validate() {
  if (kind() !== "card") return null;
  const problems = problemsOf(values());
  for (const name of Object.keys(fields)) showProblem(name, problems[name]?.message);
  const first = Object.keys(fields).find((name) => problems[name]);
  if (!first) return null;
  fields[first].focus();
  return { type: "validation_error", ...problems[first] };
}

function setDisabled(disabled) {
  for (const input of Object.values(fields)) input.readOnly = disabled;
}

/** The method that is chosen, as payment_method_data has it. */
function chosenMethod() {
  if (kind() !== "card") return { type: kind() };
  const { month, year } = readExpiry(fields.expiry.value);
  const number = fields.number.value.replace(/\D/g, "");
  return { type: "card", card: { number, exp_month: month, exp_year: year, cvc: fields.cvc.value } };
}

async function pay(asked) {
  setDisabled(true);
  const answer = await confirm(asked, chosenMethod());
  setDisabled(false);
  return answer;
}

const actions = {
  init: ({ appearance, disabled }) => {
    applyAppearance(appearance);
    setDisabled(Boolean(disabled));
    tell("ready");
    return {};
  },
  update: ({ appearance, disabled }) => {
    if (appearance) applyAppearance(appearance);
    if (disabled !== undefined) setDisabled(disabled);
    return {};
  },
  submit: () => {
    const error = validate();
    return error ? { error } : { selectedPaymentMethod: kind() };
  },
  confirm: pay,
  focus: () => {
    fields.number.focus();
    return {};
  },
  blur: () => {
    document.activeElement?.blur();
    return {};
  },
  clear: () => {
    form.reset();
    Object.keys(fields).forEach((name) => showProblem(name));
    tellChange();
    return {};
  },
};

window.addEventListener("message", async (event) => {
  if (event.source !== window.parent || event.origin !== shop || !Object.hasOwn(actions, event.data?.sandboxStripe))
    return;
  const answer = await actions[event.data.sandboxStripe](event.data);
  tell("answer", { request: event.data.request, answer });
});

fields.number.addEventListener("input", () => {
  fields.number.value = groupNumber(fields.number.value);
  fields.cvc.maxLength = brandOf(fields.number.value.replace(/\D/g, "")).cvc;
});
fields.expiry.addEventListener("input", (event) => {
  // Formatting while a person deletes would put back what was just taken away.
  if (event.inputType !== "deleteContentBackward") fields.expiry.value = groupExpiry(fields.expiry.value);
});
for (const [name, input] of Object.entries(fields)) {
  input.addEventListener("input", () => {
    showProblem(name);
    tellChange();
  });
  input.addEventListener("blur", () => {
    if (input.value) showProblem(name, problemsOf(values())[name]?.message);
    tell("blur");
  });
  input.addEventListener("focus", () => tell("focus"));
}
for (const tab of kinds)
  tab.addEventListener("change", () => {
    for (const part of document.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== kind();
    tellChange();
  });
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("escape");
});
new ResizeObserver(() => tell("resize", { height: Math.ceil(form.getBoundingClientRect().height) })).observe(form);
tell("loaded");
