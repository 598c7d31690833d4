// A scanner that types, before the page's listener: keys at their times on a clock of our own.
// node gate_typing.mjs FILE → for each case [[what was read, or null], …] and which keys were kept from the page.
import { readFileSync } from "node:fs";
import { readShort } from "../../static/js/gate/code.js";
import { listen, pairingIn, ticketIn } from "../../static/js/gate/wedge.js";

const given = JSON.parse(readFileSync(process.argv[2]));
const keys = new Map(given.keys.map((key) => [key.id, key]));
const answers = [];
for (const { strokes, gap, field } of given.cases) {
  let now = 1_000;
  const timers = [];
  const heard = [];
  let hear;
  const target = { addEventListener: (name, handler) => name === "keydown" && (hear = handler) };
  listen(
    target,
    (texts) => heard.push(texts),
    () => now,
    (work, wait) => timers.push([now + wait, work]),
  );
  const run = (until) => {
    timers.sort((a, b) => a[0] - b[0]);
    while (timers.length && timers[0][0] <= until) {
      const [at, work] = timers.shift();
      now = at;
      work();
    }
    now = until;
  };
  const kept = [];
  for (const [key, code, shiftKey] of strokes) {
    run(now + gap);
    const closest = () => (field ? {} : null);
    let isKept = false;
    hear({
      ...{ key, code, shiftKey, target: { closest } },
      preventDefault: () => (isKept = true),
      stopPropagation: () => {},
    });
    if (["Enter", "Tab"].includes(key)) kept.push(isKept);
  }
  run(now + 5_000);
  const read = [];
  for (const texts of heard)
    read.push((await ticketIn(texts, keys)) ?? pairingIn(texts) ?? texts.find((text) => readShort(text)) ?? null);
  answers.push({ read, kept });
}
console.log(JSON.stringify(answers));
