"""Addresses that are nearly one of a large provider's: what was probably meant. Pure; a hint, and never more."""

from functools import lru_cache

# Where most people have their mail. A name that stands here is never taken for another one's slip.
KNOWN = tuple(
    """gmail.com googlemail.com outlook.com outlook.com.au hotmail.com hotmail.co.uk hotmail.com.au live.com live.com.au
    msn.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.com.au ymail.com rocketmail.com icloud.com me.com mac.com aol.com
    proton.me protonmail.com fastmail.com zoho.com mail.com email.com gmx.com gmx.de gmx.net web.de rediffmail.com
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz btinternet.com sky.com virginmedia.com
    example.com example.org example.net""".split()
)
ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "vom": "com", "xom": "com", "comm": "com", "ogr": "org"}


def probably_meant(address: str) -> str | None:
    """What "vera@gmial.com" was meant to be, "vera@gmail.com"; None where nothing better is known."""
    local, at, domain = address.strip().rpartition("@")
    domain = domain.lower()
    if not (local and at) or domain in KNOWN or len(domain) > 60:
        return None
    slips, best = nearest(domain)
    if slips <= (1 if len(best) < 10 else 2):
        return f"{local}@{best}"
    name, dot, ending = domain.rpartition(".")
    return f"{local}@{name}.{ENDINGS[ending]}" if dot and name and ending in ENDINGS else None


@lru_cache(2000)
def nearest(domain: str) -> tuple[int, str]:
    """(slips, the known domain that this one is nearest to): the same few are asked for again and again."""
    return min((distance(domain, known), known) for known in KNOWN)


def distance(one: str, other: str) -> int:
    """How many slips make one word of the other: a letter too many, missing, another, or two that changed places."""
    before, last = [], list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
