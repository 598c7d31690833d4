// The sandbox's double of Stripe.js: Stripe(key) with elements(), confirmPayment(), handleNextAction() and
// retrievePaymentIntent(), in Stripe's shapes (https://docs.stripe.com/js). A classic script: it defines window.Stripe.
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

  class PaymentElement {
    constructor(elements, options) {
      this.elements = elements;
      this.options = options;
      this.listeners = new Map();
      this.waiting = new Map();
      this.requests = 0;
      this.frame = null;
      this.onMessage = (event) => this.receive(event);
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
      for (const listener of [...(this.listeners.get(type) || [])]) listener({ elementType: "payment", ...data });
    }

    mount(place) {
      const parent = typeof place === "string" ? document.querySelector(place) : place;
      if (!parent)
        throw new IntegrationError(
          `The selector you specified (${place}) applies to no DOM elements that are currently on the page.`,
        );
      if (this.destroyed)
        throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
      if (this.frame) this.unmount();
      this.frame = document.createElement("iframe");
      this.frame.title = "Secure payment input frame";
      this.frame.name = `__privateSandboxFrame${Math.floor(Math.random() * 1e9)}`;
      this.frame.setAttribute("allow", "payment *");
      fill(this.frame, { display: "block", width: "100%", height: "260px", border: "0", "color-scheme": "normal" });
      this.frame.src = `${ORIGIN}/browser/element?parent=${encodeURIComponent(location.origin)}`;
      window.addEventListener("message", this.onMessage);
      this.emit("loaderstart");
      this.loadTimer = setTimeout(() => this.failToLoad(), LOAD_SECONDS * 1000);
      parent.replaceChildren(this.frame);
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

    receive(event) {
      if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== ORIGIN) return;
      const { sandboxStripe: type, ...data } = event.data || {};
      if (type === "loaded") {
        clearTimeout(this.loadTimer);
        this.ask("init", { appearance: this.elements.options.appearance, disabled: this.options.readOnly });
      } else if (type === "resize") {
        this.frame.style.setProperty("height", `${data.height}px`);
      } else if (type === "answer") {
        this.waiting.get(data.request)?.(data.answer);
        this.waiting.delete(data.request);
      } else if (ELEMENT_EVENTS.includes(type)) {
        if (type === "ready") this.ready = true;
        this.emit(type, data);
      }
    }

    ask(type, data = {}) {
      if (!this.frame?.contentWindow)
        return Promise.reject(new IntegrationError("The Payment Element is not mounted."));
      this.requests += 1;
      const request = this.requests;
      return new Promise((resolve) => {
        this.waiting.set(request, resolve);
        this.frame.contentWindow.postMessage({ sandboxStripe: type, request, ...data }, ORIGIN);
      });
    }

    update(options = {}) {
      Object.assign(this.options, options);
      if (this.ready && options.readOnly !== undefined) this.ask("update", { disabled: Boolean(options.readOnly) });
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
    clear() {
      if (this.ready) this.ask("clear");
      return this;
    }
    collapse() {
      return this;
    }

    unmount() {
      clearTimeout(this.loadTimer);
      window.removeEventListener("message", this.onMessage);
      this.frame?.remove();
      this.frame = null;
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
      this.element = null;
      this.submitted = false;
    }

    create(type, options = {}) {
      if (type !== "payment")
        throw new IntegrationError(`The sandbox has no Element of type ${type}; it has: payment.`);
      if (this.element) throw new IntegrationError("Can only create one Element of type payment.");
      this.element = new PaymentElement(this, { ...options });
      return this.element;
    }

    getElement(type) {
      return type === "payment" ? this.element : null;
    }
    forget() {
      this.element = null;
    }

    update(options = {}) {
      if (options.amount !== undefined && (!Number.isInteger(options.amount) || options.amount < 1)) {
        throw new IntegrationError("Invalid value for elements.update(): amount should be a positive integer.");
      }
      Object.assign(this.options, options);
      if (options.appearance && this.element?.ready) this.element.ask("update", { appearance: options.appearance });
    }

    async fetchUpdates() {
      return {};
    }

    async submit() {
      if (!this.element) throw new IntegrationError("elements.submit() needs a mounted Payment Element.");
      const answer = await this.element.ask("submit");
      this.submitted = !answer.error;
      return answer;
    }
  }

  /** Show the bank's page over everything and resolve when it has been answered. */
  function challenge(url, intentId) {
    return new Promise((resolve) => {
      const before = document.activeElement;
      // A modal dialog lies above every other layer of the page and keeps the focus; only an answer closes it.
      const cover = document.createElement("dialog");
      cover.addEventListener("cancel", (event) => event.preventDefault());
      cover.setAttribute("aria-label", "3-D Secure confirmation by your bank");
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
      frame.title = "3-D Secure challenge";
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
      const receive = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== ORIGIN) return;
        if (event.data?.sandboxStripe !== "challenge-complete" || event.data.intent !== intentId) return;
        window.removeEventListener("message", receive);
        cover.remove();
        before?.focus?.();
        resolve();
      };
      window.addEventListener("message", receive);
      document.body.append(cover);
      cover.showModal();
      frame.focus();
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
      if (!elements.element?.frame)
        throw new IntegrationError(
          "Invalid value for stripe.confirmPayment(): elements should have a mounted Payment Element.",
        );
      if (!elements.options.clientSecret && !elements.submitted) {
        throw new IntegrationError(
          "elements.submit() must be called before stripe.confirmPayment() " +
            "when Elements was created without a clientSecret.",
        );
      }
      const checked = await elements.element.ask("submit");
      if (checked.error) return { error: checked.error };
      const useSdk = redirect === "if_required";
      // Stripe.js always names a return address; without one of the page's own, the page itself is it.
      const params = { return_url: location.href.split("#")[0], ...confirmParams };
      const answer = await elements.element.ask("confirm", {
        intent,
        key: this.key,
        clientSecret: secret,
        params,
        useSdk,
      });
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
