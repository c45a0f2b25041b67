"""Where an ISCN string stands, and what is printed beside it."""

from __future__ import annotations

from dataclasses import dataclass

from moltrack.formats.clinical import cells
from moltrack.formats.tables import Row
from moltrack.model import PrintedLimit, Result


@dataclass(frozen=True, slots=True)
class Printout:
    """Line, whose it is, and what a row says of all findings of its string."""

    line: int
    patient: str = ""
    sample: str = ""
    assay: str = ""
    result: Result | None = None
    limits: tuple[PrintedLimit, ...] = ()
    notes: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        row: Row,
        result: Result | None = None,
        extra: tuple[tuple[str, str], ...] = (),
        limits: tuple[PrintedLimit, ...] = (),
    ) -> Printout:
        """What stands in a row of one of our tables."""
        patient, sample, assay = (row.text(name) for name in ("patient", "sample", "assay"))
        return cls(row.line, patient, sample, assay, result, limits, cells.notes_of(row), extra)
