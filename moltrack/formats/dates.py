"""Dates as people write them in tables, as ISO dates. The order of day and month is settled once per table, never guessed.

``12.05.2021``    day first: no locale of the Unicode CLDR puts points between month, day and year in another order
``05/12/2021``    the order that the header states (``date (MM/DD/YYYY)``), or that another date of the table proves
                  (``25/12/2021``); otherwise an error that asks
``12-May-2021``, ``12. Mai 2021``, ``May 12, 2021``, ``12MAY2021``, ``2021/05/12``, ``20210512``, ``05.2021`` can mean one thing only
``12.05.21``, ``44328``    refused with what to do: a year of two digits, a day number of a spreadsheet
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from moltrack.formats.tables import Row, normal_name

#: Columns of our own tables and manifests that hold dates.
DATE_COLUMNS = ("date", "end_date")

_WRITE_ISO = "Write 2021-05-12 (2021-05 or 2021 when no more is known)."
_CLOCK = re.compile(r"[T ]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AP]M)?Z?$", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})(?:[./](\d{1,2}))?\.?")
_TOGETHER = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)")
_MONTH = re.compile(r"(\d{1,2})[./-](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})\.?[\s-]*)?([A-Za-zÀ-ÿ]{3,10})\.?[\s-]*(?:(\d{1,2})(?:st|nd|rd|th)?,\s*)?(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2}|\d{1,2}[\s.-]*[A-Za-z]{3}[\s.-]*\d{2}")
_SERIAL = re.compile(r"[34]\d{4}(\.\d+)?")

#: First letters of the months in English, German and French; a dot or the rest of the name may follow.
_MONTHS = {
    1: ("january", "januar", "janvier", "jän"),
    2: ("february", "februar", "février", "fevrier"),
    3: ("march", "märz", "maerz", "mrz", "mars"),
    4: ("april", "avril"),
    5: ("may", "mai"),
    6: ("june", "juni", "juin"),
    7: ("july", "juli", "juillet"),
    8: ("august", "août", "aout"),
    9: ("september", "septembre"),
    10: ("october", "oktober", "octobre"),
    11: ("november", "novembre"),
    12: ("december", "dezember", "décembre", "decembre"),
}


@dataclass(frozen=True, slots=True)
class _Order:
    """Whether the day comes before the month in dates with slashes or dashes; None = nothing tells."""

    day_first: bool | None
    proof: str = ""


def with_iso_dates(rows: Sequence[Row], hints: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    """The rows with the dates of their date columns as ISO dates; what is no date stays for its reader to refuse.

    Parameters
    ----------
    hints
        What the header of a column says in parentheses: ``MM/DD/YYYY``, ``TT.MM.JJJJ``.

    Raises
    ------
    FormatError
        A date could mean two days, or the table proves both orders; file, line and column are named.
    """
    columns = [name for name in DATE_COLUMNS if any(row.text(name) for row in rows)]
    if not columns:
        return tuple(rows)
    order = _order_of(rows, columns, hints or {})
    return tuple(
        replace(row, cells={**row.cells, **changed}) if (changed := _changed(row, columns, order)) else row
        for row in rows
    )


def _changed(row: Row, columns: Iterable[str], order: _Order) -> dict[str, str]:
    found = {}
    for column in columns:
        text = row.text(column)
        if text and (iso := _iso(row, column, text, order)) != text:
            found[normal_name(column)] = iso
    return found


def _order_of(rows: Sequence[Row], columns: Sequence[str], hints: Mapping[str, str]) -> _Order:
    """The order that headers state, or that dates with a number above 12 prove."""
    for column in columns:
        letters = re.sub(r"[^a-z]", "", hints.get(column, "").lower())
        if letters and letters[0] in "dtjm" and "m" in letters:
            return _Order(letters[0] != "m", hints[column])
    proofs: dict[bool, tuple[Row, str, str]] = {}
    for row in rows:
        for column in columns:
            match = _NUMBERS.fullmatch(_CLOCK.sub("", row.text(column)))
            if match and match[2] != "." and (int(match[1]) > 12) != (int(match[3]) > 12):
                proofs.setdefault(int(match[1]) > 12, (row, column, match[0]))
    if len(proofs) == 2:
        row, column, text = max(proofs.values(), key=lambda proof: proof[0].line)
        first = min(proofs.values(), key=lambda proof: proof[0].line)
        raise row.error(
            f"column '{column}' holds '{text}', but line {first[0].line} holds '{first[2]}': day and month stand in both orders.",
            advice=_WRITE_ISO,
        )
    for day_first, (_, _, text) in proofs.items():
        return _Order(day_first, text)
    return _Order(None)


def _iso(row: Row, column: str, text: str, order: _Order) -> str:
    """The ISO date that a cell means; the cell itself where it is one already, or none of the known spellings."""
    written = _CLOCK.sub("", text)
    if match := _NUMBERS.fullmatch(written):
        one, sign, two, year = int(match[1]), match[2], int(match[3]), int(match[4])
        if sign == ".":
            return _joined(year, two, one) or text
        if one > 12 or two > 12 or one == two or order.day_first is not None:
            day_first = order.day_first if order.day_first is not None else one > 12
            return _joined(year, *((two, one) if day_first else (one, two))) or text
        both = sorted({f"{year}-{one:02d}-{two:02d}", f"{year}-{two:02d}-{one:02d}"})
        raise row.error(f"column '{column}' holds '{text}', which may be {both[0]} or {both[1]}.", advice=_WRITE_ISO)
    if match := _YEAR_FIRST.fullmatch(written) or _TOGETHER.fullmatch(written):
        return _joined(int(match[1]), int(match[2]), int(match[3]) if match[3] else None) or text
    if match := _MONTH.fullmatch(written):
        return _joined(int(match[2]), int(match[1]), None) or text
    if (match := _NAMED.fullmatch(written)) and (month := _month_named(match[2])) and not (match[1] and match[3]):
        day = match[1] or match[3]
        return _joined(int(match[4]), month, int(day) if day else None) or text
    if _SERIAL.fullmatch(written):
        raise row.error(
            f"column '{column}' holds '{text}', the day number of a spreadsheet.",
            advice="Format the column as date and save the table again.",
        )
    if _SHORT_YEAR.fullmatch(written):
        raise row.error(f"column '{column}' holds '{text}', whose year has two digits.", advice=_WRITE_ISO)
    return text


def _month_named(text: str) -> int | None:
    """The month whose name begins so: one at least, of three letters at least."""
    found = {number for number, names in _MONTHS.items() if any(name.startswith(text.lower()) for name in names)}
    return found.pop() if len(found) == 1 else None


def _joined(year: int, month: int, day: int | None) -> str:
    """``2021-05-12`` or ``2021-05``; "" where no calendar has it."""
    try:
        return date(year, month, day or 1).isoformat()[: 10 if day else 7]
    except ValueError:
        return ""
