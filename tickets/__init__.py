"""Tickets and passes once they are paid for: codes, signed links, pages, transfers, paper, wallets and calendars."""
