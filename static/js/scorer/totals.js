// The totals at the end of each finished over of an innings, which two scorers compare (Law 3.2): the same as
// cricket/engine/totals.py, which says what each figure is. Pure.
import { BOWLERS } from "./deliveries.js";

export function totals(innings) {
  const found = [];
  const batting = new Map();
  const bowling = new Map();
  const line = (map, key, size) => map.get(key) ?? map.set(key, Array(size).fill(0)).get(key);
  let [runs, wickets, fromBat] = [0, 0, 0];
  for (const over of innings.overs) {
    let [bat, balls] = [0, 0];
    const extras = { wides: 0, noballs: 0, byes: 0, legbyes: 0 };
    for (const ball of over.balls) {
      const batter = line(batting, ball.striker, 2);
      line(batting, ball.non_striker, 2);
      const bowler = line(bowling, ball.bowler, 3);
      const { wides = 0, noballs = 0 } = ball.extras;
      batter[0] += ball.bat;
      batter[1] += wides ? 0 : 1;
      bowler[0] += ball.legal ? 1 : 0;
      bowler[1] += ball.bat + wides + noballs;
      bowler[2] += ball.wickets.filter(({ kind }) => BOWLERS.has(kind)).length;
      bat += ball.bat;
      balls += ball.legal ? 1 : 0;
      for (const kind of Object.keys(extras)) extras[kind] += ball.extras[kind] ?? 0;
    }
    const last = over.balls.at(-1);
    const closes = Boolean(innings.ended) && over === innings.overs.at(-1);
    if (!over.complete && !closes) break;
    const [score, down] = closes ? [innings.runs, innings.wickets] : [last.score, last.down];
    fromBat += bat;
    found.push({
      innings: innings.index,
      over: found.length + 1,
      team: innings.team,
      runs: score,
      wickets: down,
      extras: score - fromBat,
      over_runs: score - runs,
      over_wickets: down - wickets,
      balls,
      ...extras,
      penalty: score - runs - bat - Object.values(extras).reduce((all, each) => all + each, 0),
      batters: [last.striker, last.non_striker].sort().map((key) => [key, ...batting.get(key)]),
      bowler: [last.bowler, ...bowling.get(last.bowler)],
    });
    [runs, wickets] = [score, down];
  }
  return found;
}
