"""The main line: what is held, what it costs, parking, payment, refunds, and what must always be true of them."""
