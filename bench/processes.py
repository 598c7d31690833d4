"""CPU of processes and all that they started, from /proc: what a measurement tells apart."""

import os
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """(parent, own ms, ms of the children that have ended) of a process, or None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    own, ended = (sum(map(int, fields[at : at + 2])) * TICK for at in (11, 13))
    return int(fields[1]), own, ended


def children():
    """{parent: [children]} of every process that lives."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isascii() and entry.isdecimal() and (stat := _stat(entry)):
            found.setdefault(stat[0], []).append(int(entry))
    return found


def own_cpu(pid):
    """Milliseconds that this process alone has worked."""
    stat = _stat(pid)
    return stat[1] if stat else 0.0


def tree_cpu(pid, below=None):
    """Milliseconds that this process and everything it started has worked; never less than before."""
    below = children() if below is None else below
    stat = _stat(pid)
    return (stat[1] + stat[2] if stat else 0.0) + sum(tree_cpu(child, below) for child in below.get(pid, ()))


def started_by(pid, word):
    """The pid of a child whose command line holds this word."""
    for child in children().get(pid, ()):
        if word in Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0"):
            return child
    raise LookupError(f"process {pid} runs no {word}")
