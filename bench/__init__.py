"""Measurements.

Each command prints its figures beside a reference from the same run; `python -m bench.NAME --help` says more.
"""
