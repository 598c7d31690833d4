// The way to the server: whether it answers well, slowly or not at all, and the clock that it gives.

export const PATIENCE = 400; // milliseconds that a green verdict waits for the server
const LOST_AFTER = 10_000;
const LIMIT = 8_000;

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export class Link {
  constructor({
    fetch = (...all) => globalThis.fetch(...all),
    now = () => Date.now(),
    isOnline = () => navigator.onLine,
    onChange = () => {},
  } = {}) {
    Object.assign(this, { fetch, now, isOnline, onChange });
    this.token = null;
    this.offset = 0; // milliseconds to add to this phone's clock for the server's
    this.contact = null; // the server's time of the last answer
    this.heard = -Infinity; // this phone's time of it
    this.slow = 0;
    this.failures = 0;
    this.state = "offline";
  }

  get serverNow() {
    return this.now() + this.offset;
  }

  // One call. Answers that are late or missing change the state; a refusal is an answer.
  async call(path, { body, limit = LIMIT, raw = false, method = body === undefined ? "GET" : "POST" } = {}) {
    const begun = this.now();
    const headers = { Accept: raw ? "application/octet-stream" : "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    let answer;
    try {
      response = await this.fetch(`/api/gate/${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(limit),
        credentials: "omit",
        cache: "no-store",
      });
      if (response.status >= 500) throw new Error(`The server answers ${response.status}.`);
      answer = raw && response.ok ? await response.arrayBuffer() : await response.json();
    } catch (error) {
      this.failures += 1;
      this.look();
      throw error;
    }
    const took = this.now() - begun;
    this.failures = 0;
    this.heard = this.now();
    // A large list takes its time on any network; only short calls tell how good it is.
    if (!raw) this.slow = took > PATIENCE ? this.slow + 1 : 0;
    if (answer?.now) {
      this.offset = answer.now - (begun + took / 2);
      this.contact = answer.now;
    }
    this.look();
    if (!response.ok)
      throw new Refused(
        response.status,
        answer?.error?.code ?? "REFUSED",
        answer?.error?.message ?? "The server said no.",
      );
    return raw ? { body: answer, headers: response.headers } : answer;
  }

  // A verdict that had to be given without the server's answer counts as slow, too.
  late() {
    this.slow += 1;
    this.look();
  }

  look() {
    const silent = this.now() - this.heard > LOST_AFTER;
    const state =
      !this.isOnline() || (this.failures > 0 && silent) || this.heard === -Infinity
        ? "offline"
        : this.failures > 0 || this.slow >= 2
          ? "slow"
          : "online";
    if (state !== this.state) {
      this.state = state;
      this.onChange(state);
    }
  }
}

/** A scan as it travels; `known` and `error` are this phone's own notes. */
export function wire({ known, error, ...scan }) {
  return scan;
}
