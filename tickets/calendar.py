"""Writing iCalendar (RFC 5545): CRLF lines, folded at 75 octets, text escaped, times in UTC."""

from datetime import UTC

PRODUCT = "-//CricVerse//Tickets//EN"


def file_of(components, *more):
    """A whole calendar: `components` are lists of lines (see event()), `more` the calendar's own lines such as METHOD:PUBLISH."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", *more]
    lines += [line for component in components for line in component]
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def event(*lines, alarm_minutes=None, alarm_text=""):
    """The lines of one VEVENT, with an alarm that many minutes before its start."""
    alarm = []
    if alarm_minutes is not None:
        alarm = [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escaped(alarm_text)}",
            f"TRIGGER:-PT{alarm_minutes}M",
            "END:VALARM",
        ]
    return ["BEGIN:VEVENT", *lines, *alarm, "END:VEVENT"]


def stamp(moment):
    """20261219T081000Z: no zone has to be described where every time is UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text):
    """A text value (section 3.3.11): backslash, semicolon, comma and line ends; other control signs have no place in one."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def folded(line):
    """The line in parts of at most 75 octets, never within a character (section 3.1)."""
    parts, now, length = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if length + octets > (75 if not parts else 74):
            parts.append(now)
            now, length = "", 0
        now += sign
        length += octets
    return "\r\n ".join([*parts, now])
