"""Fault switches: rules that make the sandbox misbehave on purpose, and the count of how often each did.

A rule is `{"kind", "match", "probability", "times", "seconds", "when"}`. `match` is a shell pattern against
`METHOD /path` for requests and against the event type for webhooks.
"""

import fnmatch
import random
import threading
import time
from dataclasses import asdict, dataclass

REQUEST_KINDS = (
    "delay",
    "error_before",
    "error_after",
    "drop_connection_before",
    "drop_connection_after",
    "rate_limit",
)
WEBHOOK_KINDS = ("webhook_lost", "webhook_doubled", "webhook_reordered", "webhook_delayed")
PAYMENT_KINDS = ("late_success", "late_failure", "refund_failed", "cancel_processing", "amount_too_small")
KINDS = REQUEST_KINDS + WEBHOOK_KINDS + PAYMENT_KINDS


class BadRule(ValueError):
    """A fault rule that cannot be understood; the sentence says why."""


class InjectedError(Exception):
    """The request ends in an error of the server's own making; `kind` says which."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class ConnectionDropped(Exception):
    """The socket closes without an answer."""


@dataclass
class Rule:
    """One switch. `times` limits how often it fires (None: no limit); `fired` counts."""

    kind: str
    match: str = "*"
    probability: float = 1.0
    times: int | None = None
    seconds: float | None = None
    when: str = "before"
    fired: int = 0

    @classmethod
    def from_json(cls, data):
        if not isinstance(data, dict) or data.get("kind") not in KINDS:
            raise BadRule(f"A rule needs a kind out of: {', '.join(KINDS)}.")
        unknown = set(data) - {"kind", "match", "probability", "times", "seconds", "when", "fired"}
        if unknown:
            raise BadRule(f"Unknown field in a rule: {', '.join(sorted(unknown))}.")
        rule = cls(**{**data, "fired": 0})
        if not isinstance(rule.match, str) or rule.when not in ("before", "after"):
            raise BadRule("match is a pattern; when is before or after.")
        if not isinstance(rule.probability, (int, float)) or not 0 <= rule.probability <= 1:
            raise BadRule("probability lies between 0 and 1.")
        if rule.times is not None and (not isinstance(rule.times, int) or rule.times < 0):
            raise BadRule("times is a whole number.")
        if rule.seconds is not None and (not isinstance(rule.seconds, (int, float)) or not 0 <= rule.seconds <= 3600):
            raise BadRule("seconds lies between 0 and 3600.")
        return rule


class Faults:
    """All rules of one sandbox. The same seed and the same sequence of requests fire the same rules."""

    def __init__(self):
        self._lock = threading.Lock()
        self.replace({})

    def replace(self, data):
        """Put new rules in force and start every count at 0. Raises BadRule and then changes nothing."""
        if not isinstance(data, dict) or set(data) - {"seed", "rules", "fired"}:
            raise BadRule('Send {"seed": 1, "rules": [...]}.')
        seed = data.get("seed", 1)
        if not isinstance(seed, (int, str)):
            raise BadRule("seed is a number or a word.")
        rules = data.get("rules", [])
        if not isinstance(rules, list):
            raise BadRule("rules is a list.")
        rules = [Rule.from_json(rule) for rule in rules]
        with self._lock:
            self._seed, self._random, self._rules = seed, random.Random(seed), rules
            self._fired = dict.fromkeys(KINDS, 0)

    def as_json(self):
        """`{"seed", "rules", "fired": {kind: count}}`."""
        with self._lock:
            return {"seed": self._seed, "rules": [asdict(rule) for rule in self._rules], "fired": dict(self._fired)}

    def pick(self, subject, *kinds):
        """The first rule of these kinds that fires for the subject, counted; or None."""
        with self._lock:
            for rule in self._rules:
                if rule.kind not in kinds or (rule.times is not None and rule.fired >= rule.times):
                    continue
                if fnmatch.fnmatchcase(subject, rule.match) and self._random.random() < rule.probability:
                    rule.fired += 1
                    self._fired[rule.kind] += 1
                    return rule
        return None

    def before(self, subject):
        """Fail a request before it has any effect, if a rule says so."""
        rule = self.pick(subject, "error_before", "drop_connection_before", "rate_limit")
        if rule is None:
            return
        if rule.kind == "drop_connection_before":
            raise ConnectionDropped
        raise InjectedError(rule.kind)

    def delay(self, subject):
        """Sleep before the effect, or return the seconds still to sleep after it."""
        rule = self.pick(subject, "delay")
        if rule is None:
            return 0.0
        seconds = 1.0 if rule.seconds is None else rule.seconds
        if rule.when == "after":
            return seconds
        time.sleep(seconds)
        return 0.0

    def after(self, subject):
        """`error_after`, `drop_connection_after` or None: what happens to the answer once the effect stands."""
        rule = self.pick(subject, "error_after", "drop_connection_after")
        return rule.kind if rule else None

    @staticmethod
    def sleep(seconds):
        """Wait after the effect, before the answer."""
        if seconds:
            time.sleep(seconds)
