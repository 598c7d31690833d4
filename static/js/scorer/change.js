// The sheets of a ball that was entered before: changing it, taking it out, one more before it, and its review.
import { asTaken, nameOf, runsRun } from "./fold.js";
import { h } from "./dom.js";
import { scoredAndOut } from "./impossible.js";
import { choice, formSheet, number, select, tick } from "./sheet.js";
import { fielderOptions, kindsOf } from "./wicket.js";
import { shotSheet } from "./shots.js";
import { ballWords, runsWords } from "./words.js";
import { newKey } from "./queue.js";

const EXTRA = [
  ["none", "None"],
  ["wides", "Wide"],
  ["noballs", "No-ball"],
  ["byes", "Byes"],
  ["legbyes", "Leg byes"],
  ["nb_byes", "No-ball and byes"],
  ["nb_legbyes", "No-ball and leg byes"],
];

export function ballFields(app, innings, body) {
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
        [["", "None"], ...kindsOf(state), ["retired out", "Retired out"], ["retired hurt", "Retired hurt"]],
        wicket?.kind ?? "",
      ),
      select("who", "Who was out", side, wicket?.player ?? body.striker),
      select("fielder", "Fielder", fielders, first ? (first.key ?? "sub") : ""),
      select("fielder_2", "Second fielder", fielders, second ? (second.key ?? "sub") : ""),
    ),
  ];
}

export function fromFields(app, values, old) {
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
    const wicket = {
      kind: values.kind,
      player: values.who,
      ...(fielders.length ? { fielders: [...fielders, ...more] } : {}),
    };
    body.wickets = [asTaken(wicket, values.bowler), ...(old.wickets?.slice(1) ?? [])];
  }
  if (JSON.stringify(body.wickets) !== JSON.stringify(old.wickets)) delete body.next;
  if (!body.wickets && ![body.striker, body.non_striker].includes(body.next)) delete body.next;
  if (!body.extras?.noballs) delete body.free_hit;
  return body;
}

export function lookAt(app, innings, values) {
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
  const body = fromFields(app, values, {});
  const wrong = scoredAndOut(app.state.settings, body);
  return wrong ? { wrong, at: "kind", show } : { words: runsWords(body), show };
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
      h(
        "button.button.is-large",
        {
          type: "button",
          onclick: () => {
            sheet.close();
            shotSheet(app, { innings, ball });
          },
        },
        "Where it went",
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
