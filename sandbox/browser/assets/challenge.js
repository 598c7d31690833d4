// The bank's page: sends the cardholder's answer, then either tells the shop's page (in a modal) or goes back to it.

const page = document.querySelector("[data-challenge]");
const query = new URLSearchParams(location.search);

async function answer(approve) {
  const buttons = page.querySelectorAll("button");
  buttons.forEach((button) => {
    button.disabled = true;
  });
  try {
    const response = await fetch(`/browser/challenge/${page.dataset.intent}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ client_secret: query.get("client_secret"), approve }),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error?.message || "The answer did not arrive.");
    if (query.get("mode") === "redirect" && body.redirect) location.assign(body.redirect);
    // The message carries no secret: the shop's page asks for the payment's state itself.
    else window.parent.postMessage({ sandboxStripe: "challenge-complete", intent: page.dataset.intent }, "*");
  } catch (error) {
    page.querySelector(".bank-error").textContent = `${error.message} Please try again.`;
    buttons.forEach((button) => {
      button.disabled = false;
    });
  }
}

page.querySelectorAll("[data-approve]").forEach((button) => {
  button.addEventListener("click", () => answer(button.dataset.approve === "true"));
  button.disabled = false; // until here a click would go nowhere
});
