// The result that the scores give, as an outcome for match_end and in words. Null where the Laws alone cannot say.
import { current, inningsDue, targetOf } from "./fold.js";

const many = (n, one) => `${n} ${n === 1 ? one : `${one}s`}`;

export function derive(state, over = false, reason = null) {
  const settings = state.settings;
  if (!settings || !state.innings.length) return null;
  const open = current(state);
  if (open && !over) return null;
  const main = state.innings.filter((each) => !each.super_over);
  const supers = state.innings.filter((each) => each.super_over);
  const first = settings.innings > 2 ? innings(state, main, settings) : limited(state, main, reason);
  if (first?.result === "tie" && supers.length >= 2 && supers.length % 2 === 0) {
    const [a, b] = supers.slice(-2);
    if (a.runs !== b.runs) return { result: "tie", eliminator: a.runs > b.runs ? a.team : b.team };
  }
  return first;
}

// The result as the scores stand between innings: null while play may still change it, or a draw that only time would
// bring.
export function decided(state) {
  const found = current(state) ? null : derive(state);
  return !found || found.result === "draw" || found.result === "no result" ? null : found;
}

// Rule by rule as cricket/engine/results.py: reached off the last ball, wickets; ahead otherwise, runs; out of overs or
// all out, runs or a tie.
function limited(state, main, reason) {
  if (main.length < 2) return { result: "no result" };
  const [first, second] = main;
  let target = targetOf(state, second) ?? first.runs + 1;
  const par = reason === "no further play" && second.par !== null ? second.par + 1 : null;
  if (par !== null && second.runs < target) target = par;
  if (second.runs >= target) {
    const last = second.overs.at(-1)?.balls.at(-1);
    if (par === null && (second.as_card || (last && last.score >= target && target > last.score - last.total))) {
      return { winner: second.team, by: { wickets: wicketsLeft(second) } };
    }
    return { winner: second.team, by: { runs: second.runs - target + 1 } };
  }
  const finished = ["all out", "overs complete"].includes(second.ended) || inningsDue(state, second);
  if (!finished && par === null) return { result: "no result" };
  return second.runs === target - 1
    ? { result: "tie" }
    : { winner: first.team, by: { runs: target - 1 - second.runs } };
}

const wicketsLeft = (innings) => innings.limit - innings.wickets;

function innings(state, main, settings) {
  const sum = (team) => main.filter((each) => each.team === team).reduce((all, each) => all + each.runs, 0);
  const count = (team) => main.filter((each) => each.team === team).length;
  const last = main.at(-1);
  const had = [count(0), count(1)];
  const closed = ["all out", "forfeited", "declared"].includes(last.ended);
  const ahead = sum(last.team) - sum(1 - last.team);
  if (main.length >= 3 && had[last.team] === 2 && had[1 - last.team] === 1) {
    return closed && ahead < 0 ? { winner: 1 - last.team, by: { innings: 1, runs: -ahead } } : { result: "draw" };
  }
  if (main.length < settings.innings) return { result: "draw" };
  if (ahead > 0) return { winner: last.team, by: { wickets: wicketsLeft(last) } };
  if (!closed) return { result: "draw" };
  return ahead === 0 ? { result: "tie" } : { winner: 1 - last.team, by: { runs: -ahead } };
}

export function outcomeWords(state, outcome) {
  if (!outcome) return "The match goes on";
  const name = (team) => (typeof team === "number" ? state.teams[team].name : team);
  if (outcome.eliminator !== undefined) return `Match tied. ${name(outcome.eliminator)} won the super over`;
  if (outcome.winner === undefined || outcome.winner === null) {
    return { tie: "Match tied", draw: "Match drawn", "no result": "No result" }[outcome.result] ?? "No result";
  }
  const by = outcome.by ?? {};
  const method = state.method ? ` (${state.method} method)` : "";
  if (by.innings) return `${name(outcome.winner)} won by an innings and ${many(by.runs ?? 0, "run")}`;
  if (by.runs) return `${name(outcome.winner)} won by ${many(by.runs, "run")}${method}`;
  if (by.wickets) return `${name(outcome.winner)} won by ${many(by.wickets, "wicket")}${method}`;
  return `${name(outcome.winner)} won`;
}
