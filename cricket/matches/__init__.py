"""Matches in the database: their log, recording and scorers, import, export, replay, and what pages read."""
