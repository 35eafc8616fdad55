"""Durations, moments and shares as a person says them."""

from datetime import datetime, timedelta

from django.utils import timezone

NOTHING = "–"  # noqa: RUF001 - a dash is what a table has where there is no figure


def took(time: timedelta | float | None) -> str:
    """48 s, 3 min, 1 h 5 min, 2 d 4 h; nothing at all is a dash."""
    if time is None:
        return NOTHING
    seconds = int(time.total_seconds() if isinstance(time, timedelta) else time)
    if seconds < 90:
        return f"{seconds} s"
    if seconds < 90 * 60:
        return f"{seconds // 60} min"
    if seconds < 36 * 3600:
        return _two(seconds // 3600, "h", seconds % 3600 // 60, "min")
    return _two(seconds // 86400, "d", seconds % 86400 // 3600, "h")


def lasted(time: timedelta) -> str:
    """In whole minutes: what goes on now should not read differently each second."""
    minutes = int(time.total_seconds() // 60)
    return took(minutes * 60.0) if minutes > 1 else "a minute" if minutes else "less than a minute"


def ago(moment: datetime | None, at: datetime) -> str:
    if moment is None:
        return NOTHING
    seconds = int((at - moment).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    days = (timezone.localdate(at) - timezone.localdate(moment)).days
    if days == 0 or seconds < 6 * 3600:
        return f"{seconds // 3600} h ago"
    if days == 1:
        return "yesterday"
    local = timezone.localtime(moment)
    return f"{days} days ago" if days < 7 else f"{local.day} {local:%b}"


def percent(share: float | None) -> str:
    """Rounded down: 100 % means that nothing was missing."""
    if share is None:
        return NOTHING
    tenths = int(share * 1000)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10} %"


def between(start: datetime, end: datetime) -> str:
    """Mon 14:20 to 16:00; the second day only when it is another."""
    one, other = timezone.localtime(start), timezone.localtime(end)
    tail = f"{other:%H:%M}" if one.date() == other.date() else f"{other:%a %H:%M}"
    return f"{one:%a %H:%M} to {tail}"


def midnight(at: datetime) -> datetime:
    """When the person's day began."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit} {small} {small_unit}" if small else f"{large} {unit}"
