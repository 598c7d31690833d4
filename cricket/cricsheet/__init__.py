"""Cricsheet files, there and back: a match as its JSON tells it, its cards, and what the two disagree about."""
