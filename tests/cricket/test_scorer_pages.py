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
