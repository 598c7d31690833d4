"""A first-class match of the demo: four days of three sessions, the new ball, declarations, the follow-on, a draw when
time runs out.
"""

from demo.innings import Innings

DAYS, SESSIONS, OVERS_A_SESSION = 4, 3, 32
FOLLOW_ON, NEW_BALL = 150, 80


class Days:
    """How far the match is: day, session, overs of it; says the breaks."""

    def __init__(self, match):
        self.match = match
        self.day, self.session, self.overs, self.over = 1, 1, 0, False
        self.dark = (
            2 + int(match.luck() * 2),
            14 + int(match.luck() * 12),
        )  # bad light: on this day, after so many overs of the evening

    @property
    def overs_left(self):
        whole = (DAYS - self.day) * SESSIONS + SESSIONS - self.session
        return whole * OVERS_A_SESSION + OVERS_A_SESSION - self.overs

    def pass_overs(self, number=1):
        """After an over, or for what a change of innings costs."""
        self.overs += number
        if self.session == SESSIONS and self.day == self.dark[0] and self.overs >= self.dark[1]:
            self.match.say("break", {"reason": "bad light"}, 30)
            self._next_session(1800)
        elif self.overs >= OVERS_A_SESSION:
            self._next_session(0)

    def _next_session(self, waited):
        match = self.match
        if self.session == SESSIONS and self.day == DAYS:
            self.over = True
            return
        reason = ("lunch", "tea", "stumps")[self.session - 1]
        match.say("break", {"reason": reason}, waited)
        if self.session == SESSIONS:
            self.day, self.session = self.day + 1, 1
            match.clock = (self.day - 1) * 86400.0 - 10
        else:
            self.session += 1
            match.clock += 2400 if self.session == 2 else 1200
        self.overs = 0
        match.say("resume", {"day": self.day, "session": self.session}, 10)

    def push(self, chase):
        """How hard the fourth innings is played: to win when it can be won, else to be there at the end."""
        left = max(1, self.overs_left * 6)
        needed = (chase.target - chase.runs) / left
        if needed > 0.95 or (chase.wickets >= 7 and needed > 0.6):
            return 0.72
        return min(1.5, max(0.85, needed / 0.5))


def day_after_day(match):
    leads, team, follow_on = [0, 0], match.first, False
    for number in range(4):
        target, hungry, body = None, 1.0, {}
        if number == 3:
            target = leads[1 - team] - leads[team] + 1
            if target <= 0:
                break
        if follow_on and number == 2:
            body = {"follow_on": True}
        innings = Innings(match, team, None, target, hungry=hungry, body=body)
        _bat(match, innings, leads, number)
        leads[team] += innings.runs
        match.say("innings_end", {"reason": innings.end}, 20)
        if match.days.over or innings.end == "target reached":
            break
        behind = leads[1 - team] - leads[team]
        if number == 2 and behind > 0:
            break  # beaten by an innings
        if number == 1:
            follow_on = behind >= FOLLOW_ON and match.luck() < 0.7
        if number < 3:
            match.say("break", {"reason": "innings break"}, 5)
            match.say("resume", {}, 590)
            match.days.pass_overs(2)
            if match.days.over:
                break
        team = team if number == 1 and follow_on else 1 - team
    _result(match, leads)
    match.finish({"reason": "no further play"} if match.result == "Match drawn" else None)


def _bat(match, innings, leads, number):
    mine = innings.team
    while not innings.end:
        if innings.over and innings.over % NEW_BALL == 0:
            match.say("note", {"text": "The new ball is taken."})
        innings.play_over()
        if innings.end:
            return
        match.days.pass_overs()
        if match.days.over:
            innings.end = "no further play"
            return
        lead = leads[mine] + innings.runs - leads[1 - mine]
        if number == 0 and innings.runs > 480 and innings.wickets >= 6:
            innings.end = "declared"
        if number == 2 and lead > 150:
            innings.hungry = 1.35
        # A declaration leaves the other side a little under a run for each two balls.
        if number == 2 and match.days.overs_left <= 100 and lead > 3.1 * match.days.overs_left:
            innings.end = "declared"


def _result(match, leads):
    last = match.innings[-1]
    mine, other = last.team, 1 - last.team
    if match.days.over and last.end == "no further play":
        match.result = "Match drawn"
    elif last.end == "target reached":
        left = 10 - last.wickets
        match.won(mine, ("wickets", left), f"{left} wicket{'s' * (left > 1)}")
    elif len(match.innings) == 3 and leads[other] > leads[mine]:
        by = leads[other] - leads[mine]
        match.won(other, ("innings", by), f"an innings and {by} run{'s' * (by > 1)}")
    elif len(match.innings) == 4 and leads[mine] < leads[other]:
        by = leads[other] - leads[mine]
        match.won(other, ("runs", by), f"{by} run{'s' * (by > 1)}")
    elif len(match.innings) == 4 and last.end == "all out":
        match.result = "Match tied"
    else:
        match.result = "Match drawn"
