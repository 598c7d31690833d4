"""Calendars to save or to subscribe to (RFC 5545, RFC 7986), as the icalendar library writes them; times in UTC, so
that no zone has to be described.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from icalendar import Alarm, Calendar, Component, Event, vDuration, vText, vUri

C = TypeVar("C", bound=Component)
PRODUCT = "-//CricVerse//Tickets//EN"
uri = vUri  # a value that is an address, which is not escaped as a text is
# RFC 7986 wants the type of these said.
_TYPES = {"refresh_interval": "DURATION", "source": "URI"}


def file_of(events: Iterable[Event], **properties: Any) -> str:
    """A whole calendar as text: `events` are event()s, `properties` the calendar's own, named as in event()."""
    calendar = _filled(Calendar(), {"version": "2.0", "prodid": PRODUCT, **properties})
    for one in events:
        calendar.add_component(one)
    return calendar.to_ical(sorted=False).decode()


def event(*, alarm: tuple[timedelta, str] | None = None, **properties: Any) -> Event:
    """One VEVENT, with an alarm (the time before its start, what to say) where one is wanted.

    A property is named in small letters with _ for -. Its value is a text, a number, an aware time, a timedelta, a uri,
    or None where there is none.
    """
    made = _filled(Event(), properties)
    if alarm is not None:
        before, words = alarm
        made.add_component(_filled(Alarm(), {"action": "DISPLAY", "description": words, "trigger": -before}))
    return made


def _filled(component: C, properties: Mapping[str, Any]) -> C:
    for name, value in properties.items():
        if isinstance(value, datetime):
            value = value.astimezone(UTC)
        elif isinstance(value, timedelta):
            value = vDuration(value)
        elif isinstance(value, str) and not isinstance(value, uri):
            value = vText(_printable(value))
        if value is not None:
            parameters = {"VALUE": _TYPES[name]} if name in _TYPES else {}
            component.add(name.replace("_", "-"), value, parameters)
    return component


def _printable(text: str) -> str:
    """Control characters but for line ends have no place in a text (section 3.3.11), and the library lets them pass."""
    return "".join(c for c in text if c >= " " and c != "\x7f" or c in "\r\n")
