// What the scorer is asked next, and what undo and redo would do. Pure.
import { canBat, current, fold, inningsDue, overDue, undoneKeys } from "./fold.js";
import { isAsked, refusal } from "./impossible.js";

// {ask: setup | lineup | toss | innings | over | break | over_due | innings_due | batters | bowler | ball | ended};
// `answered` holds what the scorer has waved through ("another ball to come"), by the key of the ball that it was asked
// about.
export function nextStep(state, answered = new Set()) {
  if (state.ended) return { ask: "ended" };
  if (!state.settings) return { ask: "setup" };
  const bare = state.teams.findIndex((team) => !team.players.size);
  if (bare >= 0) return { ask: "lineup", team: bare };
  if (!state.toss && !state.innings.length) return { ask: "toss" };
  if (state.break_) return { ask: "break" };
  const innings = current(state);
  if (!innings) return { ask: "innings" };
  const ball = innings.overs.at(-1)?.balls.at(-1)?.key ?? `start-${innings.index}`;
  const due = inningsDue(state, innings);
  if (due && !answered.has(`innings ${ball} ${due}`))
    return { ask: "innings_due", reason: due, answer: `innings ${ball} ${due}` };
  if (overDue(innings) && !answered.has(`over ${ball}`)) return { ask: "over_due", answer: `over ${ball}` };
  if (!innings.striker || !innings.non_striker) {
    if (!canBat(state, innings).length) return { ask: "innings_due", reason: "all out", answer: null };
    return { ask: "batters" };
  }
  // A bowler who was replaced bowls no more, not even the rest of the over.
  if (!innings.bowler || state.teams[1 - innings.team].replaced.has(innings.bowler)) return { ask: "bowler" };
  return { ask: "ball" };
}

// The newest event that counts and that no undo has taken back: undo goes back one by one, to the very start.
export function undoTarget(events) {
  const undone = undoneKeys(events);
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.kind === "restart") return null;
    if (event.kind !== "undo" && !undone.has(event.key)) return event;
  }
  return null;
}

// Redo takes back the newest undo that still holds, as long as nothing new has been entered since: {undo, event} or
// null.
export function redoTarget(events) {
  const undone = undoneKeys(events);
  for (let i = events.length - 1; i >= 0 && events[i].kind === "undo"; i--) {
    if (undone.has(events[i].key)) continue;
    const target = events.find((event) => event.key === events[i].body.of);
    if (target && target.kind !== "undo") return { undo: events[i], event: target };
  }
  return null;
}

// May this event of mine still follow on this state? A first look before the server's own: null, or why not.
export function misfit(state, events, event) {
  const known = new Set(events.map((each) => each.key));
  for (const each of events)
    if (each.kind === "correction") for (const change of each.body.changes) if (change.key) known.add(change.key);
  const aims = ["undo", "shot"].includes(event.kind)
    ? [event.body.of]
    : event.kind === "correction"
      ? event.body.changes.map((change) => change.of ?? change.before)
      : [];
  const mine = new Set(
    event.kind === "correction" ? event.body.changes.map((change) => change.key).filter(Boolean) : [],
  );
  if (aims.some((key) => !known.has(key) && !mine.has(key))) return "What it changes is not there any more.";
  const innings = current(state);
  if (["delivery", "batters", "bowler", "suspension", "over_end", "innings_end", "wicket"].includes(event.kind)) {
    if (state.ended) return "The match is over.";
    if (!innings) return "No innings is open.";
  }
  if (event.kind === "delivery") {
    for (const key of [event.body.striker, event.body.non_striker]) {
      if (!state.teams[innings.team].players.has(key)) return "A batter of this ball is not in the side that bats.";
      if (innings.batting.get(key)?.state === "out") return "A batter of this ball is out already.";
    }
    if (!state.teams[1 - innings.team].players.has(event.body.bowler))
      return "Its bowler is not in the side that fields.";
  }
  if (event.kind === "innings_start" && innings) return "An innings is open.";
  return null;
}

// Why these new events cannot be, as a sentence, or null: one of them itself, or a ball that follows an undo or a
// correction.
export function newProblem(events, more, played = null) {
  if (!more.some(rewrites)) {
    for (const [i, event] of more.entries()) {
      const why = isAsked(event) ? refusal(fold([...events, ...more.slice(0, i)], played), event) : null;
      if (why) return why;
    }
    return null;
  }
  const wrong = (list) => {
    const { problems, unlawful } = fold(list, played);
    return [...problems, ...unlawful];
  };
  const before = new Set(wrong(events).map(({ key, why }) => `${key} ${why}`));
  return wrong([...events, ...more]).find(({ key, why }) => !before.has(`${key} ${why}`))?.why ?? null;
}

export const rewrites = ({ kind }) => kind === "correction" || kind === "undo";
