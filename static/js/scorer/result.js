// The result of a match and how it is said, rule by rule and word by word as cricket/engine/results.py. Pure.
import { DEFAULTS, allOut, ballsGone, current, oversComplete } from "./fold.js";

const many = (n, one) => `${n} ${n === 1 ? one : `${one}s`}`;
const made = (text, more) => ({
  text,
  winner: null,
  by: {},
  result: null,
  eliminator: null,
  super_over: null,
  ...more,
});

const mainOf = (state) => state.innings.filter((each) => !each.super_over);
const supersOf = (state) => state.innings.filter((each) => each.super_over);

// --- what is stated --------------------------------------------------------------------------------

// How a side won by a method that is no reckoning of rain; "" is a winner without a margin or a method.
const WON = {
  "": "awarded the match",
  awarded: "awarded the match",
  conceded: "won (match conceded)",
  "1st innings score": "won on first-innings score",
  "lost fewer wickets": "won by losing fewer wickets",
  "penalty runs": "won by Penalty runs",
  "boundary count": "won on boundary count",
  "run rate": "won on run rate",
};

const given = (value) => value !== undefined && value !== null;
const least = (by) => Object.keys(by).length > 0;

export function statedText(names, outcome, superOverTied = false) {
  const method = outcome.method ?? "";
  const told = method.toLowerCase();
  const { by = {}, result, winner, eliminator } = outcome;
  const won = WON[told];
  const how = won ? [] : [`${method} method`];
  let said;
  if (result === "tie" || result === "draw") {
    const decider = given(eliminator) ? eliminator : winner;
    if (!given(decider)) {
      if (given(outcome.bowl_out)) how.push(`${names[outcome.bowl_out]} won the bowl-out`);
    } else if (given(eliminator) && (told === "boundary count" || (superOverTied && !(method && won))))
      how.push(`super over tied; ${names[eliminator]} on boundary count`);
    else if (result === "draw" || (method && won))
      how.push(`${names[decider]} ${method && won ? won : WON["1st innings score"]}`);
    else how.push(`${names[decider]} won${given(eliminator) ? " the super over" : ""}`);
    said = result === "tie" ? "Match tied" : "Match drawn";
  } else if (!given(winner)) return "No result";
  else if ("innings" in by) said = `${names[winner]} won by an innings and ${many(by.runs ?? 0, "run")}`;
  else if (least(by))
    said = `${names[winner]} won by ${"runs" in by ? many(by.runs, "run") : many(by.wickets ?? 0, "wicket")}`;
  else return won ? `${names[winner]} ${won}` : `${names[winner]} won (${method} method)`;
  if (least(by) && method && won && told !== "awarded") how.push(told);
  return said + (how.length ? ` (${how.join("; ")})` : "");
}

// The result at the end of the match: as stated where somebody states one, else worked out from the innings.
export function conclude(state, outcome, reason = null) {
  if (outcome && least(outcome)) return statedResult(state, outcome);
  const found = derive(state, { over: true, reason });
  if (found.text === "Match not completed") return { ...found, text: "No result" };
  return state.method && least(found.by) ? { ...found, text: `${found.text} (${state.method} method)` } : found;
}

function statedResult(state, stated) {
  const method = stated.method || (stated.by && least(stated.by) ? state.method : null);
  const outcome = method ? { ...stated, method } : stated;
  const supers = supersOf(state);
  const tied = supers.length > 1 && supers.length % 2 === 0 && supers.at(-1).runs === supers.at(-2).runs;
  let text = statedText(
    state.teams.map((team) => team.name),
    outcome,
    tied,
  );
  if (!method && outcome.result !== "no result") {
    const balls = derive(state, { over: true, stated: { eliminator: outcome.eliminator ?? null } });
    const same = (a, b) => (a ?? null) === (b ?? null);
    if (
      same(balls.winner, outcome.winner) &&
      same(balls.result, outcome.result) &&
      same(balls.super_over ?? balls.eliminator, outcome.eliminator) &&
      !given(outcome.bowl_out) &&
      ["innings", "runs", "wickets"].every((name) => same(balls.by[name], outcome.by?.[name]))
    )
      text = balls.text;
  }
  return made(text, { ...outcome, by: outcome.by ?? {} });
}

// --- what the balls give -----------------------------------------------------------------------------

// Null while the match goes on; with `over` a match that did not end by itself is drawn or has no result.
export function derive(state, { over = false, reason = null, stated = null } = {}) {
  const main = mainOf(state);
  if ((state.settings ?? DEFAULTS).innings === 4) {
    const found = ofInnings(state, main);
    return found || !over ? found : made("Match drawn", { result: "draw" });
  }
  const found = limited(state, main, { over, reason, stated });
  if (found?.result === "tie") return supersOf(state).length || over ? afterTie(state, found, stated) : found;
  if (found || !over) return found;
  return made(main.length > 1 ? "Match not completed" : "No result", { result: "no result" });
}

// The result as the scores stand between innings: null while play may still change it.
export function decided(state) {
  return current(state) || !state.innings.length ? null : derive(state);
}

const MINIMUM = { T20: 5, ODI: 20, "List A": 20, Hundred: 5 };

// The overs that each side must have had the chance to bat for a result (ICC playing conditions 16.3): as set, else the
// format's; a match that is shorter than these from the start has none.
export function minimumOvers(settings) {
  if (given(settings.min_overs)) return settings.min_overs || null;
  const overs = MINIMUM[settings.format] ?? null;
  return overs && settings.overs && settings.overs >= overs ? overs : null;
}

const chased = (first, second) => second.target ?? first.runs + 1;
const isComplete = (innings) => allOut(innings) || oversComplete(innings) || innings.ended === "all out";

function tooShort(state, [first, second]) {
  const overs = minimumOvers(state.settings ?? DEFAULTS);
  if (overs === null || second.runs >= chased(first, second)) return false;
  return [first, second].some(
    (innings) => ballsGone(innings) < overs * innings.per_over && !allOut(innings) && innings.ended !== "all out",
  );
}

function limited(state, main, { over, reason, stated }) {
  if (main.length < 2 || main[0].ended === null) return null;
  const [first, second] = main;
  const name = (innings) => state.teams[innings.team].name;
  const ahead = (runs) => made(`${name(second)} won by ${many(runs, "run")}`, { winner: second.team, by: { runs } });
  let target = chased(first, second);
  if (second.runs >= target) {
    const last = second.overs.at(-1)?.balls.at(-1);
    const corrected = stated === null && second.target === null; // an earlier ball was, and the last came after the win
    if (second.as_card || !last || last.score - last.total < target || corrected)
      return wonBatting(state, second, target);
    return second.ended === null && !over ? null : ahead(second.runs - target + 1);
  }
  if (stated === null && tooShort(state, main)) return null;
  if (!isComplete(second)) {
    if (second.par === null || ![reason, second.ended].includes("no further play")) return null;
    target = second.par + 1;
    if (second.runs >= target) return ahead(second.runs - second.par);
  }
  if (second.runs === target - 1) return made("Match tied", { result: "tie" });
  const runs = target - 1 - second.runs;
  return made(`${name(first)} won by ${many(runs, "run")}`, { winner: first.team, by: { runs } });
}

// By the wickets still to fall, or by Penalty runs where the innings was completed without enough (Law 16.7).
function wonBatting(state, innings, target) {
  const name = state.teams[innings.team].name;
  const last = innings.overs.at(-1)?.balls.at(-1);
  const late = innings.late_penalties + (last && allOut(innings) ? (last.extras.penalty ?? 0) : 0);
  const wickets = innings.limit - innings.wickets;
  if (innings.runs - late >= target)
    return made(`${name} won by ${many(wickets, "wicket")}`, { winner: innings.team, by: { wickets } });
  return made(`${name} won by Penalty runs`, { winner: innings.team, by: { runs: innings.runs - target + 1 } });
}

// Super overs come in pairs, and the last pair decides.
function afterTie(state, tie, stated) {
  const supers = supersOf(state);
  const pairs = Math.floor(supers.length / 2);
  if (!pairs) return tie;
  const names = state.teams.map((team) => team.name);
  const [one, two] = supers.slice(pairs * 2 - 2, pairs * 2);
  const brokenOff = [null, "match ended", "abandoned", "no further play"].includes(two.ended);
  if (one.runs >= two.runs && brokenOff && !allOut(two) && !oversComplete(two)) return tie;
  if (one.runs === two.runs) {
    const eliminator = stated?.eliminator ?? null;
    const who = eliminator === null ? "" : `; ${names[eliminator]} on boundary count`;
    return { ...tie, eliminator, text: `Match tied (super over tied${who})` };
  }
  const winner = one.runs > two.runs ? one.team : two.team;
  const after = pairs > 1 ? `, after ${pairs}` : "";
  return { ...tie, super_over: winner, text: `Match tied (${names[winner]} won the super over${after})` };
}

function ofInnings(state, main) {
  if (main.length < 3) return null;
  const sum = (team) => main.filter((each) => each.team === team).reduce((all, each) => all + each.runs, 0);
  const last = main.at(-1);
  const [batting, bowling] = [last.team, 1 - last.team];
  const ahead = sum(batting) - sum(bowling);
  const had = (team) => main.filter((each) => each.team === team).length;
  const over = allOut(last) || ["all out", "forfeited", "declared"].includes(last.ended);
  const other = state.teams[bowling].name;
  if (had(batting) === 2 && had(bowling) === 1) {
    if (!over || ahead >= 0) return null;
    const text = `${other} won by an innings and ${many(-ahead, "run")}`;
    return made(text, { winner: bowling, by: { innings: 1, runs: -ahead } });
  }
  if (main.length < 4) return null;
  if (ahead > 0) return wonBatting(state, last, last.runs - ahead + 1);
  if (!over) return null;
  if (ahead === 0) return made("Match tied", { result: "tie" });
  return made(`${other} won by ${many(-ahead, "run")}`, { winner: bowling, by: { runs: -ahead } });
}

// --- for the sheet that ends the match ---------------------------------------------------------------

// Why a limited-overs match that is ended now has no result, as a sentence; "" where it has one or needs none.
export function whyNone(state, reason) {
  const settings = state.settings ?? DEFAULTS;
  const main = mainOf(state);
  if (settings.innings === 4 || conclude(state, null, reason).result !== "no result") return "";
  if (main.length < 2) return "The other side has not batted.";
  const overs = minimumOvers(settings);
  if (tooShort(state, main))
    return `Both sides must have had the chance to bat ${many(overs, settings.balls_per_over === 5 ? "set" : "over")}.`;
  const [, second] = main;
  if (second.par === null) return "The chase was not completed, and no par score is entered.";
  return "Where rain ends a chase, say that there was no further play: then the par score decides.";
}
