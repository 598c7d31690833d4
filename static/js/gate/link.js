// The way to the server: whether it answers well, slowly or not at all, and the time that it gives.
import { Clock } from "./clock.js";

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
    clock = new Clock(),
    isOnline = () => navigator.onLine,
    onChange = () => {},
    onTime = () => {},
  } = {}) {
    Object.assign(this, { fetch, clock, isOnline, onChange, onTime });
    this.token = null;
    this.contact = null; // the server's time of the last answer
    this.heard = -Infinity; // the monotonic clock's time of it
    this.slow = 0;
    this.failures = 0;
    this.state = "offline";
  }

  get serverNow() {
    return this.clock.now();
  }

  // Milliseconds to add to this phone's wall clock for the server's.
  get offset() {
    return this.clock.now() - this.clock.lastWall;
  }

  // One call. Answers that are late or missing change the state; a refusal is an answer.
  async call(path, { body, limit = LIMIT, raw = false, method = body === undefined ? "GET" : "POST" } = {}) {
    this.clock.look();
    const { era } = this.clock;
    const begun = this.clock.mono();
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
    this.heard = this.clock.mono();
    const took = this.heard - begun;
    this.failures = 0;
    // A large list takes its time on any network; only short calls tell how good it is.
    if (!raw) this.slow = took > PATIENCE ? this.slow + 1 : 0;
    if (answer?.now) {
      this.contact = answer.now;
      this.clock.look();
      // An answer that was under way while the phone slept, or its clock was moved, may be older than it took.
      if (this.clock.era === era) this.onTime(this.clock.heard(answer.now + took / 2, took / 2));
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
    const silent = this.clock.mono() - this.heard > LOST_AFTER;
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

/** A scan as it travels; `known`, `era` and `error` are this phone's own notes. */
export function wire({ known, era, error, ...scan }) {
  return scan;
}
