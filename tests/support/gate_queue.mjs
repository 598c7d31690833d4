// A phone whose network loses requests and answers, is slow or away, and whose browser dies in between: no scan is
// lost, and none counts twice. Run by tests/gate/test_gate_phone.py with a number to begin from; prints what was wrong.
import { toBase64 } from "../../static/js/gate/code.js";
import { Scanner } from "../../static/js/gate/scanner.js";
import { Clock } from "../../static/js/gate/clock.js";
import { Link } from "../../static/js/gate/link.js";
import { Disk } from "./gate_disk.mjs";

let seed = Number(process.argv[2]) * 7919 + 1;
const chance = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
const wrong = [];
let clock = 1_800_000_000_000;

// The server: keeps each scan once, by its id, and lets a right in once; what was shown stands, and may be a double.
class Server {
  scans = new Map();
  inside = new Set();

  take(scan) {
    const known = this.scans.get(scan.id);
    if (known) return { ...known, replay: true };
    const key = scan.hash;
    const found = this.inside.has(key) ? "already_used" : "admitted";
    const outcome = scan.shown ?? found;
    const letIn = scan.kind === "entry" && outcome === "admitted";
    const answer = {
      id: scan.id,
      outcome,
      found,
      let_in: letIn,
      double: letIn && this.inside.has(key),
      hash: key,
      replay: false,
    };
    if (letIn) this.inside.add(key);
    this.scans.set(scan.id, answer);
    return answer;
  }
}

function rightsOf(count) {
  const labels = new TextEncoder().encode(
    JSON.stringify({ rows: [["Cooper", "14", "A", 3]], seats: ["1"], types: ["adult"], car_parks: [] }),
  );
  const body = new ArrayBuffer(12 + labels.length + 20 * count);
  const view = new DataView(body);
  view.setUint32(0, 0x43565231);
  view.setUint32(4, count);
  view.setUint32(8, labels.length);
  new Uint8Array(body, 12).set(labels);
  const at = 12 + labels.length;
  for (let k = 0; k < count; k += 1) {
    view.setBigUint64(at + 8 * k, BigInt(k + 1) * 1000n);
    view.setUint8(at + (8 + 3) * count + k, 3);
    view.setUint32(at + 12 * count + 4 * k, k);
  }
  return body;
}

const COUNT = 12;
const server = new Server();
const disk = new Disk();
let network = "good";

async function fetch(path, { body }) {
  clock += network === "slow" ? 900 : 20;
  if (network === "away" || chance() < 0.15) throw new Error("the request is lost");
  const asked = JSON.parse(body ?? "{}");
  const verdicts = (asked.scans ?? []).map((scan) => server.take(scan));
  if (chance() < 0.2) throw new Error("the answer is lost");
  return { ok: true, status: chance() < 0.05 ? 503 : 200, json: async () => ({ now: clock, verdicts }) };
}

async function open() {
  const link = new Link({
    fetch,
    clock: new Clock({ wall: () => clock, mono: () => clock }),
    isOnline: () => network !== "away",
  });
  let number = 0;
  const scanner = new Scanner({
    store: disk,
    link,
    uuid: () => crypto.randomUUID(),
    timer: (fn) => {
      number += 1;
      setTimeout(fn, network === "slow" ? 0 : 5);
    },
  });
  await scanner.start();
  scanner.bundle = {
    event: { id: 1, day: "2027-01-01", rotating: false },
    gates: [{ id: 9, code: "C", zone: 3 }],
    car_parks: [],
    keys: [],
    device: { gates: [9], car_parks: [], expires_at: clock + 1e9 },
  };
  link.token = "token";
  return scanner;
}

const body = rightsOf(COUNT);
await disk.set({ rights: body });
let scanner = await open();
const letIn = new Map();
const shown = [];
for (let turn = 0; turn < 60; turn += 1) {
  network = ["good", "good", "slow", "away"][Math.floor(chance() * 4)];
  scanner.link.look();
  const key = toBase64(scanner.rights.hash(Math.floor(chance() * COUNT)));
  if (chance() < 0.2) server.inside.add(key); // at another gate, a moment ago
  const verdict = await scanner.byHash(key);
  clock += 3000;
  shown.push(verdict);
  if (verdict.letIn) letIn.set(key, (letIn.get(key) ?? 0) + 1);
  if (chance() < 0.15) {
    await new Promise((done) => {
      setTimeout(done, 8);
    });
    scanner.stop();
    scanner = await open(); // the browser died, and was opened again
  }
}
network = "good";
for (let turn = 0; turn < 200 && scanner.waiting; turn += 1) {
  await scanner.flush();
  clock += 1000;
}
if (scanner.waiting) wrong.push(`${scanner.waiting} scans were never sent`);
if (disk.waiting.size) wrong.push(`${disk.waiting.size} scans stay on the disk`);
for (const verdict of shown) if (!server.scans.has(verdict.id)) wrong.push(`scan ${verdict.outcome} is lost`);
for (const [key, times] of letIn) {
  const entries = [...server.scans.values()].filter((scan) => scan.hash === key && scan.let_in).length;
  if (entries < times) wrong.push(`${times} came in on a ticket, and the server knows of ${entries}`);
  if (times > 1) wrong.push("this phone let a ticket in twice");
}
console.log(JSON.stringify(wrong));
process.exit(0);
