"""Call rules and flows as a signed-in person, without a page: a request context with that person's session."""

import contextlib


@contextlib.contextmanager
def acting_as(app, cast, who):
    browser = cast.browser(who)
    token = browser.client.get_cookie("cv_session").value
    with app.test_request_context("/", headers={"Cookie": f"cv_session={token}"}):
        app.preprocess_request()
        yield
