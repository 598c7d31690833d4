"""What was played in the demo's past matches: simulated from a seed, folded by the scoring engine, and stored as a
scorer's log.

A match's seed was looked for until the simulation ended with the result that demo/fixtures.sql states; should a seed be
out of date, the search goes on from there. Also the match that is shown again whenever the demo runs.
"""

import json
from datetime import timedelta
from itertools import islice

from psycopg2.extras import execute_values
from sqlalchemy import text

from cricket.board.document import summary
from cricket.engine.events import Event
from cricket.engine.scoring import fold
from cricket.matches.importing import store_snapshot
from cricket.matches.log import played_on
from demo.play import Club, cricketer, play

LEAGUE = {
    10: 122,
    11: 58,
    12: 170,
    13: 167,
    14: 70,
    15: 174,
    16: 535,
    17: 1099,
    18: 64,
    19: 80,
    20: 249,
    21: 36,
    22: 0,
    23: 944,
}
SEEDS = {("Evening League", number): seed for number, seed in LEAGUE.items()} | {
    ("One-Day Shield", 3): 688,
    ("Four-Day Trophy", 2): 120,
}
RAIN = {("Evening League", 22): "washed out", ("One-Day Shield", 3): "revised"}
MOST_TRIES = 3000

# The match that is played again: four needed off the last ball. When the demo is new, eight overs of the chase are to
# come.
SHOWN_AGAIN = ("Evening League", 17)
SHOWN_FROM = 12
SHOWN_AT_SPEED = 6  # a ball every six or seven seconds

OFFICIALS = {"umpire": "umpires", "third umpire": "tv_umpires", "match referee": "match_referees"}

UNPLAYED = """
select m.id, m.competition, m.number, m.format, m.result, m.starts_at, m.home_team_id, m.away_team_id,
       u.id as scorer_id, coalesce(u.name, o.name) as scorer
  from match m join stadium s on s.id = m.stadium_id
  left join staff_role r on r.stadium_id = s.id and r.role = 'scorer' left join customer u on u.id = r.customer_id
  left join match_official k on k.match_id = m.id and k.role = 'scorer' left join official o on o.id = k.official_id
 where s.contact_email like :demo and m.state = 'finished' and m.source = 'live'
   and not exists (select from match_update x where x.match_id = m.id)
 order by m.competition = :first_competition and m.number = :first_number desc nulls last, m.starts_at desc"""


def unplayed(connection, domain):
    """The demo's finished matches that have no log yet, the one that is shown again first, then from the newest."""
    values = {"demo": f"%@{domain}", "first_competition": SHOWN_AGAIN[0], "first_number": SHOWN_AGAIN[1]}
    return [match for match in connection.execute(text(UNPLAYED), values) if (match.competition, match.number) in SEEDS]


def score_next(connection, domain):
    """Store the log and the board of one finished match of the demo, with the migrating login.

    False when there is none left.
    """
    waiting = unplayed(connection, domain)
    if not waiting:
        return False
    match = waiting[0]
    clubs, officials = _clubs(connection), _officials(connection)
    sides = (clubs[match.home_team_id], clubs[match.away_team_id])
    _, played = steered((match.competition, match.number), match.format, sides, officials[match.id], match.result)
    result = store(connection, match.id, played.events, match.starts_at, match.scorer, match.scorer_id)
    connection.execute(text("update match set result = :result where id = :id"), {"result": result, "id": match.id})
    if (match.competition, match.number) == SHOWN_AGAIN:
        show_again(connection, match, played.events)
    return True


def steered(which, format, sides, officials, stated):
    """(seed, match) that ends with the stated result, trying the known seed first."""
    start = SEEDS.get(which, 0)
    for seed in range(start, start + MOST_TRIES):
        played = play(format, sides, officials, f"{which} {seed}", RAIN.get(which))
        if played.result == stated:
            return seed, played
    raise ValueError(f"No seed from {start} on makes {which} end with “{stated}”.")


def store(connection, match_id, happened, starts_at, recorder, recorder_id=None, replay=False):
    """Write the log of a match and the snapshot after it; returns its result in words, or None while it has none."""
    events = [Event(seq, e["key"], e["kind"], e["body"]) for seq, e in enumerate(happened, 1)]
    state = fold(events, played=played_on(match_id, connection))
    rows = [
        (
            match_id,
            event.seq,
            event.key,
            event.kind,
            json.dumps(event.body),
            starts_at + timedelta(seconds=e["after"]),
            recorder_id,
            recorder,
        )
        for event, e in zip(events, happened, strict=True)
    ]
    with connection.connection.cursor() as cursor:
        execute_values(
            cursor,
            "insert into match_update (match_id, seq, key, kind, body, at, recorded_by, recorded_name) values %s",
            rows,
            page_size=1000,
        )
    store_snapshot(connection, match_id, len(rows), state, {"replay": replay})
    return summary(state)["result"]


def show_again(connection, source, events):
    """The twin of a match, shown today at the same ground with tickets on sale, as far as SHOWN_FROM says; a replay
    plays the rest.

    Returns the new match's id.
    """
    played = _until(events, SHOWN_FROM)
    values = {"source": source.id, "played": len(played), "speed": SHOWN_AT_SPEED}
    match = connection.execute(
        text("""insert into match (stadium_id, home_team_id, away_team_id, competition, format, starts_at, state,
                                   source)
                select stadium_id, home_team_id, away_team_id, 'Replay evening', format,
                       date_trunc('hour', now()) - interval '2 hours', 'live', 'replay' from match where id = :source
                returning id, starts_at"""),
        values,
    ).one()
    values["match"] = match.id
    connection.execute(
        text("""insert into match_official (match_id, official_id, role)
                select :match, official_id, role from match_official where match_id = :source and role <> 'scorer'"""),
        values,
    )
    event = connection.execute(
        text("""insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                                   sale_ends_at, buyer_limit,
                                   refund_until_hours, refund_share_bp, refund_keeps_fees)
                select e.stadium_id, e.layout_id, e.name || ', shown again', m.starts_at,
                       m.starts_at + interval '6 hours',
                       m.starts_at - interval '90 minutes', m.starts_at - interval '14 days',
                       m.starts_at + interval '5 hours', e.buyer_limit,
                       e.refund_until_hours, e.refund_share_bp, e.refund_keeps_fees
                  from event e join event_match em on em.event_id = e.id join match m on m.id = :match
                 where em.match_id = :source
                returning id"""),
        values,
    ).scalar_one()
    values["event"] = event
    connection.execute(text("insert into event_match (event_id, match_id) values (:event, :match)"), values)
    connection.execute(
        text("""insert into event_price (event_id, band, ticket_type, face)
                select :event, p.band, p.ticket_type, 50 * round(p.face * 0.3 / 50)
                  from event_price p join event_match em on em.event_id = p.event_id where em.match_id = :source"""),
        values,
    )
    store(connection, match.id, played, match.starts_at, "Replay", replay=True)
    connection.execute(
        text("""insert into match_replay (match_id, source_match_id, speed, state, position, repeats, next_at)
                values (:match, :source, :speed, 'running', :played, true, now())"""),
        values,
    )
    return match.id


def _until(events, overs):
    """The events up to the end of so many overs of the chase."""
    chase = [n for n, event in enumerate(events) if event["kind"] == "innings_start"][1]
    ends = (n for n, event in enumerate(events) if n > chase and event["kind"] == "over_end")
    return events[: next(islice(ends, overs - 1, None)) + 1]


def _clubs(connection):
    rows = connection.execute(
        text("""select t.id, t.name, t.short_name, t.colour_1, t.colour_2, p.id as player_id, p.name as player, p.role
                  from team t join player p on p.team_id = t.id order by t.id, p.id""")
    ).all()
    squads = {}
    for row in rows:
        squads.setdefault(row.id, []).append(row)
    return {
        team: Club(
            squad[0].name,
            squad[0].short_name,
            (squad[0].colour_1, squad[0].colour_2),
            tuple(cricketer(f"p{row.player_id}", row.player, row.role) for row in squad),
        )
        for team, squad in squads.items()
    }


def _officials(connection):
    rows = connection.execute(
        text(
            "select k.match_id, k.role, o.name from match_official k join official o on o.id = k.official_id "
            "order by k.match_id, o.name"
        )
    )
    found = {}
    for row in rows:
        named = found.setdefault(
            row.match_id, {"umpires": [], "tv_umpires": [], "reserve_umpires": [], "match_referees": []}
        )
        if row.role in OFFICIALS:
            named[OFFICIALS[row.role]].append(row.name)
    return found
