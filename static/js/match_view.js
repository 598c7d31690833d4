// What the match centre shows of a board: the twin of views/match_view.py, held to it by a test.

import { charts } from "./match_charts.js";

export const OVERS_SHOWN = 4;
const CLASSES = { w: "is-wicket", 4: "is-four", 6: "is-six", x: "is-extra", ".": "is-dot" };
const EXTRAS = {
  wd: ["wide", "wides"],
  nb: ["no-ball", "runs off a no-ball"],
  lb: ["leg bye", "leg byes"],
  b: ["bye", "byes"],
  p: ["penalty run", "penalty runs"],
};
const SIGNALS = {
  w: "sig-out",
  4: "sig-four",
  6: "sig-six",
  wd: "sig-wide",
  nb: "sig-noball",
  lb: "sig-legbye",
  b: "sig-bye",
};
const BADGES = { live: "Live", break: "Live", toss: "Soon", before: "Soon", over: "Result" };
const NONE = {
  all: "No ball has been bowled yet.",
  wickets: "No wicket has fallen yet.",
  boundaries: "No four or six yet.",
  reviews: "Nobody has asked for a review yet.",
};

export function view(board, show = "all", overs = OVERS_SHOWN) {
  const { at, now } = board;
  const inn = at === null ? null : board.innings[at];
  const [comm, more] = commentary(board, show, overs);
  const badge = board.info.replay && ["live", "break"].includes(board.phase) ? "Replay" : BADGES[board.phase];
  const open = Boolean(inn?.open);
  return {
    badge,
    tag: badge === "Live" || badge === "Replay" ? "tag is-live" : "tag",
    heading: inn ? headingOf(inn, inn.short) : "",
    score: inn ? inn.score.replace(/ dec$/, "").replace("forfeited", "0") : "",
    spoken: inn ? inn.score.replace("/", " for ").replace(" dec", " declared") : "",
    words: inn ? words(board, inn) : "",
    target: inn?.target ? String(inn.target) : "",
    power: open ? now.power : "",
    best: board.info.best.join(" and "),
    facts: board.info.rows.map(([k, v]) => ({ k, v })),
    none: board.innings.length ? NONE[show] : "Every ball is told here as soon as it is bowled.",
    title: inn ? `${inn.short} ${inn.score} (${inn.bowled})` : "",
    inn,
    earlier: at ? board.innings.slice(0, at).map(line) : [],
    bat: inn ? batters(board, inn, now) : [],
    bowl: inn ? bowlers(board, inn, now) : [],
    over: open ? thisOver(board, inn) : null,
    rates: inn ? rates(board, inn, now) : [],
    stand: open ? stand(inn) : "",
    last: inn ? last(inn, now) : "",
    live: open && board.phase !== "over",
    comm,
    more,
    cards: board.innings.map((_, number) => card(board, number)).reverse(),
    charts: charts(board),
  };
}

const words = (board, inn) => `${inn.bowled} ${board.unit}${inn.bowled === "1" ? "" : "s"}`;

const headingOf = (inn, name) => (inn.which ? `${name}, ${inn.which.toLowerCase()}` : name);

const line = (inn) => ({ name: headingOf(inn, inn.short), score: inn.score, overs: `(${inn.bowled})` });

function batters(board, inn, now) {
  if (board.phase !== "over")
    return now.bat.flatMap((row, place) => (row === null ? [] : [batter(inn, row, place === 0)]));
  const rows = board.innings
    .filter((one) => !one.super)
    .flatMap((one) => one.batting.map((row, at) => [one, at, parseInt(row.n[0], 10)]));
  const best = rows.sort((a, b) => b[2] - a[2]).slice(0, 2);
  return best.map(([one, at], place) => ({ ...batter(one, at, false), key: `${place}` }));
}

function bowlers(board, inn, now) {
  if (board.phase !== "over") {
    return [now.bowl, now.prev].flatMap((row, place) =>
      row === null || !inn.open ? [] : [bowler(board, inn, row, place)],
    );
  }
  const rows = board.innings
    .filter((one) => !one.super)
    .flatMap((one) => one.bowling.map((row, at) => [one, at, row.n[3], row.n[2]]));
  const best = rows
    .filter((row) => row[2])
    .sort((a, b) => b[2] - a[2] || a[3] - b[3])
    .slice(0, 2);
  return best.map(([one, at], place) => ({ ...bowler(board, one, at, 0), key: `${place}`, label: "" }));
}

function batter(inn, row, onStrike) {
  const { key, name, n } = inn.batting[row];
  const [runs, balls, fours, sixes, rate] = n;
  const bounds = [
    [fours, "4"],
    [sixes, "6"],
  ]
    .flatMap(([count, each]) => (count ? [`${count} × ${each}`] : []))
    .join(", ");
  return {
    key,
    name,
    on: onStrike,
    cls: onStrike ? "man-name on-strike" : "man-name",
    runs: runs.replace(/\*$/, ""),
    balls: plural(balls, "ball"),
    more: [bounds, rate && `SR ${rate}`].filter(Boolean).join(" · "),
  };
}

function bowler(board, inn, row, place) {
  const { key, name, n } = inn.bowling[row];
  const [overs, maidens, runs, wickets, economy] = n;
  return {
    key: `${place}${key}`,
    name,
    now: place === 0,
    label: place === 0 ? "Bowling" : "Before",
    figures: `${wickets}/${runs}`,
    spoken: `${wickets} for ${runs}`,
    overs: `${overs} ${board.unit === "ball" ? "ball" : "over"}${overs === "1" ? "" : "s"}`,
    more: [maidens && plural(maidens, "maiden"), economy && `econ ${economy}`].filter(Boolean).join(" · "),
  };
}

function thisOver(board, inn) {
  const unit = board.unit === "ball" ? "set" : "over";
  if (!inn.overs.length) return { title: `First ${unit}`, balls: upcoming(board.per) };
  const over = inn.overs.at(-1);
  const [runs, wickets] = over.z;
  const gave = plural(runs, "run") + (wickets ? ` and ${plural(wickets, "wicket")}` : "");
  const balls = over.balls.map((one, at) => ({ key: `b${at}`, t: one.t, cls: ballClass(one), say: spoken(one.t) }));
  const done = "e" in over;
  const legal = over.balls.filter((one) => !isExtraBall(one.t)).length;
  return {
    title: `${done ? "Last" : "This"} ${unit}, ${gave}`,
    balls: done ? balls : [...balls, ...upcoming(Math.max(0, board.per - legal))],
  };
}

const upcoming = (count) =>
  Array.from({ length: count }, (_, at) => ({ key: `n${at}`, t: "", cls: "delivery is-next", say: "to come" }));

const isExtraBall = (token) => token.endsWith("wd") || token.endsWith("nb");

const ballClass = (one) => ["delivery", CLASSES[one.k], [...one.t].length > 1 && "is-long"].filter(Boolean).join(" ");

export function spoken(token) {
  if (token === "•") return "no run";
  const [, figures, mark] = token.match(/^(.*?)([Wa-z]*)$/);
  const count = Number(figures || 0);
  if (mark === "W") return count ? `${plural(count, "run")} and a wicket` : "wicket";
  if (mark in EXTRAS) {
    const [one, several] = EXTRAS[mark];
    return count <= 1 && (mark === "wd" || mark === "nb") ? one : `${count} ${count === 1 ? one : several}`;
  }
  return plural(count, "run");
}

function rates(board, inn, now) {
  const unit = board.unit === "ball" ? "balls" : "overs";
  const found = [[unit === "overs" ? "Run rate" : "Per 5 balls", inn.rate]];
  if (inn.open) {
    found.push(["Needed", now.need.rrr ?? ""], ["Balls left", now.need.balls ?? ""], ["Par now", inn.par]);
    found.push([`Last ${unit === "overs" ? 5 : 25} ${unit}`, now.five]);
    found.push(...now.proj.map(([rate, total]) => [`Total at ${rate}`, total]));
    found.push(...inn.reviews.map(([team, , , left]) => [`${board.teams[team].short} reviews`, left]));
  }
  return found.filter(([, value]) => value !== "" && value !== null).map(([k, value]) => ({ k, v: String(value) }));
}

function stand(inn) {
  const found = inn.stands.at(-1);
  if (!found?.open || found.pair.length < 2) return "";
  return `${found.n[0]} (${found.n[1]}): ${found.pair.map((name, at) => `${name} ${found.by[at]}`).join(", ")}`;
}

function last(inn, now) {
  if (!now.last || !inn.fow.length) return "";
  const [score, , over] = inn.fow.at(-1);
  return `${now.last}, at ${score} in ${over}`;
}

// --- commentary ----------------------------------------------------------------------------------

function commentary(board, show, overs) {
  const lines = [];
  let more = false;
  const cut = show === "all" && overs;
  for (let number = board.innings.length - 1; number >= 0; number -= 1) {
    const inn = board.innings[number];
    let first = 0;
    if (cut) {
      if (lines.length) {
        more = true;
        break;
      }
      first = Math.max(0, inn.overs.length - overs);
      more = first > 0;
    }
    const part = [];
    for (const over of inn.overs.slice(first).reverse()) {
      if (show === "all" && "e" in over) part.push(endLine(board, number, inn, over));
      for (let at = over.balls.length - 1; at >= 0; at -= 1) {
        if (wanted(over.balls[at], show)) part.push(ballLine(board, number, over, over.balls[at], at));
      }
    }
    if (part.length && board.innings.length > 1 && !cut) {
      part.unshift({
        id: `${number}`,
        kind: "innings",
        x: headingOf(inn, inn.title),
        s: `${inn.score} (${inn.bowled})`,
      });
    }
    lines.push(...part);
  }
  return [lines, more];
}

function wanted(one, show) {
  if (show === "wickets") return one.k === "w";
  if (show === "boundaries") return one.k === "4" || one.k === "6";
  return show === "reviews" ? "r" in one : true;
}

function ballLine(board, number, over, one, at) {
  const cut = one.x.indexOf(". ");
  return {
    id: `${number}.${over.n}.${at}`,
    kind: "ball",
    label: board.unit === "ball" ? `${one.n}` : `${over.n}.${one.n}`,
    row: one.k === "w" ? "comm-ball is-wicket" : "comm-ball",
    t: one.t,
    cls: ballClass(one),
    say: spoken(one.t),
    lead: cut < 0 ? one.x : one.x.slice(0, cut + 1),
    x: cut < 0 ? "" : one.x.slice(cut + 2),
    out: one.o ?? "",
    note: one.m ?? "",
    signal: SIGNALS[one.k] ?? SIGNALS[one.t.replace(/^\d+/, "")] ?? "",
  };
}

function endLine(board, number, inn, over) {
  return {
    id: `${number}.${over.n}.end`,
    kind: "end",
    label: board.unit === "ball" ? `After ${(over.n + 1) * 5} balls` : `End of over ${over.n + 1}`,
    e: `${over.e[0].toUpperCase()}${over.e.slice(1)}, ${over.by}`,
    f: over.f,
    s: `${inn.short} ${over.z[2]}/${over.z[3]}`,
  };
}

// --- cards ---------------------------------------------------------------------------------------

function card(board, number) {
  const inn = board.innings[number];
  const heading = headingOf(inn, inn.title);
  const { title, which, score, bowling, extras, yet, open } = inn;
  return {
    title,
    which,
    score,
    bowling,
    id: `${number}`,
    batting_label: `${heading}, batting`,
    bowling_label: `${board.teams[1 - inn.team].name}, bowling to ${heading}`,
    stands_label: `${heading}, partnerships`,
    overs_label: `${heading}, over by over`,
    first: inn.team === 0,
    second: inn.team === 1,
    heading,
    batting: inn.batting.map((row) => ({ ...row, row: row.state === "in" && open ? "is-in" : "" })),
    rate: inn.rate && board.unit === "over" ? `${words(board, inn)}, ${inn.rate} an over` : words(board, inn),
    extras,
    yet_label: open && board.phase !== "over" ? "Still to bat:" : "Did not bat:",
    yet,
    stands: inn.stands.map(standRow),
    overs: inn.overs.map((over) => overRow(board, over)),
    fow: inn.fow.map(([s, p, o]) => ({ s, p, o })),
    powerplays: inn.powerplays.map(([name, start, end]) => `${name} ${board.unit}s ${start} to ${end}`).join(", "),
    reviews: inn.reviews
      .flatMap(([team, asked, lost]) => (asked ? [`${board.teams[team].short} asked ${asked}, lost ${lost}`] : []))
      .join(", "),
    open,
  };
}

const standRow = (one) => ({
  w: one.w ? `${one.w}` : "",
  pair: one.pair.join(" and "),
  by: one.by.join(" and "),
  runs: `${one.n[0]}${one.open ? "*" : ""}`,
  balls: one.n[1],
});

const overRow = (board, over) => ({
  n: `${board.unit === "ball" ? (over.n + 1) * 5 : over.n + 1}`,
  by: over.by,
  balls: over.balls.map((one) => one.t).join(" "),
  runs: over.z[0],
  wickets: over.z[1],
  score: `${over.z[2]}/${over.z[3]}`,
});

const plural = (count, one) => `${count} ${count === 1 ? one : `${one}s`}`;
