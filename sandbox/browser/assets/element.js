// The card form in its frame. It talks to the page around it by messages, and to the sandbox by fetch;
// what is typed here goes to the sandbox only.

import { brandOf, groupExpiry, groupNumber, problemsOf, readExpiry } from "/browser/assets/card.js";

const shop = new URLSearchParams(location.search).get("parent");
const form = document.querySelector("form");
const fields = { number: form.elements.number, expiry: form.elements.expiry, cvc: form.elements.cvc };
const THEMES = { night: "night", dark: "night", stripe: "stripe", flat: "stripe" };
const VARIABLES = [
  "colorBackground",
  "colorText",
  "colorTextSecondary",
  "colorPrimary",
  "colorDanger",
  "borderRadius",
  "fontFamily",
  "fontSizeBase",
];

function tell(type, data = {}) {
  window.parent.postMessage({ sandboxStripe: type, ...data }, shop);
}

function values() {
  return Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value]));
}

function tellChange() {
  const problems = problemsOf(values());
  const complete = Object.keys(problems).length === 0;
  const empty = Object.values(fields).every((input) => input.value === "");
  tell("change", { complete, empty, collapsed: false, value: { type: "card" } });
}

function showProblem(name, message) {
  document.getElementById(`${name}-error`).textContent = message || "";
  if (message) fields[name].setAttribute("aria-invalid", "true");
  else fields[name].removeAttribute("aria-invalid");
}

/** Show every problem, focus the first; returns Stripe's validation error or null. */
function validate() {
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

function applyAppearance(appearance = {}) {
  const theme = THEMES[appearance.theme];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const name of VARIABLES) {
    const value = appearance.variables?.[name];
    if (value) document.documentElement.style.setProperty(`--${name}`, value);
    else document.documentElement.style.removeProperty(`--${name}`);
  }
}

/** `{a: {b: 1}}` as `a[b]=1`, the way Stripe's API reads forms. */
function encode(data, prefix = "", form_ = new URLSearchParams()) {
  for (const [name, value] of Object.entries(data)) {
    const key = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) continue;
    if (typeof value === "object") encode(value, key, form_);
    else form_.append(key, String(value));
  }
  return form_;
}

async function confirm({ intent, key, clientSecret, params, useSdk }) {
  const { month, year } = readExpiry(fields.expiry.value);
  const billing = params.payment_method_data?.billing_details;
  const body = encode({
    client_secret: clientSecret,
    return_url: params.return_url,
    receipt_email: params.receipt_email,
    shipping: params.shipping,
    use_stripe_sdk: useSdk,
    payment_method_data: {
      type: "card",
      billing_details: billing,
      card: { number: fields.number.value.replace(/\D/g, ""), exp_month: month, exp_year: year, cvc: fields.cvc.value },
    },
  });
  setDisabled(true);
  try {
    const response = await fetch(`/v1/payment_intents/${encodeURIComponent(intent)}/confirm`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}` },
      body,
    });
    const answer = await response.json();
    return response.ok ? { paymentIntent: answer } : { error: answer.error };
  } catch {
    return {
      error: {
        type: "api_connection_error",
        message: "An error occurred with our connection to the payment service. Check your connection and try again.",
      },
    };
  } finally {
    setDisabled(false);
  }
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
    return error ? { error } : { selectedPaymentMethod: "card" };
  },
  confirm,
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
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("escape");
});
new ResizeObserver(() => tell("resize", { height: Math.ceil(form.getBoundingClientRect().height) })).observe(form);
tell("loaded");
