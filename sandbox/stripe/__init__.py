"""The stand-in for api.stripe.com: payment intents, charges, refunds, disputes, balance, events."""
