// A phone with what the server gave it, its network, and its two clocks, all played by a script that Python wrote:
// node gate_phone.mjs FILE → what came of each step, and the scans that wait.
// FILE: {server: {bundle, rights, cursor, syncs}, kept, clocks: {wall, mono, server}, online, steps: [{do, …}]}; `kept`
// is what an earlier version of the page left on the disk.
import { readFileSync } from "node:fs";
import { Clock } from "../../static/js/gate/clock.js";
import { fromBase64, toBase64 } from "../../static/js/gate/code.js";
import { Link, wire } from "../../static/js/gate/link.js";
import { Scanner } from "../../static/js/gate/scanner.js";
import { Disk } from "./gate_disk.mjs";

const given = JSON.parse(readFileSync(process.argv[2]));
const clocks = { ...given.clocks };
const disk = new Disk();
let server = given.server;
let online = given.online ?? true;
let scanner;

async function fetch(path, { body }) {
  if (!online) throw new Error("There is no network.");
  const now = clocks.server + clocks.mono;
  const json = async () => {
    if (path.endsWith("/bundle")) return { ...server.bundle, now };
    if (path.endsWith("/sync")) return { ...server.syncs.shift(), now };
    return { now, verdicts: JSON.parse(body).scans.map(() => ({ error: { message: "not asked here" } })) };
  };
  const raw = fromBase64(server.rights).buffer;
  return {
    ok: true,
    status: 200,
    json,
    arrayBuffer: async () => raw,
    headers: new Headers({ "X-Cursor": server.cursor }),
  };
}

async function open() {
  const clock = new Clock({ wall: () => clocks.wall, mono: () => clocks.mono });
  const link = new Link({ fetch, clock, isOnline: () => online });
  scanner = new Scanner({ store: disk, link, timer: (done) => setTimeout(done, 0) });
  await scanner.start();
  link.look();
}

const STEPS = {
  load: () => scanner.load(),
  sync: () => scanner.sync(),
  server: (step) => void (server = step.server),
  network: (step) => {
    online = step.online;
    scanner.link.look();
  },
  reload: () => open(),
  sight: (step) => scanner.link.clock.show(step.inSight),
  pass: (step) => {
    clocks.wall += step.wall;
    clocks.mono += step.mono;
    clocks.server += step.server ?? 0;
    scanner.link.clock.look();
  },
  scan: ({ text, mode }) => scanner.scan(text, mode),
  typed: ({ text }) => scanner.typed(text),
  byHash: ({ hash, mode }) => scanner.byHash(hash, mode),
  group: async ({ hash, others }) =>
    (await scanner.admit(await scanner.byHash(hash), others)).map((one) => one.outcome),
  override: ({ hash, text }) => scanner.override({ key: hash, text }, "Identity card matches"),
  leave: ({ leaving }) => void (scanner.leaving = leaving),
};

if (given.kept) await disk.set({ ...given.kept, rights: given.kept.rights && fromBase64(given.kept.rights).buffer });
await open();
if (!given.kept) {
  scanner.link.token = "token";
  await disk.set({ token: "token" });
}
const said = [];
for (const step of given.steps) {
  clocks.mono += 5_000; // so that no code counts as the one that is still in front of the camera
  clocks.wall += 5_000;
  try {
    const came = await STEPS[step.do](step);
    said.push(came?.outcome ?? came ?? null);
  } catch (error) {
    said.push(`${error.code ?? error.name}: ${error.message}`);
  }
}
await scanner.sending;
const { clock } = scanner.link;
console.log(
  JSON.stringify({
    said,
    waiting: [...scanner.queue.values()].map(wire),
    states: [...scanner.states].map(([hash, [status]]) => [hash, status]),
    off: clock.now() - (clocks.server + clocks.mono),
    told: clock.told,
    paired: scanner.paired,
    hashes: scanner.rights ? [...Array(scanner.rights.size).keys()].map((n) => toBase64(scanner.rights.hash(n))) : [],
  }),
);
process.exit(0);
