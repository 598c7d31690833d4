"""What nobody should send: texts, values, bodies, headers and packets, and how an honest value is spoilt."""

import ast
import re
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
READERS = ("views", "web", "gate", "cricket/matches")  # where fields of requests are read

TEXTS = [
    "", " ", "\0", "a\0b", "\x1b[31m", "\x7f", "\x85", "\u202eevil", "\ufffe", "٣", "１２", "²", "1_0", "+1",
    "-1", "0", "1.5", "1e5", "0x10", "NaN", "Infinity", str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63),
    str(10**30), "9" * 5000, "x" * 3000, "Ünï💥", "%", "%00", "_", "'", "';--", "\\", "<b>", "{{7*7}}",
    "../../etc", "//x", "/\n//x", "\n", "\r\nX: y", "0001-01-01", "9999-12-31", "9999-12-31T23:59",
    "0001-01-01T00:00", "2026-02-30", "24:00", "3:٠٠", "stand-", "stand-²", "band-Ω", "1-standard",
    "99999999999-standard", "-standard", "a@b", "a@b.c", "a\0@b.cc", "é@bücher.example", 
    "00000000-0000-0000-0000-000000000000",
    "null", "true", "[]", "😀" * 100, "CVR1", "aGVsbG8", "A" * 43,
]  # fmt: skip
VALUES = [
    None, True, False, 0, -1, 1, 2**31 - 1, 2**31, 2**53, 2**63, 10**30, 1.5, -0.0, 1e300, [], {}, [[]], [None],
    {"": None}, ["a", 1], "\ud800", "a\udfff", "\0",
]  # fmt: skip
RAW = [
    b"", b"null", b"[", b"{", b"[]", b'"x"', b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 40_000,
    b'{"a":' * 50 + b"1" + b"}" * 50, b'{"a": NaN}', b'{"a": 1e999}', b'{"a": ' + b"9" * 5000 + b"}",
    b'{"\\ud800": "\\u0000"}', b"\x00" * 50, b"a=\xff&b=%ff%00", b"a&" * 5000, b"=&" * 100, b"a[]=1&a[b]=2",
    b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="a\x00"\r\n\r\nb\r\n--x--',
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="\xff"\r\n\r\nb\r\n--x--', b"\x1f\x8b\x08",
]  # fmt: skip
TYPES = [
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "multipart/form-data", "application/json; charset=utf-16", "text/plain; charset=nonsense",
    "application/vnd.x+json", "\xff", "",
]  # fmt: skip
HEADERS = {
    "Accept": ["*/*", "application/json", "x" * 200, "\xff", "a;q=x"],
    "Accept-Encoding": ["gzip", "gzip;q=x", "identity;q=0", "\xff", "*;q=nan"],
    "Accept-Language": ["\xff", "xx;q=inf"],
    "Authorization": ["Bearer", "Bearer \xff", "Basic x", "Digest \xff=", "Basic \xff\xff"],
    "Cookie": [
        "\xff\xfe=\xff",
        "cv_session=\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "cv_form=\xff.x.y",
        "theme=\xff",
        'a="\\777"',
        ";;;=",
        "cv_form=eyJ4IjoxfQ.x.y",
    ],
    "Content-Length": ["-1", "x", "99999999999"],
    "Forwarded": ["for=\xff"],
    "Host": ["[", "a b", "\xff", "x" * 300],
    "If-Match": ["x", '"'],
    "If-Modified-Since": ["x", "Mon, 01 Jan 99999 00:00:00 GMT", "Thu, 01 Jan 0000 00:00:00 GMT"],
    "If-None-Match": ['"x', "W/", "*", "\xff", '"x",' * 100],
    "Origin": ["null", "http://[", "\xff"],
    "Range": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-99999999999999999999", "x=1-2", "bytes=\xb2-"],
    "Sec-Fetch-Site": ["cross-site", "\xff", "same-origin"],
    "Referer": ["\xff", "http://["],
    "Stripe-Signature": ["t=x,v1=y", "t=٣", "\xff", "t=,v1="],
    "User-Agent": ["a\0b", "\x01", "\xff", "ü" * 300],
    "X-CSRF-Token": ["\xff", "x.y.z"],
    "X-Forwarded-For": ["\0", "::::"],
    "X-Requested-With": ["\xff"],
    "X-Scoring-Lock": ["\xff", "\0", "x" * 500],
}
QUERIES = ["%", "%ff=%fe", "a=%00", "&&&", "a=1&" * 3000, "=", "next=/%0A//x", "next=%2f%0a"]
PACKETS = [
    "", "2", "2[]", "2[", "2{}", "2null", '2[""]', "2[1]", "2[null,{}]", '2["join_match"]',
    '2["join_match",{"match_id":1},2,3]', '21["join_match",{"match_id":1}]', '2/other,["x"]', "9", "x",
    "\ud800", "\0", "0", "1", '3["x"]', "31[]", '4{"message":"x"}',
    '51-["join_match",{"_placeholder":true,"num":0}]', '59999999999-["x"]', "6", "2" + "[" * 5000,
    '2["message",' + "9" * 5000 + "]", '2["connect"]', '2["connect_error"]', '2["unknown", NaN]',
    '2["join_match",{"match_id":1e999}]', "2" * 300,
]  # fmt: skip


def vocabulary():
    """{module of views: names of fields that it may read}, by the calls of get() and the like in the sources."""
    names = {}
    for folder in READERS:
        for path in (ROOT / folder).rglob("*.py"):
            found = names.setdefault(path.stem if folder == "views" else "", set())
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                    if node.func.attr in ("get", "getlist") and isinstance(node.args[0], ast.Constant):
                        found.add(node.args[0].value)
                elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
                    found.add(node.left.value)
    return {
        module: sorted(n for n in found if isinstance(n, str) and re.fullmatch(r"[a-z][a-z_-]{0,30}", n))
        for module, found in names.items()
    }


texts = st.sampled_from(TEXTS) | st.text(max_size=8)
values = st.sampled_from(VALUES) | st.sampled_from(TEXTS) | st.recursive(
    st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def spoilt(chance, draw, value):
    """The JSON value with one place of it changed: replaced, taken out, or wrapped."""
    if isinstance(value, dict) and value and chance.randrange(4):
        name = chance.choice(sorted(value))
        changed = dict(value)
        if chance.randrange(6):
            changed[name] = spoilt(chance, draw, value[name])
        else:
            del changed[name]
        return changed
    if isinstance(value, list) and value and chance.randrange(4):
        at = chance.randrange(len(value))
        return [*value[:at], spoilt(chance, draw, value[at]), *value[at + 1 :]]
    return [value] if not chance.randrange(10) else draw(values)
