// The scorer's console: loads the match, holds the queue, draws what the events say, and turns keys into events. The
// rules are in fold.js, the words in words.js, the sending in queue.js; this file ties them to the page.
import { api } from "./api.js";
import { byeSheet, moreSheet, noBallSheet, wideSheet } from "./balls.js";
import { changeSheet } from "./change.js";
import { bodyOf, wicketSheet } from "./wicket.js";
import { ballKeys, bookPanel, lockPanel, PANELS } from "./panels.js";
import { confirmSheet } from "./sheet.js";
import { allOut, chase, current, fold, superOverName } from "./fold.js";
import { conclude, decided } from "./result.js";
import { drawFreeHit } from "./free_hit.js";
import { drawBoard, drawLog, drawStatus, wide } from "./draw.js";
import { drawChecks } from "./check.js";
import { makeSecond } from "./second.js";
import { makeMenu } from "./menu.js";
import { presetOf, setupWords } from "./setup.js";
import { newKey, Queue, Store } from "./queue.js";
import { makeStrip } from "./shots.js";
import { newProblem, nextStep, redoTarget, rewrites, undoTarget } from "./steps.js";
import { showProblem } from "./problem.js";
import { eventWords, many } from "./words.js";
import { h, key, notice } from "./dom.js";

const root = document.querySelector("[data-console]");
const place = (name) => document.querySelector(`[data-${name}]`);
const store = new Store();
const POLL = 6000;

const app = {
  match: { id: Number(root.dataset.match), teams: [], officials: [], time_zone: root.dataset.zone },
  squads: [[], []],
  lock: undefined,
  book: null, // the second scorer's, while this console scores along
  answered: new Set(),
  picked: null,
  sure: false,
  shownAll: false,
  store,

  get innings() {
    return current(this.state);
  },
  get events() {
    return (this.book ?? this.queue).events;
  },
  // What undo and redo go through.
  get own() {
    return this.book?.own ?? this.queue.events;
  },
  get mayWrite() {
    return Boolean(this.book || this.queue.token);
  },

  fold(events) {
    return fold(events, this.match.played);
  },

  // --- acts --------------------------------------------------------------------------------------
  act(kind, body) {
    this.actAll([{ kind, body }]);
  },

  actAll(acts) {
    if (!this.mayWrite || this.second.beginning) return;
    if (acts.some(({ kind }) => kind !== "shot")) this.picked = null;
    const events = acts.map(({ kind, body }) => ({ key: newKey(), kind, body }));
    const enter = () => {
      (this.book ?? this.queue).add(events);
      this.announce(acts.at(-1));
    };
    const why = newProblem(this.events, events, this.match.played);
    if (!why) return enter();
    return confirmSheet(
      "This cannot be",
      rewrites(events.at(-1)) ? `That would not fit what follows. ${why}` : why,
      "Enter it all the same",
      enter,
    );
  },

  // The usual ball. `changed` swaps the batters afterwards (a short run: they crossed once more than counts).
  ball(parts, changed = false) {
    if (this.step.ask !== "ball") return;
    const body = bodyOf(this.innings, parts);
    this.act("delivery", body);
    if (changed) this.menu.swap();
  },

  undo() {
    const target = undoTarget(this.own);
    if (target) this.act("undo", { of: target.key });
  },

  redo() {
    const target = redoTarget(this.own);
    if (target) this.act("undo", { of: target.undo.key });
  },

  wave(answer) {
    this.answered.add(answer);
    this.draw();
  },
  pick(key_) {
    this.picked = key_;
    this.draw();
  },
  beSure(sure) {
    this.sure = sure;
    this.draw();
  },
  confirm: (title, sentence, words, done) => confirmSheet(title, sentence, words, done),
  change(innings, ball) {
    if (this.mayWrite) changeSheet(this, innings, ball);
  },
  say(words) {
    place("said").textContent = words;
  },

  sheets: {
    wide: () => wideSheet(app),
    noBall: () => noBallSheet(app),
    bye: (kind) => byeSheet(app, kind),
    more: () => moreSheet(app),
    wicket: () => wicketSheet(app),
  },

  // --- the lock ----------------------------------------------------------------------------------
  async load() {
    const found = await api.open(this.match.id, this.queue.token);
    this.match = { ...found.match };
    this.squads = found.squads;
    this.lock = found.lock;
    store.set(`${this.match.id}:match`, { match: found.match, squads: found.squads });
    return found;
  },

  async take(knowingly) {
    this.sure = false;
    try {
      const { lock } = await api.take(this.match.id, knowingly);
      if (this.book) await this.second.end();
      const found = await api.open(this.match.id, lock);
      this.lock = found.lock;
      // The taker gets the server's copy; what waits on this device goes behind it, or is asked about.
      const mine = this.queue.waiting.length && found.seq !== this.queue.seq;
      this.queue.adopt(found.events);
      this.queue.hold(mine ? null : lock);
      if (mine) {
        this.queue.problem = {
          code: "SCORE_MOVED_ON",
          token: lock,
        };
        this.queue.token = lock;
        this.queue.keep();
      }
    } catch (error) {
      if (error.code === "SCORING_LOCKED") {
        this.lock = { name: error.details.name, since: error.details.since, used: error.details.used, mine: false };
      } else this.say(error.code ? error.message : "The server does not answer just now. Try again in a moment.");
    }
    this.draw();
  },

  async leave() {
    if (this.queue.waiting.length) return this.say("Some balls are not sent yet. Wait until they are.");
    const token = this.queue.token;
    this.queue.token = null;
    this.queue.keep();
    this.lock = null;
    this.draw();
    await api.leave(this.match.id, token).catch(() => {});
    return undefined;
  },

  lockWords(lock) {
    const minutes = (at) => Math.max(0, Math.round((Date.now() - Date.parse(at)) / 60000));
    const ago = (at) =>
      minutes(at) < 1
        ? "just now"
        : minutes(at) < 120
          ? `${many(minutes(at), "minute")} ago`
          : `${Math.round(minutes(at) / 60)} hours ago`;
    return `Since ${ago(lock.since)}; the last entry ${ago(lock.used)}.`;
  },

  // --- words -------------------------------------------------------------------------------------
  preset() {
    return presetOf(this.match);
  },
  setupWords,
  resultWords() {
    const { ended } = this.state;
    return conclude(this.state, ended?.outcome, ended?.reason ?? null).text;
  },
  resultSoon() {
    const copy = this.fold([...this.events, { key: "~", kind: "innings_end", body: { reason: this.step.reason } }]);
    return decided(copy) ? conclude(copy, null).text : null;
  },
  stateWords() {
    const last = this.state.innings.at(-1);
    const down = last.wickets < last.limit ? `/${last.wickets}` : "";
    return `${this.state.teams[last.team].name} ${last.runs}${down}${allOut(last) ? " all out" : ""}.`;
  },

  announce(act) {
    const { state } = this;
    const innings = this.innings ?? state.innings.at(-1);
    if (!innings) return this.say(`Entered: ${eventWords(state, { key: "", ...act })}.`);
    if (act.kind === "shot") return this.say(`Entered: ${eventWords(state, { key: "", ...act })}.`);
    const what = act.kind === "undo" ? "Taken back." : "";
    const chased = chase(state, innings);
    const need = chased && !innings.ended ? `, ${chased.needed} needed` : "";
    const free = innings.free_hit && !innings.ended ? " Free hit." : "";
    this.say(`${what} ${state.teams[innings.team].short} ${innings.runs} for ${innings.wickets}${need}.${free}`);
    return undefined;
  },

  draw() {
    this.state = this.fold(this.events);
    this.step = nextStep(this.state, this.answered);
    drawBoard(this, place("board"));
    drawLog(this, place("log"));
    drawStatus(this, place("status"), place("lock"));
    drawKeys();
    drawFreeHit(this, place("keys"));
    drawUndo();
    drawChecks(this, place("checks"));
    drawShot();
    showProblem(this, place("problem"));
    this.second.drawn();
    const main = this.state.innings.filter((each) => !each.super_over);
    const which = ["first", "second", "third", "fourth"][main.indexOf(this.innings)];
    place("under").textContent = which
      ? `${which} innings`
      : this.innings
        ? superOverName(this.state, this.innings)
        : "";
  },
};

// The keys are drawn anew only when they ask something else, so that the finger and the focus stay where they are.
let asked = "";
const drawShot = makeStrip(app, place("shot"));

function drawKeys() {
  const keys = place("keys");
  const { step } = app;
  const loading = app.lock === undefined && !app.queue.token && !app.events.length;
  const last = app.innings?.overs.at(-1)?.balls.at(-1)?.key ?? "";
  const about = app.mayWrite
    ? `${step.ask} ${step.team ?? ""} ` +
      (step.ask === "ball"
        ? ""
        : `${app.events.filter(({ kind }) => kind !== "shot").length} ${last} ${app.picked ?? ""} ${step.reason ?? ""}`)
    : `lock ${loading} ${JSON.stringify(app.lock ?? null)} ${app.sure}`;
  if (about === asked) return;
  const had = keys.contains(document.activeElement) || document.activeElement === document.body;
  const first = asked === "";
  asked = about;
  keys.classList.toggle("is-asking", !app.mayWrite || step.ask !== "ball");
  let content;
  if (loading) content = [h("div.ask", {}, h("h2", {}, "Opening the match"))];
  else if (!app.mayWrite) content = lockPanel(app);
  else if (app.book && ["setup", "lineup", "toss"].includes(step.ask)) content = bookPanel(app);
  else content = step.ask === "ball" ? ballKeys(app) : PANELS[step.ask](app, step);
  keys.replaceChildren(...content);
  // What is asked takes the focus, so that it is read out and the keyboard goes on.
  if (!first && had && !document.querySelector("dialog[open]"))
    keys.querySelector("[data-ask], button")?.focus({ preventScroll: true });
}

function drawUndo() {
  const bar = place("undo");
  const { state } = app;
  const target = app.mayWrite ? undoTarget(app.own) : null;
  const again = app.mayWrite ? redoTarget(app.own) : null;
  const [undo, redo] = bar.children;
  undo.disabled = !target;
  undo.querySelector("small").textContent = target ? eventWords(state, target) : "nothing to take back";
  redo.hidden = !again;
  // A ball that is undone has no place in the innings any more; its words do without the number.
  redo.querySelector("small").textContent = again ? eventWords(state, again.event) : "";
}

// --- shortcuts -----------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input, select, textarea")) return;
  const letter = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && letter === "Z") {
    event.preventDefault();
    if (event.shiftKey) app.redo();
    else app.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  // Enter belongs to the button that has the focus.
  if (letter === "Enter" && event.target.matches("button, a, summary")) return;
  const found =
    document.querySelector(`[data-keys] [aria-keyshortcuts="${CSS.escape(letter)}"]`) ??
    (letter === "Backspace" || letter === "U"
      ? place("undo").firstElementChild
      : letter === "S"
        ? document.querySelector("[data-swap]")
        : letter === "G"
          ? place("shot").firstElementChild
          : null);
  if (!found || found.disabled) return;
  event.preventDefault();
  found.click();
});

// --- start ---------------------------------------------------------------------------------------

async function start() {
  const kept = store.get(`${app.match.id}:match`);
  if (kept) Object.assign(app, { match: kept.match, squads: kept.squads });
  app.queue = new Queue({
    match: app.match.id,
    store,
    api,
    onChange: () => {
      app.draw();
      whose();
    },
    timer: (...all) => setTimeout(...all),
    stop: (id) => clearTimeout(id),
  });
  app.second = makeSecond(app);
  app.second.open();
  app.menu = makeMenu(app);
  app.state = app.fold(app.events);
  app.step = nextStep(app.state);
  const bar = place("undo");
  bar.replaceChildren(
    key("Undo", { small: "", sign: "undo", kind: "is-undo", letter: "U" }, () => app.undo()),
    key("Redo", { small: "", sign: "refresh", kind: "is-undo" }, () => app.redo()),
  );
  place("menu").addEventListener("click", () => {
    if (app.mayWrite) app.menu.all();
    else app.say("Take up the scoring first.");
  });
  app.draw();
  // Two tabs of one browser would send the same queue twice over: the second one waits until the first is closed.
  if (navigator.locks) {
    const alone = await new Promise((done) => {
      navigator.locks.request(`scorer-${app.match.id}`, { ifAvailable: true }, (lock) => {
        done(Boolean(lock));
        return lock ? new Promise(() => {}) : null;
      });
    });
    if (!alone) return elsewhere();
  }
  await connect();
  return undefined;
}

// What the server would say, in its words from the page.
function lockLost() {
  const { lost, takenOver } = root.dataset;
  return { code: "SCORING_LOCK_LOST", message: app.lock ? takenOver.replace("{name}", () => app.lock.name) : lost };
}

// A score that moved on may be another scorer's: then it is told as that.
async function whose() {
  const { problem } = app.queue;
  if (problem?.code !== "SCORE_MOVED_ON" || problem.looked) return;
  problem.looked = true;
  await app.load().catch(() => {});
  if (app.queue.problem !== problem || !app.lock || app.lock.mine) return;
  app.queue.problem = lockLost();
  app.draw();
}

function elsewhere() {
  place("keys").classList.add("is-asking");
  asked = "elsewhere";
  app.book = null; // the other tab goes on with it, and sends its totals
  app.draw = () => {};
  place("keys").replaceChildren(
    h("div.ask", {}, h("h2", {}, "Another tab is scoring this match")),
    notice("Go on in the other tab, or close it and load this page again."),
  );
}

// The server's copy, and the lock if it is free or ours. Without a network the device's own copy does, and this is
// tried again.
async function connect() {
  try {
    const found = await app.load();
    app.queue.failures = 0;
    const token = app.queue.token;
    if (token && !app.lock?.mine) {
      // Somebody took over while this page was closed.
      app.queue.adopt(found.events);
      if (app.queue.waiting.length) app.queue.problem = lockLost();
      else {
        app.queue.token = null;
        app.queue.keep();
        if (!app.lock) return app.take(false);
      }
    } else if (token) {
      app.queue.adopt(found.events);
      app.queue.send();
    } else {
      app.queue.adopt(found.events);
      app.book?.hear(found.events);
    }
    app.second.turn();
  } catch (error) {
    if (["UNKNOWN_MATCH", "SIGN_IN_FIRST"].includes(error.code))
      app.queue.problem = { code: error.code, message: error.message };
    else {
      app.queue.failures = Math.max(1, app.queue.failures);
      setTimeout(connect, 4000);
    }
  }
  app.draw();
  return undefined;
}

// Who only looks on gets the score every few seconds.
setInterval(async () => {
  if (app.mayWrite || document.hidden || app.lock === undefined || app.sure) return;
  try {
    const found = await app.load();
    if (!app.mayWrite) app.queue.adopt(found.events);
  } catch {
    /* the next turn tries again */
  }
}, POLL);

wide.addEventListener("change", () => drawBoard(app, place("board")));
addEventListener("online", () => app.queue?.nudge());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) app.queue?.nudge();
});
addEventListener("beforeunload", (event) => {
  if (app.queue?.waiting.length && !app.queue.kept) event.preventDefault();
});
setInterval(() => {
  if (app.queue && !app.queue.isLive) drawStatus(app, place("status"), place("lock"));
}, 10_000);

// The first visit is not yet the worker's: it is told what this page is made of, so that the next one works without a
// network.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker
    .register("/sw.js", { scope: "/scorer" })
    .then(() => navigator.serviceWorker.ready)
    .then((worker) => {
      const files = performance
        .getEntriesByType("resource")
        .map((entry) => new URL(entry.name))
        .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
      worker.active?.postMessage({
        keep: [location.pathname, ...new Set(files.map((url) => url.pathname + url.search))],
      });
    })
    .catch(() => {});
}

start();
