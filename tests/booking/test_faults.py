"""Money ends right under faults: a small run of bench/faults.py, and its twin, which loses some when
nobody reconciles.
"""

import pytest

import notifications
import stripe_integration
from bench import faults
from serving import logs
from tests.support.sandbox_server import running_sandbox


@pytest.fixture
def apart(app, settings, database_url, monkeypatch):
    """(app, settings, sandbox) of their own, for the faults: this run's other tests find their
    providers as they were.
    """
    monkeypatch.setattr(stripe_integration, "TIMEOUT", stripe_integration.TIMEOUT)
    with running_sandbox() as sandbox:
        yield *faults.build_app(database_url, sandbox, "test-app-password"), sandbox
    monkeypatch.undo()
    stripe_integration.payment_processor.init_app(settings)
    notifications.mailer.init_app(settings)
    logs.set_up(settings)  # that application logs errors alone, for the whole process


@pytest.mark.slow
def test_no_fault_costs_anybody_money_or_tickets(apart, database_url):
    app, settings, sandbox = apart
    verdict = faults.run(
        database_url, app, settings, sandbox, 50, kills=1, least=1, servers=1, bound=100, slug="under-faults"
    )
    assert verdict.captured >= 30 and verdict.fulfilled >= 25
    assert verdict.ticketless == verdict.unpaid_tickets == []
    assert verdict.double_charges == verdict.double_refunds == verdict.open_refunds == []
    assert verdict.is_clean, [r for r in verdict.invariants if r.count]
    fired = [kind for kind in faults.COUNTED if verdict.fired[kind]]
    assert len(fired) >= len(faults.COUNTED) - 2, fired


@pytest.mark.slow
def test_without_the_reconciler_the_same_faults_lose_tickets(apart, database_url):
    app, settings, sandbox = apart
    verdict = faults.run(
        database_url,
        app,
        settings,
        sandbox,
        40,
        reconciles=False,
        kills=1,
        servers=1,
        bound=60,
        slug="nobody-reconciles",
    )
    assert verdict.ticketless, "nothing was lost, so the test above proves nothing"
