"""Cells of tables that leave moltrack: as text, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any


def plain(value: Any) -> str:
    """A cell as text: None and NaN are empty, floats keep all their digits, sequences are joined by ``;``."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, tuple | list):
        return ";".join(str(item) for item in value)
    return repr(value) if isinstance(value, float) else str(value)


def readable(value: Any) -> str:
    """A cell for people: whole numbers without ``.0``, others with six digits at most."""
    if isinstance(value, float) and value == value:
        return f"{value:.0f}" if value == round(value) else f"{value:.6g}"
    return plain(value)


def sex_word(sex: str) -> str:
    """``female``, ``male`` or ``other`` from the sex as stated (``F``, ``male``, ``w`` ...); "" when it is not."""
    letter = sex.strip().lower()[:1]
    return {"f": "female", "w": "female", "m": "male", "o": "other", "d": "other"}.get(letter, "")


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a leading ``= + - @`` (unless it is a number) gets an apostrophe.

    Source: OWASP, CSV injection.
    """
    if len(text) > 1 and text[0] in {"=", "+", "-", "@", "\t", "\r"}:
        try:
            float(text)
        except ValueError:
            return "'" + text
    return text


def write_rows(
    handle: IO[str], rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, delimiter: str = ","
) -> None:
    """A delimited table with one header line (RFC 4180 for commas); cells are made neutral."""
    writer = csv.writer(handle, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([neutral(plain(row.get(name))) for name in columns])


def one_line(value: Any) -> str:
    """Text for a tab-separated file that knows no quoting: tabs and line breaks become spaces."""
    return " ".join(neutral(plain(value)).split())
