// What the server would not take, told with the ways out: nothing that a scorer entered goes without a word.
import { api } from "./api.js";
import { fold } from "./fold.js";
import { button, h, notice } from "./dom.js";
import { changeSheet } from "./change.js";
import { misfit } from "./steps.js";
import { eventWords, many } from "./words.js";

let shown = "";

export function showProblem(app, place) {
  const { problem, waiting } = app.queue;
  const about = problem ? JSON.stringify([problem, waiting.map((event) => event.key)]) : "";
  if (about === shown) return;
  shown = about;
  place.replaceChildren(...(problem ? tell(app, problem) : []));
  if (problem) place.querySelector("[tabindex]")?.focus();
}

function list(app, events, state = app.state) {
  return h(
    "ol.waiting",
    {},
    events.map((event) => h("li", {}, eventWords(state, event))),
  );
}

function tell(app, problem) {
  const { queue } = app;
  const count = many(queue.waiting.length, "entry", "entries");
  const box = (heading, sentence, ...more) => {
    const node = notice(heading, sentence, "bad", ...more);
    node.setAttribute("role", "alert");
    node.setAttribute("tabindex", "-1");
    return [node];
  };
  if (problem.code === "SCORING_LOCK_LOST") {
    return box(
      problem.message,
      `${count} of yours did not arrive:`,
      list(app, queue.waiting),
      h(
        "div.row",
        {},
        button("Take over again, and send what fits", () => rejoin(app, true), { kind: "is-main" }),
        button("Throw mine away", () => discard(app)),
      ),
    );
  }
  if (problem.code === "SCORE_MOVED_ON") {
    return box(
      "The score has moved on without you",
      `Somebody else entered something. ${count} of yours did not arrive:`,
      list(app, queue.waiting),
      h(
        "div.row",
        {},
        button("Send what still fits", () => rejoin(app, false), { kind: "is-main" }),
        button("Throw mine away", () => discard(app)),
      ),
    );
  }
  if (problem.code === "EVENT_IMPOSSIBLE" || problem.code === "MALFORMED") {
    const at = Math.max(
      0,
      queue.waiting.findIndex((event) => event.key === problem.key),
    );
    const event = queue.waiting[at];
    if (!event)
      return box(
        problem.message,
        null,
        h(
          "div.row",
          {},
          button(
            "Try again",
            () => {
              queue.problem = null;
              queue.send();
              app.draw();
            },
            { kind: "is-main" },
          ),
        ),
      );
    const where = findBall(app, event.key);
    return box(
      `This cannot be: ${eventWords(app.state, event)}`,
      problem.message,
      queue.waiting.length > 1
        ? h("p", {}, `${many(queue.waiting.length - at - 1, "entry waits", "entries wait")} behind it.`)
        : null,
      h(
        "div.row",
        {},
        where ? button("Change it", () => mend(app, event, where), { kind: "is-main" }) : null,
        button("Take it out", () => queue.drop(new Set([event.key]))),
      ),
    );
  }
  if (problem.code === "SIGN_IN_FIRST") {
    return box(
      "You are signed out",
      "Everything is kept on this device. Sign in again, and it is sent.",
      h("div.row", {}, h("a.button.is-main", { href: `/sign-in?next=/scorer/matches/${app.match.id}` }, "Sign in")),
    );
  }
  return box(
    problem.message,
    "Everything is kept on this device.",
    h(
      "div.row",
      {},
      button(
        "Try again",
        () => {
          queue.problem = null;
          queue.send();
          app.draw();
        },
        { kind: "is-main" },
      ),
    ),
  );
}

function findBall(app, key) {
  for (const innings of app.state.innings)
    for (const over of innings.overs) for (const ball of over.balls) if (ball.key === key) return { innings, ball };
  return null;
}

// A ball that never arrived is mended in the queue: no correction of something that the server does not have.
function mend(app, event, { innings, ball }) {
  const { queue } = app;
  changeSheet(
    {
      state: app.state,
      innings,
      act: (kind, { changes }) => {
        for (const change of changes) {
          const at = queue.waiting.findIndex((each) => each.key === (change.of ?? change.before));
          if (at < 0) continue;
          if (change.delete) queue.waiting.splice(at, 1);
          else if (change.before)
            queue.waiting.splice(at, 0, { key: change.key, kind: change.kind, body: change.body, at: event.at });
          else queue.waiting[at] = { ...queue.waiting[at], body: change.body };
        }
        queue.problem = null;
        queue.keep();
        app.draw();
        queue.send();
      },
    },
    innings,
    ball,
  );
}

// The server's copy first, then mine behind it, as far as they still fit; the others are named.
async function rejoin(app, take) {
  const { queue } = app;
  try {
    const lock = take ? (await api.take(app.match.id, true)).lock : queue.token;
    const found = await api.open(app.match.id, lock);
    app.lock = found.lock;
    queue.adopt(found.events);
    const list_ = [...queue.acknowledged];
    const left = [];
    const kept = [];
    for (const event of queue.waiting) {
      const why = misfit(fold(list_), list_, event);
      if (why) left.push(`${eventWords(app.state, event)}: ${why}`);
      else {
        kept.push(event);
        list_.push(event);
      }
    }
    queue.waiting = kept;
    queue.since = kept.length ? queue.since : null;
    queue.hold(lock);
    if (left.length) app.say(`Not sent: ${left.join(" ")}`);
  } catch (error) {
    app.say(error.code ? error.message : "The server does not answer just now. Try again in a moment.");
  }
  app.draw();
}

async function discard(app) {
  const { queue } = app;
  app.confirm(
    "Throw your entries away?",
    `${many(queue.waiting.length, "entry", "entries")} will be gone from this device.`,
    "Throw them away",
    async () => {
      const lost = queue.problem?.code === "SCORING_LOCK_LOST";
      if (lost) queue.token = null;
      queue.waiting = [];
      queue.since = null;
      queue.problem = null;
      queue.keep();
      try {
        const found = await app.load();
        queue.adopt(found.events);
      } catch {
        /* the device's copy stands until the server answers */
      }
      app.draw();
    },
  );
}
