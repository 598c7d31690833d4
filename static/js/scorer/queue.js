// What the scorer entered and the server may not have yet. Every act counts at once on this side, is kept on the device
// before anything else happens, and is sent in order by one sender. No DOM: the store, the clock and the way to the
// server are handed in, so Node can test it.
//
// Kept per match: `log` (the server's copy, written now and then) and `tail` {base, sent, waiting, token}: what was
// acknowledged since the log was last written, what still waits, and the lock's token. Both together are the match,
// whatever moment the tab dies.

const BATCH = 40;
const FOLD_IN = 60;
export const FIRST_WAIT = 600;
export const LONGEST_WAIT = 15_000;

export class Queue {
  constructor({
    match,
    store,
    api,
    onChange = () => {},
    now = () => Date.now(),
    random = Math.random,
    timer = setTimeout,
    stop = clearTimeout,
  }) {
    Object.assign(this, { match, store, api, onChange, now, random, timer, stop });
    this.log = [];
    this.sent = [];
    this.waiting = [];
    this.token = null;
    this.problem = null;
    this.sending = false;
    this.failures = 0;
    this.since = null;
    this.kept = true;
    this.restore();
  }

  // Everything that counts here: what the server has, then what waits.
  get events() {
    return [...this.log, ...this.sent, ...this.waiting];
  }
  get acknowledged() {
    return [...this.log, ...this.sent];
  }
  get seq() {
    return (this.sent.at(-1) ?? this.log.at(-1))?.seq ?? 0;
  }
  get isLive() {
    return !this.waiting.length && !this.problem && this.failures === 0;
  }

  restore() {
    const log = this.store.get(`${this.match}:log`);
    const tail = this.store.get(`${this.match}:tail`);
    this.log = log?.events ?? [];
    if (!tail) return;
    this.token = tail.token ?? null;
    const known = new Set(this.log.map((event) => event.key));
    this.sent = (tail.sent ?? []).filter((event) => !known.has(event.key));
    for (const event of this.sent) known.add(event.key);
    this.waiting = (tail.waiting ?? []).filter((event) => !known.has(event.key));
    this.since = this.waiting.length ? (tail.since ?? this.now()) : null;
  }

  keep() {
    const tail = {
      base: this.log.at(-1)?.seq ?? 0,
      sent: this.sent,
      waiting: this.waiting,
      token: this.token,
      since: this.since,
    };
    this.kept = this.store.set(`${this.match}:tail`, tail) !== false;
  }

  keepLog() {
    this.log = this.acknowledged;
    this.sent = [];
    if (this.store.set(`${this.match}:log`, { events: this.log }) === false) this.kept = false;
    this.keep();
  }

  // The server's copy takes the place of ours; what waits stays, unless the server has it already.
  adopt(events) {
    this.log = events;
    this.sent = [];
    const known = new Set(events.map((event) => event.key));
    this.waiting = this.waiting.filter((event) => !known.has(event.key));
    if (!this.waiting.length) this.since = null;
    this.keepLog();
    this.onChange();
  }

  hold(token) {
    this.token = token;
    this.problem = null;
    this.keep();
    this.onChange();
    this.send();
  }

  // One act: kept, counted, and sent as soon as may be.
  add(events) {
    const at = new Date(this.now()).toISOString();
    for (const event of events) this.waiting.push({ at, ...event });
    this.since ??= this.now();
    this.keep();
    this.onChange();
    this.send();
  }

  // Take some of what waits out again (by key), or put a mended one in its place.
  drop(keys) {
    this.waiting = this.waiting.filter((event) => !keys.has(event.key));
    if (!this.waiting.length) this.since = null;
    this.problem = null;
    this.keep();
    this.onChange();
    this.send();
  }

  async send() {
    if (this.sending || !this.waiting.length || !this.token || this.problem) return;
    this.sending = true;
    this.stop(this.later);
    const batch = this.waiting.slice(0, this.limit ?? BATCH);
    this.limit = null;
    try {
      const answer = await this.api.record(
        this.match,
        this.token,
        this.seq,
        batch.map(({ key, kind, body, at }) => ({ key, kind, body, at })),
      );
      this.accept(batch, answer);
    } catch (error) {
      this.fail(error);
    } finally {
      this.sending = false;
    }
    this.onChange();
    if (!this.problem && this.waiting.length && this.failures === 0) this.send();
  }

  accept(batch, answer) {
    const numbers = new Map(answer.recorded.map((each) => [each.key, each.seq]));
    const done = new Set(batch.filter((event) => numbers.has(event.key)).map((event) => event.key));
    for (const event of batch) if (done.has(event.key)) this.sent.push({ ...event, seq: numbers.get(event.key) });
    // What was sent twice may be answered with numbers out of our order; the server's numbers are the order.
    this.sent.sort((a, b) => a.seq - b.seq);
    this.waiting = this.waiting.filter((event) => !done.has(event.key));
    this.failures = 0;
    this.since = this.waiting.length ? this.since : null;
    if (this.sent.length >= FOLD_IN) this.keepLog();
    else this.keep();
  }

  fail(error) {
    const code = error.code ?? null;
    // The server takes a batch whole or not at all. What stands before the impossible one is sent first, by itself.
    const before =
      code === "EVENT_IMPOSSIBLE" ? this.waiting.findIndex((event) => event.key === error.details?.key) : -1;
    if (before > 0) {
      this.limit = before;
      this.failures = 0;
      return;
    }
    const stops = [
      "SCORING_LOCK_LOST",
      "SCORE_MOVED_ON",
      "EVENT_IMPOSSIBLE",
      "NOT_A_SCORER",
      "UNKNOWN_MATCH",
      "MALFORMED",
      "SIGN_IN_FIRST",
    ];
    if (code && stops.includes(code)) {
      this.problem = { code, message: error.message, ...(error.details ?? {}) };
      return;
    }
    // The network, or a server out of breath. The same keys again, later and later, not all scorers at once.
    this.failures += 1;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(this.failures - 1, 6));
    this.later = this.timer(() => this.send(), wait * (0.5 + this.random() / 2));
  }

  // The network says that it is back, or the page is looked at again: do not wait out the pause.
  nudge() {
    if (!this.problem) this.send();
  }
}

// JSON in localStorage: written before the key lets go of the finger, so that a crash loses nothing.
export class Store {
  constructor(storage = globalThis.localStorage, prefix = "scorer:") {
    this.storage = storage;
    this.prefix = prefix;
  }

  get(name) {
    try {
      return JSON.parse(this.storage.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      this.storage.setItem(this.prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  drop(name) {
    try {
      this.storage.removeItem(this.prefix + name);
    } catch {
      /* a browser that keeps nothing has nothing to drop */
    }
  }
}

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
let count = 0;

// A key that no other device makes: the moment, a counter, and ten letters of chance.
export function newKey() {
  const chance = globalThis.crypto.getRandomValues(new Uint8Array(10));
  count += 1;
  return `${Date.now().toString(36)}-${count.toString(36)}-${[...chance].map((byte) => LETTERS[byte % 36]).join("")}`;
}
