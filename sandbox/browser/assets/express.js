// The buttons of the wallets. What is pressed is told to the page around, which opens the sheet.

import { applyAppearance } from "/browser/assets/appearance.js";

const shop = new URLSearchParams(location.search).get("parent");
const buttons = [...document.querySelectorAll("[data-wallet]")];

function tell(type, data = {}) {
  window.parent.postMessage({ sandboxStripe: type, ...data }, shop);
}

/** `{applePay, googlePay, link, …}` as the ready event has it, or undefined where there is none. */
function available() {
  const there = new Set(buttons.map((button) => button.dataset.wallet));
  return there.size
    ? {
        amazonPay: false,
        applePay: there.has("apple_pay"),
        googlePay: there.has("google_pay"),
        klarna: false,
        link: there.has("link"),
        paypal: false,
      }
    : undefined;
}

const actions = {
  init: ({ appearance }) => {
    applyAppearance(appearance);
    tell("ready", { availablePaymentMethods: available() });
  },
  update: ({ appearance }) => {
    if (appearance) applyAppearance(appearance);
  },
  focus: () => buttons[0]?.focus(),
  blur: () => document.activeElement?.blur(),
};

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== shop || !Object.hasOwn(actions, event.data?.sandboxStripe))
    return;
  actions[event.data.sandboxStripe](event.data);
  tell("answer", { request: event.data.request, answer: {} });
});

for (const button of buttons) {
  button.addEventListener("click", () => tell("pressed", { wallet: button.dataset.wallet }));
  button.addEventListener("focus", () => tell("focus"));
  button.addEventListener("blur", () => tell("blur"));
}
const all = document.querySelector(".express");
new ResizeObserver(() => tell("resize", { height: Math.ceil(all.getBoundingClientRect().height) })).observe(all);
tell("loaded");
