"""Everything one sandbox remembers, in memory, behind one lock."""

import threading

from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.mail import Inbox
from sandbox.scheduler import Scheduler
from sandbox.stripe.events import Webhooks
from sandbox.stripe.idempotency import IdempotencyKeys

KIND_OF_PREFIX = {
    "pi": "intents",
    "ch": "charges",
    "re": "refunds",
    "dp": "disputes",
    "txn": "balance_transactions",
    "pm": "payment_methods",
}


class Box:
    """Stores by id plus the helpers that act on them. `lock` is held for every read or change of an object;
    it is never held while sleeping or while speaking to the network."""

    # The payment methods that an account can switch on in the Dashboard; the two wallets pay by card.
    METHODS = ("card", "link", "klarna", "apple_pay", "google_pay")

    def __init__(self, webhook_url=None, webhook_secret=None, webhook_tries=12, merchant_origins=(), methods=("card",)):
        self.lock = threading.RLock()
        self.faults = Faults()
        self.ledger = Ledger()
        self.inbox = Inbox()
        self.timers = Scheduler("timer", 2)
        self.webhooks = Webhooks(self, webhook_url, webhook_secret, webhook_tries)
        self.keys = IdempotencyKeys()
        self.merchant_origins, self.methods = tuple(merchant_origins), list(methods)
        self._empty()

    def _empty(self):
        self.intents, self.charges, self.refunds, self.disputes = {}, {}, {}, {}
        self.balance_transactions, self.payment_methods = {}, {}
        # What Stripe keeps to itself: the test card behind a payment method, the key an object was made with.
        self.card_of_method, self.key_of = {}, {}
        self.challenge = "modal"
        self.switched_on = list(self.methods)

    def reset(self):
        """Back to the first day: objects, ledger, faults, inbox, keys and pending work; the webhook address stays."""
        # A webhook that is on its way must not reach the next test.
        self.timers.clear(seconds=5)
        self.webhooks.stop_sending()
        with self.lock:
            self._empty()
            self.webhooks.reset()
            self.keys.clear()
            self.ledger.clear()
            self.inbox.clear()
            self.faults.replace({})

    def types(self, redirects=True):
        """The types of PaymentMethods that a new intent takes, as the account has them."""
        return [m for m in self.switched_on if m in ("card", "link") or m == "klarna" and redirects]

    def find(self, object_id):
        """The object with this id, whatever it is, or None."""
        kind = KIND_OF_PREFIX.get(object_id.split("_", 1)[0])
        return getattr(self, kind).get(object_id) if kind else None
