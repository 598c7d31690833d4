// Which Laws a match is played under, and what differs between them for a scorer: as cricket/engine/editions.py. Pure.

export const EDITIONS = [
  { key: "2000", since: "2000-10-01", words: "2000 Code" },
  { key: "2017", since: "2017-10-01", words: "2017 Code" },
  { key: "2019", since: "2019-04-01", words: "2017 Code, 2nd edition (April 2019)" },
  { key: "2022", since: "2022-10-01", words: "2017 Code, 3rd edition (October 2022)" },
  { key: "2026", since: "2026-10-01", words: "2017 Code, 4th edition (October 2026)" },
];
const ALL_NO_BALLS = "2015-07-05"; // a free hit after every no-ball (ICC)

const byKey = (key) => EDITIONS.find((each) => each.key === key);

// The edition in force on a day, "2031-01-31".
export const inForce = (day) => EDITIONS.findLast((each) => day && each.since <= day) ?? null;

// What the Laws of this match say: by its setting, else by the day it began, else by the newest.
export function lawsOf(state) {
  const day = state.settings?.date ?? state.played;
  const { key, words } = byKey(state.settings?.laws) ?? inForce(day) ?? EDITIONS.at(day ? 0 : -1);
  return {
    words,
    handledTheBall: key < "2017",
    byesOffANoBall: key >= "2017",
    newBatterFaces: key >= "2022",
    lastOverFinished: key >= "2026",
    captainChoosesStriker: key >= "2026",
  };
}

// Is the ball after a no-ball a free hit? As the match says, else in limited overs (ICC conditions, 21.19).
export function hasFreeHits(settings, played) {
  if (typeof settings.free_hit === "boolean") return settings.free_hit;
  const day = settings.date ?? played;
  return settings.overs !== null && settings.innings === 2 && (!day || day >= ALL_NO_BALLS);
}

// Would stumps now leave an over that the Laws want finished: the last of a day, though a wicket fell in it (Law
// 12.5.2)? In matches of more than a day.
export function overToFinish(state) {
  const innings = state.innings.at(-1);
  const over = innings && !innings.ended ? innings.overs.at(-1) : null;
  const days = state.settings?.days ?? (state.settings?.innings === 4 ? 5 : 1);
  if (!over?.wickets || over.complete || over.legal >= innings.per_over) return false;
  return days > 1 && lawsOf(state).lastOverFinished;
}
