"""Altered codes at the gate: a million of them, each refused; a hundred thousand genuine ones, each let in.

  python -m bench.qr_forgery [--altered 1000000] [--genuine 100000]

Every way to alter a code has its turn. Asked: 0 altered accepted, 0 crashes, 0 genuine refused. The everyday tests do
20,000 and 2,000, and do it again with each of the rule's checks taken away (tests/gate/test_forgery.py), which must be
noticed.
"""

import argparse
import collections
import random
import time
import uuid

import qr_codes
from gate import admit

NOW = 1_800_000_000
ZONE, EVENT, OTHER_EVENT = 3, 41, 42
OURS, OTHERS, REVOKED_KEY, NOBODYS = 7, 8, 9, 4711


class Forger:
    """A gate with its keys, genuine tickets, and every way to alter one. `chance` makes it repeatable."""

    def __init__(self, seed=1, codes=qr_codes, rule=admit):
        self.chance = random.Random(seed)
        self.codes, self.rule = codes, rule
        pairs = {key: qr_codes.new_key_pair(bytes(32)) for key in (OURS, OTHERS, REVOKED_KEY, NOBODYS)}
        self.private = {key: qr_codes.unwrap(bytes(32), *pair) for key, pair in pairs.items()}
        of = {OURS: EVENT, OTHERS: OTHER_EVENT, REVOKED_KEY: EVENT}
        keys = {
            key: rule.Key(pairs[key][0], event, f"2027-01-{event}", key == REVOKED_KEY) for key, event in of.items()
        }
        self.revoked = [self.ticket() for _ in range(50)]
        hashes = frozenset(qr_codes.revoked_hash(ticket, 1) for ticket in self.revoked)
        self.place = rule.Place(EVENT, "2027-01-41", frozenset({ZONE, 5}), frozenset(), keys, None, hashes)
        self.ways = [
            self.bit_flip, self.sign_flip, self.truncation, self.extension, self.splice, self.malleated,
            self.other_event, self.foreign_key_for_ours, self.other_key, self.unknown_key, self.revoked_key,
            self.expired, self.not_yet_valid, self.revoked_issue, self.other_zone, self.a_pass, self.other_version,
            self.group_too_large, self.last_too_large, self.foreign_sign, self.lower_case, self.other_prefix,
            self.nonsense,
        ]  # fmt: skip

    def ticket(self):
        return uuid.UUID(int=self.chance.getrandbits(128))

    def code(self, key=OURS, signed_by=None, **more):
        """The text of a code that is genuine but for what is said."""
        said = {"key_id": key, "event": EVENT, "ticket": self.ticket(), "seq": 1, "zone": self.chance.choice((ZONE, 5))}
        said |= {
            "not_before": NOW - self.chance.randrange(1, 9000),
            "expires": NOW + self.chance.randrange(0, 9000),
        } | more
        return qr_codes.sign(qr_codes.Code(**said), self.private[signed_by or key])

    def raw(self):
        return bytearray(qr_codes.b45decode(self.code()[4:]))

    def text(self, raw):
        return qr_codes.PREFIX + qr_codes.b45encode(bytes(raw))

    def bit_flip(self):
        raw = self.raw()
        for bit in self.chance.sample(range(8 * len(raw)), self.chance.choice((1, 1, 1, 2, 8))):
            raw[bit // 8] ^= 1 << bit % 8
        return self.text(raw)

    def sign_flip(self):
        text = self.code()
        at = self.chance.randrange(4, len(text))
        return text[:at] + self.chance.choice([c for c in qr_codes.ALPHABET if c != text[at]]) + text[at + 1 :]

    def truncation(self):
        return (
            self.code()[: self.chance.randrange(150)]
            if self.chance.random() < 0.5
            else self.text(self.raw()[: self.chance.randrange(97)])
        )

    def extension(self):
        return self.text(self.raw() + self.chance.randbytes(self.chance.randrange(1, 9)))

    def splice(self):
        one, other, at = self.raw(), self.raw(), self.chance.randrange(7, 96)
        made = one[:at] + other[at:]
        return (
            self.text(made) if made not in (one, other) else self.splice()
        )  # heads are the same, and the last byte of a signature has few values

    def malleated(self):
        """The same signature in its other form: S plus the order of the group (RFC 8032, 5.1.7 refuses it)."""
        raw = self.raw()
        s = int.from_bytes(raw[-32:], "little") + 2**252 + 27742317777372353535851937790883648493
        return self.text(raw[:-32] + s.to_bytes(32, "little"))

    def other_event(self):
        return self.code(OTHERS, event=OTHER_EVENT)

    def foreign_key_for_ours(self):
        return self.code(OTHERS)

    def other_key(self):
        return self.code(OURS, signed_by=self.chance.choice((OTHERS, NOBODYS)))

    def unknown_key(self):
        return self.code(NOBODYS)

    def revoked_key(self):
        return self.code(REVOKED_KEY)

    def expired(self):
        return self.code(expires=NOW - self.chance.randrange(1, 10**8))

    def not_yet_valid(self):
        return self.code(not_before=NOW + self.chance.randrange(1, 10**8), expires=NOW + 2 * 10**8)

    def revoked_issue(self):
        return self.code(ticket=self.chance.choice(self.revoked))

    def other_zone(self):
        return self.code(zone=self.chance.choice([z for z in range(256) if z not in (ZONE, 5)]))

    def a_pass(self):
        return self.code(kind="pass")

    def other_version(self):
        raw = self.raw()
        raw[0] = self.chance.choice([n for n in range(256) if n not in (1, 2)])
        body = bytes(raw[: qr_codes.FIELDS.size])
        return self.text(body + self.private[OURS].sign(qr_codes.PURPOSE + body))

    def group_too_large(self):
        """The same bytes in another spelling: a group of three characters that means 65,536 more."""
        text = self.code()
        for at in self.chance.sample(range(4, 148, 3), 48):
            n = sum(qr_codes.ALPHABET.index(c) * 45**k for k, c in enumerate(text[at : at + 3])) + 65536
            if n < 45**3:
                return text[:at] + "".join(qr_codes.ALPHABET[n // 45**k % 45] for k in range(3)) + text[at + 3 :]
        return self.group_too_large()

    def last_too_large(self):
        text = self.code()
        n = sum(qr_codes.ALPHABET.index(c) * 45**k for k, c in enumerate(text[-2:])) + 256 * self.chance.randrange(1, 7)
        return text[:-2] + qr_codes.ALPHABET[n % 45] + qr_codes.ALPHABET[n // 45]

    def foreign_sign(self):
        text = self.code()
        at = self.chance.randrange(4, 150)
        return text[:at] + self.chance.choice("äÄ_~\u0660\U0001f3cf\0\n") + text[at + 1 :]

    def lower_case(self):
        text = self.code()
        return text.lower() if text.lower() != text else self.lower_case()

    def other_prefix(self):
        return self.chance.choice(("CV2:", "cv1:", "HC1:", "CV1;", " CV1")) + self.code()[4:]

    def nonsense(self):
        return "".join(
            self.chance.choice(qr_codes.ALPHABET) for _ in range(self.chance.choice((0, 1, 3, 150, 159, 300)))
        )

    def verdict(self, text):
        """(was it let in, the outcome or the crash)."""
        try:
            outcome = self.rule.judge(text, self.place, NOW).outcome
        except Exception as error:
            return False, f"crash: {type(error).__name__}"
        return outcome == "admitted", str(outcome)

    def campaign(self, altered, genuine):
        """What became of them: accepted and crashed altered ones by their way, refused genuine ones,
        and all outcomes.
        """
        accepted, crashed, outcomes, refused = collections.Counter(), collections.Counter(), collections.Counter(), 0
        for n in range(altered):
            way = self.ways[n % len(self.ways)]
            let_in, said = self.verdict(way())
            outcomes[said] += 1
            accepted[way.__name__] += let_in
            crashed[way.__name__] += said.startswith("crash")
        for _ in range(genuine):
            refused += not self.verdict(self.code())[0]
        return +accepted, +crashed, refused, outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--altered", type=int, default=1_000_000)
    parser.add_argument("--genuine", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begun = time.perf_counter()
    forger = Forger(given.seed)
    accepted, crashed, refused, outcomes = forger.campaign(given.altered, given.genuine)
    took = time.perf_counter() - begun
    print(
        f"{given.altered:,} altered codes in {len(forger.ways)} ways: {accepted.total()} accepted, {crashed.total()} "
        "crashes (asked: 0 and 0)"
    )
    print(f"{given.genuine:,} genuine codes: {refused} refused (asked: 0)")
    if accepted or crashed:
        print(f"accepted: {dict(accepted)}, crashed: {dict(crashed)}")
    print("outcomes: " + ", ".join(f"{name} {n:,}" for name, n in outcomes.most_common()))
    print(f"{took:.0f} s, {took / (given.altered + given.genuine) * 1e6:.0f} µs a code, made and judged")
    raise SystemExit(1 if accepted or crashed or refused else 0)


if __name__ == "__main__":
    main()
