"""A browser without a screen: Flask's test client that checks every page it fetches and fills forms as
a person would.
"""

import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent, self.children, self.strings = tag, dict(attrs), parent, [], []

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def find_all(self, tag=None, **attrs):
        return [
            e
            for e in self.walk()
            if (tag is None or e.tag == tag)
            and all(e.attrs.get(k.rstrip("_").replace("_", "-")) == v for k, v in attrs.items())
        ]

    def find(self, tag=None, **attrs):
        return next(iter(self.find_all(tag, **attrs)), None)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self._strings())).strip()

    def _strings(self):
        for item in self.strings:
            if isinstance(item, Element):
                yield from item._strings()
            else:
                yield item


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.now = Element("#document", {}, None)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {k: v if v is not None else "" for k, v in attrs}, self.now)
        self.now.children.append(element)
        self.now.strings.append(element)
        if tag not in VOID:
            self.now = element

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        element = self.now
        while element.parent is not None and element.tag != tag:
            element = element.parent
        if element.parent is not None:
            self.now = element.parent

    def handle_data(self, data):
        self.now.strings.append(data)


class Page:
    """An answer: `.status`, `.text` (words a person sees), `.root` (elements), `.json`, `.location`."""

    def __init__(self, response):
        self.response, self.status = response, response.status_code
        self.html = response.get_data().decode(errors="replace")  # some answers are bytes
        self.location = response.headers.get("Location")
        self.headers = response.headers
        if response.mimetype == "text/html" and self.status not in (301, 302, 303):
            builder = _Builder()
            builder.feed(self.html)
            self.root = builder.root
            self.text = self.root.text
            check_page(self)
        else:
            self.root, self.text = None, self.html

    @property
    def json(self):
        return self.response.get_json()

    def form(self, action_part):
        for form in self.root.find_all("form"):
            if action_part in form.attrs.get("action", ""):
                return form
        raise AssertionError(f"no form to …{action_part}… on this page")


def check_page(page):
    """What every page of ours promises: a title, one h1, unique ids, labels, a CSRF token in forms, nothing inline, no
    template error.
    """
    root = page.root
    title = root.find("title")
    assert title is not None and title.text.endswith("CricVerse"), f"title: {title and title.text!r}"
    assert len(root.find_all("h1")) == 1, f"{len(root.find_all('h1'))} h1"
    ids = [e.attrs["id"] for e in root.walk() if "id" in e.attrs]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    labelled = {e.attrs["for"] for e in root.find_all("label") if "for" in e.attrs}
    for element in root.walk():
        assert "style" not in element.attrs and not any(k.startswith("on") for k in element.attrs), (
            f"inline style or script: {element.tag}"
        )
        if element.tag in ("input", "select", "textarea") and element.attrs.get("type") not in (
            "hidden",
            "submit",
            "button",
        ):
            inside = any(p.tag == "label" for p in _parents(element))
            named = (
                element.attrs.get("id") in labelled or inside or {"aria-label", "aria-labelledby"} & set(element.attrs)
            )
            assert named, f"no label: {element.attrs}"
        if element.tag == "form" and element.attrs.get("method", "get").lower() == "post":
            assert element.find("input", name="csrf_token") is not None, f"no CSRF token: {element.attrs.get('action')}"
        if element.tag == "script":
            assert "src" in element.attrs or element.attrs.get("type") in ("application/json", "application/ld+json"), (
                "inline script"
            )
        for name in ("aria-describedby", "aria-labelledby"):
            for target in element.attrs.get(name, "").split():
                assert target in ids, f"{name} points at nothing: {target}"
    assert root.find("style") is None, "inline style sheet"
    for bad in ("{{", "{%", "Undefined", "None of "):
        assert bad not in page.text, f"template error: {bad}"


def _parents(element):
    while element.parent is not None:
        element = element.parent
        yield element


class Browser:
    """One browser with its own cookies."""

    def __init__(self, app):
        self.client = app.test_client()
        self._csrf = None

    def get(self, path, **kwargs):
        page = Page(self.client.get(path, **kwargs))
        self.check_sheet(page)
        return page

    def check_sheet(self, page):
        """The page's one sheet is one of the fixed set; else the page would be bare."""
        delivery = self.client.application.extensions.get("delivery")
        for link in page.root.find_all("link", rel="stylesheet") if page.root and delivery else ():
            name = link.attrs["href"].partition("/static/v/")[2].partition("/")[2]
            assert delivery.find(name) is not None, f"no template is seen to ask for {name}"

    def csrf(self):
        """A CSRF token of this browser's form session, as any page with a form carries it."""
        if self._csrf is None:
            self._csrf = self.client.get("/api/csrf-token").get_json()["token"]
        return self._csrf

    def post(self, path, follow=False, **fields):
        """Send a form.

        A list sends a field several times. With `follow`, go where the 303 points and return that page.
        """
        data = {k: v for k, v in fields.items() if v is not None} | {"csrf_token": self.csrf()}
        page = Page(self.client.post(path, data=data))
        if follow:
            assert page.status == 303, f"{page.status}: {page.text[:400]}"
            return self.get(page.location)
        return page

    def api(self, method, path, body=None, **headers):
        """Speak JSON to the API as our own scripts do."""
        response = self.client.open(path, method=method, json=body, headers={"X-CSRF-Token": self.csrf(), **headers})
        return Page(response)
