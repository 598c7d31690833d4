// Paying: Stripe's Payment Element with one press of Pay, its Express Checkout Element with the wallets that there are,
// and every answer of bank and server in words. A plain script that also loads as a module. It is started by
// <form data-checkout …>; what it needs stands in data attributes. The seats become "being paid" only when Pay is
// pressed or a wallet authorized: the intent is made then, for the amount that the server computes.
(() => {
  "use strict";

  const LOAD_SECONDS = 15;
  const missing = { script: false };

  // From here on the sentence for browsers without JavaScript is not shown.
  document.documentElement.setAttribute("data-scripted", "");

  // A script that cannot be loaded fires no event that bubbles; and it may have failed before the page is read.
  addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLScriptElement && event.target.hasAttribute("data-stripe-script")) {
        missing.script = true;
        dispatchEvent(new Event("stripemissing"));
      }
    },
    true,
  );

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /**
   * Stripe's appearance in the colours of the page, day or under lights
   * (https://docs.stripe.com/elements/appearance-api).
   */
  function appearance() {
    return {
      theme: "flat",
      variables: {
        colorPrimary: token("--action"),
        colorBackground: token("--surface"),
        colorText: token("--ink"),
        colorDanger: token("--bad"),
        colorTextSecondary: token("--ink-2"),
        colorTextPlaceholder: token("--ink-3"),
        fontFamily: "Archivo, system-ui, sans-serif",
        fontSizeBase: "16px",
        borderRadius: "5px",
        spacingUnit: "4px",
      },
      rules: {
        ".Input": { border: `1.5px solid ${token("--line-strong")}`, padding: "12px" },
        ".Label": { fontWeight: "600" },
      },
    };
  }

  /** Wait for window.Stripe: true when it is there, false when its script failed or took too long. */
  function loaded() {
    if (window.Stripe) return Promise.resolve(true);
    if (missing.script) return Promise.resolve(false);
    return new Promise((resolve) => {
      const script = document.querySelector("script[data-stripe-script]");
      const timer = setTimeout(() => resolve(Boolean(window.Stripe)), LOAD_SECONDS * 1000);
      const end = (there) => {
        clearTimeout(timer);
        resolve(there);
      };
      script?.addEventListener("load", () => end(Boolean(window.Stripe)), { once: true });
      addEventListener("stripemissing", () => end(false), { once: true });
    });
  }

  function start(form) {
    const { dataset } = form;
    const find = (name) => form.querySelector(`[data-${name}]`);
    const button = find("pay");
    const notice = find("notice");
    let stripe = null;
    let elements = null;
    let busy = false;
    const returnUrl = new URL(dataset.return, location.href).href;

    // --- what the page says ---

    function say(words) {
      find("pay-said").textContent = words;
    }

    function tell(kind, heading, sentence, link) {
      notice.className = `notice is-${kind}`;
      find("notice-heading").textContent = heading;
      find("notice-sentence").textContent = sentence;
      const row = find("notice-row");
      row.hidden = !link;
      if (link) Object.assign(find("notice-link"), { href: link.href, textContent: link.words });
      notice.hidden = false;
      notice.focus();
    }

    function setBusy(now, words) {
      busy = now;
      // While the bank is asked, the hold's clock must not load another page.
      document.documentElement.toggleAttribute("data-paying", now);
      button.disabled = now;
      button.setAttribute("aria-busy", String(now));
      find("pay-words").textContent = now ? words || "Asking your bank" : button.dataset.words;
      for (const input of form.querySelectorAll(".field input")) input.readOnly = now;
      elements?.getElement("payment")?.update({ readOnly: now });
    }

    function markField(name, sentence) {
      const input = form.elements[name];
      const field = input.closest(".field");
      field.querySelector(".error")?.remove();
      field.classList.toggle("is-wrong", Boolean(sentence));
      if (!sentence) {
        input.removeAttribute("aria-invalid");
        const told = (input.getAttribute("aria-describedby") || "")
          .split(" ")
          .filter((id) => id && id !== `${name}-error`);
        if (told.length) input.setAttribute("aria-describedby", told.join(" "));
        else input.removeAttribute("aria-describedby");
        return;
      }
      const error = document.createElement("p");
      error.className = "error";
      error.id = `${name}-error`;
      const before = document.createElement("span");
      before.className = "visually-hidden";
      before.textContent = "Error: ";
      error.append(before, sentence);
      input.before(error);
      input.setAttribute("aria-invalid", "true");
      input.setAttribute(
        "aria-describedby",
        [
          ...(input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== error.id),
          error.id,
        ].join(" "),
      );
    }

    function finish(words) {
      // Nothing on this page can be done any more.
      form.removeAttribute("data-checkout");
      document.documentElement.removeAttribute("data-paying");
      button.hidden = true;
      find("payment-box").hidden = true;
      find("express").removeAttribute("data-shown");
      say(words || "");
    }

    // --- answers of our server ---

    const again = { href: dataset.again, words: "Choose again" };
    const ANSWERS = {
      ALREADY_PAID: () => {
        finish();
        tell("good", "You have your tickets", "This was paid, perhaps in another tab. Nothing more to pay.", {
          href: dataset.tickets,
          words: "Open my tickets",
        });
      },
      HOLD_ENDED: (error) => {
        finish();
        tell("bad", error.by === "released" ? "Not held for you any more" : "Your time is over", error.message, again);
      },
      SEATS_LOST: (error) => {
        finish();
        tell("bad", "The seats are gone", error.message, again);
      },
      EVENT_CANCELLED: (error) => {
        finish();
        tell("bad", "The match is cancelled", error.message, { href: "/", words: "What’s on" });
      },
      TOO_MANY_SEATS: (error) =>
        tell("bad", "Too many seats", `${error.message} Nothing was charged. Give some back, or use your own e-mail.`, {
          href: dataset.again,
          words: "Change the seats",
        }),
      TOO_LITTLE: (error) =>
        tell("warn", "Too little for a card", error.message, { href: dataset.again, words: "Add something" }),
      CARDS_PAUSED: (error) => tell("bad", "Paying rests for a while", error.message),
      PAYMENT_TRIES: (error) =>
        tell("bad", "This order was tried three times", error.message, {
          href: dataset.again,
          words: "Give it back",
        }),
      UNKNOWN_BOOKING: (error) => {
        finish();
        tell("bad", "This booking is not yours any more", error.message, again);
      },
      FORM_EXPIRED: (error) =>
        tell("bad", "This page was open for too long", error.message, { href: location.href, words: "Load it again" }),
      PROVIDER_UNAVAILABLE: () =>
        tell(
          "warn",
          "The payment service does not answer",
          "Your seats stay held. Wait a moment, and press Pay again: it stays one payment.",
        ),
    };

    function refused(error) {
      setBusy(false);
      if (["BAD_EMAIL", "BAD_NAME", "CONTACT_NEEDED"].includes(error.code)) {
        const isEmail = error.code === "BAD_EMAIL" || (error.code !== "BAD_NAME" && form.elements.name.value.trim());
        const name = isEmail ? "email" : "name";
        markField(name, error.message);
        form.elements[name].focus();
      } else if (ANSWERS[error.code]) ANSWERS[error.code](error);
      else
        tell(
          "bad",
          "That did not work",
          error.message || "Something broke on our side. Nothing was charged; try again in a minute.",
        );
    }

    /** A slip in the address is cheapest here: "Did you mean …?" It stops nobody. */
    async function hint() {
      const { email } = form.elements;
      find("meant").hidden = true;
      if (!email.value.includes("@")) return;
      const asked = email.value;
      const answer = await fetch(dataset.hint, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
        body: JSON.stringify({ email: asked }),
      }).catch(() => null);
      const { meant } = answer?.ok ? await answer.json() : {};
      if (!meant || email.value !== asked || busy) return;
      find("meant-use").textContent = `${meant}?`;
      find("meant-use").dataset.meantUse = meant;
      find("meant").hidden = false;
    }

    async function askServer() {
      let answer;
      try {
        answer = await fetch(dataset.start, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
          body: JSON.stringify({
            booking_id: Number(dataset.booking),
            name: form.elements.name.value.trim(),
            email: form.elements.email.value.trim(),
          }),
        });
      } catch {
        refused({
          code: "NETWORK",
          message: "There is no network just now. Your seats stay held; nothing was charged. Try again.",
        });
        return null;
      }
      const body = await answer.json().catch(() => ({}));
      if (answer.ok) return body;
      refused(body.error || {});
      return null;
    }

    /**
     * How the payment stands, from the server: {state, error} or null. It also lets the server see what the bank said.
     */
    async function stands() {
      try {
        const answer = await fetch(dataset.state, { headers: { Accept: "application/json" }, cache: "no-store" });
        return answer.ok ? await answer.json() : null;
      } catch {
        return null;
      }
    }

    // --- paying ---

    async function declined(error) {
      const known = await stands();
      if (known?.state === "paid" || known?.state === "lost") {
        leave();
        return;
      }
      setBusy(false);
      if (error.type === "validation_error") {
        say("Look at the card’s details again.");
        return;
      }
      if (error.type === "card_error" || error.type === "invalid_request_error") {
        const sentence =
          known?.error ||
          (
            `${error.message || ""} Nothing was charged, and your seats are still held. ` +
            "Try another card, or ask your bank."
          ).trim();
        tell(
          "bad",
          error.code === "payment_intent_authentication_failure"
            ? "Your bank could not check that it was you"
            : "Your bank said no to this card",
          sentence,
        );
      } else {
        tell(
          "warn",
          "The payment service does not answer",
          "We do not know yet whether your bank was asked. Your seats stay held. " +
            "Press Pay again: it stays one payment.",
        );
      }
    }

    function leave() {
      say("Your bank has answered. One moment.");
      location.assign(returnUrl);
    }

    function complete() {
      let first = null;
      for (const [name, sentence] of [
        ["name", "Tell us your name."],
        ["email", "Tell us where to send the tickets."],
      ]) {
        const empty = !form.elements[name].value.trim();
        markField(name, empty ? sentence : "");
        if (empty) first ??= form.elements[name];
      }
      first?.focus();
      return !first;
    }

    /** What a wallet knows of the buyer goes where the page asks for it, unless something stands there. */
    function take(details = {}) {
      for (const name of ["name", "email"]) form.elements[name].value ||= details[name] || "";
    }

    /** Pay with what is typed, or by the wallet that was authorized: `express` is then the element's confirm event. */
    async function pay(express) {
      if (busy || !elements) return;
      if (express) take(express.billingDetails);
      if (!complete() || !(await tried(express))) express?.paymentFailed({ reason: "fail" });
    }

    /** One attempt; true when the page is left, or when Stripe has closed the wallet's sheet itself. */
    async function tried(express) {
      notice.hidden = true;
      setBusy(true, express ? "Asking your bank" : "Checking the card");
      try {
        const checked = await elements.submit();
        if (checked.error) {
          setBusy(false);
          say(checked.error.message || "Look at the card’s details again.");
          return false;
        }
        const started = await askServer();
        if (!started) return false;
        if (!started.client_secret) {
          leave();
          return true;
        }
        if (started.amount !== Number(dataset.amount)) {
          // Something was added or taken out in another tab: nobody pays a sum that this page does not show.
          setBusy(false);
          finish();
          tell("warn", "Your booking has changed", "Its total is another one now. Nothing was charged.", {
            href: location.href,
            words: "Show the new total",
          });
          return false;
        }
        setBusy(true, "Asking your bank");
        say("Your bank may open a page to check that it is you. Your seats stay held while you answer.");
        const answer = await stripe.confirmPayment({
          elements,
          clientSecret: started.client_secret,
          confirmParams: { return_url: returnUrl, ...(!express && { payment_method_data: typed() }) },
          redirect: "if_required",
        });
        say("");
        if (answer.error) await declined(answer.error);
        else leave();
        return true;
      } catch (error) {
        await declined({ type: "api_error", message: error.message });
        return false;
      }
    }

    /** Name and address go along with the card, so that Stripe's form need not ask for them again. */
    function typed() {
      const { name, email } = form.elements;
      return { billing_details: { name: name.value.trim(), email: email.value.trim() } };
    }

    // --- the card form ---

    function mount() {
      stripe = window.Stripe(dataset.key);
      elements = stripe.elements({
        mode: "payment",
        amount: Number(dataset.stripeAmount),
        currency: dataset.currency,
        appearance: appearance(),
      });
      const element = elements.create("payment", {
        layout: "tabs",
        fields: { billingDetails: { name: "never", email: "never" } },
        // Their buttons stand above the form.
        wallets: { applePay: "never", googlePay: "never" },
      });
      element.on("ready", () => {
        find("payment-wait").hidden = true;
        button.disabled = busy;
      });
      element.on("change", () => say(""));
      element.on("loaderror", noStripe);
      element.mount(find("payment-element"));
      mountWallets();
      addEventListener("themechange", () => elements.update({ appearance: appearance() }));
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
        elements.update({ appearance: appearance() }),
      );
    }

    function mountWallets() {
      const express = elements.create("expressCheckout", { buttonHeight: 48 });
      express.on("ready", ({ availablePaymentMethods: there }) => {
        find("express").toggleAttribute("data-shown", Boolean(there));
      });
      express.on("click", ({ resolve }) => {
        notice.hidden = true;
        // A wallet is asked for what the page does not know yet; the name comes with the address of the bill.
        resolve({
          emailRequired: !form.elements.email.value.trim(),
          billingAddressRequired: !form.elements.name.value.trim(),
        });
      });
      express.on("confirm", pay);
      express.on("loaderror", () => find("express").removeAttribute("data-shown"));
      express.mount(find("express-element"));
    }

    function noStripe() {
      find("payment-wait").hidden = true;
      find("no-stripe").hidden = false;
    }

    async function begin() {
      find("payment-wait").hidden = false;
      if (await loaded()) mount();
      else noStripe();
    }

    form.elements.email.addEventListener("change", hint);
    find("meant-use").addEventListener("click", () => {
      form.elements.email.value = find("meant-use").dataset.meantUse;
      find("meant").hidden = true;
      markField("email", "");
      form.elements.email.focus();
    });
    find("retry").addEventListener("click", () => location.reload());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.hasAttribute("data-checkout")) pay();
    });
    for (const name of ["name", "email"]) form.elements[name].addEventListener("input", () => markField(name, ""));
    // Another tab may have paid, or given the seats back, while this one lay behind it.
    document.addEventListener("visibilitychange", async () => {
      if (document.visibilityState !== "visible" || busy || !form.hasAttribute("data-checkout")) return;
      const known = await stands();
      if (known?.state === "paid") ANSWERS.ALREADY_PAID();
      else if (known?.state === "ended") location.reload(); // the server's page says how
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    begin();
  }

  function startAll() {
    for (const form of document.querySelectorAll("form[data-checkout]:not([data-started])")) {
      form.setAttribute("data-started", "");
      start(form);
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll, { once: true });
  else startAll();
})();
