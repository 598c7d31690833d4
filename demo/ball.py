"""One ball of the demo's cricket: what the batter makes of it, by tempo, skill and luck.

The shares are invented, but in the range of the public record: wides 3 %, no-balls 0.5 %, a Twenty20 innings near 160,
fifty overs near 270, a first-class innings near 300. Only `random()` of a generator is used, because its numbers never
change between versions of Python.
"""

from dataclasses import dataclass

# Of a hundred fair balls: none, one, two, three, four, six, a wicket. By format and phase of the innings.
TEMPO = {
    "T20": ((44, 29, 5.5, 0.6, 13.5, 4.0, 3.3), (31, 45, 7, 0.4, 8.5, 4.2, 3.5), (26, 36, 8.5, 0.4, 12, 8.5, 7.0)),
    "List A": ((62, 22, 4, 0.8, 8.5, 1.0, 1.5), (46, 40, 5.5, 0.6, 5.5, 1.0, 1.5), (30, 40, 9, 0.5, 10, 4.5, 4.6)),
    "First-class": ((73.5, 14.5, 3.5, 0.8, 6.0, 0.3, 1.45),) * 3,
}
ENDS_OF_PHASES = {"T20": (6, 15), "List A": (10, 40), "First-class": (1000, 1000)}

WIDE, NO_BALL, BYE, LEG_BYE, PENALTY = 0.03, 0.005, 0.004, 0.011, 0.00008
FIRST_CLASS_WIDE = 0.004


@dataclass(frozen=True)
class Cricketer:
    key: str
    name: str
    role: str
    bat: float  # 1 = a sound batter of this league
    bowl: float  # 1 = a sound bowler
    spin: bool
    bowls: bool


@dataclass
class Wicket:
    kind: str
    of_striker: bool = True
    fielders: tuple = ()


@dataclass
class Thrown:
    """What came of a ball.

    `ran` is how often they crossed, which decides who faces next; `extras` are named as Cricsheet names them.
    """

    bat: int = 0
    ran: int = 0
    extras: dict | None = None
    wicket: Wicket | None = None
    review: dict | None = None
    new_faces: bool = False  # after a run out: the new batter comes in at the end of the striker

    @property
    def total(self):
        return self.bat + sum((self.extras or {}).values())

    @property
    def is_legal(self):
        return not self.extras or not ("wides" in self.extras or "noballs" in self.extras)


def bowl(luck, format, over, striker, faced, bowler, fielders, push, free_hit):
    """One ball.

    `push` is how hard the batters go (1 = as usual); `fielders` are the fielding eleven, the keeper first.
    """
    chance = luck()
    wide = FIRST_CLASS_WIDE if format == "First-class" else WIDE
    if chance < wide:
        return _wide(luck, bowler, fielders, free_hit)
    chance -= wide
    if chance < NO_BALL:
        return _no_ball(luck)
    chance -= NO_BALL
    if chance < LEG_BYE + BYE:
        runs = one_of(luck, ((1, 84), (2, 6), (4, 10)))
        return Thrown(ran=runs if runs < 4 else 0, extras={"legbyes" if chance < LEG_BYE else "byes": runs})
    if chance < LEG_BYE + BYE + PENALTY:
        return Thrown(extras={"penalty": 5})  # the ball struck the helmet behind the keeper (Law 28.3)
    dots, ones, twos, threes, fours, sixes, outs = TEMPO[format][
        (over >= ENDS_OF_PHASES[format][0]) + (over >= ENDS_OF_PHASES[format][1])
    ]
    settled = 1.0 if faced >= 10 else 0.78
    reach = push * striker.bat * settled / bowler.bowl
    dots *= bowler.bowl / push**0.8
    fours *= reach
    sixes *= reach * push
    outs *= push**1.2 * bowler.bowl / (striker.bat**1.6 * settled)
    chance = luck() * (dots + ones + twos + threes + fours + sixes + outs)
    if chance < dots:
        return _dot(luck, format)
    chance -= dots
    for runs, share in ((1, ones), (2, twos), (3, threes)):
        if chance < share:
            return Thrown(bat=runs, ran=runs)
        chance -= share
    if chance < fours:
        return Thrown(bat=4)
    if chance < fours + sixes:
        return Thrown(bat=6)
    return _out(luck, format, bowler, fielders, free_hit)


def up_to_the_win(thrown, needed):
    """What counts of a ball with so many runs needed: a boundary whole, else runs up to the winning one (Law 16.6)."""
    extras = thrown.extras or {}
    if thrown.total < needed or "penalty" in extras:
        return thrown
    call = next((kind for kind in ("wides", "noballs") if kind in extras), None)
    if call and needed == 1:
        return Thrown(extras={call: 1})
    thrown.wicket = None
    if thrown.total - bool(call) < 4:
        beyond = thrown.total - needed
        if thrown.bat:
            thrown.bat -= beyond
        elif beyond:
            thrown.extras = {kind: runs - beyond for kind, runs in extras.items()}
    return thrown


def one_of(luck, shares):
    chance = luck() * sum(share for _, share in shares)
    for value, share in shares:
        if chance < share:
            return value
        chance -= share
    return shares[-1][0]


def _wide(luck, bowler, fielders, free_hit):
    if bowler.spin and not free_hit and luck() < 0.03:
        return Thrown(extras={"wides": 1}, wicket=Wicket("stumped", True, (fielders[0],)))
    runs = one_of(luck, ((1, 92), (2, 4), (5, 4)))
    return Thrown(ran=1 if runs == 2 else 0, extras={"wides": runs})


def _no_ball(luck):
    if luck() < 0.08:
        return Thrown(ran=1, extras={"noballs": 1, "legbyes" if luck() < 0.6 else "byes": 1})
    runs = one_of(luck, ((0, 42), (1, 34), (2, 6), (4, 12), (6, 6)))
    return Thrown(bat=runs, ran=runs if runs < 4 else 0, extras={"noballs": 1})


def _dot(luck, format):
    """No run; now and then an appeal goes upstairs, by the fielders (asked in vain) or by a batter who was given out
    and was not.
    """
    chance = luck()
    share = 0.008 if format != "First-class" else 0.0022
    if chance < share:
        return Thrown(review={"asked": "fielders", "decision": "struck down", "umpires_call": luck() < 0.35})
    if chance < share * 1.4:
        return Thrown(review={"asked": "batter", "decision": "upheld"})
    return Thrown()


def _out(luck, format, bowler, fielders, free_hit):
    if free_hit and luck() < 0.9:
        runs = one_of(luck, ((0, 40), (1, 40), (4, 20)))
        return Thrown(bat=runs, ran=runs % 4)
    shares = (
        ("caught", 60),
        ("bowled", 18),
        ("lbw", 11),
        ("run out", 7 if format != "First-class" else 2.5),
        ("stumped", 6 if bowler.spin else 0.3),
        ("caught and bowled", 3),
        ("hit wicket", 0.2),
    )
    kind = "run out" if free_hit else one_of(luck, shares)
    if kind == "run out":
        return _run_out(luck, bowler, fielders)
    if kind == "caught":
        to_keeper = 0.08 if bowler.spin else 0.27
        return Thrown(
            wicket=Wicket(
                "caught", True, (fielders[0] if luck() < to_keeper else _somebody(luck, fielders[1:], bowler),)
            )
        )
    if kind == "stumped":
        return Thrown(wicket=Wicket("stumped", True, (fielders[0],)))
    thrown = Thrown(wicket=Wicket(kind))
    if kind == "lbw":
        chance = luck()
        if chance < 0.30:
            thrown.review = {"asked": "batter", "decision": "struck down", "umpires_call": luck() < 0.3}
        elif chance < 0.38:
            thrown.review = {"asked": "fielders", "decision": "upheld"}
    return thrown


def _run_out(luck, bowler, fielders):
    done = one_of(luck, ((0, 55), (1, 40), (2, 5)))
    of_striker = luck() < 0.5
    involved = [_somebody(luck, fielders[1:], bowler)]
    # Who started at the striker's end runs to the bowler's; who is out leaves the end that he was running to.
    started_at_strikers_end = of_striker == (done % 2 == 0)
    end = bowler if started_at_strikers_end else fielders[0]
    if luck() < 0.6:
        involved.append(end)
    return Thrown(
        bat=done, wicket=Wicket("run out", of_striker, tuple(involved)), new_faces=not started_at_strikers_end
    )


def _somebody(luck, people, but):
    people = [person for person in people if person is not but]
    return people[int(luck() * len(people))]
