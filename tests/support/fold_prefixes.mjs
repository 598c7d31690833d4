// Reads {"logs": [{"events", "prefixes"}]} from standard input; prints for each log the console's state after each of
// these prefixes. Run by tests/cricket/test_scorer_fold.py, which compares them with Python's.
import {
  allOut,
  bowlerOvers,
  canBat,
  canBowl,
  chase,
  current,
  followOnPossible,
  fold,
  inningsDue,
  oversText,
  targetOf,
  ballsLeft,
  overDue,
} from "../../static/js/scorer/fold.js";
import { totals } from "../../static/js/scorer/totals.js";
import { conclude, derive } from "../../static/js/scorer/result.js";

const pairs = (map, make) => [...map.values()].map(make);

function plain(state) {
  const open = current(state);
  return {
    innings: state.innings.map((innings) => ({
      team: innings.team,
      runs: innings.runs,
      wickets: innings.wickets,
      overs: oversText(innings),
      legal: innings.legal,
      deliveries: innings.deliveries,
      extras: innings.extras,
      ended: innings.ended,
      target: targetOf(state, innings),
      striker: innings.striker,
      non_striker: innings.non_striker,
      declared: innings.declared,
      follow_on: innings.follow_on,
      absent: innings.absent,
      all_out: allOut(innings),
      suspended: Object.fromEntries(innings.suspended),
      batting: pairs(innings.batting, (b) => [
        b.key,
        b.runs,
        b.balls,
        b.fours,
        b.sixes,
        b.position,
        b.state,
        b.retired,
        b.out?.kind ?? null,
        b.out?.bowler ?? null,
      ]),
      bowling: pairs(innings.bowling, (b) => [
        b.key,
        bowlerOvers(innings, b),
        b.maidens,
        b.runs,
        b.wickets,
        b.wides,
        b.noballs,
        b.wide_balls,
        b.noball_balls,
        b.dots,
      ]),
      fow: innings.fow.map((f) => [f.wicket, f.score, f.player, f.label, f.kind]),
      partnerships: innings.partnerships.map((p) => [
        p.wicket,
        p.pair,
        p.runs,
        p.balls,
        Object.fromEntries(p.by),
        p.ended,
      ]),
      over: innings.overs.map((o) => [
        o.number,
        o.runs,
        o.wickets,
        o.legal,
        o.complete,
        o.maiden,
        o.balls.map((b) => [
          b.key,
          b.label,
          b.total,
          b.score,
          b.down,
          b.free_hit,
          b.shot && [b.shot.x, b.shot.y, b.shot.length],
        ]),
      ]),
      totals: totals(innings),
    })),
    due: open ? inningsDue(state, open) !== null : null,
    over_due: open ? overDue(open) : null,
    needed: open ? (chase(state, open)?.needed ?? null) : null,
    left: open ? ballsLeft(open) : null,
    can_bat: open
      ? canBat(state, open)
          .map((p) => p.key)
          .sort()
      : [],
    can_bowl: open
      ? canBowl(state, open)
          .filter((p) => !p.warning)
          .map((p) => p.key)
          .sort()
      : [],
    hands: Object.fromEntries(state.hands),
    bowlers: Object.fromEntries(canBowl(state, open).map((p) => [p.key, [p.warning, p.left]])),
    on_break: state.break_ !== null,
    ended: state.ended !== null,
    follow_on: followOnPossible(state),
    result: state.ended ? conclude(state, state.ended.outcome, state.ended.reason ?? null).text : null,
    decided: open ? null : (derive(state)?.text ?? null),
    called_off: derive(state, { over: true, reason: "no further play" })?.text ?? null,
    free_hit: open ? open.free_hit : null,
    unlawful: state.unlawful.map((each) => [each.key, each.why]),
    problems: state.problems.map((each) => each.key),
  };
}

let text = "";
for await (const part of process.stdin) text += part;
const answer = JSON.parse(text).logs.map(({ events, prefixes }) =>
  prefixes.map((n) => plain(fold(events.slice(0, n)))),
);
process.stdout.write(JSON.stringify(answer));
