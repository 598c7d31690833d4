// The scanner that this phone is: what it knows, how it decides, what it has not sent yet. No DOM: the page (page.js)
// draws what it says.
//
// The order of every scan: an id, the verdict of the rule, the scan kept on the disk, and only then the verdict on the
// screen. A green verdict waits a moment for the server while the network is good, so that one ticket never opens two
// gates; after that the phone decides alone.
import { fromBase64, readShort, toBase64 } from "./code.js";
import { Link, PATIENCE, Refused, wire } from "./link.js";
import { take } from "./revocations.js";
import { Rights } from "./rights.js";
import { VOID, decide, judge } from "./rule.js";
import { verdictOf, withAnswer } from "./said.js";

const SAME_CODE = 4_000; // milliseconds for which a code that was just answered is not read again
const EVERY = 5_000;
const BATCH = 100;
const REMEMBERED = 30; // scans that can be undone
export class Scanner {
  constructor({
    store,
    link = new Link(),
    uuid = () => crypto.randomUUID(),
    on = () => {},
    timer = (...all) => setTimeout(...all),
    state = () => ({}),
  }) {
    Object.assign(this, { store, link, uuid, on, timer, describe: state });
    this.bundle = this.rights = this.revoked = this.secret = null;
    this.states = new Map();
    this.queue = new Map();
    this.recent = [];
    this.counts = { admitted: 0, inside: 0, here: 0 };
    this.gate = this.carPark = null;
    this.leaving = false;
    this.listAt = null;
    this.last = { text: null, at: 0 };
    this.alarms = [];
    this.refusal = null;
    this.sending = null;
    link.onChange = (mode) => this.on("network", mode);
    link.onTime = ({ era, error }) => this.correct(era, error);
  }

  get paired() {
    return Boolean(this.link.token && this.bundle);
  }
  get waiting() {
    return this.queue.size;
  }
  // Milliseconds since the server last confirmed this phone's lists; Infinity when it never did.
  get listAge() {
    return this.listAt === null ? Infinity : this.link.serverNow - this.listAt;
  }
  get isCarPark() {
    return this.carPark !== null;
  }

  // Take up what was kept, as after a reload, a crash or an empty battery.
  async start() {
    const [token, bundle, rights, revoked, settings, queue] = await Promise.all([
      ...["token", "bundle", "rights", "revoked", "settings"].map((name) => this.store.get(name)),
      this.store.queue(),
    ]);
    this.states = await this.store.states();
    for (const scan of queue.sort((a, b) => a.counter - b.counter)) this.queue.set(scan.id, scan);
    this.counter = Math.max(settings?.counter ?? 0, 0, ...queue.map((scan) => scan.counter));
    this.link.token = token ?? null;
    this.link.contact = settings?.contact ?? null;
    this.listAt = settings?.listAt ?? null;
    const {
      contact,
      offset,
      clock = contact && { now: contact, from: contact, wall: contact - offset },
    } = settings ?? {}; // before it kept a clock, it kept the offset
    if (bundle && clock) this.link.clock.take(clock, bundle.device.expires_at);
    if (bundle) this.settle(bundle, settings);
    if (rights) this.rights = new Rights(rights);
    this.revoked = revoked ?? null;
    // Over for certain, and not by a clock that may be wrong: without its lists nobody could be let in here.
    if (this.bundle && this.bundle.device.expires_at < this.link.clock.span().from * 1000)
      await this.refuse({
        code: "DEVICE_EXPIRED",
        message: this.bundle.device.expired,
      });
    return this.paired;
  }

  async pair(secret, name) {
    const answer = await this.link.call("pair", { body: { secret, name } });
    await this.store.wipe();
    this.refusal = null;
    this.states = new Map();
    this.rights = this.revoked = null;
    this.link.token = answer.token;
    await this.store.set({ token: answer.token });
    await this.load();
    return answer.device;
  }

  // The bundle and the rights anew. Nothing is replaced before all of it is here.
  async load(fresh = false) {
    const bundle = await this.answered(() => this.link.call("bundle"));
    const { body, headers } = await this.answered(() =>
      this.link.call(fresh ? "rights?fresh" : "rights", { raw: true, limit: 60_000 }),
    );
    const rights = new Rights(body);
    const keys = keysOf(bundle);
    const revoked = await take(null, bundle.revocations, keys, bundle.event?.id ?? 0);
    if (typeof revoked === "string") throw new Error(`The revocation list is ${revoked}.`);
    if (this.revoked && this.revoked.version > revoked.version && this.bundle?.stadium.id === bundle.stadium.id)
      throw new Error("The revocation list is older than this phone's.");
    this.secret = bundle.rotation_secret ? fromBase64(bundle.rotation_secret) : null;
    const cursor = Math.min(Number(headers.get("X-Cursor")), bundle.cursor);
    const kept = { ...bundle, rotation_secret: null, revocations: null, cursor };
    // What waits to be sent is not in the server's list yet.
    const own = new Set([...this.queue.values()].map((scan) => scan.known));
    const old = [...this.states.keys()].filter((hash) => !own.has(hash));
    for (const hash of old) this.states.delete(hash);
    this.settle(kept, { gate: this.gate, carPark: this.carPark });
    Object.assign(this, { rights, revoked });
    this.listAt = bundle.now;
    await this.store.replaceRights({ bundle: kept, rights: body, revoked, settings: this.settings() }, old);
    this.on("loaded");
  }

  settle(bundle, settings) {
    this.bundle = bundle;
    const { gates, car_parks: parks } = bundle.device;
    const is = (given, of) => (of.includes(given) ? given : null);
    this.carPark = is(settings?.carPark, parks) ?? (gates.length ? null : (parks[0] ?? null));
    this.gate = this.carPark === null ? (is(settings?.gate, gates) ?? gates[0] ?? null) : null;
  }

  settings() {
    const { counter, gate, carPark, listAt } = this;
    return { counter, gate, carPark, listAt, contact: this.link.contact, clock: this.link.clock.kept() };
  }

  // Stand somewhere else: a gate or a car park of this device.
  async stand(gate, carPark) {
    Object.assign(this, { gate, carPark });
    await this.store.set({ settings: this.settings() });
  }

  get place() {
    const { event, gates, car_parks: parks } = this.bundle;
    const zones = (all, here) => new Set(all.filter((each) => here.includes(each.id)).map((each) => each.zone));
    // A phone that serves both does so by where it stands now, so that a pass at a turnstile is sent to its car park.
    return {
      event: event?.id ?? 0,
      day: event?.day ?? null,
      keys: keysOf(this.bundle),
      rotating: event?.rotating ?? false,
      secret: this.secret,
      gateZones: this.isCarPark ? new Set() : zones(gates, this.bundle.device.gates),
      parkZones: this.isCarPark ? zones(parks, [this.carPark]) : new Set(),
      isRevoked: (hash) => this.revoked?.hashes.has(toBase64(hash)) ?? false,
    };
  }

  // --- one scan ----------------------------------------------------------------------------------

  // The verdict on what was read, or null while the same code is still in front of the camera.
  async scan(text, mode = "camera") {
    const at = this.link.clock.mono();
    if (text === this.last.text && at - this.last.at < SAME_CODE) {
      this.last.at = at;
      return null;
    }
    this.last = { text, at };
    const { outcome, code, hash } = await judge(text, this.place, this.link.clock.span(), this.leaving);
    const verdict = await this.say({ outcome, hash, zone: code?.zone, kind: code?.kind }, { mode, code: text });
    this.last = { text, at: this.link.clock.mono() };
    return verdict;
  }

  // A code that was typed; Refused when it is none.
  async typed(text) {
    const bytes = readShort(text);
    if (!bytes) throw new Refused(422, "MALFORMED", "That is not a whole code. It has eight letters and digits.");
    let n = this.rights?.find(bytes) ?? -1;
    if (n < 0 && this.link.state !== "offline") {
      await this.load(true); // it may have been sold since
      n = this.rights.find(bytes);
    }
    if (n < 0)
      throw new Refused(
        404,
        "UNKNOWN_CODE",
        "This phone does not know that code. Check it once more, or search by name or seat.",
      );
    return this.byHash(toBase64(this.rights.hash(n)), "typed");
  }

  async byHash(hash, mode = "typed", via = null) {
    let n = this.number(hash);
    if (n < 0 && this.link.state !== "offline") {
      await this.load(true).catch((error) => this.failed(error));
      if (!this.bundle) throw new Refused(401, this.refusal.code, this.refusal.message);
      n = this.number(hash);
    }
    // Nothing was signed: what stands on no list of this phone is nobody's right, or was one's before it was replaced.
    let outcome =
      n < 0
        ? "unknown"
        : this.leaving
          ? "left"
          : this.bundle.event?.rotating && mode !== "group"
            ? "check_identity"
            : "admitted";
    const zones = this.place;
    if (n >= 0 && !(this.rights.isPass(n) ? zones.parkZones : zones.gateZones).has(this.rights.zone(n)))
      outcome = "wrong_gate";
    return this.say(
      {
        outcome,
        hash: fromBase64(hash),
        zone: n >= 0 ? this.rights.zone(n) : null,
        kind: n >= 0 && this.rights.isPass(n) ? "pass" : "ticket",
      },
      { mode, hash, via },
    );
  }

  // Let in nevertheless, for a reason.
  async override(verdict, reason) {
    return this.say(
      { outcome: "admitted", hash: verdict.key ? fromBase64(verdict.key) : null, zone: null, forced: true },
      { mode: "override", code: verdict.text, hash: verdict.text ? null : verdict.key, reason },
    );
  }

  // The others of a booking, each with a scan of its own.
  async admit(verdict, hashes) {
    const said = [];
    for (const hash of hashes) said.push(await this.byHash(hash, "group", verdict.id));
    return said;
  }

  async undo(verdict, reason) {
    const scan = { ...this.made("undo", "camera"), of: verdict.id, reason, shown: "undone", known: verdict.key };
    await this.keep(scan, verdict.key, verdict.letIn ? 0 : null);
    this.recent = this.recent.filter((each) => each.id !== verdict.id);
    this.flush();
    this.on("counted");
    return { id: scan.id, outcome: "undone", local: true };
  }

  made(kind, mode) {
    this.counter += 1;
    return {
      id: this.uuid(),
      kind,
      mode,
      code: null,
      hash: null,
      via: null,
      of: null,
      gate: this.gate,
      car_park: this.carPark,
      reason: null,
      at: this.link.clock.wall(),
      offset: this.link.offset,
      era: this.link.clock.era,
      synced_at: this.link.contact ?? 0,
      counter: this.counter,
      shown: null,
    };
  }

  async say(judged, more) {
    const key = judged.hash ? toBase64(judged.hash) : null;
    const known = key ? this.stateOf(key) : undefined;
    const outcome = judged.forced && known?.[0] !== VOID ? "admitted" : decide(judged.outcome, known?.[0]);
    const scan = { ...this.made(this.leaving ? "exit" : "entry", more.mode), ...more, known: key };
    const verdict = verdictOf(this, scan, outcome, judged, key, known);
    if (outcome === "admitted" && this.link.state === "online") {
      const answer = await this.ask(scan);
      if (answer) return this.remember(withAnswer(verdict, answer));
      this.link.late();
    }
    scan.shown = outcome;
    verdict.local = true;
    await this.keep(scan, key, outcome === "admitted" ? 1 : outcome === "left" ? 3 : null);
    this.flush();
    return this.remember(verdict);
  }

  // Ask the server and wait a moment; null when it does not answer in time.
  async ask(scan) {
    const asked = this.link
      .call("scans", { body: { scans: [wire(scan)] }, limit: 4_000 })
      .then(({ verdicts: [answer] }) => {
        if (!answer.error) this.learn(answer, scan);
        return answer.error ? null : answer;
      });
    asked.catch((error) => this.failed(error));
    return Promise.race([
      asked.catch(() => null),
      new Promise((done) => {
        this.timer(() => done(null), PATIENCE);
      }),
    ]);
  }

  remember(verdict) {
    if (verdict.letIn || verdict.outcome === "left") this.recent = [verdict, ...this.recent].slice(0, REMEMBERED);
    if (verdict.letIn) this.counts = { ...this.counts, here: this.counts.here + 1 };
    this.on("counted");
    return verdict;
  }

  // --- what is known -----------------------------------------------------------------------------

  number(key) {
    return this.rights?.find(fromBase64(key)) ?? -1;
  }

  // [status, since when, at which gate] of a right, or undefined for one that this phone has never heard of.
  stateOf(key) {
    const changed = this.states.get(key);
    if (changed) return changed;
    const n = this.number(key);
    return n < 0 ? undefined : [this.rights.status(n), null, null];
  }

  here() {
    const { gates, car_parks: parks } = this.bundle;
    return (
      gates.find((each) => each.id === this.gate)?.code ?? parks.find((each) => each.id === this.carPark)?.name ?? null
    );
  }

  learn(answer, scan) {
    const key = answer.hash ?? scan.known;
    if (!key) return;
    const state =
      answer.found === "void"
        ? [VOID, null, null]
        : answer.let_in
          ? [1, answer.at ?? this.link.serverNow, answer.gate ?? this.here()]
          : answer.outcome === "already_used"
            ? [1, answer.at, answer.gate]
            : answer.outcome === "left"
              ? [3, this.link.serverNow, this.here()]
              : null;
    if (!state) return;
    this.states.set(key, state);
    this.store.putStates([[key, state]]).catch(() => this.on("storage"));
  }

  // On the disk before it is on the screen: the scan, and what it means for the next reading of the same code.
  async keep(scan, key, status) {
    if (key && status !== null) this.states.set(key, [status, this.link.serverNow, this.here()]);
    this.queue.set(scan.id, scan);
    try {
      await this.store.run(["queue", "states", "kept"], (queue, states, kept) => {
        queue.put(scan);
        if (key && status !== null) states.put(this.states.get(key), key);
        kept.put(this.settings(), "settings");
      });
    } catch {
      this.on("storage"); // the queue stays in memory, and the page says that this phone must not be closed
    }
    this.on("queue", this.waiting);
  }

  // The server's time is known again: what was scanned since it was lost happened by so much earlier or later.
  correct(era, error) {
    const wrong = [...this.queue.values()].filter((scan) => scan.era === era);
    if (Math.abs(error) < 1_000 || !wrong.length) return;
    for (const scan of wrong) scan.offset += error;
    this.store.put(wrong).catch(() => this.on("storage"));
  }

  // --- keeping up --------------------------------------------------------------------------------

  // Send what waits, one sender at a time (of all tabs).
  flush() {
    this.sending ??= this.exclusively(() => this.drain()).finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  exclusively(work) {
    const locks = globalThis.navigator?.locks;
    return locks
      ? locks.request("cricverse-gate-sender", { ifAvailable: true }, (lock) => (lock ? work() : undefined))
      : work();
  }

  async drain() {
    while (this.queue.size && this.link.token && !this.refusal) {
      const batch = [...this.queue.values()].filter((scan) => !scan.error).slice(0, BATCH);
      if (!batch.length) return;
      let answer;
      try {
        // Whoever does not know the time asks first, so that what waits is sent with the right one.
        if (!this.link.clock.isSure) await this.link.call("sync", { body: this.asked() });
        answer = await this.link.call("scans", { body: { scans: batch.map(wire) } });
      } catch (error) {
        await this.failed(error);
        return;
      }
      await this.accept(batch, answer.verdicts);
    }
  }

  async accept(batch, verdicts) {
    const done = [];
    for (const [k, scan] of batch.entries()) {
      const answer = verdicts[k];
      if (answer.error) {
        // Set aside, kept and shown: one scan that cannot be read never stops the others.
        scan.error = answer.error.message;
        await this.store.put([scan]).catch(() => {});
        continue;
      }
      done.push(scan.id);
      this.queue.delete(scan.id);
      if (scan.shown === "admitted" && answer.replay && !answer.let_in) {
        // The server had this scan and said no, too late for the steward, who let them in: that is a scan of its own.
        const again = { ...scan, id: this.uuid(), via: scan.id };
        this.queue.set(again.id, again);
        await this.store.put([again]).catch(() => this.on("storage"));
      } else {
        if (scan.kind !== "undo") this.learn(answer, scan);
        const bad = answer.let_in && (answer.double || answer.found === "void");
        if (bad)
          this.raise({
            own: true,
            id: scan.id,
            scan: scan.id,
            hash: answer.hash ?? scan.known,
            kind: answer.found === "void" ? "void" : "double",
            at: scan.at + scan.offset,
            gate: this.here(),
            first_at: answer.at,
            first_gate: answer.gate,
            label: answer.label,
          });
      }
    }
    await this.store.drop(done).catch(() => this.on("storage"));
    this.on("queue", this.waiting);
  }

  // What a sync asks with, and what this phone says of itself.
  asked() {
    const state = {
      ...this.describe(),
      waiting: this.waiting,
      skew_ms: Math.round(this.link.offset),
      jump_ms: Math.round(this.link.clock.farthest),
      mode: this.link.state,
      list_at: this.listAt ?? 0,
    };
    return { cursor: this.bundle?.cursor ?? 0, revocations: this.revoked?.version ?? 0, state };
  }

  // One double is one alarm, though two tell of it: the answer to this phone's own scan, and the list of alarms, which
  // knows which of the two scans was the first (the one that came late may be). The list's words stand.
  raise(alarm) {
    const known = this.alarms.find(
      (each) =>
        each.scan === alarm.scan ||
        ((each.own || alarm.own) && each.hash && each.hash === alarm.hash && each.kind === alarm.kind),
    );
    if (!known) {
      this.alarms.push({ ...alarm });
      this.on("alarm", alarm);
    } else if (!alarm.own) Object.assign(known, { own: false }, alarm);
  }

  acknowledge(alarm) {
    alarm.seen = true;
    this.on("counted");
  }

  // What happened elsewhere. Called every few seconds by run(), and by the page when the network is back.
  async sync() {
    if (!this.link.token || this.refusal) return;
    if (!this.bundle || !this.rights) {
      await this.load();
      return;
    }
    const answer = await this.answered(() => this.link.call("sync", { body: this.asked() }));
    const changes = answer.changes
      .filter(([hash, status]) => status === VOID || ![...this.queue.values()].some((scan) => scan.known === hash))
      .map(([hash, status, at, gate]) => [hash, [status, at, gate]]);
    for (const [hash, state_] of changes) this.states.set(hash, state_);
    let lists = {};
    if (answer.revocations) {
      const revoked = await take(this.revoked, answer.revocations, keysOf(this.bundle), this.bundle.event?.id ?? 0);
      if (typeof revoked === "string") this.on("list", revoked);
      else lists = { revoked: (this.revoked = revoked) };
    }
    const version = this.bundle.version;
    this.bundle.cursor = answer.cursor;
    this.listAt = answer.now;
    this.counts = answer.counts;
    await this.store
      .putStates(changes)
      .then(() => this.store.set({ ...lists, bundle: this.bundle, settings: this.settings() }))
      .catch(() => this.on("storage"));
    for (const alarm of answer.alarms) this.raise(alarm);
    this.on("counted");
    await this.flush();
    if (version !== answer.version || (this.bundle.event?.rotating && !this.secret)) await this.load();
  }

  // Until stop(): sync, and again, whatever fails.
  async run() {
    this.running = true;
    while (this.running) {
      await this.sync().catch((error) => this.failed(error));
      this.link.look();
      // What time it is, for a reload: every other state writes it down when it hears of something.
      if (this.bundle && this.link.state === "offline")
        await this.store.set({ settings: this.settings() }).catch(() => this.on("storage"));
      this.on("tick");
      await new Promise((done) => {
        this.wake = done;
        this.timer(done, EVERY);
      });
    }
  }

  stop() {
    this.running = false;
    this.wake?.();
  }

  search(words) {
    return this.answered(() => this.link.call(`search?q=${encodeURIComponent(words)}`)).then((answer) => answer.found);
  }

  async answered(work) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) await this.refuse(error);
      throw error;
    }
  }

  async failed(error) {
    if (error instanceof Refused && error.status === 401 && !this.refusal) await this.refuse(error);
  }

  // The token is good no more: everything goes from this phone but the scans that it could not send.
  async refuse(error) {
    this.refusal = { code: error.code, message: error.message };
    this.link.token = this.bundle = this.rights = this.revoked = this.secret = null;
    this.states = new Map();
    this.recent = [];
    await this.store.wipe().catch(() => {});
    this.on("refused", this.refusal);
  }

  // What the supervisor asks before the doors open.
  readiness() {
    return {
      paired: this.paired,
      rights: this.rights?.size ?? 0,
      revoked: this.revoked?.hashes.size ?? 0,
      listAge: this.listAge,
      skew: this.link.offset,
      jump: this.link.clock.told,
      isSure: this.link.clock.isSure,
      waiting: this.waiting,
      state: this.link.state,
      expiresAt: this.bundle?.device.expires_at ?? null,
      setAside: [...this.queue.values()].filter((scan) => scan.error).length,
    };
  }
}

function keysOf(bundle) {
  return new Map(bundle.keys.map((key) => [key.id, key]));
}
