// The sheet of a wallet: the buyer looks at the sum, chooses a card and pays; the page around says when it is over.

import { confirm } from "/browser/assets/confirm.js";

const query = new URLSearchParams(location.search);
const shop = query.get("parent");
const sheet = document.querySelector("[data-wallet]");
const { wallet } = sheet.dataset;
const buttons = [...sheet.querySelectorAll("button")];
const holder = {
  name: "Vera Quill",
  email: "vera@example.org",
  address: { line1: "1 Wharf Street", line2: null, city: "Sydney", state: "NSW", postal_code: "2000", country: "AU" },
};

function tell(type, data = {}) {
  window.parent.postMessage({ sandboxStripe: type, ...data }, shop);
}

const currency = query.get("currency").toUpperCase();
const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
const amount = Number(query.get("amount")) / 10 ** format.resolvedOptions().maximumFractionDigits;
sheet.querySelector("[data-amount]").textContent = format.format(amount);

function method() {
  const card = { number: sheet.querySelector("select").value, exp_month: 12, exp_year: 2034 };
  if (wallet === "link") return { type: "link", card, billing_details: { email: holder.email } };
  return { type: "card", card: { ...card, wallet } };
}

window.addEventListener("message", async (event) => {
  if (event.source !== window.parent || event.origin !== shop || event.data?.sandboxStripe !== "confirm") return;
  tell("answer", { request: event.data.request, answer: await confirm(event.data, method()) });
});

sheet.querySelector("[data-pay]").addEventListener("click", () => {
  for (const button of buttons) button.disabled = true;
  tell("authorized", { holder });
});
sheet.querySelector("[data-cancel]").addEventListener("click", () => tell("canceled"));
