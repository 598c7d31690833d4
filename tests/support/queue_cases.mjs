// The console's queue against a server that loses requests and answers, is slow, refuses, and takes the same key once
// only. Run by tests/cricket/test_scorer_pages.py with a number to begin from; prints what the server ended with and
// what was wrong.
import { Queue } from "../../static/js/scorer/queue.js";

let seed = Number(process.argv[2]);
const chance = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
const wrong = [];
const refusal = (code, details = {}) => Object.assign(new Error(code), { code, details });

class Server {
  log = [];

  async record(match, token, after, events) {
    await null;
    if (chance() < 0.25) throw new Error("the request is lost");
    if (token !== "good") throw refusal("SCORING_LOCK_LOST");
    const known = new Map(this.log.map((event) => [event.key, event.seq]));
    const own = events.filter((event) => known.get(event.key) > after).length;
    const fresh = events.filter((event) => !known.has(event.key));
    if (fresh.length && this.log.length - after !== own) throw refusal("SCORE_MOVED_ON");
    const bad = fresh.find((event) => event.body.bad);
    if (bad) throw refusal("EVENT_IMPOSSIBLE", { key: bad.key });
    for (const event of fresh) this.log.push({ ...event, seq: this.log.length + 1 });
    const numbers = new Map(this.log.map((event) => [event.key, event.seq]));
    if (chance() < 0.25) throw new Error("the answer is lost");
    return { seq: this.log.length, recorded: events.map((event) => ({ key: event.key, seq: numbers.get(event.key) })) };
  }
}

class Memory {
  kept = new Map();
  get(name) {
    return this.kept.has(name) ? JSON.parse(this.kept.get(name)) : null;
  }
  set(name, value) {
    this.kept.set(name, JSON.stringify(value));
    return true;
  }
}

const server = new Server();
const store = new Memory();
const timers = [];
const open = () =>
  new Queue({
    match: 1,
    store,
    api: server,
    now: () => 0,
    random: chance,
    timer: (go) => timers.push(go),
    stop: () => {},
  });
const pause = () => new Promise((done) => setImmediate(done));

let queue = open();
queue.hold("good");
const entered = [];
const dropped = new Set();
for (let n = 0; n < 400; n++) {
  const what = chance();
  if (what < 0.5) {
    const event = { key: `k${n}`, kind: "note", body: chance() < 0.04 ? { bad: true } : {} };
    entered.push(event.key);
    queue.add([event]);
  } else if (what < 0.55) {
    // The tab dies and is opened again: only what the store holds is left.
    queue.send = async () => {};
    timers.length = 0;
    queue = open();
    queue.send();
  } else if (what < 0.8) timers.splice(0).forEach((go) => go());
  else await pause();
  if (queue.problem) {
    if (queue.problem.code !== "EVENT_IMPOSSIBLE") wrong.push(queue.problem.code);
    if (queue.waiting[0]?.key !== queue.problem.key) wrong.push("the impossible one is not the next one");
    dropped.add(queue.problem.key);
    queue.drop(new Set([queue.problem.key]));
  }
}
for (let n = 0; n < 2000 && (queue.waiting.length || queue.sending); n++) {
  timers.splice(0).forEach((go) => go());
  await pause();
  if (queue.problem) {
    if (queue.problem.code !== "EVENT_IMPOSSIBLE") wrong.push(queue.problem.code);
    dropped.add(queue.problem.key);
    queue.drop(new Set([queue.problem.key]));
  }
}
const keys = server.log.map((event) => event.key);
const wanted = entered.filter((key) => !dropped.has(key));
if (JSON.stringify(keys) !== JSON.stringify(wanted)) wrong.push(`order or doubles: ${keys.length} of ${wanted.length}`);
if (JSON.stringify(queue.acknowledged.map((event) => event.key)) !== JSON.stringify(keys))
  wrong.push("the console's copy differs from the server's");
process.stdout.write(JSON.stringify({ entered: entered.length, dropped: dropped.size, wrong }));
