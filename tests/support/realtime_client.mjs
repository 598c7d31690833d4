// The logic of static/js/realtime_client.js without a page: node tests/support/realtime_client.mjs, run by
// tests/live/test_realtime.py.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

createRequire(import.meta.url)("../../static/js/realtime_client.js");
const { backoff, jitter, judge, sequence, wordsFor } = globalThis.CricVerseLive.logic;
const settle = async () => {
  for (let i = 0; i < 30; i++) await null;
};

/* A match of `length` events on a server, and a page that follows it from `seq`. */
function follow({ length, seq = 0, page = 3, large = new Set(), broken = new Set(), stale = 0 }) {
  const server = { length, asked: [], wholes: 0, fails: 0, stale };
  const seen = [];
  const pauses = [];
  const event = (n) => ({ seq: n, kind: "delivery", patch: large.has(n) ? null : [[["n"], n]] });
  const order = sequence({
    seq,
    apply(message) {
      if (broken.delete(message.seq)) throw new Error("does not fit");
      seen.push(message.seq);
    },
    reset: (fresh) => seen.push(`board ${fresh.seq}`),
    async fetchSince(after) {
      server.asked.push(after);
      if (server.fails-- > 0) throw new Error("no network");
      const known = server.stale-- > 0 ? after : server.length;
      if (after < server.forgotten) return { seq: known, reset: true, events: [] };
      const last = Math.min(known, after + page);
      const events = [];
      for (let n = after + 1; n <= last; n++) events.push(event(n));
      return { seq: known, reset: false, more: last < known, events };
    },
    async fetchWhole() {
      server.wholes += 1;
      return { seq: server.length, board: { n: server.length } };
    },
    later: (fn, failures) => pauses.push([fn, failures]),
  });
  return { order, server, seen, pauses, event };
}

test("messages in order are handed on as they come, and never twice", async () => {
  const { order, seen, server, event } = follow({ length: 3 });
  for (const n of [1, 2, 2, 1, 3, 3]) order.offer(event(n));
  await settle();
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(server.asked, []);
});

test("a gap is fetched, page by page, and what came meanwhile waits its turn", async () => {
  const { order, seen, server, event } = follow({ length: 10, seq: 1 });
  order.offer(event(9));
  order.offer(event(10));
  await settle();
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(server.asked, [1, 4, 7]);
});

test("any order of arrival, with doubles and losses, gives every number once and in order", async () => {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 200; round++) {
    const { order, seen, event } = follow({ length: 25 });
    const arrivals = Array.from({ length: 40 }, () => 1 + Math.floor(random() * 25));
    for (const n of arrivals) {
      order.offer(event(n));
      if (random() < 0.3) await null;
    }
    order.note(25);
    await settle();
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, i) => i + 1),
    );
  }
});

test("a patch that was too large, or does not fit, is replaced by the whole board", async () => {
  const large = follow({ length: 4, large: new Set([2]) });
  for (const n of [1, 2]) large.order.offer(large.event(n));
  await settle();
  assert.deepEqual(large.seen, [1, "board 4"]);
  for (const n of [3, 4]) large.order.offer(large.event(n));
  assert.deepEqual(large.seen, [1, "board 4"]);
  const broken = follow({ length: 2, broken: new Set([2]) });
  for (const n of [1, 2]) broken.order.offer(broken.event(n));
  await settle();
  assert.deepEqual(broken.seen, [1, "board 2"]);
  assert.equal(broken.order.seq, 2);
});

test("too far behind: the whole board", async () => {
  const { order, seen, server } = follow({ length: 900 });
  server.forgotten = 500;
  order.note(900);
  await settle();
  assert.deepEqual(seen, ["board 900"]);
});

test("without an answer it asks again later, and a cache that is behind is not hammered", async () => {
  const away = follow({ length: 2 });
  away.server.fails = 2;
  away.order.note(2);
  await settle();
  assert.deepEqual([away.seen, away.pauses.length, away.order.isBehind], [[], 1, true]);
  for (let i = 0; i < 2; i++) {
    away.pauses.shift()[0]();
    await settle();
  }
  assert.deepEqual([away.seen, away.pauses.length, away.order.isBehind], [[1, 2], 0, false]);

  const stale = follow({ length: 2, stale: 1 });
  stale.order.note(2);
  await settle();
  assert.deepEqual([stale.server.asked.length, stale.pauses.length], [1, 1]);
  stale.pauses.shift()[0]();
  await settle();
  assert.deepEqual(stale.seen, [1, 2]);
});

test("polling asks whatever it knows, and says whether there was an answer", async () => {
  const { order, seen, server } = follow({ length: 2 });
  assert.equal(await order.check(), true);
  assert.deepEqual(seen, [1, 2]);
  server.fails = 1;
  assert.equal(await order.check(), false);
});

test("after its end nothing is handed on", async () => {
  const { order, seen, event } = follow({ length: 5 });
  order.note(5);
  order.end();
  order.offer(event(1));
  await settle();
  assert.deepEqual(seen, []);
});

test("the wait before the next try doubles to fifteen seconds and is spread out", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((n) => backoff(n, () => 1)),
    [2000, 4000, 8000, 15000, 15000],
  );
  assert.equal(
    backoff(0, () => 0),
    200,
  );
  assert.deepEqual([jitter(1000, () => 0), jitter(1000, () => 1)], [800, 1200]);
});

test("a page says live, reconnecting, or out of date since when", () => {
  const now = new Date(2026, 0, 5, 14, 6, 0).getTime();
  const said = (facts) => {
    const judged = judge({ connected: false, polled: false, current: now - 3000, now, ...facts });
    return wordsFor(judged.state, judged.since, judged.via);
  };
  assert.equal(said({ connected: true }), "Live");
  assert.equal(said({ polled: true }), "Live, every few seconds");
  assert.equal(said({}), "Reconnecting");
  assert.equal(said({ current: now - 60000 }), "Out of date since 14:05");
});

// --- the connection, with a server that only pretends --------------------------------------------

function surroundings() {
  const clock = { now: 1e6, due: [] };
  const handlers = {};
  const socket = {
    sent: [],
    tries: 0,
    on: (name, fn) => (handlers[name] = fn),
    emit: (...message) => socket.sent.push(message),
    connect: () => (socket.tries += 1),
  };
  const fetched = [];
  const env = {
    io: () => socket,
    now: () => clock.now,
    random: () => 0.5,
    setTimeout(fn, ms) {
      const id = { fn, at: clock.now + ms };
      clock.due.push(id);
      return id;
    },
    clearTimeout: (id) => (clock.due = clock.due.filter((one) => one !== id)),
    fetch: async (path) => {
      fetched.push(path);
      if (env.away) throw new Error("no network");
      return { ok: true, json: async () => ({ seq: 0, reset: false, events: [] }) };
    },
    document: null,
    window: null,
  };
  async function pass(ms) {
    for (const end = clock.now + ms; ;) {
      const next = clock.due.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        clock.now = end;
        return;
      }
      clock.due = clock.due.filter((one) => one !== next);
      clock.now = Math.max(clock.now, next.at);
      next.fn();
      await settle();
    }
  }
  return { env, socket, handlers, fetched, pass, live: globalThis.CricVerseLive.create(env) };
}

test("after a reconnect every room is joined again, with the number the page has", async () => {
  const { socket, handlers, live, pass } = surroundings();
  const seen = [];
  live.subscribeMatch(7, { seq: 4, onPatch: (m) => seen.push(m.seq) });
  live.subscribeStadium(2, { staff: true });
  handlers.connect();
  assert.deepEqual(socket.sent, [
    ["join_match", { match_id: 7, seq: 4 }],
    ["join_stadium", { stadium_id: 2, staff: true }],
  ]);
  handlers.match_update({ match_id: 7, seq: 5, patch: {} });
  handlers.disconnect("transport close");
  const before = socket.tries;
  await pass(1500);
  assert.equal(socket.tries, before + 1);
  socket.sent.length = 0;
  handlers.connect();
  assert.deepEqual(socket.sent[0], ["join_match", { match_id: 7, seq: 5 }]);
  assert.deepEqual(seen, [5]);
});

test("where websockets are blocked it polls, and goes on trying", async () => {
  const { socket, handlers, fetched, live, pass } = surroundings();
  const states = [];
  live.subscribeMatch(7, { seq: 0, onState: (s) => states.push(`${s.state} ${s.via}`) });
  socket.connect = () => {
    socket.tries += 1;
    queueMicrotask(() => handlers.connect_error(new Error("websocket error")));
  };
  handlers.connect_error(new Error("websocket error"));
  await pass(30000);
  assert.ok(fetched.length >= 4 && fetched.length <= 7, `${fetched.length} questions in 30 s`);
  assert.equal(fetched[0], "/api/matches/7/view/events?after=0");
  assert.ok(socket.tries >= 5);
  assert.deepEqual(states, ["reconnecting websocket", "live polling"]);
  handlers.connect();
  const asked = fetched.length;
  await pass(30000);
  assert.equal(fetched.length, asked);
  assert.equal(states.at(-1), "live websocket");
});

test("without any answer the page says since when it is out of date", async () => {
  const { env, handlers, live, pass } = surroundings();
  const states = [];
  live.subscribeMatch(7, { seq: 0, onState: (s) => states.push(s.state) });
  handlers.connect();
  env.away = true;
  handlers.disconnect("transport close");
  await pass(20000);
  assert.deepEqual(states, ["live", "reconnecting", "out of date"]);
  assert.match(live.state().words, /^Out of date since \d\d:\d\d$/);
});

test("seats are newer or nothing, and a reconnect looks again", async () => {
  const { handlers, live, pass } = surroundings();
  const seats = [];
  let looked = 0;
  live.subscribeEvent(3, { version: 10, onSeats: (m) => seats.push(m.version), onReset: () => (looked += 1) });
  handlers.connect();
  handlers.subscription_status({ room: "event:3", ok: true, version: 10 });
  for (const version of [9, 10, 12, 11, 12, 13]) handlers.seats_changed({ event_id: 3, version, seats: [[1, "held"]] });
  assert.deepEqual(seats, [12, 13]);
  handlers.seats_changed({ event_id: 3, version: 14, seats: null });
  await pass(1000);
  assert.equal(looked, 1);
  handlers.disconnect();
  handlers.connect();
  handlers.subscription_status({ room: "event:3", ok: true, version: 14 });
  await pass(1000);
  assert.equal(looked, 2);
});
