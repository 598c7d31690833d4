"""The pages and the API: one blueprint per audience or noun.

A view loads, checks, calls one rule or flow, and answers.
"""

from views import (
    accounts,
    api,
    bookings,
    checkout,
    discovery,
    gate,
    gate_api,
    health,
    match_api,
    matches,
    owner,
    parking,
    payments,
    realtime,
    scorer,
    site,
    supervisor,
    tickets,
    transfers,
    waiting,
)
from web import readable

BLUEPRINTS = (
    site.bp,
    accounts.bp,
    bookings.bp,
    parking.bp,
    checkout.bp,
    payments.bp,
    tickets.bp,
    transfers.bp,
    waiting.bp,
    owner.bp,
    api.bp,
    gate.bp,
    supervisor.bp,
    gate_api.bp,
    match_api.bp,
    matches.bp,
    scorer.bp,
    realtime.bp,
    discovery.bp,
    health.bp,
)


def init_app(app):
    readable.init_app(app)
    discovery.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
