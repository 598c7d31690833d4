"""Stand-ins for the payment and mail providers, for laptops without keys and for tests.

One process on its own port speaks enough of Stripe and SendGrid for their real SDKs, and can misbehave on purpose.
It imports nothing of the product and keeps everything in memory. See README.md beside this file."""

from flask import Flask, redirect, request


class RefusedInProduction(RuntimeError):
    """The sandbox was asked to serve where real money moves."""


def create_sandbox(
    environment="development",
    webhook_url=None,
    webhook_secret=None,
    webhook_tries=12,
    merchant_origins=(),
    methods=("card",),
):
    """The WSGI application of one sandbox. Raises RefusedInProduction."""
    if environment == "production":
        raise RefusedInProduction("The sandbox does not run in production: set the providers' own keys instead.")

    from sandbox import browser, control, mail
    from sandbox.box import Box
    from sandbox.faults import ConnectionDropped
    from sandbox.stripe import api

    app = Flask(__name__, static_folder=None, template_folder="pages")
    app.json.sort_keys = False
    app.url_map.strict_slashes = True
    app.extensions["sandbox"] = Box(webhook_url, webhook_secret, webhook_tries, merchant_origins, methods)
    for blueprint in (api.bp, mail.bp, control.bp, browser.bp):
        app.register_blueprint(blueprint)

    @app.get("/")
    def home():
        return redirect("/_sandbox/")

    @app.errorhandler(ConnectionDropped)
    def drop(_):
        return _close_the_socket()

    @app.after_request
    def protect(answer):
        if answer.mimetype == "text/html":
            answer.headers.setdefault(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self' data:; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            )
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return app


def _close_the_socket():
    """End the connection without a byte of an answer, as a broken network does."""
    import socket

    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    return "", 500
