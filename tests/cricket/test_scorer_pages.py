"""The scorer's pages, their service worker, and the parts of the console that need no browser: the queue, the steps,
the paper form.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="the console's modules are tried in Node, which is not installed")


def node(*arguments, code=None):
    command = [NODE, "--input-type=module", "-e", code] if code else [NODE, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_a_scorer_finds_the_matches_of_the_ground(cast, ground):
    page = cast.browser("sunil").get("/scorer")
    assert page.status == 200 and "1 match to score" in page.text
    assert page.root.find("a", href=f"/scorer/matches/{ground.match}")
    assert cast.browser("asha").get("/scorer").status == 404


def test_the_console_is_for_the_scorers_of_the_ground(cast, ground, visitor):
    page = cast.browser("sunil").get(f"/scorer/matches/{ground.match}")
    assert page.status == 200 and page.root.find("h1").text.startswith("Terns v Herons")
    assert page.root.find("main", data_match=str(ground.match)).attrs["data-zone"] == "Australia/Sydney"
    assert page.root.find("meta", name="csrf-token").attrs["content"]
    assert cast.browser("piet").get(f"/scorer/matches/{ground.match}").status == 404
    assert visitor.get(f"/scorer/matches/{ground.match}").status == 303


def test_who_scores_a_match_stands_in_the_list(cast, ground):
    from tests.support.scoring import Scorer

    assert Scorer(cast.browser("sunil"), ground.match).take().status == 200
    assert "Sunil Abeysekera is scoring" in cast.browser("joan").get("/scorer").text


def test_the_service_worker_comes_from_the_root(visitor):
    answer = visitor.client.get("/sw.js")
    assert answer.status_code == 200 and answer.mimetype == "text/javascript" and b"scorer-1" in answer.data
    answer.close()


@needs_node
@pytest.mark.parametrize("seed", range(1, 13))
def test_the_queue_sends_everything_once_and_in_order(seed):
    said = node("tests/support/queue_cases.mjs", seed)
    assert said["wrong"] == [] and said["entered"] > 100


@needs_node
def test_undo_goes_back_to_the_very_start_and_redo_forward_again():
    said = node(
        code="""
        import { undoTarget, redoTarget } from "./static/js/scorer/steps.js";
        import { effective } from "./static/js/scorer/fold.js";
        const log = ["a", "b", "c"].map((key) => ({ key, kind: "note", body: {} }));
        const path = [];
        for (let target; (target = undoTarget(log)); ) {
          path.push(target.key);
          log.push({ key: `u${target.key}`, kind: "undo", body: { of: target.key } });
        }
        const bare = effective(log).length;
        for (let n = 0, target; (target = redoTarget(log)); n++) {
          path.push(target.event.key);
          log.push({ key: `r${n}`, kind: "undo", body: { of: target.undo.key } });
        }
        const all = effective(log).map((event) => event.key);
        log.push({ key: "u2", kind: "undo", body: { of: "c" } }, { key: "d", kind: "note", body: {} });
        const end = effective(log).map((event) => event.key);
        console.log(JSON.stringify({ path, bare, all, after: redoTarget(log), end }));
        """
    )
    assert said == {
        "path": ["c", "b", "a", "a", "b", "c"],
        "bare": 0,
        "all": ["a", "b", "c"],
        "after": None,
        "end": ["a", "b", "d"],
    }


@needs_node
def test_the_sums_of_a_paper_innings_are_checked():
    said = node(
        code="""
        import { readPaper } from "./static/js/scorer/paper.js";
        const bat = (player, how, runs, more = {}) => ({
          player, how, runs: String(runs), balls: "10", fours: "", sixes: "", bowler: "", fielder: "", ...more });
        const bowl = (player, overs, runs, wickets) => ({
          player, overs, maidens: "", runs: String(runs), wickets: String(wickets), wides: "", noballs: "" });
        const good = { team: 0, runs: "25", wickets: "1", overs: "3.2", declared: false,
          extras: { byes: "1", legbyes: "", wides: "2", noballs: "", penalty: "" },
          batting: [bat("t1", "not out", 15), bat("t2", "bowled", 7, { bowler: "h1" }), bat("t3", "", 0)],
          bowling: [bowl("h1", "2", 14, 1), bowl("h2", "1.2", 10, 0)] };
        const wrong = (change) => readPaper({ ...good, ...change }).wrong.length;
        const fell = (order, at, over) => ({ ...good, wickets: "2", batting: [
          bat("t1", "bowled", 15, { bowler: "h1", order, fell: at, at: over }),
          bat("t2", "run out", 7, { order: "1", fell: "9", at: "1.4" })] });
        const told = readPaper(fell("2", "25", "3.2"));
        const changes = [{}, { wickets: "2" }, { overs: "3.6" }, { overs: "4" }, { extras: {} }, { runs: "x" }];
        console.log(JSON.stringify({ body: readPaper(good).body, wrong: changes.map(wrong), told,
          half: readPaper(fell("2", "", "")).wrong, late: readPaper(fell("2", "26", "3.2")).wrong }));
        """
    )
    assert said["wrong"][0] == 0 and all(said["wrong"][1:])
    from cricket.engine.events import check_event

    check_event("innings_card", said["body"])
    told = said["told"]["body"]
    check_event("innings_card", told)
    assert said["told"]["wrong"] == [] and [line["player"] for line in told["batting"]] == ["t2", "t1"]
    assert told["fow"] == [{"score": 9, "player": "t2", "over": "1.4"}, {"score": 25, "player": "t1", "over": "3.2"}]
    assert "give them all, or none" in said["half"][0] and "up to 25" in said["late"][0]


@needs_node
def test_a_second_book_hears_who_plays_and_keeps_its_own_balls():
    said = node(
        code="""
        import { Book } from "./static/js/scorer/book.js";
        import { fold } from "./static/js/scorer/fold.js";
        import { Store } from "./static/js/scorer/queue.js";
        import { undoTarget } from "./static/js/scorer/steps.js";
        const kept = new Map();
        const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text),
          removeItem: (name) => kept.delete(name) };
        const store = new Store(storage, "second:");
        const event = (seq, kind, body) => ({ seq, key: `s${seq}`, kind, body });
        const ball = (bat) => ({ striker: "t1", non_striker: "t2", bowler: "h1", bat });
        const side = (team, names) => ({ team, players: names.map((key) => ({ key, name: key.toUpperCase() })) });
        const begun = [
          event(1, "setup", { teams: ["Terns", "Herons"] }), event(2, "lineup", side(0, ["t1", "t2"])),
          event(3, "lineup", side(1, ["h1"])), event(4, "innings_start", { team: 0 }),
          event(5, "batters", { striker: "t1", non_striker: "t2" }), event(6, "bowler", { bowler: "h1" }),
          event(7, "delivery", ball(4)) ];
        const book = new Book({ match: 9, store, fold });
        book.begin(begun);
        book.add([{ key: "own", kind: "delivery", body: ball(2) }]);
        const score = () => fold(book.events).innings[0].runs;
        const scores = [score()];
        // The first's own ball stays theirs; one that both have is corrected in both; a replacement is told to both.
        book.hear([...begun, event(8, "delivery", ball(6)), event(9, "undo", { of: "s8" }),
          event(10, "correction", { changes: [{ of: "s7", body: ball(0) }] }),
          event(11, "replacement", { team: 0, in: "t3", out: "t9", name: "T3", type: "match",
            reason: "unknown" }),
          event(12, "replacement", { team: 1, in: "h2", name: "H2", type: "role", role: "bowler",
            reason: "injury" })]);
        scores.push(score());
        book.hear([event(12, "lineup", side(0, []))]);
        const again = Book.open({ match: 9, store, fold });
        const target = undoTarget(again.own).key;
        again.add([{ key: "u", kind: "undo", body: { of: target } }]);
        const after = undoTarget(again.own);
        again.add([1, 1, 1, 1, 1].map((bat, n) => ({ key: `o${n}`, kind: "delivery", body: ball(bat) })));
        again.add([{ key: "end", kind: "over_end", body: {} }]);
        const sent = again.totals();
        again.begin(begun);
        const anew = again.totals();
        again.close();
        console.log(JSON.stringify({ scores, told: book.entries.filter((each) => each.told).map((each) => each.seq),
          kept: kept.size, target, after, sent, anew,
          players: [...fold(book.events).teams[0].players.keys()] }));
        """
    )
    assert said["scores"] == [6, 2] and said["told"] == [9, 10, 11] and said["players"] == ["t1", "t2", "t3"]
    assert said["target"] == "own" and said["after"] is None, "undo ends where the book begins"
    assert said["sent"]["overs"] == [1] and [line["runs"] for line in said["sent"]["totals"]] == [5]
    assert said["anew"] == {"begun": {"innings": 0, "over": 0}, "overs": [0], "totals": []}
    assert said["kept"] == 0


@needs_node
def test_totals_that_did_not_arrive_go_with_the_next_turn():
    said = node(
        code="""
        import { Checker } from "./static/js/scorer/book.js";
        let away = true;
        const calls = [];
        const answer = { seq: 3, checks: [] };
        const lines = Array.from({ length: 60 }, (_, n) => ({ innings: 0, over: n + 1, runs: n }));
        const book = { totals: () => ({ begun: { innings: 0, over: 0 }, overs: [lines.length], totals: lines }) };
        const api = {
          checks: async () => (calls.push("look"), answer),
          check: async (_, body) => {
            if (away) throw new Error("away");
            calls.push(body.totals.map((line) => line.over));
            return answer;
          } };
        const checker = new Checker({ match: 1, api, book: () => book });
        await checker.turn();
        const failures = checker.failures;
        away = false;
        await Promise.all([checker.turn(), checker.turn()]);
        lines[3] = { ...lines[3], runs: 99 };
        await checker.turn();
        lines.pop();
        await checker.turn();
        console.log(JSON.stringify({ failures, now: checker.failures, sizes: calls.map((each) =>
          each === "look" ? each : each.length), changed: calls.at(-2) }));
        """
    )
    assert said["failures"] == 1 and said["now"] == 0
    assert said["sizes"] == [50, 10, "look", 1, 0] and said["changed"] == [4]
