// The sheets of a ball: extras and the rest.
import { canBowl, lastName } from "./fold.js";
import { ballFields, fromFields, lookAt } from "./change.js";
import { h, key } from "./dom.js";
import { formSheet, openSheet } from "./sheet.js";
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
      ["Byes", runs([1, 2, 3, 4], (n) => ({ extras: { noballs: nb, byes: n } }))],
      ["Leg byes", runs([1, 2, 3, 4], (n) => ({ extras: { noballs: nb, legbyes: n } }))],
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
    ],
    (parts) => app.ball(parts),
  );
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
