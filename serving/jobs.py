"""The loop beside the web: sends the outbox, sweeps holds and attempts, serves the waiting lists, asks Stripe about
what is not settled, refunds, seals the trail. Replays are played by a loop of their own, so that no slow provider holds
up a ball.

Any number of these may run: every task takes its rows under locks or keys that let only one have them. `run(app,
once=True)` does each task once.
"""

import signal
import threading
import time

import structlog

from booking import recovery, refunds
from cricket.matches import replay
from database import call_one, in_transaction
from messages import outbox
from providers import ProviderError
from seating import claims
from waiting import lists

log = structlog.get_logger()


def seal():
    return in_transaction(call_one, "app.seal_log", worker=True).seal_log


# (task, every so many seconds)
TASKS = (
    (outbox.send_due, 1),
    (recovery.sweep, 5),
    (lists.serve, 2),
    (refunds.send_waiting, 10),
    (recovery.refund_cancelled_events, 5),
    (seal, 20),
    (claims.forget_moves, 60),
    (lambda: recovery.reconcile(older_than=60), 300),
)
LIVE_TASKS = ((replay.play_due, 0.1),)


def run(app, once=False):
    """Work until SIGTERM or SIGINT; with `once`, every task one time. A task that fails is logged and comes again."""
    stop = threading.Event()
    if not once:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
    if once:
        for task, _ in (*TASKS, *LIVE_TASKS):
            work(app, task)
        return
    live = threading.Thread(target=loop, args=(app, LIVE_TASKS, stop, 0.05), daemon=True)
    live.start()
    loop(app, TASKS, stop, 0.25)
    live.join(5)


def loop(app, tasks, stop, rest):
    due = {task: 0.0 for task, _ in tasks}
    while not stop.is_set():
        for task, every in tasks:
            if time.monotonic() >= due[task]:
                due[task] = time.monotonic() + every
                work(app, task)
        stop.wait(rest)


def work(app, task):
    with app.app_context():
        try:
            task()
        except ProviderError as error:
            log.warning("job_waits", task=getattr(task, "__name__", "reconcile"), provider=error.provider)
        except Exception:
            log.exception("job_failed", task=getattr(task, "__name__", "reconcile"))
