// Reads {"cases": [{"events", "tried": [event]}]} from standard input; prints for each what the console shows of these
// events and, for each event tried behind them, why it cannot be. Run by tests/cricket/test_laws.py.
import {
  allOut,
  ballsLeft,
  canBat,
  canBowl,
  chase,
  current,
  followOnPossible,
  fold,
  inningsDue,
  lawsOf,
  overDue,
  overToFinish,
  penaltyInnings,
  targetOf,
} from "../../static/js/scorer/fold.js";
import { conclude, decided } from "../../static/js/scorer/result.js";
import { placeWords } from "../../static/js/scorer/regions.js";
import { newProblem } from "../../static/js/scorer/steps.js";

function due(state, innings) {
  if (inningsDue(state, innings)) return "innings";
  return overDue(innings) ? "over" : null;
}

function result(state) {
  if (!state.ended) return null;
  return conclude(state, state.ended.outcome, state.ended.reason ?? null).text;
}

function how(batter) {
  if (batter.out) return batter.out.text;
  if (batter.state === "absent") return "absent hurt";
  return (batter.state === "retired" && batter.retired) || "not out";
}

function shot(state, { shot: said, striker }) {
  if (!said) return [];
  const { x, y, length } = said;
  return [[x, y, length, x === null ? null : placeWords(x, y, state.hands.get(striker))]];
}

const keys = (players) => players.map((player) => player.key).sort();

function facts(state) {
  const innings = state.innings.at(-1) ?? null;
  const open = current(state);
  return {
    scores: state.innings.map((each) => `${each.runs}/${each.wickets}`),
    all_out: innings ? allOut(innings) : null,
    target: innings ? targetOf(state, innings) : null,
    needed: open ? (chase(state, open)?.needed ?? null) : null,
    left: open ? ballsLeft(open) : null,
    due: open ? due(state, open) : null,
    striker: innings?.striker ?? null,
    free_hit: open ? open.free_hit : null,
    over_to_finish: overToFinish(state),
    laws: lawsOf(state).words,
    how: innings ? Object.fromEntries([...innings.batting.values()].map((each) => [each.key, how(each)])) : {},
    can_bat: open ? keys(canBat(state, open)) : [],
    can_bowl: open ? keys(canBowl(state, open).filter((each) => !each.warning)) : [],
    penalty_to: [0, 1].map((team) => penaltyInnings(state, team)),
    problems: state.problems.map(({ why }) => why),
    follow_on: followOnPossible(state),
    decided: decided(state)?.text ?? null,
    bowlers: Object.fromEntries(canBowl(state, open).map((each) => [each.key, [each.warning, each.left]])),
    suspended: innings ? Object.fromEntries(innings.suspended) : {},
    result: result(state),
    shots: (innings?.overs ?? []).flatMap((over) => over.balls).flatMap((ball) => shot(state, ball)),
  };
}

let text = "";
for await (const part of process.stdin) text += part;
const told = JSON.parse(text).cases.map(({ events, tried }) => ({
  facts: facts(fold(events)),
  refused: tried.map((event) => newProblem(events, [event])),
}));
process.stdout.write(JSON.stringify(told));
