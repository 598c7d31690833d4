// What takes the place of the keys while something else is asked first: line-ups, toss, who comes in, who bowls, the
// end of an over.
import { bowlerOvers, canBat, canBowl, followOnLead, followOnPossible, lastName, nameOf } from "./fold.js";
import { decided } from "./result.js";
import { button, h, key, notice } from "./dom.js";
import { many, breakWords } from "./words.js";

const panel = (heading, sentence, ...content) => [
  h(
    "div.ask",
    {},
    h("h2", { tabindex: "-1", "data-ask": "yes" }, heading),
    sentence ? h("p.quiet", {}, sentence) : null,
  ),
  ...content.filter(Boolean),
];
const grid = (...keys) => h("div.keys-grid", {}, keys);

export const PANELS = {
  setup(app) {
    const preset = app.preset();
    return panel(
      "Set the match up",
      `${preset.teams.join(" v ")}, ${app.match.competition ?? ""}`,
      grid(
        key("Start", { small: app.setupWords(preset), kind: "is-six is-wide" }, () => app.act("setup", preset)),
        key("Change first", { small: "format, overs, value of a no-ball", kind: "is-small" }, () => app.menu.setup()),
      ),
    );
  },

  lineup(app, step) {
    const team = app.state.teams[step.team].name;
    return panel(
      `Who plays for ${team}?`,
      null,
      grid(
        key(
          "Choose the side",
          { small: `${many(app.squads[step.team].length, "player")} in the squad`, kind: "is-six is-wide" },
          () => app.menu.lineup(step.team),
        ),
        app.squads[step.team].length >= app.state.settings.players
          ? key(
              app.state.settings.players === 11 ? "The first eleven" : `The first ${app.state.settings.players}`,
              { small: "as the squad is listed", kind: "is-small" },
              () =>
                app.act("lineup", {
                  team: step.team,
                  players: app.squads[step.team]
                    .slice(0, app.state.settings.players)
                    .map(({ key: id, name, role }) => ({ key: id, name, ...(role ? { role } : {}) })),
                }),
            )
          : null,
      ),
    );
  },

  toss(app) {
    const options = [0, 1].flatMap((winner) =>
      ["bat", "field"].map((decision) =>
        key(app.state.teams[winner].name, { small: `won the toss and will ${decision}`, kind: "is-name" }, () =>
          app.act("toss", { winner, decision }),
        ),
      ),
    );
    return panel("Who won the toss?", null, grid(options));
  },

  innings(app) {
    const { state } = app;
    const { settings, toss } = state;
    const main = state.innings.filter((each) => !each.super_over);
    const last = state.innings.at(-1);
    const first = toss ? (toss.decision === "bat" ? toss.winner : 1 - toss.winner) : 0;
    const suggested = last ? 1 - last.team : first;
    const had = (team) => main.filter((each) => each.team === team).length;
    const keys = [];
    const supers = state.innings.filter((each) => each.super_over);
    const found = decided(state);
    const tied = settings.innings === 2 && found?.result === "tie" && found.super_over === null;
    const end = state.innings.length
      ? key("End the match", { small: app.resultWords(), kind: found && !tied ? "is-six is-wide" : "is-small" }, () =>
          app.menu.end(),
        )
      : null;
    if (found && !tied) keys.push(end);
    if (main.length < settings.innings && !(found && settings.innings === 4)) {
      for (const team of [suggested, 1 - suggested]) {
        if (had(team) >= settings.innings / 2) continue;
        const follows = settings.innings === 4 && main.length === 2 && last.team === team;
        const short = follows && !followOnPossible(state);
        keys.push(
          key(
            state.teams[team].name,
            {
              small: short
                ? `follow on? Law 14 asks a lead of ${followOnLead(settings)}`
                : follows
                  ? "bat again: they follow on"
                  : "start their innings",
              kind: short ? "is-name is-warned" : team === suggested ? "is-six is-wide" : "is-name",
            },
            () => app.act("innings_start", { team, ...(follows ? { follow_on: true } : {}) }),
          ),
        );
      }
      keys.push(
        key("From paper", { small: "an innings that is over already", kind: "is-small" }, () => app.menu.paper()),
      );
    }
    const over = main.length >= 2 && settings.innings === 2;
    if (over && (!found || tied)) {
      // Whoever batted second bats first in the super over, and so on from one to the next.
      const before = supers.at(-1) ?? main.at(-1);
      const team = supers.length % 2 ? 1 - before.team : before.team;
      const words = supers.length % 2 ? "Super over, second half" : supers.length ? "Another super over" : "Super over";
      keys.push(
        key(words, { small: `${state.teams[team].name} bat`, kind: tied ? "is-six is-wide" : "is-small" }, () =>
          app.act("innings_start", { team, super_over: true }),
        ),
      );
    }
    if (end && !keys.includes(end)) keys.push(end);
    return panel(
      state.innings.length ? "The innings is over" : "Ready for the first ball",
      state.innings.length ? app.stateWords() : `${state.teams[first].name} bat first.`,
      grid(keys),
    );
  },

  break(app) {
    const { reason, text } = app.state.break_;
    const { day, session } = app.state;
    // After stumps the next day begins, after lunch and tea the next session: one tap says so.
    const next =
      reason === "stumps"
        ? { day: (day ?? 1) + 1, session: 1 }
        : reason === "lunch" || reason === "tea"
          ? { day: day ?? 1, session: (session ?? 1) + 1 }
          : {};
    return panel(
      breakWords(reason),
      text ?? "The public pages say so.",
      grid(
        key(
          reason === "stumps" ? `Day ${next.day} begins` : "Play again",
          {
            small: next.session > 1 ? `day ${next.day}, session ${next.session}` : null,
            kind: "is-six is-wide",
            letter: "Enter",
          },
          () => app.act("resume", next),
        ),
        key("Overs are lost", { small: "overs, target, par", kind: "is-small" }, () => app.menu.revise()),
        app.innings
          ? key("This innings is over", { small: "declared, or no more play in it", kind: "is-small" }, () =>
              app.menu.endInnings(),
            )
          : null,
        app.state.innings.length
          ? key("No more play", { small: "end the match", kind: "is-small" }, () => app.menu.end("no further play"))
          : null,
        key("A new day or session", { kind: "is-small" }, () => app.menu.session()),
      ),
    );
  },

  over_due(app, step) {
    const over = app.innings.overs.at(-1);
    const wickets = over.wickets ? `, ${many(over.wickets, "wicket")}` : "";
    return panel(
      `${app.innings.per_over === 5 ? "Set" : "Over"} ${over.number + 1}: ${many(over.runs, "run")}${wickets}`,
      "Has the umpire called it?",
      grid(
        key(
          app.innings.per_over === 5 ? "End the set" : "End the over",
          { kind: "is-six is-wide", letter: "Enter" },
          () => app.act("over_end", {}),
        ),
        key("Another ball to come", { small: "the over goes on", kind: "is-small" }, () => app.wave(step.answer)),
      ),
    );
  },

  innings_due(app, step) {
    const { state, innings } = app;
    const words = {
      "all out": "All out",
      "overs complete": "All overs are bowled",
      "target reached": "The target is reached",
    }[step.reason];
    return panel(
      `${words}: ${state.teams[innings.team].name} ${innings.runs}/${innings.wickets}`,
      app.resultSoon(),
      grid(
        key("End the innings", { small: step.reason, kind: "is-six is-wide", letter: "Enter" }, () =>
          app.act("innings_end", { reason: step.reason }),
        ),
        step.answer
          ? key("It goes on", { small: "another ball to come", kind: "is-small" }, () => app.wave(step.answer))
          : null,
      ),
    );
  },

  batters(app) {
    const { state, innings } = app;
    const list = canBat(state, innings);
    const openers = !innings.striker && !innings.non_striker;
    const picked = openers && list.some((player) => player.key === app.picked) ? app.picked : null;
    const heading = openers
      ? picked
        ? "Who is at the other end?"
        : innings.deliveries
          ? "Who faces?"
          : "Who faces the first ball?"
      : "Who comes in?";
    const pick = (player) => {
      if (openers && !picked) return app.pick(player.key);
      const pair = openers ? [picked, player.key] : [innings.striker ?? player.key, innings.non_striker ?? player.key];
      return app.act("batters", { striker: pair[0], non_striker: pair[1] });
    };
    const stays = openers ? picked : (innings.striker ?? innings.non_striker);
    const stands = innings.striker ? "is on strike" : "is at the other end; the new batter faces";
    const where = stays ? `${nameOf(state, innings.team, stays)} ${openers ? "faces" : stands}.` : null;
    return panel(
      heading,
      where,
      grid(
        list
          .filter((player) => player.key !== picked)
          .map((player) =>
            key(
              player.name,
              { small: player.returns ? "returns, retired before" : (player.role ?? null), kind: "is-name" },
              () => pick(player),
            ),
          ),
        picked ? key("Another", { small: "choose the first again", kind: "is-small" }, () => app.pick(null)) : null,
      ),
      h(
        "p.row",
        {},
        button("End the innings", () => app.menu.endInnings("all out")),
        openers ? null : button("Timed out", () => app.menu.timedOut()),
        openers ? null : button("Absent hurt", () => app.menu.absent()),
      ),
    );
  },

  bowler(app) {
    const { state, innings } = app;
    const list = canBowl(state, innings);
    const rank = (player) =>
      player.warning
        ? 3
        : player.bowler
          ? 0
          : /bowl|all/i.test(player.role ?? "")
            ? 1
            : player.keeper || /keep/i.test(player.role ?? "")
              ? 3
              : 2;
    list.sort((a, b) => rank(a) - rank(b));
    return panel(
      "Who bowls?",
      `${innings.per_over === 5 ? "Set" : "Over"} ${innings.overs.filter((over) => over.complete).length + 1}`,
      grid(
        list.map((player) =>
          key(
            player.name,
            {
              small: bowlerWords(innings, player),
              kind: player.warning ? "is-name is-warned" : "is-name",
            },
            () => bowl(app, player),
          ),
        ),
      ),
      takenOff(state, innings),
    );
  },

  ended(app) {
    return panel(
      app.resultWords(),
      "The match is closed. Undo takes the end back.",
      grid(
        h(
          "a.key.is-six.is-wide",
          { href: `/matches/${app.match.id}/scorecard` },
          h("b", {}, "Scorecard"),
          h("small", {}, "to print"),
        ),
        h(
          "a.key.is-small",
          { href: `/matches/${app.match.id}/cricsheet.json` },
          h("b", {}, "Export"),
          h("small", {}, "Cricsheet JSON"),
        ),
        key("Player of the match", { kind: "is-small" }, () => app.menu.end()),
      ),
    );
  },
};

// What a scorer asks about somebody who may bowl: why not, or the figures and how many overs are left.
export function bowlerWords(innings, player) {
  if (player.warning) return player.warning;
  const unit = innings.per_over === 5 ? "set" : "over";
  const left = player.left === null ? null : `${many(player.left, unit)} left`;
  if (!player.bowler) return player.role ?? left;
  const { wickets, runs } = player.bowler;
  return [many(bowlerOvers(innings, player.bowler), unit), `${wickets}/${runs}`, left].filter(Boolean).join(", ");
}

// Why somebody is not among those who may bowl.
export function takenOff(state, innings) {
  const names = [...innings.suspended].map(([id, reason]) => `${nameOf(state, null, id)} (${reason})`);
  return names.length
    ? h("p.quiet", {}, `Taken off, and cannot bowl again in this innings: ${names.join(", ")}.`)
    : null;
}

// The umpires decide: a bowler that the Laws do not let bowl is asked about, not refused.
export function bowl(app, player) {
  if (!player.warning) return app.act("bowler", { bowler: player.key });
  return app.confirm(
    `${lastName(player.name)} ${player.warning}`,
    "Only the umpires can let this be. It stays in the book with a warning.",
    `${lastName(player.name)} bowls`,
    () => app.act("bowler", { bowler: player.key }),
  );
}

// The keys of the usual ball. The letter on each is its shortcut.
export function ballKeys(app) {
  const run = (n, more = {}) =>
    key(
      String(n),
      { letter: String(n), said: n === 4 || n === 6 ? ", boundary" : n === 1 ? " run" : n ? " runs" : null, ...more },
      () => app.ball({ bat: n }),
    );
  return [
    run(0, { small: "dot" }),
    run(1),
    run(2),
    run(3),
    run(4, { kind: "is-four", sign: "sig-four" }),
    run(6, { kind: "is-six", sign: "sig-six" }),
    run(5),
    key("More", { small: "7, all run, overthrow, short run, penalty", kind: "is-small", letter: "M" }, () =>
      app.sheets.more(),
    ),
    key("Wide", { kind: "is-extra", sign: "sig-wide", letter: "D" }, () => app.sheets.wide()),
    key("No-ball", { kind: "is-extra", sign: "sig-noball", letter: "N" }, () => app.sheets.noBall()),
    key("Bye", { kind: "is-extra", sign: "sig-bye", letter: "B" }, () => app.sheets.bye("byes")),
    key("Leg bye", { kind: "is-extra", sign: "sig-legbye", letter: "L" }, () => app.sheets.bye("legbyes")),
    key("Wicket", { kind: "is-wicket", sign: "sig-out", letter: "W" }, () => app.sheets.wicket()),
  ];
}

export function lockPanel(app) {
  const { lock } = app;
  if (!lock)
    return panel(
      "Nobody scores this match",
      "Start here, and your keys write the score.",
      grid(key("Start scoring here", { kind: "is-six is-wide" }, () => app.take(false))),
    );
  const who = lock.mine || lock.same ? "You are scoring on another device" : `${lock.name} is scoring`;
  return panel(
    who,
    app.lockWords(lock),
    notice(
      "You see the score; you cannot write it.",
      "Whoever takes over gets the score as the server has it. " +
        "What the other one has not sent stays on that device, and can be sent again later.",
      "note",
    ),
    grid(
      app.sure
        ? key("Yes, take over", { small: `${lock.name} can write no more`, kind: "is-wicket is-plain is-wide" }, () =>
            app.take(true),
          )
        : key("Take over", { small: "asks once more", kind: "is-six is-wide" }, () => app.beSure(true)),
      app.sure ? key("No, leave it", { kind: "is-small" }, () => app.beSure(false)) : null,
      app.sure
        ? null
        : key("Score along", { small: "a second book, compared at each over’s end", kind: "is-name" }, () =>
            app.second.start(),
          ),
    ),
  );
}

// Who plays and who won the toss comes from the match's log: both books are about the same people.
export function bookPanel(app) {
  return panel(
    "The match is being set up",
    `${app.lock?.name ?? "The other scorer"} enters the line-ups and the toss. They come here by themselves.`,
    grid(key("Stop scoring along", { small: "put this book away", kind: "is-small" }, () => app.second.stop())),
  );
}
