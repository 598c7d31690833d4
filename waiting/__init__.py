"""Waiting for an event: to be told when its sale opens, or in line for seats that come back to one that is sold out."""
