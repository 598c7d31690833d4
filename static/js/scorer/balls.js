// The sheets of a ball: extras and the rest.
import { canBowl, lastName, lawsOf, nameOf } from "./fold.js";
import { ballFields, fromFields, lookAt } from "./change.js";
import { h, key } from "./dom.js";
import { choice, formSheet, openSheet } from "./sheet.js";
import { bodyOf, wicketSheet } from "./wicket.js";
import { many } from "./words.js";

function keysSheet(title, groups, enter) {
  const sheet = openSheet(
    title,
    groups.map(([legend, list]) =>
      h(
        "section.sheet-keys",
        {},
        legend ? h("h3.label", {}, legend) : null,
        h(
          "div.keys-small",
          {},
          list.map(([words, small, parts]) =>
            key(words, { small, kind: parts.kind ?? "" }, () => {
              sheet.close();
              (parts.go ?? (() => enter(parts.body)))();
            }),
          ),
        ),
      ),
    ),
  );
}

const runs = (list, make) => list.map((n) => [String(n), null, { body: make(n) }]);

export function wideSheet(app) {
  const one = app.state.settings.wide;
  keysSheet(
    "Wide",
    [
      [
        "Runs in all",
        [1, 2, 3, 4, 5].map((n) => [
          String(one - 1 + n),
          n === 1 ? "wide" : n === 5 ? "to the boundary" : `ran ${n - 1}`,
          { body: { extras: { wides: one - 1 + n } } },
        ]),
      ],
      ["And", [["Wicket", "stumped, run out, hit wicket", { kind: "is-wicket", go: () => wicketSheet(app, "wide") }]]],
    ],
    (parts) => app.ball(parts),
  );
}

export function noBallSheet(app) {
  const nb = app.state.settings.no_ball;
  const byes = lawsOf(app.state).byesOffANoBall
    ? ["byes", "legbyes"].map((kind) => [
        kind === "byes" ? "Byes" : "Leg byes",
        runs([1, 2, 3, 4], (n) => ({ extras: { noballs: nb, [kind]: n } })),
      ])
    : [["Run, not off the bat", runs([1, 2, 3, 4], (n) => ({ extras: { noballs: nb + n } }))]];
  keysSheet(
    "No-ball",
    [
      [
        `Off the bat, and ${many(nb, "run")} for the no-ball`,
        [0, 1, 2, 3, 4, 5, 6].map((n) => [
          String(n),
          n === 0 ? "no-ball alone" : n === 4 || n === 6 ? "boundary" : null,
          { kind: n === 4 ? "is-four" : n === 6 ? "is-six" : "", body: { bat: n, extras: { noballs: nb } } },
        ]),
      ],
      ...byes,
      ["And", [["Wicket", "run out, obstructing", { kind: "is-wicket", go: () => wicketSheet(app, "noball") }]]],
    ],
    (parts) => app.ball(parts),
  );
}

export function byeSheet(app, kind) {
  keysSheet(
    kind === "byes" ? "Byes" : "Leg byes",
    [
      [
        "Runs",
        [1, 2, 3, 4, 5, 6].map((n) => [
          String(n),
          n === 4 ? "boundary or run" : null,
          { body: { extras: { [kind]: n } } },
        ]),
      ],
    ],
    (parts) => app.ball(parts),
  );
}

export function moreSheet(app) {
  keysSheet(
    "More runs",
    [
      [
        "Off the bat",
        [
          ["4", "all run", { body: { bat: 4, non_boundary: true } }],
          ["6", "all run", { body: { bat: 6, non_boundary: true } }],
          ["7", "with overthrows", { body: { bat: 7 } }],
          ["8", "with overthrows", { body: { bat: 8 } }],
          ["5", "overthrows", { body: { bat: 5 } }],
        ],
      ],
      [
        "Penalty runs with this ball (Law 41, 42)",
        [["5", "to the batting side", { body: { extras: { penalty: 5 } } }]],
      ],
      [
        "Otherwise",
        [
          ["Short run", "enter the runs that count", { go: () => shortRun(app) }],
          ["Any mix", "runs, extras, batters", { go: () => mixSheet(app) }],
          ["Penalty", "5 runs, no ball bowled", { go: () => app.menu.penalty() }],
        ],
      ],
    ],
    (parts) => app.ball(parts),
  );
}

function shortRun(app) {
  keysSheet(
    "Short run: runs that count",
    [
      [
        "The batters ran one more than counts, so the strike is as after that many",
        [0, 1, 2].map((n) => [
          String(n),
          `ran ${n + 1}`,
          {
            go: () => app.ball({ bat: n }, true),
          },
        ]),
      ],
      [
        "On purpose, say the umpires: no run counts",
        [["0", "5 Penalty runs to the other side", { go: () => deliberate(app) }]],
      ],
    ],
    (parts) => app.ball(parts),
  );
}

// Law 18.5: the runs are disallowed, the batters go back, the fielding side has 5 Penalty runs; since October 2026 its
// captain says who faces.
function deliberate(app) {
  const { state, innings } = app;
  const { captainChoosesStriker } = lawsOf(state);
  const pair = [innings.striker, innings.non_striker];
  const side = state.teams[1 - innings.team].name;
  formSheet({
    title: "Deliberate short run",
    submit: "Enter the ball",
    fields: [
      choice(
        "ball",
        "The ball",
        [
          ["fair", "Legal ball"],
          ["wides", "Wide"],
          ["noballs", "No-ball"],
        ],
        "fair",
      ),
      captainChoosesStriker
        ? choice(
            "next",
            `Facing the next ball, as ${side} choose`,
            pair.map((key) => [key, lastName(nameOf(state, innings.team, key))]),
            null,
            { ask: "Ask the fielding captain who faces the next ball." },
          )
        : null,
    ].filter(Boolean),
    look: () => ({ words: `No run counts. ${side} have 5 Penalty runs.` }),
    done: (values) => {
      const own = { wides: state.settings.wide, noballs: state.settings.no_ball }[values.ball];
      const ball = bodyOf(innings, { bat: 0, ...(own ? { extras: { [values.ball]: own } } : {}) });
      if (values.next) ball.next = facesNow(innings, values) ? values.next : pair.find((key) => key !== values.next);
      app.actAll([{ kind: "delivery", body: ball }, app.menu.penaltyTo(1 - innings.team, 5)]);
    },
  });
}

// After an over's last ball the batters face the other way: what is kept is who would face if it went on.
function facesNow(innings, { ball }) {
  const over = innings.overs.at(-1);
  const legal = over && !over.complete ? over.legal : 0;
  const overs = innings.overs.length + (over && !over.complete ? 0 : 1);
  return ball !== "fair" || legal + 1 < innings.per_over || (overs * innings.per_over) % innings.per_end !== 0;
}

function mixSheet(app) {
  const innings = app.innings;
  const body = bodyOf(innings, { bat: 0 });
  formSheet({
    title: "This ball",
    fields: ballFields(app, innings, body),
    look: (values) => warned(app, innings, values, lookAt(app, innings, values)),
    submit: "Enter the ball",
    done: (values) => app.act("delivery", fromFields(app, values, body)),
  });
}

// A bowler whom the Laws bar is told of, not refused: the umpires decide.
function warned(app, innings, values, told) {
  const bowler = canBowl(app.state, innings).find((player) => player.key === values.bowler);
  return bowler?.warning && told.words
    ? { ...told, words: `${told.words}. ${lastName(bowler.name)} ${bowler.warning}: only the umpires can let this be.` }
    : told;
}
