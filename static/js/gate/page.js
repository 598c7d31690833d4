// The scanner's page: pairing, readiness, the camera, verdicts. It draws what scanner.js knows and passes on what the
// steward does.
import { button, h, icon, notice } from "../scorer/dom.js";
import { Camera } from "./camera.js";
import { openSound, play, setSound } from "./feedback.js";
import { Scanner } from "./scanner.js";
import { AMBER, drawBar, page, phoneName, root, screen, show, time, video } from "./frame.js";
import { askForStorage, keepPage, saveAsFile } from "./keep.js";
import { Link } from "./link.js";
import { drawAlarm, drawJump } from "./notices.js";
import { drawReadiness } from "./ready.js";
import { readShort } from "./code.js";
import {
  REASONS,
  askReason,
  chooseScan,
  closeSheets,
  isSheetOpen,
  menu,
  onEnter,
  search,
  typeCode,
  whoCame,
} from "./sheets.js";
import { Store } from "./store.js";
import { ago, clockOf, drawVerdict, seatWords } from "./verdict.js";
import { listen, pairingIn, ticketIn } from "./wedge.js";
import { WORDS } from "./words.js";

const RED = 4 * 3_600_000;
const STAYS = 1_500; // milliseconds that a green verdict stays; with a booking's others to admit, longer
const STAYS_FOR_OTHERS = 5_000;

const drawReady = () => drawReadiness({ startCamera, begin });

function drawUnpaired(problem = null) {
  const refusal = page.scanner.refusal;
  const left = page.scanner.waiting;
  const code = h("input.is-words", {
    type: "text",
    "aria-label": "Pairing link",
    autocomplete: "off",
    placeholder: "Or paste the pairing link",
  });
  onEnter(code, () => pair(code.value));
  show(
    "unpaired",
    h(
      "div.gate-words",
      {},
      refusal
        ? notice(
            refusal.code === "DEVICE_EXPIRED" ? "This phone’s time is over" : "This phone was taken off the gates",
            refusal.message,
            "warn",
          )
        : null,
      problem ? notice("That did not work", problem, "bad") : null,
      left
        ? notice(
            `${left} ${left === 1 ? "scan was" : "scans were"} not sent`,
            "They stay on this phone. Show it to the supervisor before you close the page.",
            "warn",
            button("Save them as a file", () => saveAsFile([...page.scanner.queue.values()])),
          )
        : null,
      h("h2", {}, "Pair this phone"),
      h("p", {}, "The supervisor has a code for it. Point the camera at it, or open the link that they send you."),
    ),
    h(
      "div.finder",
      {},
      video,
      h("p.finder-words", {}, page.camera?.running ? "Point at the pairing code" : "The camera is off"),
    ),
    h(
      "div.gate-foot",
      {},
      page.camera?.running
        ? null
        : button("Turn the camera on", () => startCamera().then(() => drawUnpaired()), {
            kind: "is-main",
            sign: "camera",
          }),
      code,
      button("Pair", () => pair(code.value)),
    ),
  );
}

async function pair(text) {
  const secret = text.match(/#pair=([\w-]{16,})/)?.[1] ?? (/^[\w-]{16,}$/.test(text.trim()) ? text.trim() : null);
  if (!secret) return drawUnpaired("That is no pairing code. The supervisor's page shows one.");
  drawWait();
  try {
    await page.scanner.pair(secret, phoneName());
  } catch (error) {
    if (!page.scanner.link.token)
      return drawUnpaired(
        error.status ? error.message : "The server could not be reached. Check the network and try again.",
      );
  }
  return fetchAll();
}

function drawWait() {
  show(
    "wait",
    h("div.gate-words", { role: "status" }, h("h2", {}, "Pairing"), h("p", {}, "Fetching the list of tickets.")),
  );
}

// A phone that has its token fetches its lists, again if need be: the pairing code is spent by then.
async function fetchAll() {
  drawWait();
  try {
    if (!page.scanner.paired || !page.scanner.rights) await page.scanner.sync();
  } catch (error) {
    if (!page.scanner.link.token) return drawUnpaired();
    return show(
      "wait",
      h(
        "div.gate-words",
        {},
        h("h2", {}, "Almost there"),
        h("p", {}, error.status ? error.message : "The phone is paired, but its list did not come through."),
      ),
      h("div.gate-foot", {}, button("Try again", fetchAll, { kind: "is-main", sign: "refresh" })),
    );
  }
  await askForStorage();
  page.scanner.run();
  return drawReady();
}

// --- before the doors open -----------------------------------------------------------------------

async function begin() {
  page.testing = false;
  openSound();
  if (!page.camera?.running) await startCamera();
  try {
    page.wake = await navigator.wakeLock?.request("screen");
  } catch {
    /* the phone may sleep; the queue does not mind */
  }
  drawScanner();
}

// --- scanning ------------------------------------------------------------------------------------

function drawScanner() {
  const { scanner } = page;
  page.hint = h("p.finder-words", { role: "status", hidden: true });
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  frame.setAttribute("viewBox", "0 0 300 300");
  frame.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M10 80V10H80M220 10H290V80M290 220V290H220M80 290H10V220");
  frame.append(path);
  const tool = (sign, words, onclick, pressed) =>
    h(
      "button",
      { type: "button", onclick, "aria-pressed": pressed === undefined ? null : String(pressed) },
      icon(sign),
      words,
    );
  show(
    "scan",
    h("div", { "data-above": true }),
    h(
      `div.finder${scanner.leaving ? ".is-leaving" : ""}`,
      {},
      video,
      frame,
      h(
        "h2",
        {},
        page.camera?.running ? (scanner.leaving ? "Scan them out" : "Point at the code") : "No camera: type the code",
      ),
      page.hint,
    ),
    h("p.gate-note", { "data-note": true }),
    h(
      "footer.gate-tools",
      {},
      tool("torch", "Torch", torch, page.torch),
      tool("keyboard", "Type code", type),
      tool("undo", "Undo", undo),
      tool("menu", "More", more),
    ),
  );
  drawAround();
}

// What changes by itself around the finder: the stripe without a network, alarms, the age of the list.
function drawAround() {
  drawBar();
  const above = screen.querySelector("[data-above]");
  if (!above) return;
  const { scanner } = page;
  const parts = [];
  if (scanner.link.state !== "online") {
    const wait = scanner.waiting;
    parts.push(
      h(
        "p.gate-stripe",
        { role: "status" },
        h("b", {}, scanner.link.state === "slow" ? "Slow network. Go on scanning." : "No network. Go on scanning."),
        h(
          "span",
          {},
          wait
            ? wait === 1
              ? "1 scan waits on this phone and is sent by itself."
              : `${wait} scans wait on this phone and are sent by themselves.`
            : "This phone decides by itself.",
        ),
      ),
    );
  }
  if (page.storageFails)
    parts.push(
      h(
        "div.gate-alarm",
        { role: "alert" },
        h("b", {}, "Do not close this page"),
        h("p", {}, "The phone's storage is full or locked; scans are kept in memory only until they are sent."),
      ),
    );
  if (scanner.link.clock.told) parts.push(drawJump(scanner.link.clock.told));
  for (const alarm of scanner.alarms) {
    const seen = () => {
      scanner.acknowledge(alarm);
      drawAround();
    };
    if (!alarm.seen) parts.push(drawAlarm(alarm, time(), seen));
  }
  if (above.dataset.is !== String(parts.map((part) => part.textContent))) {
    above.dataset.is = String(parts.map((part) => part.textContent));
    above.replaceChildren(...parts);
  }
  const age = scanner.listAge;
  const look = age > RED ? "is-red" : age > AMBER ? "is-amber" : "";
  const old = Number.isFinite(age)
    ? age < 60_000
      ? "just confirmed"
      : `${ago(age).replace(" ago", "")} old`
    : "never confirmed";
  const words =
    age > RED
      ? `List of tickets ${old}. Refunds since are not known: ask for identity cards.`
      : `List of tickets ${old}.`;
  const note = screen.querySelector("[data-note]");
  note.className = `gate-note ${look}`;
  note.replaceChildren(icon(look ? "alert" : "check"), words);
}

async function startCamera() {
  page.camera ??= new Camera(video, document.body.dataset.decoder, { onText: onCamera, onState });
  try {
    await page.camera.start();
  } catch (error) {
    page.cameraProblem =
      error.name === "NotAllowedError"
        ? "The browser does not let this page use the camera. Allow it in the site's settings."
        : error.message;
  }
}

function onState(state) {
  if (state.decoder) page.decoder = true;
  if (state.broken) page.cameraProblem = state.broken;
  if (page.view === "ready") drawReady();
  // A phone that slept, or another app, took the camera away.
  if (state.ended && page.view === "scan") startCamera();
}

async function onCamera(text, began) {
  if (page.view === "unpaired") {
    if (/#pair=/.test(text)) pair(text);
  } else if (page.view === "ready" && page.testing) tryOut(text);
  else if (page.view === "scan") {
    if (/\/gate#pair=/.test(text)) hint("This phone is paired already.");
    else await read(text, "camera", began);
  }
}

// What a scanner typed, in each of its readings: wherever it comes, it is answered.
async function onTyped(texts) {
  await closeSheets();
  if (page.view === "unpaired") return pair(pairingIn(texts) ?? texts[0]);
  const keys = page.scanner.bundle ? page.scanner.place.keys : new Map();
  const code = await ticketIn(texts, keys);
  if (page.view === "ready") return tryOut(code ?? texts[0]);
  if (page.view !== "scan") return undefined;
  if (pairingIn(texts)) return hint("This phone is paired already.");
  const short = code ? [] : texts.filter((text) => readShort(text));
  if (short.length)
    return act(() =>
      page.scanner.typed(short.find((text) => page.scanner.rights.find(readShort(text)) >= 0) ?? short[0]),
    );
  return read(code ?? texts[0], "keyboard");
}

function tryOut(text) {
  page.testing = text.startsWith("CV1:")
    ? "Read well. This was a ticket of ours; nothing was recorded."
    : "Read well. It was no ticket of ours.";
  play("rising", [60]);
  drawReady();
}

async function read(text, mode, began = performance.now()) {
  const isTyped = mode === "keyboard";
  // A red verdict stays until it was touched; a green one gives way to the next code. The camera sees a code again,
  // and waits while a sheet is open; what a scanner typed comes once, and waits its turn.
  const stays = page.verdict && !page.verdict.letIn && page.verdict.outcome !== "left";
  if (!isTyped && (page.reading || stays || isSheetOpen())) return;
  while (page.reading) await page.reading;
  page.reading = say(text, mode, began).finally(() => {
    page.reading = null;
  });
  await page.reading;
}

async function say(text, mode, began) {
  try {
    const verdict = await page.scanner.scan(text, mode);
    if (verdict) {
      showVerdict(verdict);
      page.took.push(performance.now() - began);
      page.took.splice(0, page.took.length - 500);
    } else if (mode === "keyboard") hint("That code was read a moment ago.");
  } catch (error) {
    if (mode === "keyboard") next();
    hint(error.message);
  }
}

function hint(words) {
  if (!page.hint) return;
  page.hint.textContent = words;
  page.hint.hidden = false;
  clearTimeout(page.hinting);
  page.hinting = setTimeout(() => {
    page.hint.hidden = true;
  }, 4_000);
}

export function showVerdict(verdict) {
  const words = WORDS[verdict.outcome];
  clearTimeout(page.timer);
  root.querySelector(".verdict-screen")?.remove();
  page.verdict = null;
  play(words.sound, words.vibration);
  if (verdict.outcome === "unreadable") {
    const isTyped = verdict.mode === "keyboard";
    hint(isTyped ? "The scanner’s text was not whole. Scan the code once more." : words.sentence);
    if (isTyped) play("low", [400]);
    return;
  }
  page.verdict = page.last = verdict;
  const drawn = drawVerdict(verdict, {
    act: { next, override, admit, choose },
    zone: time(),
    now: page.scanner.link.serverNow,
  });
  root.append(drawn);
  drawn.querySelector("[autofocus]").focus({ preventScroll: true });
  drawBar();
  if (verdict.letIn || verdict.outcome === "left")
    page.timer = setTimeout(
      next,
      verdict.booking?.some((other) => other.status !== 1) && verdict.mode !== "group" ? STAYS_FOR_OTHERS : STAYS,
    );
}

function next() {
  clearTimeout(page.timer);
  page.verdict = null;
  root.querySelector(".verdict-screen")?.remove();
  if (page.view === "scan") drawAround();
}

async function override(verdict) {
  clearTimeout(page.timer);
  const reason = await askReason(
    "Let in, with a reason",
    "It stands in the log with this phone's name and the time.",
    REASONS[verdict.outcome],
  );
  if (reason) showVerdict(await page.scanner.override(verdict, reason));
}

async function admit(verdict, hashes) {
  clearTimeout(page.timer);
  const said = await page.scanner.admit(verdict, hashes);
  const not = said.find((each) => !each.letIn);
  if (not) showVerdict(not);
  else {
    play("rising", [60, 60, 60]);
    next();
    hint(`${hashes.length + 1} of this booking are in.`);
  }
}

async function choose(verdict) {
  clearTimeout(page.timer);
  const hashes = await whoCame(verdict.booking.filter((other) => other.status !== 1));
  if (hashes?.length) await admit(verdict, hashes);
  else next();
}

// --- the tools -----------------------------------------------------------------------------------

async function torch() {
  if (!page.camera?.hasTorch) {
    hint("This camera has no torch that a page can switch.");
    return;
  }
  page.torch = !page.torch;
  await page.camera.torch(page.torch);
  drawScanner();
}

async function type() {
  const text = await typeCode();
  if (text) await act(() => page.scanner.typed(text));
}

async function act(work) {
  try {
    showVerdict(await work());
  } catch (error) {
    hint(error.message);
    play("low", [400]);
  }
}

async function undo() {
  const verdict = await chooseScan(page.scanner.recent, time(), clockOf);
  if (!verdict) return;
  const reason = await askReason(
    "Undo this scan",
    seatWords(verdict.label) || "The ticket counts as if it had not been scanned.",
    REASONS.undo,
  );
  if (!reason) return;
  await page.scanner.undo(verdict, reason);
  hint("Undone. The ticket can be scanned again.");
  drawAround();
}

async function more() {
  const { scanner } = page;
  const { gates, car_parks: parks } = scanner.bundle.device;
  const places = [
    ...gates.map((id) => ["gate", scanner.bundle.gates.find((each) => each.id === id)]),
    ...parks.map((id) => ["car", scanner.bundle.car_parks.find((each) => each.id === id)]),
  ].filter(([, each]) => each);
  const chosen = await menu(
    [
      [
        "leave",
        "swap",
        scanner.leaving ? "Scan people in" : "Scan people out",
        scanner.leaving ? "This phone scans exits now." : "Whoever goes out may come in again.",
        scanner.leaving,
      ],
      scanner.bundle.device.may_search ? ["search", "search", "Search by name or seat", "Needs the network."] : null,
      places.length > 1
        ? ["place", "gate", "Stand somewhere else", scanner.isCarPark ? scanner.here() : `Gate ${scanner.here()} now`]
        : null,
      (page.camera?.cameras.length ?? 0) > 1 ? ["camera", "camera", "Use another camera"] : null,
      page.camera?.running ? null : ["start", "camera", "Turn the camera on", page.cameraProblem],
      ["sound", "sound", page.sound ? "Turn the sound off" : "Turn the sound on", null, page.sound],
      ["ready", "list", "Readiness", "List, network, clock, battery"],
    ],
    "More",
    `${scanner.bundle.device.name}. Verdicts take ${median(page.took)}.`,
  );
  if (chosen === "leave") scanner.leaving = !scanner.leaving;
  else if (chosen === "search") {
    const found = await search((words) => scanner.search(words));
    if (found) await act(() => scanner.byHash(found.hash, "typed"));
    return;
  } else if (chosen === "place") {
    const place = await menu(
      places.map(([kind, each], k) => [
        k,
        kind,
        kind === "gate" ? `Gate ${each.code}` : each.name,
        kind === "gate" && each.name !== `Gate ${each.code}` ? each.name : null,
      ]),
      "Where do you stand?",
    );
    if (place !== null)
      await scanner.stand(...(places[place][0] === "gate" ? [places[place][1].id, null] : [null, places[place][1].id]));
  } else if (chosen === "camera") await page.camera.turn();
  else if (chosen === "start") await startCamera();
  else if (chosen === "sound") setSound((page.sound = !page.sound));
  else if (chosen === "ready") return void drawReady();
  if (page.view === "scan") drawScanner();
}

function median(times) {
  if (!times.length) return "no time yet";
  const sorted = [...times].sort((a, b) => a - b);
  return `${Math.round(sorted[sorted.length >> 1])} ms`;
}

// --- the start -----------------------------------------------------------------------------------

function on(what, value) {
  if (what === "refused") {
    closeSheets();
    next();
    drawUnpaired();
  } else if (what === "alarm") {
    play("alarm", [300, 100, 300, 100, 300]);
    if (page.view === "scan") drawAround();
  } else if (what === "storage") {
    page.storageFails = true;
    if (page.view === "scan") drawAround();
  } else if (what === "list") hint(`A list of revoked codes was refused: ${value}.`);
  else if (page.view === "scan" || page.view === "ready") drawAround();
}

async function start() {
  const link = new Link();
  const state = () => ({
    battery: page.battery ?? undefined,
    camera: Boolean(page.camera?.running),
    storage_mb: page.free,
  });
  try {
    page.scanner = new Scanner({ store: await Store.open(), link, on, state });
  } catch {
    screen.replaceChildren(
      h(
        "div.gate-words",
        {},
        h("h2", {}, "This phone keeps nothing"),
        h(
          "p",
          {},
          "The browser gives this page no storage, perhaps because of a private window. Open it in an ordinary one.",
        ),
      ),
    );
    return;
  }
  const secret = location.hash.match(/^#pair=([\w-]+)/)?.[1];
  if (secret) history.replaceState(null, "", location.pathname);
  await page.scanner.start();
  drawBar();
  keepPage();
  listen(document, onTyped);
  addEventListener("online", () => page.scanner.sync().catch(() => {}));
  addEventListener("offline", () => link.look());
  link.clock.show(!document.hidden);
  document.addEventListener("visibilitychange", () => {
    link.clock.show(!document.hidden);
    if (document.hidden) return;
    if (page.view === "scan" && !page.camera?.running) startCamera();
    page.scanner.sync().catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    if (page.storageFails && page.scanner.waiting) event.preventDefault();
  });
  if (secret) await pair(`#pair=${secret}`);
  else if (page.scanner.paired && page.scanner.rights) {
    page.scanner.run();
    await drawReady();
  } else if (page.scanner.link.token) await fetchAll();
  else drawUnpaired();
}

// For whoever measures: how long verdicts took, in milliseconds after the frame was taken.
globalThis.gateTimes = () => [...page.took];

start();
