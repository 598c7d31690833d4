// The board, the list of balls and the line that says whether the world sees the score.
import { drawCharts } from "./charts.js";
import { ball as ballMark, h, icon, plates } from "./dom.js";
import { ballsGone, bowlerOvers, chase, lead, nameOf, oversText, rate, superOverName } from "./fold.js";
import { placeWords } from "./regions.js";
import { ballKind, ballText, ballWords, clockWords, many } from "./words.js";

const SHOWN = 12;
// Charts need a board with room to spare.
export const wide = matchMedia("(min-width: 64rem)");

export function drawBoard(app, board) {
  const { state } = app;
  const innings = app.innings ?? state.innings.at(-1) ?? null;
  if (!innings) {
    const names = app.match.teams.map((team) => team.name);
    board.replaceChildren(
      h("p.board-line", {}, names.join(" v ")),
      h("p.quiet", {}, [app.match.competition, app.match.ground].filter(Boolean).join(", ")),
      ...earlier(state, null),
    );
    return;
  }
  const team = state.teams[innings.team];
  const over = innings.overs.at(-1);
  const live = !innings.ended;
  const score = h(
    "div.console-score",
    {},
    h(
      "div.board-cell",
      {},
      h("span.label", {}, team.short),
      plates(`${innings.runs}/${innings.wickets}`, `${innings.runs} for ${innings.wickets}`),
    ),
    h(
      "div.board-cell",
      {},
      h("span.label", {}, "Overs"),
      plates(oversText(innings), `${oversText(innings)} overs`, true),
    ),
  );
  board.replaceChildren(
    score,
    h("p.board-line", {}, lineOf(state, innings)),
    ...(live ? [crease(app, innings)] : []),
    ...(over && !innings.as_card ? [thisOver(state, innings, over)] : []),
    ...(wide.matches ? drawCharts(state, innings) : []),
    ...earlier(state, innings),
  );
}

function lineOf(state, innings) {
  const need = chase(state, innings);
  if (need && !innings.ended) {
    if (!need.needed) return "The target is reached";
    const left = need.left === null ? "" : ` from ${many(need.left, "ball")}`;
    return `Need ${need.needed}${left}${need.rate === null ? "" : `, ${need.rate.toFixed(2)} an over`}`;
  }
  const pace = rate(innings.runs, ballsGone(innings), innings.per_over);
  const parts = [];
  if (innings.overs_limit && !innings.ended)
    parts.push(`of ${innings.overs_limit} ${innings.per_over === 5 ? "sets" : "overs"}`);
  if (pace !== null) parts.push(`${pace.toFixed(2)} an over`);
  if (state.settings?.innings === 4 && state.innings.length > 1) {
    const ahead = lead(state);
    parts.unshift(ahead ? `${ahead > 0 ? "lead" : "trail"} by ${Math.abs(ahead)}` : "level");
  }
  if (innings.ended) parts.unshift(innings.ended);
  const words = parts.join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function crease(app, innings) {
  const { state } = app;
  const batter = (id, facing) => {
    if (!id)
      return h(
        "div.batter.is-open",
        {},
        h("span", {}, h("b", {}, "New batter"), facing ? h("small", {}, "on strike") : null),
      );
    const line = innings.batting.get(id);
    return h(
      `button.batter${facing ? ".is-striker" : ""}`,
      { type: "button", disabled: !app.mayWrite, onclick: () => app.menu.batter(id) },
      h(
        "span",
        {},
        facing ? icon("bat") : null,
        h("b", {}, line?.name ?? nameOf(state, innings.team, id)),
        facing ? h("small", {}, "on strike") : null,
      ),
      plates(line?.runs ?? 0, `${line?.runs ?? 0} runs`),
      h("small", {}, h("span.visually-hidden", {}, "balls "), String(line?.balls ?? 0)),
    );
  };
  const bowler = innings.bowler
    ? (innings.bowling.get(innings.bowler) ?? {
        name: nameOf(state, null, innings.bowler),
        wickets: 0,
        runs: 0,
        whole: 0,
        loose: 0,
      })
    : null;
  return h(
    "div.crease",
    {},
    batter(innings.striker, true),
    h(
      "button.swap",
      {
        type: "button",
        "data-swap": "yes",
        "aria-label": "Swap strike",
        "aria-keyshortcuts": "S",
        disabled: !app.mayWrite || !innings.striker || !innings.non_striker,
        onclick: () => app.menu.swap(),
      },
      icon("swap"),
      h("kbd", { "aria-hidden": "true" }, "S"),
    ),
    batter(innings.non_striker, false),
    bowler
      ? h(
          "button.batter.is-bowler",
          { type: "button", disabled: !app.mayWrite, onclick: () => app.menu.bowler() },
          h("span", {}, icon("ball"), h("b", {}, bowler.name), h("small", {}, "bowling")),
          plates(`${bowler.wickets}/${bowler.runs}`, `${bowler.wickets} for ${bowler.runs}`),
          h("small", {}, h("span.visually-hidden", {}, "overs "), bowlerOvers(innings, bowler)),
        )
      : h("div.batter.is-bowler.is-open", {}, h("span", {}, icon("ball"), h("b", {}, "Bowler to come"))),
  );
}

function thisOver(state, innings, over) {
  const open = !over.complete && !innings.ended;
  const rest = open ? Math.max(0, innings.per_over - over.legal) : 0;
  return h(
    "div",
    {},
    h(
      "p.label",
      {},
      open ? "This over" : `Over ${over.number + 1}, ${many(over.runs, "run")}`,
      innings.free_hit && !innings.ended ? [" ", h("span.tag.is-free", {}, "Free hit")] : null,
    ),
    h(
      "ol.over",
      {},
      over.balls.map((each) => ballMark(ballText(each), ballKind(each), ballWords(state, innings, each))),
      Array.from({ length: rest }, () => ballMark("", "next")),
    ),
  );
}

function earlier(state, now) {
  const lines = state.innings
    .filter((each) => each !== now)
    .map((each) => {
      const down = (each.wickets >= each.limit ? "" : `/${each.wickets}`) + (each.declared ? "d" : "");
      const what = each.super_over ? `, ${superOverName(state, each)}` : "";
      return h("li", {}, `${state.teams[each.team].short} ${each.runs}${down} (${oversText(each)})${what}`);
    });
  return lines.length ? [h("ul.earlier", {}, lines)] : [];
}

export function drawLog(app, place) {
  const { state } = app;
  const innings = app.innings ?? state.innings.at(-1);
  const balls = innings ? innings.overs.flatMap((over) => over.balls).reverse() : [];
  const waiting = new Set(app.queue.waiting.map((event) => event.key));
  const notes = new Set(state.notes.map((each) => each.of).filter(Boolean));
  const shown = app.shownAll ? balls : balls.slice(0, SHOWN);
  const rows = shown.map((ball) =>
    ballRow(
      app,
      innings,
      ball,
      () => app.change(innings, ball),
      ball.shot ? h("span.tag", {}, saidOf(ball.shot, state.hands.get(ball.striker))) : null,
      notes.has(ball.key) ? h("span.tag", {}, "note") : null,
      waiting.has(ball.key) ? h("span.tag.is-warn", {}, icon("offline"), "not sent") : null,
    ),
  );
  const list = place.querySelector("ol");
  list.replaceChildren(...rows);
  const more = place.querySelector("[data-more]");
  more.hidden = balls.length <= SHOWN;
  more.querySelector("button").textContent = app.shownAll
    ? "The last twelve"
    : `All ${balls.length} balls of the innings`;
  more.querySelector("button").onclick = () => {
    app.shownAll = !app.shownAll;
    app.draw();
  };
  place.querySelector("[data-none]").hidden = balls.length > 0;
}

// A ball in a list: what it was, the score after it, and the way to change it.
export function ballRow(app, innings, ball, change, ...tags) {
  const { state } = app;
  return h(
    "li",
    {},
    h("b", {}, ball.label),
    h("ul.comm-what", {}, ballMark(ballText(ball), ballKind(ball), ballWords(state, innings, ball))),
    h("span", {}, ballWords(state, innings, ball), ...tags),
    h("span.quiet", {}, `${ball.score}/${ball.down}`),
    h(
      "button.button.is-plain",
      { type: "button", disabled: !app.mayWrite, "aria-label": `Change ball ${ball.label}`, onclick: change },
      "Change",
    ),
  );
}

// What was said of a ball: "cover, good".
const saidOf = ({ x, y, length }, hand) =>
  [x === null ? null : placeWords(x, y, hand), length].filter(Boolean).join(", ");

export function drawStatus(app, status, lock) {
  const { queue } = app;
  const waiting = queue.waiting.length;
  const since = queue.since ? clockWords(queue.since, app.match.time_zone) : "";
  let words = "Live, all sent";
  let kind = "good";
  let sign = "online";
  if (app.book) {
    const away = app.checker.failures || app.checker.problem;
    [words, kind, sign] = away ? ["Second book, not compared", "warn", "offline"] : ["Second book", "note", "users"];
  } else if (!app.mayWrite && !waiting) [words, kind, sign] = ["Viewing only", "note", "info"];
  else if (queue.problem)
    [words, kind, sign] = [`Not live: ${many(waiting, "entry waits", "entries wait")}`, "bad", "alert"];
  else if (queue.failures)
    [words, kind, sign] = [
      waiting ? `Not live: ${many(waiting, "entry", "entries")} waiting since ${since}` : "Not live: no network",
      "bad",
      "offline",
    ];
  else if (waiting) [words, kind, sign] = [`Sending ${waiting}`, "good", "online"];
  if (!queue.kept && !app.book) words += ". This browser keeps nothing: do not close the page";
  if (status.dataset.words !== words) {
    status.dataset.words = words;
    status.className = `tag is-${kind} push`;
    status.replaceChildren(icon(sign), words);
  }
  const who = app.queue.token ? "You are scoring" : app.lock ? `${app.lock.name} is scoring` : "Nobody is scoring";
  if (lock.dataset.words !== who) {
    lock.dataset.words = who;
    lock.replaceChildren(icon("lock"), who);
  }
}
