// The sheet that ends the match: the result that the balls give comes first; another one only after a look at why they
// differ.
import { conclude, whyNone } from "./result.js";
import { choice, formSheet, number, select, several, tick, toldHere } from "./sheet.js";
import { h } from "./dom.js";

export const METHODS = [
  ["D/L", "D/L"],
  ["DLS", "DLS"],
  ["VJD", "VJD"],
  ["Other", "Other"],
];

// How a match was won: by a margin, or by the method named.
const BY = [
  ["runs", "Runs"],
  ["wickets", "Wickets"],
];
const INNINGS = ["innings", "An innings"];
const WITHOUT = [
  ["none", "Awarded"],
  ["Conceded", "Conceded"],
  ["Lost fewer wickets", "Fewer wickets lost"],
  ["Run rate", "Run rate"],
];
const FIRST = ["1st innings score", "First-innings score"];
const TIE = [
  ["super over", "The super over"],
  ["bowl-out", "The bowl-out"],
  ["Boundary count", "Boundaries, the super over tied"],
  ["Lost fewer wickets", "Fewer wickets lost"],
  ["Run rate", "Run rate"],
];

// What the sheet states, as the outcome of match_end; null where it does not say enough.
export function stated(values) {
  const { outcome, how, margin, decided, method } = values;
  if (outcome === "0" || outcome === "1") {
    const winner = Number(outcome);
    if (how === "none") return { winner };
    if (!["runs", "wickets", "innings"].includes(how)) return how ? { winner, method: how } : null;
    if (margin === null) return null;
    const by = how === "innings" ? { innings: 1, runs: margin } : { [how]: margin };
    return { winner, by, ...(method && how !== "innings" ? { method } : {}) };
  }
  if (!outcome) return null;
  if (outcome === "no result" || decided === "") return { result: outcome };
  const side = Number(decided);
  if (outcome === "draw") return { result: outcome, eliminator: side, method: FIRST[0] };
  if (values.tie === "bowl-out") return { result: outcome, bowl_out: side };
  return { result: outcome, eliminator: side, ...(values.tie === "super over" ? {} : { method: values.tie }) };
}

// The same outcome as the fields of the sheet.
function fieldsOf(outcome) {
  if (!outcome) return { outcome: null, how: "runs", margin: 1, method: null, decided: "", tie: "super over" };
  const by = outcome.by ?? {};
  const won = outcome.winner !== undefined && outcome.winner !== null;
  const how = "innings" in by ? "innings" : "runs" in by ? "runs" : "wickets" in by ? "wickets" : null;
  return {
    outcome: won ? String(outcome.winner) : (outcome.result ?? null),
    how: how ?? (outcome.method && outcome.method !== "Awarded" ? outcome.method : "none"),
    margin: by.runs ?? by.wickets ?? 1,
    method: how ? (outcome.method ?? "") : null,
    decided: String(outcome.eliminator ?? outcome.bowl_out ?? ""),
    tie: outcome.bowl_out === undefined ? (outcome.method ?? "super over") : "bowl-out",
  };
}

export function endSheet(app, why = null) {
  const { state } = app;
  const people = [0, 1].flatMap((team) =>
    [...state.teams[team].players.values()].map((player) => [player.key, player.name]),
  );
  const ended = state.ended;
  const before = ended ? app.events.filter((event) => event.kind === "match_end").at(-1) : null;
  const sides = [0, 1].map((team) => [team, state.teams[team].name]);
  const two = (state.settings?.innings ?? 2) === 4;
  const was = fieldsOf(ended?.outcome);
  formSheet({
    title: "End of the match",
    submit: "End the match",
    fields: [
      choice(
        "reason",
        "Play ended",
        [
          ["", "As it should"],
          ["no further play", "No further play"],
          ["abandoned", "Abandoned"],
          ["awarded", "Awarded"],
        ],
        ended?.reason ?? why ?? "",
        { required: false },
      ),
      tick("other", "The result is another one", Boolean(ended?.outcome)),
      tick("sure", "The score was looked through, and the balls are right"),
      choice(
        "outcome",
        "Result",
        [
          ["0", `${state.teams[0].name} won`],
          ["1", `${state.teams[1].name} won`],
          ["tie", "Tie"],
          ["draw", "Draw"],
          ["no result", "No result"],
        ],
        was.outcome,
      ),
      h(
        "div.sheet-cols",
        {},
        select("how", "By", [...BY, ...(two ? [INNINGS] : []), ...WITHOUT, ...(two ? [FIRST] : [])], was.how),
        number("margin", "How many", was.margin, { min: 1, max: 2000 }),
        select("method", "Method", [["", "None"], ...METHODS], was.method ?? state.method ?? ""),
        select("decided", two ? "Decided for" : "The tie went to", [["", "Nobody"], ...sides], was.decided),
        select("tie", "By", [...TIE, ...(two ? [FIRST] : [])], was.tie),
      ),
      toldHere(),
      several("player_of_match", "Player of the match", people, state.player_of_match),
    ],
    look: (values) => {
      const won = values.outcome === "0" || values.outcome === "1";
      const open = values.other && values.sure;
      const margin = ["runs", "wickets", "innings"].includes(values.how);
      const show = {
        sure: values.other,
        outcome: open,
        how: open && won,
        margin: open && won && margin,
        method: open && won && (values.how === "runs" || values.how === "wickets") && !two,
        decided: open && (values.outcome === "tie" || values.outcome === "draw"),
        tie: open && values.outcome === "tie" && values.decided !== "",
      };
      if (values.reason === "awarded" && !(open && won))
        return {
          wrong: "Say to which side the match is awarded: the result is another one, won by nothing.",
          at: open ? "outcome" : "other",
          show,
        };
      if (values.other && !values.sure)
        return { open: { sure: "Most wrong results are a wrong ball. Look through the list first." }, show };
      const outcome = open ? stated(values) : null;
      if (outcome) return { words: `As you say: ${conclude(state, outcome).text}.`, show };
      const reason = values.reason || null;
      const none = whyNone(state, reason);
      return {
        words: `From the balls: ${conclude(state, null, reason).text}.${none ? ` ${none}` : ""}`,
        show,
      };
    },
    done: (values) => {
      const body = {};
      if (values.reason) body.reason = values.reason;
      if (values.player_of_match.length) body.player_of_match = values.player_of_match;
      const outcome = values.other ? stated(values) : null;
      if (outcome) body.outcome = outcome;
      if (before) app.act("correction", { changes: [{ of: before.key, body }] });
      else app.act("match_end", body);
    },
  });
}
