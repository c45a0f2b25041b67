"""When something happened: an interval on a calendar, relative to an event, or only an order."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from moltrack.errors import InputError


class TimeScale(StrEnum):
    """Which axis a time stands on. The scales meet only through the date of the anchor event."""

    CALENDAR = "calendar"
    RELATIVE = "relative"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Time:
    """A closed interval on one of two scales, with an optional order number.

    Attributes
    ----------
    first, last
        Calendar dates, both included; equal when the day is known. None off the calendar.
    day_first, day_last
        Days from ``anchor``, both included; negative before it. None off the relative scale.
    anchor
        Name of the event that day 0 is; "" for the patient's default anchor.
    order
        Position among the patient's samples known only in sequence.

    A time with neither date nor day is known only by its order (or not at all): rates never use it.
    """

    first: date | None = None
    last: date | None = None
    day_first: int | None = None
    day_last: int | None = None
    anchor: str = ""
    order: int | None = None

    @property
    def scale(self) -> TimeScale:
        if self.first is not None:
            return TimeScale.CALENDAR
        if self.day_first is not None:
            return TimeScale.RELATIVE
        return TimeScale.ORDER

    @property
    def is_exact(self) -> bool:
        """True when the day is known."""
        if self.scale is TimeScale.CALENDAR:
            return self.first == self.last
        return self.scale is TimeScale.RELATIVE and self.day_first == self.day_last

    @property
    def is_known(self) -> bool:
        return self.scale is not TimeScale.ORDER or self.order is not None

    def __str__(self) -> str:
        if self.first is not None and self.last is not None:
            if self.first == self.last:
                return self.first.isoformat()
            if self.first.day == 1 and self.last == _month_end(self.first.year, self.first.month):
                return f"{self.first.year:04d}-{self.first.month:02d}"
            if (self.first, self.last) == (date(self.first.year, 1, 1), date(self.first.year, 12, 31)):
                return f"{self.first.year:04d}"
            return f"{self.first.isoformat()}..{self.last.isoformat()}"
        if self.day_first is not None:
            text = f"day {self.day_first}"
            if self.day_last != self.day_first:
                text += f"..{self.day_last}"
            return f"{text} from {self.anchor}" if self.anchor else text
        return f"#{self.order}" if self.order is not None else "time unknown"

    @classmethod
    def on(cls, text: str, *, order: int | None = None) -> Time:
        """A calendar time from ``2021-05-12``, ``2021-05``, ``2021`` or ``2021-05-12..2021-05-20``.

        Raises
        ------
        InputError
            Another spelling, or a date that does not exist. Day and month are never guessed from ``12/05/2021``.
        """
        parts = text.strip().split("..")
        if len(parts) > 2:
            raise InputError(f"'{text}' is not a date.", advice="Write 2021-05-12, 2021-05 or 2021.")
        first, last = _date_interval(parts[0])
        if len(parts) == 2:
            last = _date_interval(parts[1])[1]
        if first > last:
            raise InputError(f"'{text}' ends before it begins.")
        return cls(first=first, last=last, order=order)

    @classmethod
    def day(cls, first: int, last: int | None = None, *, anchor: str = "", order: int | None = None) -> Time:
        """A time in days from an event; ``last`` makes it an interval."""
        end = first if last is None else last
        if end < first:
            raise InputError(f"day {first}..{end} ends before it begins.")
        return cls(day_first=first, day_last=end, anchor=anchor, order=order)

    @classmethod
    def days(cls, text: str, *, anchor: str = "", order: int | None = None) -> Time:
        """A relative time from ``17``, ``-3``, ``d17`` or ``-3..-1``."""
        match = re.fullmatch(r"d?(?:ay)?\s*([+-]?\d{1,6})(?:\s*\.\.\s*([+-]?\d{1,6}))?", text.strip(), re.IGNORECASE)
        if match is None:
            raise InputError(f"'{text}' is not a day.", advice="Write a whole number of days such as 17, -3 or -3..-1.")
        first, last = match.groups()
        return cls.day(int(first), int(last) if last else None, anchor=anchor, order=order)


def span_problem(start: Time, end: Time) -> str:
    """What is wrong with a span of time, as the rest of a sentence about it; "" when nothing is."""
    if (end.first is not None and start.first is None) or (end.day_first is not None and start.day_first is None):
        return "has an end on another scale than its start. Give both as dates or both as days."
    dates_cross = end.last is not None and start.first is not None and end.last < start.first
    days_cross = end.day_last is not None and start.day_first is not None and end.day_last < start.day_first
    return f"ends ({end}) before it begins ({start})." if dates_cross or days_cross else ""


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _date_interval(text: str) -> tuple[date, date]:
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]\d{2}:\d{2}(?::\d{2})?)?", text.strip())
    if match is None:
        raise InputError(f"'{text}' is not a date.", advice="Write 2021-05-12, 2021-05 or 2021.")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        assert year is not None
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), _month_end(year, month)
        return date(year, month, day), date(year, month, day)
    except ValueError:
        raise InputError(f"'{text}' is not a date of the calendar.") from None
