// The sheets of a ball: extras, the rest, the wicket, and changing a ball that was entered before.
import { canBowl, howOut, lastName, nameOf, runsRun } from "./fold.js";
import { h, key } from "./dom.js";
import { choice, formSheet, number, openSheet, select, several, tick } from "./sheet.js";
import { KINDS, ballWords, many, runsWords } from "./words.js";
import { newKey } from "./queue.js";

export function bodyOf(innings, parts) {
  const body = { striker: innings.striker, non_striker: innings.non_striker, bowler: innings.bowler, bat: 0, ...parts };
  if (body.extras) {
    body.extras = Object.fromEntries(Object.entries(body.extras).filter(([, runs]) => runs));
    if (!Object.keys(body.extras).length) delete body.extras;
  }
  return body;
}

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

const NEEDS_FIELDER = { caught: "Caught by", stumped: "Stumped by", "run out": "Thrown in by, in order" };
const FREE = new Set(["run out", "obstructing the field", "hit the ball twice", "handled the ball"]);
const FACES = "Say who faces the next ball.";
const ON_WIDE = new Set(["stumped", "run out", "hit wicket", "obstructing the field", "handled the ball"]);
const RUNS_COUNT = new Set(["run out", "obstructing the field"]);

export function wicketSheet(app, delivery = "fair") {
  const { state, innings } = app;
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
    const body = bodyOf(innings, { bat, extras, wickets: [wicket] });
    // After an over's last ball the batters face the other way: what is kept is who would face if it went on.
    if (values.next && asksNext(values)) body.next = isLast(values) ? other_(values.next, player) : values.next;
    return body;
  };
  const asksNext = (values) => RUNS_COUNT.has(values.kind);
  const ends = ((innings.overs.length + (over && !over.complete ? 0 : 1)) * innings.per_over) % innings.per_end === 0;
  const isLast = (values) => values.ball === "fair" && legal + 1 >= innings.per_over && ends;
  const other_ = (next, gone) => (next === "new" ? [striker, other].find((key) => key !== gone) : "new");
  formSheet({
    title: `Wicket, ball ${number_}`,
    kind: "is-ball",
    submit: "Enter the wicket",
    fields: [
      choice("kind", "How", KINDS, delivery === "fair" ? "caught" : delivery === "wide" ? "stumped" : "run out"),
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

// --- a ball entered before -----------------------------------------------------------------------

const EXTRA = [
  ["none", "None"],
  ["wides", "Wide"],
  ["noballs", "No-ball"],
  ["byes", "Byes"],
  ["legbyes", "Leg byes"],
  ["nb_byes", "No-ball and byes"],
  ["nb_legbyes", "No-ball and leg byes"],
];

function ballFields(app, innings, body) {
  const { state } = app;
  const extras = body.extras ?? {};
  const kind =
    extras.noballs && extras.byes
      ? "nb_byes"
      : extras.noballs && extras.legbyes
        ? "nb_legbyes"
        : (["wides", "noballs", "byes", "legbyes"].find((each) => extras[each]) ?? "none");
  const amount = kind === "nb_byes" ? extras.byes : kind === "nb_legbyes" ? extras.legbyes : (extras[kind] ?? 1);
  const side = [...state.teams[innings.team].players.values()].map((player) => [player.key, player.name]);
  const field = [...state.teams[1 - innings.team].players.values()].map((player) => [player.key, player.name]);
  const wicket = body.wickets?.[0];
  const [first, second] = wicket?.fielders ?? [];
  const fielders = [
    ["", "Nobody, or not known"],
    ...fielderOptions(state, innings).map(([value, words]) => [value, words]),
  ];
  return [
    choice(
      "bat",
      "Runs off the bat",
      [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n, String(n)]),
      body.bat ?? 0,
    ),
    tick("non_boundary", "All run: the four or six did not reach the boundary", body.non_boundary),
    choice("extra", "Extra", EXTRA, kind),
    number("amount", "Extra runs", amount, {
      min: 1,
      max: 12,
      hint: "Of a wide or no-ball in all; of byes beside a no-ball, the byes.",
    }),
    choice(
      "penalty",
      "Penalty runs with it",
      [
        [0, "None"],
        [5, "5"],
        [10, "10"],
      ],
      extras.penalty ?? 0,
    ),
    h(
      "div.sheet-cols",
      {},
      select("striker", "Facing", side, body.striker),
      select("non_striker", "At the other end", side, body.non_striker),
      select("bowler", "Bowler", field, body.bowler),
      select(
        "kind",
        "Wicket",
        [["", "None"], ...KINDS, ["retired out", "Retired out"], ["retired hurt", "Retired hurt"]],
        wicket?.kind ?? "",
      ),
      select("who", "Who was out", side, wicket?.player ?? body.striker),
      select("fielder", "Fielder", fielders, first ? (first.key ?? "sub") : ""),
      select("fielder_2", "Second fielder", fielders, second ? (second.key ?? "sub") : ""),
    ),
  ];
}

function fromFields(app, values, old) {
  const { settings } = app.state;
  const extras = {};
  if (values.extra === "nb_byes" || values.extra === "nb_legbyes") {
    extras.noballs = settings.no_ball;
    extras[values.extra === "nb_byes" ? "byes" : "legbyes"] = values.amount;
  } else if (values.extra !== "none") extras[values.extra] = values.amount;
  if (Number(values.penalty)) extras.penalty = Number(values.penalty);
  const body = {
    ...old,
    striker: values.striker,
    non_striker: values.non_striker,
    bowler: values.bowler,
    bat: Number(values.bat),
  };
  delete body.extras;
  delete body.wickets;
  delete body.non_boundary;
  if (Object.keys(extras).length) body.extras = extras;
  if (values.non_boundary && (body.bat === 4 || body.bat === 6)) body.non_boundary = true;
  if (values.kind) {
    const was = old.wickets?.[0];
    const same = was && was.kind === values.kind;
    const fielders = [values.fielder, values.kind === "run out" ? values.fielder_2 : ""]
      .filter(Boolean)
      .map((each) =>
        each === "sub" ? (same && was.fielders?.find((one) => one.substitute)) || { substitute: true } : { key: each },
      );
    const more = same && (was.fielders?.length ?? 0) > 2 ? was.fielders.slice(2) : [];
    body.wickets = [
      { kind: values.kind, player: values.who, ...(fielders.length ? { fielders: [...fielders, ...more] } : {}) },
      ...(old.wickets?.slice(1) ?? []),
    ];
  }
  if (JSON.stringify(body.wickets) !== JSON.stringify(old.wickets) || !body.wickets) delete body.next;
  return body;
}

function lookAt(app, innings, values) {
  const show = {
    amount: values.extra !== "none",
    non_boundary: values.bat === "4" || values.bat === "6",
    who: Boolean(values.kind),
    fielder: ["caught", "stumped", "run out"].includes(values.kind),
    fielder_2: values.kind === "run out",
  };
  if (values.striker === values.non_striker)
    return { wrong: "Two different batters must be at the crease.", at: "non_striker", show };
  if (values.extra === "wides" && values.bat !== "0")
    return { wrong: "Off a wide there are no runs off the bat.", at: "bat", show };
  if (["byes", "legbyes", "nb_byes", "nb_legbyes"].includes(values.extra) && values.bat !== "0")
    return { wrong: "Byes are not run off the bat as well.", at: "bat", show };
  if (values.kind && ![values.striker, values.non_striker].includes(values.who))
    return { wrong: "Who was out must have been at the crease.", at: "who", show };
  return { words: runsWords(fromFields(app, values, {})), show };
}

// The deliveries after a ball while the same two are in: of the over, and of the partnership.
function followers(innings, at) {
  const balls = innings.overs.flatMap((over) => over.balls);
  const from = balls.findIndex((ball) => ball.key === at.key);
  const pair = new Set([at.striker, at.non_striker]);
  const together = [];
  for (const ball of balls.slice(from + 1)) {
    if (!pair.has(ball.striker) || !pair.has(ball.non_striker)) break;
    together.push(ball);
    if (ball.wickets.length) break;
  }
  return { over: together.filter((ball) => ball.over === at.over), partnership: together.slice(0, 58) };
}

const swapped = (ball) => ({
  of: ball.key,
  body: { ...ball.body, striker: ball.body.non_striker, non_striker: ball.body.striker },
});

export function changeSheet(app, innings, ball) {
  const { state } = app;
  const after = followers(innings, ball);
  const enter = (change, parityChanged) => {
    const send = (more) => app.act("correction", { changes: [change, ...more.map(swapped)] });
    if (!parityChanged || !after.over.length) return send([]);
    const options = [
      [
        "over",
        after.over.length === 1
          ? "The ball that follows in this over"
          : `The ${after.over.length} balls that follow in this over`,
      ],
      ["none", "Nothing: they are right as they are"],
    ];
    if (after.partnership.length > after.over.length)
      options.splice(1, 0, ["partnership", `All ${after.partnership.length} until the two are parted`]);
    return formSheet({
      title: "The batters have now changed ends",
      submit: "Enter the correction",
      fields: [
        h("p", {}, "With this correction the other batter would have faced. Swap the two in:"),
        choice("which", "Swap in", options, "over"),
      ],
      done: (values) => send(values.which === "none" ? [] : after[values.which]),
    });
  };
  const odd = (body) => runsRun(state.settings, body) % 2;
  const sheet = formSheet({
    title: `Ball ${ball.label}: ${ballWords(state, innings, ball)}`,
    fields: ballFields(app, innings, ball.body),
    look: (values) => lookAt(app, innings, values),
    submit: "Change this ball",
    also: [
      h(
        "button.button.is-large",
        {
          type: "button",
          onclick: () => {
            sheet.close();
            enter({ of: ball.key, delete: true }, odd(ball.body) === 1);
          },
        },
        "Take it out",
      ),
      h(
        "button.button.is-large",
        {
          type: "button",
          onclick: () => {
            sheet.close();
            insertSheet(app, innings, ball);
          },
        },
        "Put a ball before it",
      ),
    ],
    done: (values) => {
      const body = fromFields(app, values, ball.body);
      if (JSON.stringify(body) !== JSON.stringify(ball.body))
        enter({ of: ball.key, body }, odd(body) !== odd(ball.body));
    },
  });
}

function insertSheet(app, innings, ball) {
  const base = { striker: ball.striker, non_striker: ball.non_striker, bowler: ball.bowler, bat: 0 };
  formSheet({
    title: `A ball before ${ball.label}`,
    submit: "Put it in",
    fields: ballFields(app, innings, base),
    look: (values) => lookAt(app, innings, values),
    done: (values) =>
      app.act("correction", {
        changes: [{ before: ball.key, key: newKey(), kind: "delivery", body: fromFields(app, values, base) }],
      }),
  });
}

// The review of the ball just bowled belongs to it: one correction.
export function reviewSheet(app) {
  const { state, innings } = app;
  const ball = innings?.overs.at(-1)?.balls.at(-1);
  if (!ball) return app.say("There is no ball to review.");
  return formSheet({
    title: `Review of ball ${ball.label}`,
    submit: "Enter the review",
    fields: [
      choice(
        "by",
        "Asked by",
        [0, 1].map((team) => [team, state.teams[team].name]),
        1 - innings.team,
      ),
      choice(
        "decision",
        "Then",
        [
          ["struck down", "Struck down: the decision stands"],
          ["upheld", "Upheld: the decision changes"],
          ["technical failure", "Technical failure"],
        ],
        "struck down",
      ),
      tick("umpires_call", "Umpire’s call"),
      select(
        "batter",
        "Batter",
        [ball.striker, ball.non_striker].map((each) => [each, nameOf(state, innings.team, each)]),
        ball.striker,
      ),
    ],
    done: (values) =>
      app.act("correction", {
        changes: [
          {
            of: ball.key,
            body: {
              ...ball.body,
              review: {
                by: Number(values.by),
                decision: values.decision,
                batter: values.batter,
                type: "wicket",
                ...(values.umpires_call ? { umpires_call: true } : {}),
              },
            },
          },
        ],
      }),
  });
}
