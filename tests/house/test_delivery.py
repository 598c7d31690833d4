"""How files and pages travel: one address per build, one style sheet, modules named before they are asked for, gzip
where it tells nothing.
"""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from jinja2 import DictLoader, Environment

from web.delivery import Piece, Tree, zipped_around
from web.sheets import sets_asked_for

GZIP = {"Accept-Encoding": "gzip"}
ELSEWHERE = {**GZIP, "Sec-Fetch-Site": "cross-site"}
HERE = {**GZIP, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(app):
    return app.test_client()


def addresses(client, path, kind):
    html = client.get(path).text
    return [m[1] for m in re.finditer(kind, html)]


SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
SCRIPT = re.compile(r'<script type="module" src="([^"]+)"')
PRELOADED = re.compile(r'<link rel="modulepreload" href="([^"]+)"')


def test_a_page_has_one_style_sheet_with_everything_it_named_in_the_order_of_the_cascade(client):
    (address,) = addresses(client, "/", SHEET)
    found = client.get(address)
    assert found.status_code == 200 and found.mimetype == "text/css"
    places = [found.text.index(mark) for mark in ("@layer", ".site-header", ".hero", ".visually-hidden")]
    assert places == sorted(places)
    assert 'url("../fonts/' in found.text and "../../" not in found.text


@pytest.mark.parametrize("path", ["/sw.js", "/tickets/sw.js", "/static/css/base.css", "/static/js/sw.js"])
def test_no_answer_holds_an_open_file(client, path):
    """A browser that goes away while it is answered would leave it open."""
    answer = client.get(path)
    assert answer.status_code == 200 and not answer.direct_passthrough
    assert answer.headers["Cache-Control"] == "no-cache" and answer.headers["ETag"]


def test_a_versioned_file_is_kept_for_ever_and_one_of_another_build_is_not(client):
    (address,) = addresses(client, "/", SHEET)
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    version = address.split("/")[3]
    other = client.get(address.replace(version, "0" * 12))
    assert other.status_code == 200 and other.headers["Cache-Control"] == "no-cache"
    with client.get("/static/css/base.css") as plain:
        assert plain.status_code == 200 and "immutable" not in plain.headers["Cache-Control"]


def test_what_is_not_there_is_not_found(client):
    (address,) = addresses(client, "/", SHEET)
    root = address.rsplit("/css/", 1)[0]
    for name in (
        "css/site+nothing.css",
        "css/site+home+home.css",
        "css/none.css",
        "../app.py",
        "css/site+..+..+app.css",
    ):
        assert client.get(f"{root}/{name}").status_code == 404, name


def test_only_what_a_page_asks_for_is_joined(app, client):
    """Any other order, part or mixture of real sheets is not there, and nothing is kept of it."""
    (address,) = addresses(client, "/", SHEET)
    root, _, name = address.partition("/css/")
    own = name.removeprefix("site+").removesuffix(".css").split("+")
    kept = app.extensions["delivery"].tree.bundle.cache_info().currsize
    for names in (own[::-1], own[1:], own[:-1], [*own, "parking"], ["home"], ["gate", "keys"], ["tokens"]):
        assert client.get(f"{root}/css/site+{'+'.join(names)}.css").status_code == 404, names
    assert app.extensions["delivery"].tree.bundle.cache_info().currsize == kept
    assert client.get(address).status_code == 200 == client.get(f"{root}/css/site.css").status_code


def test_every_way_through_a_templates_conditions_is_seen():
    source = """{% block styles %}{{ ui.sheet("a") }}{% if x %}{{ ui.sheet("b") }}{% elif y %}{% else %}{{
      ui.sheet("c") ~ ui.sheet("d") }}{% endif %}{{ "e" if z }}{% endblock %}"""
    environment = Environment(loader=DictLoader({"page.html": source}))
    assert set(sets_asked_for(environment)) == {(), ("a", "b"), ("a",), ("a", "c", "d")}


def test_a_file_is_asked_for_once(client):
    (address,) = addresses(client, "/", SHEET)
    first = client.get(address, headers=GZIP)
    assert first.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in first.headers["Vary"]
    again = client.get(address, headers={**GZIP, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    assert gzip.decompress(first.data) == client.get(address).data


def test_the_version_changes_with_any_file(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("export const a = 1;")
    before = Tree(tmp_path).version
    assert Tree(tmp_path).version == before
    (tmp_path / "js" / "a.js").write_text("export const a = 2;")
    assert Tree(tmp_path).version != before


def test_a_modules_imports_are_found_however_far_down(tmp_path):
    (tmp_path / "map").mkdir()
    (tmp_path / "page.js").write_text(
        '// import "./not.js" is a comment\nimport {\n  a,\n  b,\n} from "./map/a.js";\nimport '
        '"./side.js";\nimport("./late.js");'
    )
    (tmp_path / "map" / "a.js").write_text(
        'export * from "./deep.js";\nimport { x } from "../side.js";\nconst words = "from ./no.js";'
    )
    (tmp_path / "map" / "deep.js").write_text('import { a } from "./a.js";')
    for name in ("side.js", "late.js", "not.js"):
        (tmp_path / name).write_text("export const x = 1;")
    assert set(Tree(tmp_path).imports("page.js")) == {"map/a.js", "map/deep.js", "side.js"}


def test_a_page_names_every_module_that_it_will_need(client, ground):
    path = f"/book-tickets-enhanced/{ground.event}"
    every = [address for kind in (SCRIPT, PRELOADED) for address in addresses(client, path, kind)]
    root, named = every[0].split("/js/")[0], {address.split("/", 4)[4] for address in every}
    assert {"js/seat_page.js", "js/map/map.js"} <= named
    for name in named:
        text = client.get(f"{root}/{name}").text
        for path in re.findall(r'^import .*"\./([\w/]+\.js)"', text, re.MULTILINE):
            assert f"{name.rsplit('/', 1)[0]}/{path}" in named, f"{name} imports {path}"
    # What travels inside another module is not asked for beside it: it would run twice.
    assert (
        not named & {"js/choose.js", "js/hold.js", "js/map/tiles.js"}
        and "// js/map/tiles.js" in client.get(f"{root}/js/map/map.js").text
    )


def test_a_public_page_is_compressed_for_everybody(client, ground):
    for path in ("/", "/fixtures", f"/matches/{ground.match}", "/help"):
        plain, zipped = client.get(path), client.get(path, headers=ELSEWHERE)
        assert zipped.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(zipped.data) == plain.data
        assert "Accept-Encoding" in plain.headers["Vary"] and "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(
    "words",
    ["{0}", "once upon a time {0} once upon a time", "{0} after", "é {0} – {1} ü", "{1}{0}{1}", "nothing of it"],
)
def test_a_long_piece_is_packed_once_and_stands_in_any_page(words):
    pieces = [Piece(f"<p>Größe {n}</p>" * 3000) for n in (1, 2)]
    body = words.format(*pieces).encode()
    for some in (pieces, pieces[:1], pieces[::-1], []):
        assert gzip.decompress(zipped_around(body, some)) == body
    packed = [piece.parts for piece in pieces]
    if "{0}" in words:
        assert packed[0][1] in zipped_around(body, pieces[:1])
    assert [piece.pack() for piece in pieces] == packed


def test_a_page_with_a_secret_is_compressed_only_when_no_other_site_asked_for_it(client, cast, ground):
    path = "/sign-in"
    assert "csrf_token" in client.get(path).text
    assert "Content-Encoding" not in client.get(path, headers=ELSEWHERE).headers
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers, "a browser that does not say who asks"
    assert client.get(path, headers=HERE).headers["Content-Encoding"] == "gzip"
    asha = cast.browser("asha").client
    for path in ("/tickets", "/account", "/fixtures"):
        assert "Content-Encoding" not in asha.get(path, headers=ELSEWHERE).headers, path
        assert asha.get(path, headers=HERE).headers["Content-Encoding"] == "gzip", path


def test_the_length_of_a_kept_page_says_nothing_of_its_token(app, ground):
    """It is compressed around the token, which travels as it is."""
    path, tokens, lengths = f"/book-tickets-enhanced/{ground.event}", set(), set()
    for _ in range(8):
        answer = app.test_client().get(path, headers=ELSEWHERE)
        token = re.search(rb'name="csrf_token" value="([^"]+)"', gzip.decompress(answer.data))[1]
        assert token in answer.data
        tokens.add(token)
        lengths.add(len(answer.data))
    assert len(tokens) == 8 and len(lengths) == 1


def test_an_answer_that_has_a_version_is_still_asked_for_once(client, ground):
    path = "/teams/terns.ics"
    first = client.get(path, headers=GZIP)
    assert first.headers["Content-Encoding"] == "gzip" and first.headers["ETag"] != client.get(path).headers["ETag"]
    again = client.get(path, headers={**GZIP, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


@pytest.mark.browser
def test_a_browser_gets_each_file_once_and_runs_no_data(settings, sandbox, ground):
    """One style sheet, versioned addresses alone, nothing preloaded under another address than it is used by, and
    JSON-LD troubles no policy.
    """
    from tests.support.browser import chromium
    from tests.support.walking import Fan, serving_in_public

    with serving_in_public(settings, sandbox) as site, chromium() as browser:
        for path in (
            "/",
            f"/matches/{ground.match}",
            f"/matches/{ground.match}/live",
            f"/book-tickets-enhanced/{ground.event}",
        ):
            fan = Fan(browser, site)
            asked = []
            fan.page.on("request", lambda request, asked=asked: asked.append(urlsplit(request.url).path))
            fan.page.goto(path, wait_until="networkidle")
            static = [address for address in asked if address.startswith("/static/")]
            assert len(static) == len(set(static)), path
            assert all(address.startswith("/static/v/") for address in static), path
            assert len([address for address in static if address.endswith(".css")]) == 1, path
            assert not fan.errors, path
            fan.close()


@pytest.mark.browser
def test_the_scorers_cache_keeps_two_builds_and_forgets_older_ones(settings, sandbox, cast, ground):
    from tests.support.browser import chromium
    from tests.support.walking import Fan, serving_in_public

    with serving_in_public(settings, sandbox) as site, chromium() as browser:
        scorer = Fan(browser, site).be(cast.browser("sunil"))
        page = scorer.page
        page.goto(f"/scorer/matches/{ground.match}", wait_until="networkidle")
        page.evaluate(
            """async () => {
              await navigator.serviceWorker.ready;
              await caches.delete("scorer-1");
              const cache = await caches.open("scorer-1");
              for (const version of ["aaa", "bbb"]) await cache.put(`/static/v/${version}/js/a.js`, new Response("1"));
              const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
              const worker = (await navigator.serviceWorker.ready).active;
              worker.postMessage({ keep: [location.pathname, ...files.filter((path) => path.startsWith("/static/"))] });
            }"""
        )
        kept = (
            "async () => (await (await caches.open('scorer-1')).keys()).map((request) => new URL(request.url).pathname)"
        )
        # Polled in the page: a predicate that is a promise would be taken for true.
        page.evaluate(
            """async () => {
              for (let tries = 0; tries < 200; tries += 1) {
                if (!(await (await caches.open("scorer-1")).match("/static/v/aaa/js/a.js"))) return;
                await new Promise((done) => setTimeout(done, 50));
              }
              throw new Error("the oldest build is still kept");
            }"""
        )
        names = page.evaluate(kept)
        assert "/static/v/bbb/js/a.js" in names and f"/scorer/matches/{ground.match}" in names
        assert any(name.endswith("/js/scorer/console.js") for name in names)
        scorer.close()
