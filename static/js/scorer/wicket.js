// The sheet of a wicket: how, off which ball, who is out, who was in it, and who faces next.
import { asTaken, howOut, lastName, lawsOf, nameOf } from "./fold.js";
import { h } from "./dom.js";
import { CAUGHT, OFF_A_NO_BALL } from "./impossible.js";
import { choice, formSheet, several } from "./sheet.js";
import { KINDS, runsWords } from "./words.js";

export function bodyOf(innings, parts) {
  const body = { striker: innings.striker, non_striker: innings.non_striker, bowler: innings.bowler, bat: 0, ...parts };
  if (body.extras) {
    body.extras = Object.fromEntries(Object.entries(body.extras).filter(([, runs]) => runs));
    if (!Object.keys(body.extras).length) delete body.extras;
  }
  return body;
}

const NEEDS_FIELDER = { caught: "Caught by", stumped: "Stumped by", "run out": "Thrown in by, in order" };
const FREE = new Set(["run out", "obstructing the field", "hit the ball twice", "handled the ball"]);
const FACES = "Say who faces the next ball.";
const ON_WIDE = new Set(["stumped", "run out", "hit wicket", "obstructing the field", "handled the ball"]);
const RUNS_COUNT = new Set(["run out", "obstructing the field"]);

// How a batter can be out in this match, and off a free hit.
export const kindsOf = (state, free = false) =>
  KINDS.filter(
    ([kind]) => (!free || OFF_A_NO_BALL.has(kind)) && (kind !== "handled the ball" || lawsOf(state).handledTheBall),
  );

export function wicketSheet(app, delivery = "fair") {
  const { state, innings } = app;
  const free = innings.free_hit;
  const kinds = kindsOf(state, free);
  const [striker, other] = [innings.striker, innings.non_striker];
  const batters = [
    [striker, lastName(nameOf(state, innings.team, striker)), { icon: "bat" }],
    [other, lastName(nameOf(state, innings.team, other))],
  ];
  const fielders = fielderOptions(state, innings);
  const over = innings.overs.at(-1);
  const legal = over && !over.complete ? over.legal : 0;
  const number_ = `${over && !over.complete ? over.number : innings.overs.length}.${legal + 1}`;
  const parts = (values) => {
    const extras = {};
    const ran = RUNS_COUNT.has(values.kind) ? Number(values.runs ?? 0) : 0;
    const from = values.from ?? "bat";
    let bat = 0;
    if (values.ball === "wide") extras.wides = state.settings.wide + ran;
    else {
      if (values.ball === "noball") extras.noballs = state.settings.no_ball;
      if (from === "bat") bat = ran;
      else if (ran) extras[from] = ran;
    }
    const player = FREE.has(values.kind) ? (values.who ?? striker) : striker;
    const wicket = { kind: values.kind, player };
    const who = NEEDS_FIELDER[values.kind] ? (values.fielders ?? []) : [];
    const thrown = who.map((each) =>
      each === "sub" ? { substitute: true, ...(values.sub_name ? { name: values.sub_name } : {}) } : { key: each },
    );
    if (thrown.length) wicket.fielders = values.kind === "run out" ? thrown : thrown.slice(-1);
    const body = bodyOf(innings, { bat, extras, wickets: [asTaken(wicket, innings.bowler)] });
    // After an over's last ball the batters face the other way: what is kept is who would face if it went on.
    if (values.next && asksNext(values)) body.next = isLast(values) ? other_(values.next, player) : values.next;
    return body;
  };
  const asksNext = (values) =>
    RUNS_COUNT.has(values.kind) || (CAUGHT.has(values.kind) && !lawsOf(state).newBatterFaces);
  const ends = ((innings.overs.length + (over && !over.complete ? 0 : 1)) * innings.per_over) % innings.per_end === 0;
  const isLast = (values) => values.ball === "fair" && legal + 1 >= innings.per_over && ends;
  const other_ = (next, gone) => (next === "new" ? [striker, other].find((key) => key !== gone) : "new");
  formSheet({
    title: `Wicket, ball ${number_}${free ? ", free hit" : ""}`,
    kind: "is-ball",
    submit: "Enter the wicket",
    fields: [
      free
        ? h(
            "p.hint",
            {},
            "Off a free hit a batter is out as off a no-ball: not caught, bowled, lbw, stumped or hit wicket.",
          )
        : null,
      choice(
        "kind",
        "How",
        kinds,
        free || delivery === "noball" ? "run out" : delivery === "wide" ? "stumped" : "caught",
      ),
      choice(
        "ball",
        "The ball",
        [
          ["fair", "Legal ball"],
          ["wide", "Wide"],
          ["noball", "No-ball"],
        ],
        delivery,
      ),
      h(
        "div.sheet-cols",
        {},
        choice("who", "Who is out", batters, striker),
        choice(
          "runs",
          "Runs completed",
          [0, 1, 2, 3, 4, 5].map((n) => [n, String(n)]),
          0,
        ),
        choice(
          "from",
          "Those runs",
          [
            ["bat", "Off the bat"],
            ["byes", "Byes"],
            ["legbyes", "Leg byes"],
          ],
          "bat",
        ),
        choice(
          "next",
          "Facing the next ball",
          [...batters.map(([value, words]) => [value, words]), ["new", "The new batter"]],
          null,
          { ask: FACES },
        ),
      ),
      several("fielders", "By", fielders, []),
      h(
        "div.field",
        { "data-field": "sub_name" },
        h("label", { for: "sub-name" }, "The substitute’s name, if known"),
        h("input", { id: "sub-name", name: "sub_name", type: "text", autocomplete: "off" }),
      ),
    ],
    look: (values, form) => {
      const allowed = values.ball === "wide" ? ON_WIDE : values.ball === "noball" ? FREE : null;
      const gone = FREE.has(values.kind) ? values.who : striker;
      const legend = form.querySelector('[data-field="fielders"] legend');
      legend.textContent = NEEDS_FIELDER[values.kind] ?? "By";
      form.querySelector('[data-field="next"] legend').textContent = isLast(values)
        ? "Facing the first ball of the next over"
        : "Facing the next ball";
      for (const input of form.querySelectorAll('[name="next"]')) input.closest("label").hidden = input.value === gone;
      const show = {
        who: FREE.has(values.kind),
        runs: RUNS_COUNT.has(values.kind),
        from: RUNS_COUNT.has(values.kind) && Number(values.runs) > 0 && values.ball !== "wide",
        next: asksNext(values),
        fielders: values.kind in NEEDS_FIELDER,
        sub_name: values.kind in NEEDS_FIELDER && (values.fielders ?? []).includes("sub"),
      };
      if (allowed && !allowed.has(values.kind))
        return {
          wrong: `Nobody can be out ${values.kind} off a ${values.ball === "wide" ? "wide" : "no-ball"}.`,
          at: "kind",
          show,
        };
      if (values.next === gone && show.next) return { open: { next: FACES }, show };
      const body = parts(values);
      const [wicket] = body.wickets;
      const who = lastName(nameOf(state, innings.team, wicket.player));
      const how = howOut(state, innings, wicket, { bowler: innings.bowler });
      const score = `${innings.runs + totalOf(body)}/${innings.wickets + 1}`;
      const words = `${who} ${how}, ${runsWords(body)}. ${state.teams[innings.team].short} ${score}.`;
      return { words, show };
    },
    done: (values) => app.act("delivery", parts(values)),
  });
}

const totalOf = (body) => (body.bat ?? 0) + Object.values(body.extras ?? {}).reduce((sum, n) => sum + n, 0);

// The eleven in the field, the keeper first, and a substitute.
export function fielderOptions(state, innings) {
  const team = state.teams[1 - innings.team];
  const list = [...team.players.values()]
    .filter((player) => !team.replaced.has(player.key))
    .sort((a, b) => Number(Boolean(b.keeper)) - Number(Boolean(a.keeper)));
  const names = list.map((player) => lastName(player.name));
  return [
    ...list.map((player, i) => [
      player.key,
      names.filter((name) => name === names[i]).length > 1 ? player.name : names[i],
      player.keeper ? { note: "keeper" } : {},
    ]),
    ["sub", "A substitute"],
  ];
}
