"""Importing Cricsheet files: once per revision, by register and venue, never a number changed, and nothing of a bad
file.
"""

import copy
import json

import pytest

from cricket.cricsheet.match_file import Malformed
from cricket.matches import log
from cricket.matches.importing import import_file

PEOPLE = {f"Player {side}{n}": f"{side}{n:07x}".lower() for side in "AB" for n in range(1, 12)}


def delivery(bat=0, batter="Player A1", non_striker="Player A2", bowler="Player B11", **more):
    return {
        "batter": batter,
        "bowler": bowler,
        "non_striker": non_striker,
        "runs": {"batter": bat, "extras": 0, "total": bat},
        **more,
    }


DOCUMENT = {
    "meta": {"data_version": "1.1.0", "created": "2026-01-02", "revision": 1},
    "info": {
        "balls_per_over": 6,
        "city": "Elsewhere",
        "dates": ["2026-01-01"],
        "event": {"name": "Invitation Cup", "match_number": 7},
        "gender": "male",
        "match_type": "T20",
        "outcome": {"winner": "Anchor", "by": {"runs": 5}},
        "overs": 1,
        "players": {"Anchor": [f"Player A{n}" for n in range(1, 12)], "Beacon": [f"Player B{n}" for n in range(1, 12)]},
        "registry": {"people": PEOPLE},
        "season": 2026,
        "team_type": "club",
        "teams": ["Anchor", "Beacon"],
        "toss": {"winner": "Anchor", "decision": "bat"},
        "venue": "Elsewhere Park, Elsewhere",
    },
    "innings": [
        {
            "team": "Anchor",
            "overs": [{"over": 0, "deliveries": [delivery(4), delivery(2), *[delivery() for _ in range(4)]]}],
        },
        {
            "team": "Beacon",
            "overs": [
                {
                    "over": 0,
                    "deliveries": [
                        delivery(1, "Player B1", "Player B2", "Player A11"),
                        *[delivery(0, "Player B2", "Player B1", "Player A11") for _ in range(5)],
                    ],
                }
            ],
            "target": {"runs": 7, "overs": 1},
        },
    ],
}


@pytest.fixture
def file(tmp_path):
    def write(document=DOCUMENT, name="9000001.json", **changes):
        document = copy.deepcopy(document)
        for path, value in changes.items():
            section, key = path.split("__")
            document[section][key] = value
        path = tmp_path / name
        path.write_text(json.dumps(document) if isinstance(document, dict) else document)
        return path

    return write


@pytest.fixture
def take_in(engine):
    def run(path):
        with engine.begin() as connection:
            return import_file(path, connection)

    return run


def test_a_file_becomes_a_match_with_its_cards(take_in, file, rows, visitor):
    done = take_in(file())
    assert done.outcome == "new" and done.verdict == "verified", done.reasons
    match = rows.one(
        "select m.*, v.name as venue from match m join venue v on v.id = m.venue_id where m.id = :m", m=done.match_id
    )
    assert match["result"] == "Anchor won by 5 runs" and match["state"] == "finished" and match["source"] == "import"
    assert (
        match["venue"] == "Elsewhere Park" and match["stadium_id"] is None and match["competition"] == "Invitation Cup"
    )
    assert rows.value("select count(*) from person") == 22
    answer = visitor.get(f"/api/matches/{done.match_id}").json
    assert (
        answer["board"]["info"]["result"] == "Anchor won by 5 runs" and "Cricsheet" in answer["board"]["info"]["credit"]
    )


def test_the_same_file_twice_is_one_match(take_in, file, rows):
    first, second = take_in(file()), take_in(file())
    assert second.outcome == "known" and second.match_id == first.match_id
    assert rows.value("select count(*) from match where source = 'import'") == 1


def test_a_newer_revision_replaces_what_the_older_said(take_in, file, rows, visitor):
    old = take_in(file())
    seq = visitor.get(f"/api/matches/{old.match_id}").json["seq"]
    corrected = copy.deepcopy(DOCUMENT)
    corrected["meta"]["revision"] = 2
    corrected["innings"][0]["overs"][0]["deliveries"][0]["runs"] = {"batter": 6, "extras": 0, "total": 6}
    corrected["innings"][1]["target"]["runs"] = 9
    corrected["info"]["outcome"]["by"]["runs"] = 7
    new = take_in(file(corrected))
    assert new.outcome == "newer" and new.match_id == old.match_id
    assert rows.value("select result from match where id = :m", m=new.match_id) == "Anchor won by 7 runs"
    # An open page knows the old numbers; it is told to fetch the board.
    assert visitor.get(f"/api/matches/{new.match_id}").json["seq"] > seq
    news = visitor.get(f"/api/matches/{new.match_id}/events?after={seq}").json
    assert news["events"] and all(event["patch"] is None for event in news["events"])
    assert take_in(file()).outcome == "known"


def test_a_file_that_is_read_otherwise_by_now_is_imported_again(take_in, file, rows, visitor):
    done = take_in(file())
    seq = visitor.get(f"/api/matches/{done.match_id}").json["seq"]
    for change in (
        "update match set result = 'Anchor won'",
        "update match_import set verdict = 'inconsistent', reasons = '[\"margin\"]'",
        "update match_update set body = jsonb_set(body, '{bat}', '6') where key = '1.0.1'",
    ):
        rows(change)
        again = take_in(file())
        assert (again.outcome, again.match_id) == ("reread", done.match_id)
        assert rows.value("select result from match where source = 'import'") == "Anchor won by 5 runs"
        assert rows.value("select verdict from match_import") == "verified"
        answer = visitor.get(f"/api/matches/{done.match_id}").json
        assert answer["seq"] > seq and answer["board"]["innings"][0]["score"].startswith("6")
        assert take_in(file()).outcome == "known"
    rows("update match set result = 'Anchor won'")
    assert take_in(file(info__city="Nowhere")).outcome == "known"  # another file of the same revision


def test_spellings_of_a_venue_are_one_venue(take_in, file, rows):
    take_in(file())
    take_in(file(name="9000002.json", info__venue="elsewhere park"))
    assert rows.value("select count(*) from venue") == 1


def test_a_venue_that_is_a_ground_of_ours_is_known_by_its_name(take_in, file, rows, ground):
    done = take_in(file(info__venue="Lanternside Oval, Sydney"))
    assert rows.value("select stadium_id from match where id = :m", m=done.match_id) == ground.stadium


def test_a_file_that_contradicts_itself_is_kept_as_it_is_and_flagged(take_in, file, rows):
    done = take_in(file(info__outcome={"winner": "Beacon", "by": {"runs": 3}}))
    assert done.verdict == "inconsistent" and done.reasons
    row = rows.one("select verdict, reasons, info from match_import")
    assert row["verdict"] == "inconsistent" and row["reasons"] and row["info"]["outcome"]["winner"] == "Beacon"


def test_a_page_says_how_a_match_was_decided_and_what_is_believed(take_in, file, rows, visitor):
    document = copy.deepcopy(DOCUMENT)
    document["info"]["overs"] = 2
    document["info"]["outcome"] = {"winner": "Beacon", "by": {"runs": 1}, "method": "D/L"}
    document["innings"][1]["target"] = {"runs": 7, "overs": 2}
    done = take_in(file(document))
    assert done.verdict == "as stated", done.reasons
    assert rows.value("select result from match where id = :m", m=done.match_id) == "Beacon won by 1 run (D/L method)"
    page = visitor.get(f"/matches/{done.match_id}/scorecard")
    assert "Beacon won by 1 run (D/L method)" in page.text
    said = "as stated: The margin is by the D/L method, from a par score that is not in the file. By the balls alone"
    assert said in page.text and ".." not in page.text


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"info": 1}',
        json.dumps(DOCUMENT)[:900],
        "[" * 100_000,
        '{"meta": {}, "info": {"teams": "x"}, "innings": []}',
    ],
)
def test_a_file_that_is_no_match_changes_nothing(take_in, file, rows, broken):
    with pytest.raises(Malformed) as refused:
        take_in(file(broken))
    assert str(refused.value).strip().endswith(".")
    for table in ("match", "venue", "team", "person", "match_update"):
        assert rows.value(f"select count(*) from {table}") == 0


def test_the_command_says_what_it_did_and_fails_for_what_is_no_match(app, file, rows):
    good, bad = file(), file("{", "9000003.json")
    result = app.test_cli_runner().invoke(args=["import-match", str(good), str(bad)])
    assert result.exit_code == 1 and "imported as match" in result.output and "verified" in result.output
    assert rows.value("select count(*) from match where source = 'import'") == 1


def test_the_command_prints_the_cards_that_are_known(app, shared):
    for known in sorted((shared / "cricsheet/expected").glob("*.json"))[:2]:
        result = app.test_cli_runner().invoke(
            args=["import-match", str(shared / "cricsheet/matches" / known.name), "--json", "--dry-run"]
        )
        assert result.exit_code == 0
        ours, theirs = json.loads(result.stdout), json.loads(known.read_text())
        assert (
            ours["innings"] == theirs["innings"]
            and ours["derived"] == theirs["derived"]
            and ours["stated"] == theirs["stated"]
        )


def test_an_imported_match_is_replayed(app, take_in, file, visitor):
    from cricket.matches import replay

    done = take_in(file())
    with app.app_context():
        number = replay.open_replay(done.match_id)
        while replay.step(number):
            pass
    ours, theirs = (visitor.get(f"/api/matches/{m}").json["board"] for m in (number, done.match_id))
    assert ours["innings"] == theirs["innings"]


def test_a_match_that_was_exported_comes_back_with_the_same_cards(take_in, file, tmp_path, visitor):
    done = take_in(file())
    exported = visitor.get(f"/matches/{done.match_id}/cricsheet.json")
    assert "attachment" in exported.headers["Content-Disposition"]
    path = tmp_path / "again.json"
    path.write_text(exported.html)
    again = take_in(path)
    assert again.cards["innings"] == done.cards["innings"] and again.cards["derived"] == done.cards["derived"]


@pytest.mark.parametrize(
    "bent",
    [
        {"info__dates": []},
        {"info__dates": 5},
        {"info__dates": ["2026-02-30"]},
        {"info__dates": [{}]},
        {"info__venue": ["Elsewhere Park"]},
        {"info__city": 3},
        {"info__event": ["Invitation Cup"]},
        {"info__event": {"name": [1]}},
        {"info__gender": ["male"]},
    ],
)
def test_a_file_without_a_sound_day_or_place_is_refused_in_a_sentence(take_in, file, rows, bent):
    with pytest.raises(Malformed) as refused:
        take_in(file(**bent))
    assert str(refused.value).endswith(".") and rows.value("select count(*) from match") == 0


@pytest.mark.parametrize("number", ["²", "٣", "9" * 30, [], None])
def test_an_odd_match_number_or_none_is_left_out(take_in, file, rows, number):
    take_in(file(info__event={"name": "Invitation Cup", "match_number": number}))
    assert rows.value("select number from match") is None


def test_a_process_that_knows_an_older_revision_reads_the_newer(app, take_in, file):
    done = take_in(file())
    with app.test_request_context():
        log.keep(log.borrow(done.match_id))
    document = copy.deepcopy(DOCUMENT)
    document["meta"]["revision"] = 2
    document["innings"][0]["overs"][0]["deliveries"][0] = delivery(6)
    take_in(file(document))
    with app.test_request_context():
        scored = log.borrow(done.match_id)
    assert scored.state.innings[0].runs == 8 and scored.events[0].kind == "setup"
