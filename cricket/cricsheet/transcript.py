"""A Cricsheet document on its way into events: what a scorer would have entered, in order of play."""

from typing import Any

from cricket.cricsheet.reading import CONTROL, Malformed, Reader
from cricket.engine.events import Event
from cricket.engine.innings import NOT_OUT, balls_of
from cricket.engine.shapes import DISMISSALS

FORMATS = {"T20": "T20", "IT20": "T20", "ODI": "ODI", "ODM": "List A", "Test": "Test", "MDM": "First-class"}
MOST_PLAYERS = 60
NOUGHT = (0, "0")
INNINGS = {
    "team", "overs", "super_over", "declared", "forfeited", "target", "powerplays", "penalty_runs", "absent_hurt",
    "miscounted_overs",
}  # fmt: skip


class Log:
    """The events of a match, made in order from the parts of a file.

    Keys come from the place in the file, so they never change.
    """

    def __init__(self, reader: Reader, info: dict) -> None:
        self.reader = reader
        self.info = info
        self.events: list[Event] = []
        self.teams = [reader.name(team, "info.teams") for team in reader.list(info.get("teams"), "info.teams", 2, 2)]
        if self.teams[0] == self.teams[1]:
            raise Malformed("Both sides have the same name.")
        self.per_over = reader.integer(info.get("balls_per_over", 6), "info.balls_per_over", 1, 12)
        self.keys: list[dict[str, str]] = [{}, {}]

    def emit(self, key: str, kind: str, body: dict) -> None:
        self.events.append(Event(len(self.events) + 1, key, kind, body))

    def team(self, value: Any, where: str) -> int:
        name = self.reader.name(value, where)
        if name not in self.teams:
            raise Malformed(f"{where}: “{name}” is not one of the two sides.")
        return self.teams.index(name)

    def player(self, team: int, value: Any, where: str) -> str:
        """The key of a player by name; one who is in no list gets a key of the name."""
        key = self.keys[team].get(value) if isinstance(value, str) else None
        if key is None:
            name = self.reader.name(value, where)
            if len(self.keys[team]) >= MOST_PLAYERS:
                raise Malformed(f"{where}: more than {MOST_PLAYERS} players for {self.teams[team]}.")
            self.reader.warn(f"{name} plays for {self.teams[team]} but is in no list of the file.")
            key = self.keys[team][name] = self.new_key(name)
            self.late[team].append({"key": key, "name": name})
        return key

    def new_key(self, name: str) -> str:
        key = self.people.get(name) or f"n:{name}"
        taken = {*self.keys[0].values(), *self.keys[1].values()}
        if key in taken:
            key, count = f"n:{name}", 1
            while key in taken:
                count += 1
                key = f"n:{name}:{count}"
        return key

    # Before the first ball.

    def head(self, innings: Any) -> None:
        reader, info = self.reader, self.info
        kind = reader.name(info.get("match_type", "T20"), "info.match_type")
        if kind not in FORMATS:
            reader.warn(f"The match type “{kind}” is not known here.")
        overs = info.get("overs")
        if overs is not None:
            overs = reader.integer(overs, "info.overs", 1, 500)
        elif FORMATS.get(kind) in ("T20", "ODI", "List A"):
            overs = 20 if FORMATS[kind] == "T20" else 50
            reader.warn(f"The file names no number of overs; {overs} is taken.")
        format = (
            "Hundred"
            if FORMATS.get(kind) == "T20" and self.per_over == 5
            else FORMATS.get(kind, "T20" if overs else "First-class")
        )
        body = {
            "format": format,
            "overs": overs,
            "balls_per_over": self.per_over,
            "balls_per_end": 10 if self.per_over == 5 else self.per_over,
            "no_ball": self.no_ball(innings),
            "wide": 1,
            "innings": 2 if overs else 4,
            "players": 11,
            "teams": self.teams,
        }
        dates = info.get("dates")
        if dates:
            body["date"] = dates[0]
        if isinstance(dates, list) and len(dates) > 1 and not overs:
            body["days"] = min(len(dates), 10)
        self.emit("setup", "setup", body)
        self.people = self.registry()
        self.late: list[list[dict]] = [[], []]
        self.officials()
        self.line_ups = [self.line_up(team) for team in (0, 1)]
        toss = info.get("toss")
        if toss is not None:
            toss = reader.object(toss, "info.toss")
            if "winner" in toss:
                decision = reader.choice(toss.get("decision"), "info.toss.decision", ("bat", "field"))
                body = {"winner": self.team(toss["winner"], "info.toss.winner"), "decision": decision}
                self.emit("toss", "toss", {**body, "uncontested": True} if toss.get("uncontested") else body)

    def no_ball(self, innings: Any) -> int:
        """What a no-ball is worth is a setting no file names: the least a no-ball cost here."""
        if self.per_over == 5:
            return 2
        values = set()
        for one in innings if isinstance(innings, list) else ():
            for over in (
                (one.get("overs") or ()) if isinstance(one, dict) and isinstance(one.get("overs"), list) else ()
            ):
                for ball in (
                    over["deliveries"] if isinstance(over, dict) and isinstance(over.get("deliveries"), list) else ()
                ):
                    extras = ball.get("extras") if isinstance(ball, dict) else None
                    if isinstance(extras, dict) and "noballs" in extras:
                        values.add(str(extras["noballs"]))
        return 2 if "2" in values and "1" not in values else 1

    def registry(self) -> dict[str, str]:
        registry = self.reader.object(self.info.get("registry", {}), "info.registry")
        people = self.reader.object(registry.get("people", {}), "info.registry.people")
        return {
            self.reader.name(name, "info.registry"): self.reader.name(id, "info.registry", 40)
            for name, id in people.items()
        }

    def officials(self) -> None:
        officials = self.reader.object(self.info.get("officials", {}), "info.officials")
        body = {}
        for role in ("umpires", "tv_umpires", "reserve_umpires", "match_referees"):
            if role in officials:
                where = f"info.officials.{role}"
                body[role] = [self.reader.name(name, where) for name in self.reader.list(officials[role], where, 10)]
        if body:
            self.emit("officials", "officials", body)

    def line_up(self, team: int) -> int:
        """The event of a side's line-up; its place, so that players found later in the balls can join it."""
        players = self.reader.object(self.info.get("players", {}), "info.players")
        where = f"info.players.{self.teams[team]}"
        body = []
        for name in self.reader.list(players.get(self.teams[team], []), where, 30):
            name = self.reader.name(name, where)
            if name in self.keys[team]:
                self.reader.warn(f"{name} stands twice in the list of {self.teams[team]}.")
                continue
            key = self.keys[team][name] = self.new_key(name)
            person = self.people.get(name)
            body.append({"key": key, "name": name, **({"person": person} if person else {})})
        self.emit(f"lineup.{team}", "lineup", {"team": team, "players": body})
        return len(self.events) - 1

    # An innings.

    def innings(self, number: int, value: Any) -> None:
        reader, n = self.reader, number + 1
        where = f"innings {n}"
        innings = reader.object(value, where)
        for name in innings:
            if name not in INNINGS:
                reader.warn(f"{where} holds “{name}”, which is not known here and was left out.")
        team = self.team(innings.get("team"), f"{where}.team")
        start: dict[str, Any] = {"team": team}
        for flag in ("super_over", "forfeited"):
            if reader.flag(innings.get(flag, False), f"{where}.{flag}"):
                start[flag] = True
        target = self.target(innings, where, number, bool(start.get("super_over")))
        if target != {}:
            start["target"] = target
        self.emit(f"{n}.start", "innings_start", start)
        if start.get("forfeited"):
            return
        penalties = reader.object(innings.get("penalty_runs", {}), f"{where}.penalty_runs")
        before = self.penalty(number, penalties, "pre", where)
        powerplays = self.powerplays(innings, where)
        listed = self.miscounted(innings, where)
        overs = reader.list(innings.get("overs", []), f"{where}.overs", 1000)
        play = Play(self, number, team, listed, powerplays, overs)
        play.runs = before
        for place, over in enumerate(overs):
            play.over(place, reader.object(over, f"{where}, over {place + 1}"), place + 1 == len(overs))
        play.leftover_powerplays()
        absent = innings.get("absent_hurt", [])
        for place, name in enumerate(reader.list(absent, f"{where}.absent_hurt", 11)):
            self.emit(f"{n}.absent.{place}", "absent", {"player": self.player(team, name, f"{where}.absent_hurt")})
        play.out += len(absent)
        declared = reader.flag(innings.get("declared", False), f"{where}.declared")
        self.emit(f"{n}.end", "innings_end", {"reason": "declared" if declared else play.reason(start)})
        self.penalty(number, penalties, "post", where)

    def target(self, innings: dict, where: str, number: int, super_over: bool) -> dict | None:
        """The target in the file; null where a chase has none (unknown), {} where none is to be expected."""
        reader = self.reader
        if "target" not in innings:
            limited = self.events[0].body["overs"] is not None
            return None if number == 1 and limited and not super_over else {}
        target = reader.object(innings["target"], f"{where}.target")
        if "runs" not in target:
            return None
        body: dict[str, Any] = {"runs": reader.integer(target["runs"], f"{where}.target.runs", 1, 5000)}
        if "overs" in target:
            body["overs"] = reader.overs(target["overs"], f"{where}.target.overs")
        return body

    def penalty(self, number: int, penalties: dict, when: str, where: str) -> int:
        """The penalty runs before or after an innings, which are an event where there are any."""
        runs = self.reader.integer(penalties.get(when, 0), f"{where}.penalty_runs.{when}", 0, 100)
        if runs:
            self.emit(f"{number + 1}.penalty.{when}", "penalty", {"innings": number, "runs": runs, "when": when})
        return runs

    def powerplays(self, innings: dict, where: str) -> list[dict]:
        reader, found = self.reader, []
        for place, value in enumerate(reader.list(innings.get("powerplays", []), f"{where}.powerplays", 20)):
            here = f"{where}.powerplays {place + 1}"
            value = reader.object(value, here)
            kind = reader.name(value.get("type", "mandatory"), f"{here}.type", 40)
            found.append(
                {"type": kind, "from": reader.overs(value.get("from"), here), "to": reader.overs(value.get("to"), here)}
            )
        return found

    def miscounted(self, innings: dict, where: str) -> dict[int, int]:
        reader, listed = self.reader, {}
        for over, value in reader.object(innings.get("miscounted_overs", {}), f"{where}.miscounted_overs").items():
            here = f"{where}.miscounted_overs"
            balls = reader.object(value, here).get("balls")
            listed[reader.integer(over, here, 0, 1000)] = reader.integer(balls, here, 0, 30)
        return listed

    # After the last ball.

    def end(self) -> dict:
        """The end of the match as the file states it; line-ups are completed with whoever was found in the balls."""
        reader, info = self.reader, self.info
        for team in (0, 1):
            if self.late[team]:
                old = self.events[self.line_ups[team]]
                body = {**old.body, "players": [*old.body["players"], *self.late[team]]}
                self.events[self.line_ups[team]] = Event(old.seq, old.key, old.kind, body)
        stated = reader.object(info.get("outcome", {}), "info.outcome")
        outcome: dict[str, Any] = {}
        for name in ("winner", "eliminator", "bowl_out"):
            if name in stated:
                outcome[name] = self.team(stated[name], f"info.outcome.{name}")
        if "by" in stated:
            by = reader.object(stated["by"], "info.outcome.by")
            outcome["by"] = {
                name: reader.integer(by[name], f"info.outcome.by.{name}", 0, 5000)
                for name in ("innings", "runs", "wickets")
                if name in by
            }
        if "result" in stated:
            outcome["result"] = reader.choice(stated["result"], "info.outcome.result", ("tie", "draw", "no result"))
        if "method" in stated:
            outcome["method"] = reader.name(stated["method"], "info.outcome.method", 40)
        body: dict[str, Any] = {"outcome": outcome} if outcome else {}
        best = []
        for name in reader.list(info.get("player_of_match", []), "info.player_of_match", 11):
            team = next((team for team in (0, 1) if name in self.keys[team]), None) if isinstance(name, str) else None
            if team is not None:
                best.append(self.keys[team][name])
            else:
                reader.warn("The player of the match is in no list of the file.")
        if best:
            body["player_of_match"] = best
        tries = []
        for value in reader.list(info.get("bowl_out", []), "info.bowl_out", 60):
            value = reader.object(value, "info.bowl_out")
            name = reader.name(value.get("bowler"), "info.bowl_out")
            team = next((team for team in (0, 1) if name in self.keys[team]), 0)
            hit = reader.choice(value.get("outcome"), "info.bowl_out", ("hit", "miss"))
            tries.append({"bowler": self.player(team, name, "info.bowl_out"), "outcome": hit})
        if tries:
            body["bowl_out"] = tries
        if outcome or self.events[-1].kind == "innings_end" or best:
            self.emit("end", "match_end", body)
        return outcome


class Play:
    """The overs of one innings on their way into events."""

    def __init__(
        self, log: Log, number: int, team: int, listed: dict[int, int], powerplays: list[dict], overs: list
    ) -> None:
        self.log, self.reader = log, log.reader
        self.n, self.team, self.listed, self.powerplays, self.overs = number + 1, team, listed, powerplays, overs
        self.pair: set[str] = set()
        self.hurt: set[str] = set()  # who retired and has neither come back nor been replaced
        self.bowler: str | None = None
        self.runs = self.out = self.balls = self.announced = 0

    def over(self, place: int, over: dict, last: bool) -> None:
        reader, log = self.reader, self.log
        where = f"innings {self.n}, over {place + 1}"
        balls = reader.list(over.get("deliveries"), f"{where}.deliveries", 60)
        balls = [reader.object(ball, f"{where}, ball {at}") for at, ball in enumerate(balls, 1)]
        for at, ball in enumerate(balls, 1):
            if "extras" in ball:
                reader.object(ball["extras"], f"{where}, ball {at}.extras")
        uncounted, legal = self.uncounted(place, balls)
        for at, ball in enumerate(balls, 1):
            self.delivery(f"{self.n}.{place}.{at}", place, at, ball, at - 1 in uncounted, f"{where}, ball {at}")
        if balls and (not last or legal >= self.listed.get(place, log.per_over)):
            log.emit(f"{self.n}.{place}.end", "over_end", {})
            self.bowler = None
            self.balls += log.per_over
        else:
            self.balls += legal

    def uncounted(self, place: int, balls: list[dict]) -> tuple[set[int], int]:
        """Law 28.2.3, keeper's glove or helmet: a ball with penalty runs that makes an over too long was not one of the
        over.
        """
        legal = [
            i
            for i, ball in enumerate(balls)
            if "extras" not in ball
            or (ball["extras"].get("wides", 0) in NOUGHT and ball["extras"].get("noballs", 0) in NOUGHT)
        ]
        if place in self.listed or len(legal) <= self.log.per_over:
            return set(), len(legal)
        awarded = [i for i in legal if balls[i].get("extras", {}).get("penalty", 0) not in NOUGHT]
        left_out = set(awarded[: len(legal) - self.log.per_over])
        return left_out, len(legal) - len(left_out)

    def delivery(self, key: str, place: int, at: int, ball: dict, uncounted: bool, where: str) -> None:
        reader, log, team = self.reader, self.log, self.team
        if self.powerplays:
            self.start_powerplays(place, at)
        if "replacements" in ball:
            self.replacements(key, reader.object(ball["replacements"], f"{where}.replacements"), where)
        striker = log.player(team, ball.get("batter"), f"{where}.batter")
        non_striker = log.player(team, ball.get("non_striker"), f"{where}.non_striker")
        bowler = log.player(1 - team, ball.get("bowler"), f"{where}.bowler")
        if striker == non_striker:
            non_striker = self.other(striker, ball, place, at, where)
        pair = {striker, non_striker}
        if pair != self.pair:
            log.emit(f"{key}.batters", "batters", {"striker": striker, "non_striker": non_striker})
            self.pair = pair
            self.hurt -= pair
        if bowler != self.bowler:
            log.emit(f"{key}.bowler", "bowler", {"bowler": bowler})
            self.bowler = bowler
        runs = reader.object(ball.get("runs"), f"{where}.runs")
        body: dict[str, Any] = {"striker": striker, "non_striker": non_striker, "bowler": bowler}
        body["bat"] = bat = reader.integer(runs.get("batter"), f"{where}.runs.batter", 0, 50)
        total = bat
        if "extras" in ball:
            body["extras"] = extras = {}
            for kind, value in ball["extras"].items():
                if kind not in ("wides", "noballs", "byes", "legbyes", "penalty"):
                    raise Malformed(f"{where}: extras cannot be “{CONTROL.sub('?', kind[:40])}”.")
                value = reader.integer(value, f"{where}.extras.{kind}", 0, 50)
                if value:
                    extras[kind] = value
                    total += value
        if reader.integer(runs.get("total", total), f"{where}.runs.total", 0, 200) != total:
            raise Malformed(f"{where}: the runs do not add up to the total.")
        self.runs += total
        if "non_boundary" in runs and reader.flag(runs["non_boundary"], f"{where}.runs.non_boundary"):
            body["non_boundary"] = True
        if uncounted:
            body["uncounted"] = True
        if "wickets" in ball:
            body["wickets"] = [
                self.wicket(reader.object(value, f"{where}.wickets"), f"{where}.wickets")
                for value in reader.list(ball["wickets"], f"{where}.wickets", 11)
            ]
        if "review" in ball:
            review = self.review(reader.object(ball["review"], f"{where}.review"), f"{where}.review")
            if review:
                body["review"] = review
        log.emit(key, "delivery", body)

    def other(self, striker: str, ball: dict, place: int, at: int, where: str) -> str:
        """Who was with a batter that the file names at both ends: whoever stayed in; else who is out off this ball or
        in with that batter later; else the next of the list who has not been in.
        """
        keys = self.log.keys[self.team]
        there = [key for key in self.pair if key != striker]
        if len(there) != 1:
            named = [one.get("player_out") for one in ball.get("wickets") or () if isinstance(one, dict)]
            named += self.named_later(place, at)
            found = [keys[name] for name in named if isinstance(name, str) and keys.get(name, striker) != striker]
            there = [key for key in found if key in there] or there or found
        if not there:
            mine = [e.body for e in self.log.events if e.kind == "delivery" and e.key.startswith(f"{self.n}.")]
            seen = {body[end] for body in mine for end in ("striker", "non_striker")}
            there = [key for key in keys.values() if key != striker and key not in seen]
        other = there[0] if there else self.log.player(self.team, "Not named", where)
        name = next(name for name, key in keys.items() if key == other)
        self.reader.warn(f"{where}: one batter stands at both ends; {name} is taken to have been at the other.")
        return other

    def named_later(self, place: int, at: int) -> list:
        """Who is named at the wicket in the balls after one, in order: as the file has them, unchecked."""
        named = []
        for n, over in enumerate(self.overs[place:]):
            balls = over.get("deliveries") if isinstance(over, dict) else None
            for ball in (balls if isinstance(balls, list) else [])[0 if n else at :]:
                named += [ball.get("batter"), ball.get("non_striker")] if isinstance(ball, dict) else []
        return named

    def wicket(self, value: dict, where: str) -> dict:
        reader, log = self.reader, self.log
        kind = reader.choice(value.get("kind"), f"{where}.kind", DISMISSALS)
        player = log.player(self.team, value.get("player_out"), f"{where}.player_out")
        if kind in NOT_OUT:
            self.hurt.add(player)
        else:
            self.out += 1
        self.pair.discard(player)
        body: dict[str, Any] = {"kind": kind, "player": player}
        fielders = []
        for one in reader.list(value.get("fielders", []), f"{where}.fielders", 11):
            one = reader.object(one, f"{where}.fielders")
            fielder: dict[str, Any] = {}
            if one.get("name") is not None:
                name = reader.name(one["name"], f"{where}.fielders")
                key = log.keys[1 - self.team].get(name)
                fielder = {"key": key} if key is not None else {"name": name}
            if "substitute" in one and reader.flag(one["substitute"], f"{where}.fielders"):
                fielder["substitute"] = True
            fielders.append(fielder)
        if fielders:
            body["fielders"] = fielders
        return body

    def review(self, value: dict, where: str) -> dict | None:
        reader = self.reader
        if value.get("by") not in self.log.teams:
            reader.warn(f"{where}: no side asked for it; left out.")
            return None
        body: dict[str, Any] = {"by": self.log.teams.index(value["by"])}
        body["decision"] = reader.name(value.get("decision", "unknown"), f"{where}.decision", 40)
        if value.get("umpire") is not None:
            body["umpire"] = reader.name(value["umpire"], f"{where}.umpire")
        if value.get("batter") is not None:
            body["batter"] = self.log.player(self.team, value["batter"], f"{where}.batter")
        if value.get("type") is not None:
            body["type"] = reader.name(value["type"], f"{where}.type", 40)
        if "umpires_call" in value and reader.flag(value["umpires_call"], f"{where}.umpires_call"):
            body["umpires_call"] = True
        return body

    def replacements(self, key: str, value: dict, where: str) -> None:
        """Who came for whom before this ball: for the match, or in a role (a batter who went off and will be back)."""
        reader, log = self.reader, self.log
        for kind in ("match", "role"):
            for place, one in enumerate(reader.list(value.get(kind, []), f"{where}.replacements", 10)):
                one = reader.object(one, f"{where}.replacements")
                body: dict[str, Any] = {
                    "type": kind,
                    "reason": reader.name(one.get("reason", "unknown"), f"{where}.reason", 60),
                }
                if kind == "match":
                    team = log.team(one.get("team"), f"{where}.replacements")
                else:
                    body["role"] = reader.choice(one.get("role"), f"{where}.replacements", ("batter", "bowler"))
                    team = self.team if body["role"] == "batter" else 1 - self.team
                body["team"] = team
                body["in"] = log.player(team, one.get("in"), f"{where}.replacements")
                if one.get("out") is not None:
                    body["out"] = out = log.player(team, one["out"], f"{where}.replacements")
                    if team == self.team:
                        self.pair.discard(out)
                        if kind == "match":
                            self.hurt.discard(out)
                if body.get("role") == "bowler":
                    self.bowler = body["in"]
                log.emit(f"{key}.{kind}.{place}", "replacement", body)

    def start_powerplays(self, place: int, at: int) -> None:
        """Announce each powerplay before its first ball; the ball in `from` counts every delivery of the over."""
        while self.powerplays:
            over, _, ball = self.powerplays[0]["from"].partition(".")
            if (int(over), int(ball or 1)) > (place, at):
                break
            self.announce_powerplay()

    def announce_powerplay(self) -> None:
        self.announced += 1
        self.log.emit(f"{self.n}.powerplay.{self.announced}", "powerplay", self.powerplays.pop(0))

    def leftover_powerplays(self) -> None:
        while self.powerplays:
            self.announce_powerplay()

    def reason(self, start: dict) -> str:
        """Why the innings ended, as far as the balls tell."""
        target = start.get("target") or {}
        if "runs" in target and self.runs >= target["runs"]:
            return "target reached"
        if self.out >= 2 if start.get("super_over") else self.out + len(self.hurt) >= 10:
            return "all out"
        overs = target.get("overs") or (1 if start.get("super_over") else self.log.events[0].body["overs"])
        if overs is not None and self.balls >= balls_of(str(overs), self.log.per_over):
            return "overs complete"
        return "super over done" if start.get("super_over") else "no further play"
