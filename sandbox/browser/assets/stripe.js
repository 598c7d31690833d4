// The sandbox's double of Stripe.js: Stripe(key) with elements() (payment, expressCheckout), confirmPayment(),
// handleNextAction() and retrievePaymentIntent(), in Stripe's shapes (https://docs.stripe.com/js). A classic script: it
// defines window.Stripe.
// Styles are set property by property, so that a page whose policy is style-src 'self' can use it.
(() => {
  "use strict";

  const ORIGIN = new URL(document.currentScript.src).origin;
  const ELEMENT_EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderstart", "loaderror"];
  const LOAD_SECONDS = 10;

  class IntegrationError extends Error {
    constructor(message) {
      super(message);
      this.name = "IntegrationError";
    }
  }

  const intentOf = (clientSecret) => {
    const found = /^(pi_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/.exec(clientSecret || "");
    if (!found)
      throw new IntegrationError(
        "Invalid value for clientSecret: it should be a client secret of the form ${id}_secret_${secret}.",
      );
    return found[1];
  };

  const fill = (frame, styles) => {
    for (const [name, value] of Object.entries(styles)) frame.style.setProperty(name, value);
  };

  /** A frame of ours and what is said to it: messages in, and questions that it answers. */
  class Conversation {
    constructor(frame, listener) {
      this.frame = frame;
      this.waiting = new Map();
      this.requests = 0;
      this.receive = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== ORIGIN) return;
        const { sandboxStripe: type, ...data } = event.data || {};
        if (type === "answer") {
          this.waiting.get(data.request)?.(data.answer);
          this.waiting.delete(data.request);
        } else listener(type, data);
      };
      window.addEventListener("message", this.receive);
    }

    ask(type, data = {}) {
      this.requests += 1;
      const request = this.requests;
      return new Promise((resolve) => {
        this.waiting.set(request, resolve);
        this.frame.contentWindow.postMessage({ sandboxStripe: type, request, ...data }, ORIGIN);
      });
    }

    end() {
      window.removeEventListener("message", this.receive);
      this.frame.remove();
    }
  }

  class Element {
    // What an element is: its type, its page, the title of its frame and how high that is until it says so itself.
    static type = "";
    static path = "";
    static title = "";
    static height = "0";

    constructor(elements, options) {
      this.elements = elements;
      this.options = options;
      this.listeners = new Map();
      this.talk = null;
    }

    on(type, listener) {
      if (!this.listeners.has(type)) this.listeners.set(type, new Set());
      this.listeners.get(type).add(listener);
      return this;
    }

    once(type, listener) {
      const single = (event) => {
        this.off(type, single);
        listener(event);
      };
      return this.on(type, single);
    }

    off(type, listener) {
      if (listener) this.listeners.get(type)?.delete(listener);
      else this.listeners.delete(type);
      return this;
    }

    emit(type, data = {}) {
      for (const listener of [...(this.listeners.get(type) || [])])
        listener({ elementType: this.constructor.type, ...data });
    }

    mount(place) {
      const parent = typeof place === "string" ? document.querySelector(place) : place;
      if (!parent)
        throw new IntegrationError(
          `The selector you specified (${place}) applies to no DOM elements that are currently on the page.`,
        );
      if (this.destroyed)
        throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
      if (this.talk) this.unmount();
      const { path, title, height } = this.constructor;
      const frame = document.createElement("iframe");
      frame.title = title;
      frame.name = `__privateSandboxFrame${Math.floor(Math.random() * 1e9)}`;
      frame.setAttribute("allow", "payment *");
      fill(frame, { display: "block", width: "100%", height, border: "0", "color-scheme": "normal" });
      frame.src = `${ORIGIN}${path}?parent=${encodeURIComponent(location.origin)}`;
      this.talk = new Conversation(frame, (type, data) => this.hear(type, data));
      this.emit("loaderstart");
      this.loadTimer = setTimeout(() => this.failToLoad(), LOAD_SECONDS * 1000);
      parent.replaceChildren(frame);
      return this;
    }

    failToLoad() {
      this.emit("loaderror", {
        error: {
          type: "api_connection_error",
          message: "The card form could not be loaded. Check your connection and try again.",
        },
      });
    }

    hear(type, data) {
      if (type === "loaded") {
        clearTimeout(this.loadTimer);
        this.ask("init", { appearance: this.elements.options.appearance, disabled: this.options.readOnly });
      } else if (type === "resize") {
        this.talk.frame.style.setProperty("height", `${data.height}px`);
      } else if (ELEMENT_EVENTS.includes(type)) {
        if (type === "ready") this.ready = true;
        this.emit(type, data);
      }
    }

    ask(type, data = {}) {
      if (!this.talk) return Promise.reject(new IntegrationError("The Element is not mounted."));
      return this.talk.ask(type, data);
    }

    update(options = {}) {
      Object.assign(this.options, options);
      return this;
    }

    focus() {
      if (this.ready) this.ask("focus");
      return this;
    }
    blur() {
      if (this.ready) this.ask("blur");
      return this;
    }

    unmount() {
      clearTimeout(this.loadTimer);
      this.talk?.end();
      this.talk = null;
      this.ready = false;
      return this;
    }

    destroy() {
      this.unmount();
      this.destroyed = true;
      this.elements.forget(this);
      return this;
    }
  }

  class PaymentElement extends Element {
    static type = "payment";
    static path = "/browser/element";
    static title = "Secure payment input frame";
    static height = "260px";

    update(options = {}) {
      super.update(options);
      if (this.ready && options.readOnly !== undefined) this.ask("update", { disabled: Boolean(options.readOnly) });
      return this;
    }

    clear() {
      if (this.ready) this.ask("clear");
      return this;
    }
    collapse() {
      return this;
    }

    /** What the page said it would bring itself must be brought. */
    checkDetails(details = {}) {
      const fields = this.options.fields?.billingDetails;
      for (const name of ["name", "email"]) {
        if ((fields === "never" || fields?.[name] === "never") && !details[name])
          throw new IntegrationError(
            `You specified "never" for fields.billing_details.${name} when creating the payment Element, but did not ` +
              `pass confirmParams.payment_method_data.billing_details.${name} when calling stripe.confirmPayment().`,
          );
      }
    }
  }

  // A device's own sheet opens only in answer to a press, so the page has a second to say what it wants of it.
  const RESOLVE_SECONDS = 1;

  class ExpressCheckoutElement extends Element {
    static type = "expressCheckout";
    static path = "/browser/express";
    static title = "Secure express checkout frame";

    hear(type, data) {
      if (type === "pressed") this.press(data.wallet);
      else super.hear(type, data);
    }

    press(wallet) {
      if (this.sheet) return;
      let answered = false;
      const timer = setTimeout(() => {
        answered = true;
        throw new IntegrationError(`resolve() must be called within ${RESOLVE_SECONDS} second of the click event.`);
      }, RESOLVE_SECONDS * 1000);
      const resolve = (wanted = {}) => {
        clearTimeout(timer);
        if (!answered) this.open(wallet, wanted);
        answered = true;
      };
      if (this.listeners.get("click")?.size) this.emit("click", { expressPaymentType: wallet, resolve });
      else resolve();
    }

    open(wallet, wanted) {
      const { amount, currency } = this.elements.options;
      const query = new URLSearchParams({ parent: location.origin, amount, currency });
      const { cover, frame } = dialogWith(`${ORIGIN}/browser/wallet/${wallet}?${query}`, "Wallet", "Wallet sheet");
      const close = () => {
        this.sheet?.end();
        cover.remove();
        this.sheet = this.authorized = null;
      };
      this.sheet = new Conversation(frame, (type, data) => {
        if (type === "canceled") {
          close();
          this.emit("cancel");
        } else if (type === "authorized") {
          const { name, email, address } = data.holder;
          const billingDetails = {
            ...(wanted.billingAddressRequired && { name, address }),
            ...(wanted.emailRequired && { email }),
          };
          this.authorized = wallet;
          this.emit("confirm", { expressPaymentType: wallet, billingDetails, paymentFailed: close });
        }
      });
      this.sheet.close = close;
    }
  }

  class Elements {
    constructor(options = {}) {
      if (options.clientSecret) intentOf(options.clientSecret);
      else if (options.mode === "payment") {
        if (!Number.isInteger(options.amount) || options.amount < 1)
          throw new IntegrationError("Invalid value for elements(): amount should be a positive integer.");
        if (!options.currency) throw new IntegrationError("elements() with a mode needs a currency.");
      } else
        throw new IntegrationError(
          "elements() needs either a clientSecret or mode: 'payment' with amount and currency.",
        );
      this.options = { ...options };
      this.made = new Map();
      this.submitted = false;
    }

    create(type, options = {}) {
      const kind = { payment: PaymentElement, expressCheckout: ExpressCheckoutElement }[type];
      if (!kind)
        throw new IntegrationError(`The sandbox has no Element of type ${type}; it has: payment, expressCheckout.`);
      if (this.made.has(type)) throw new IntegrationError(`Can only create one Element of type ${type}.`);
      this.made.set(type, new kind(this, { ...options }));
      return this.made.get(type);
    }

    getElement(type) {
      return this.made.get(type) || null;
    }
    forget(element) {
      this.made.delete(element.constructor.type);
    }

    update(options = {}) {
      if (options.amount !== undefined && (!Number.isInteger(options.amount) || options.amount < 1)) {
        throw new IntegrationError("Invalid value for elements.update(): amount should be a positive integer.");
      }
      Object.assign(this.options, options);
      if (!options.appearance) return;
      for (const element of this.made.values())
        if (element.ready) element.ask("update", { appearance: options.appearance });
    }

    async fetchUpdates() {
      return {};
    }

    /** The sheet of a wallet that has just been authorized; it pays in place of what is typed. */
    get wallet() {
      const express = this.getElement("expressCheckout");
      return express?.authorized ? express.sheet : null;
    }

    async submit() {
      if (this.wallet) {
        this.submitted = true;
        return { selectedPaymentMethod: this.getElement("expressCheckout").authorized };
      }
      const payment = this.getElement("payment");
      if (!payment) throw new IntegrationError("elements.submit() needs a mounted Payment Element.");
      const answer = await payment.ask("submit");
      this.submitted = !answer.error;
      return answer;
    }
  }

  /** A modal dialog with one frame: it lies above every other layer of the page and keeps the focus. */
  function dialogWith(url, label, title) {
    const before = document.activeElement;
    const cover = document.createElement("dialog");
    // Only an answer in it closes it.
    cover.addEventListener("cancel", (event) => event.preventDefault());
    cover.setAttribute("aria-label", label);
    fill(cover, {
      position: "fixed",
      inset: "0",
      display: "flex",
      "align-items": "center",
      "justify-content": "center",
      "box-sizing": "border-box",
      width: "100%",
      "max-width": "none",
      height: "100%",
      "max-height": "none",
      margin: "0",
      padding: "16px",
      border: "0",
      background: "rgb(0 0 0 / 60%)",
    });
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.src = url;
    fill(frame, {
      width: "100%",
      "max-width": "32rem",
      height: "100%",
      "max-height": "32rem",
      border: "0",
      "border-radius": "12px",
      background: "Canvas",
    });
    cover.append(frame);
    document.body.append(cover);
    cover.showModal();
    frame.focus();
    return { cover, frame, before };
  }

  /** Show the bank's page over everything and resolve when it has been answered. */
  function challenge(url, intentId) {
    return new Promise((resolve) => {
      const { cover, frame, before } = dialogWith(url, "3-D Secure confirmation by your bank", "3-D Secure challenge");
      const talk = new Conversation(frame, (type, data) => {
        if (type !== "challenge-complete" || data.intent !== intentId) return;
        talk.end();
        cover.remove();
        before?.focus?.();
        resolve();
      });
    });
  }

  class StripeDouble {
    constructor(key, options = {}) {
      if (typeof key !== "string" || !/^pk_(test|live)_/.test(key))
        throw new IntegrationError(
          "Please call Stripe() with your publishable key. You used: " + String(key).slice(0, 8),
        );
      if (key.startsWith("pk_live_")) throw new IntegrationError("The sandbox takes test keys only.");
      this.key = key;
      this.options = options;
    }

    elements(options) {
      return new Elements(options);
    }

    async retrievePaymentIntent(clientSecret) {
      const id = intentOf(clientSecret);
      try {
        const response = await fetch(
          `${ORIGIN}/v1/payment_intents/${id}?client_secret=${encodeURIComponent(clientSecret)}`,
          {
            headers: { Authorization: `Bearer ${this.key}` },
          },
        );
        const body = await response.json();
        return response.ok ? { paymentIntent: body } : { error: body.error };
      } catch {
        return {
          error: {
            type: "api_connection_error",
            message:
              "An error occurred with our connection to the payment service. Check your connection and try again.",
          },
        };
      }
    }

    async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = "always" } = {}) {
      if (!elements) throw new IntegrationError("The sandbox confirms with elements; confirmPayment() got none.");
      if (redirect !== "if_required" && !confirmParams.return_url) {
        throw new IntegrationError(
          "confirmPayment(): confirmParams.return_url is required when redirect is not 'if_required'.",
        );
      }
      const secret = clientSecret || elements.options.clientSecret;
      const intent = intentOf(secret);
      const wallet = elements.wallet;
      const payment = elements.getElement("payment");
      if (!wallet && !payment?.talk)
        throw new IntegrationError(
          "Invalid value for stripe.confirmPayment(): elements should have a mounted Payment Element.",
        );
      if (!elements.options.clientSecret && !elements.submitted) {
        throw new IntegrationError(
          "elements.submit() must be called before stripe.confirmPayment() " +
            "when Elements was created without a clientSecret.",
        );
      }
      if (!wallet) {
        payment.checkDetails(confirmParams.payment_method_data?.billing_details);
        const checked = await payment.ask("submit");
        if (checked.error) return { error: checked.error };
      }
      const useSdk = redirect === "if_required";
      // Stripe.js always names a return address; without one of the page's own, the page itself is it.
      const params = { return_url: location.href.split("#")[0], ...confirmParams };
      const asked = { intent, key: this.key, clientSecret: secret, params, useSdk };
      const answer = await (wallet || payment).ask("confirm", asked);
      wallet?.close();
      if (answer.error) return { error: answer.error };
      return this.finish(answer.paymentIntent, secret, redirect, params.return_url);
    }

    async handleNextAction({ clientSecret } = {}) {
      const answer = await this.retrievePaymentIntent(clientSecret);
      if (answer.error) return answer;
      return this.finish(answer.paymentIntent, clientSecret, "if_required", null);
    }

    /** Whatever the payment still asks of the cardholder, then its result or the way back. */
    async finish(paymentIntent, clientSecret, redirect, returnUrl) {
      const action = paymentIntent.status === "requires_action" ? paymentIntent.next_action : null;
      if (action?.type === "redirect_to_url") return this.leave(action.redirect_to_url.url);
      if (action?.type === "use_stripe_sdk") {
        await challenge(action.use_stripe_sdk.stripe_js, paymentIntent.id);
        const after = await this.retrievePaymentIntent(clientSecret);
        if (after.error) return after;
        paymentIntent = after.paymentIntent;
      }
      if (paymentIntent.status === "requires_payment_method" && paymentIntent.last_payment_error) {
        return { error: { ...paymentIntent.last_payment_error, payment_intent: paymentIntent } };
      }
      if (redirect === "always") {
        const url = new URL(returnUrl, location.href);
        url.searchParams.set("payment_intent", paymentIntent.id);
        url.searchParams.set("payment_intent_client_secret", clientSecret);
        url.searchParams.set("redirect_status", paymentIntent.status === "processing" ? "pending" : "succeeded");
        return this.leave(url.href);
      }
      return { paymentIntent };
    }

    leave(url) {
      location.assign(url);
      // The page is going away: like Stripe's, this promise never settles.
      return new Promise(() => {});
    }
  }

  window.Stripe = function Stripe(key, options) {
    return new StripeDouble(key, options);
  };
  window.Stripe.version = "sandbox";
})();
