"""CricVerse: create_app() wires settings, extensions, blueprints, error pages and commands.

`python app.py` runs the product.
"""

import sys
import warnings

if __name__ == "__main__" and "--unpatched" not in sys.argv:
    # Only a process that serves is patched; tests, Alembic, commands and jobs are not (COPY and threads need that).
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import database
import notifications
import realtime
import stripe_integration
import views
from accounts import rights, sessions, socket_access
from booking import mails as booking_mails
from caches.responses import bodies
from config import load_settings
from database import withhold_values
from embedded.postgres import with_database
from extensions import PUBLIC, WORKER, csrf, db, limiter, login_manager, migrate
from gate import live, scans
from messages import outbox
from seating import claims, occupancy
from serving import commands, logs
from supabase_config import refuse_unsafe_login, tell_loudness
from tickets import mails as ticket_mails
from waiting import mails as waiting_mails
from web import delivery, errors, form_cookie, guards, headers, kept, presentation, turns

# What one page or form may weigh; nothing here takes uploads yet.
MAX_BODY = 256 * 1024
PUBLIC_POOL = 3  # connections that read what is kept for everybody


class Product(Flask):
    def ensure_sync(self, func):
        """Flask asks of each function of each request whether it is a coroutine; none of ours is."""
        return func


@commands.plainly
def create_app(settings=None):
    """The application for these Settings (default: those of the environment), with a database that answers."""
    settings = with_database(settings or load_settings())
    logs.set_up(settings)
    app = Product(__name__)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.app_url,
        SQLALCHEMY_ENGINE_OPTIONS=pool(settings.database_pool_size, "cricverse web"),
        SQLALCHEMY_BINDS={
            WORKER: {"url": settings.worker_url, **pool(settings.worker_pool_size, "cricverse worker")},
            # Every statement by itself: nobody acts, so there is nothing that a transaction would have to keep.
            PUBLIC: {
                "url": settings.app_url,
                **pool(PUBLIC_POOL, "cricverse public"),
                "isolation_level": "AUTOCOMMIT",
            },
            # Likewise; one is enough, for there is one reading at a time.
            claims.BIND: {"url": settings.app_url, **pool(1, "cricverse seats"), "isolation_level": "AUTOCOMMIT"},
        },
        # How many seconds old what pages say of seats may be, and how long a page is kept for everybody, whatever it
        # shows; tests look at once.
        SEATS_MAX_AGE=0 if settings.environment == "testing" else 0.5,
        PAGES_MAX_AGE=0 if settings.environment == "testing" else 0.5,
        MAX_CONTENT_LENGTH=MAX_BODY,
        SESSION_COOKIE_NAME="__Host-cv_form" if settings.is_secure else "cv_form",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_HEADERS=["X-CSRF-Token"],
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 2} if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(
            settings.redis_url
        ),  # while Redis is away each process counts for itself
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_ENABLED=settings.environment != "testing",
    )
    # Before the proxies' headers are read, which then count for sockets, too.
    realtime.init_socketio(
        app,
        realtime.Rules(
            socket_access.find_person,
            socket_access.may_join,
            socket_access.versions_of,
            occupancy.occupancy_of,
            socket_access.standing,
            tuple(rights.ROOMS),
            rights.may_be_in,
        ),
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(
            app.wsgi_app,
            x_for=settings.trusted_proxies,
            x_proto=settings.trusted_proxies,
            x_host=settings.trusted_proxies,
        )
    turns.init_app(app)
    db.init_app(app)
    database.init_app(app)
    migrate.init_app(app, db)
    login_manager.init_app(app)
    csrf.init_app(app)
    form_cookie.init_app(app)
    limiter.init_app(app)
    stripe_integration.payment_processor.init_app(settings)
    notifications.mailer.init_app(settings)
    outbox.register(booking_mails.MAILS, ticket_mails.MAILS, waiting_mails.MAILS)
    bodies.init_app(settings)
    sessions.init_app(app)
    presentation.register(app)
    kept.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    delivery.init_app(app)
    views.init_app(app)
    guards.init_app(app)
    scans.follow(live.publish)
    commands.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            withhold_values(engine)
        refuse_unsafe_login(db.engine)
        if settings.is_public:
            tell_loudness(db.engines.values())
    return app


def pool(size, name):
    return {
        "pool_size": size,
        "max_overflow": 0,
        "pool_timeout": 10,
        "pool_pre_ping": False,
        "pool_recycle": 1800,
        "connect_args": {"application_name": name},
        "hide_parameters": True,  # what goes into a log has no person's data
    }


if __name__ == "__main__":
    from serving import run

    sys.exit(run.run(create_app))
