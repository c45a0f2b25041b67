"""What a cell of our own tables means: levels, words of result, limits, techniques.

An empty cell or ``-`` is *not tested*; ``n.d.`` is refused, because it is written for "not detected" and for "not done"; a number is
checked to be possible for its quantity. Whatever is wrong names file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from moltrack.errors import InputError
from moltrack.formats.clinical.own import OwnRows
from moltrack.formats.tables import Row
from moltrack.model import LimitKind, Printed, PrintedLimit, Result, Technique
from moltrack.quantity import QUANTITIES, canonical_level, parse_printed

T = TypeVar("T")

_UNCLEAR = frozenset({"n.d.", "nd", "n. d.", "n.d", "n/d", "n.b.", "nb", "n.n.", "nn"})
_NOT_DONE = frozenset(
    {
        "not done",
        "not tested",
        "nicht untersucht",
        "nicht durchgeführt",
        "nicht getestet",
        "ausstehend",
        "pending",
        "n.u.",
        "n.t.",
        "test not performed",
        "not performed",
        "cancelled",
        "canceled",
        "non fait",
        "non réalisé",
    }
)
_POSITIVE = frozenset(
    {
        "positive",
        "pos",
        "pos.",
        "positiv",
        "detected",
        "nachgewiesen",
        "nachweisbar",
        "found",
        "present",
        "abnormal",
        "mutated",
        "mutiert",
        "yes",
        "ja",
        "weak positive",
        "weakly positive",
        "schwach positiv",
        "positif",
        "faiblement positif",
        "détecté",
        "présent",
    }
)
_NEGATIVE = frozenset(
    {
        "negative",
        "neg",
        "neg.",
        "negativ",
        "not detected",
        "notdetected",
        "undetected",
        "undetectable",
        "not found",
        "nicht nachgewiesen",
        "nicht nachweisbar",
        "absent",
        "wild type",
        "wildtype",
        "wildtyp",
        "unmutated",
        "nicht mutiert",
        "no",
        "nein",
        "négatif",
        "négative",
        "non détecté",
        "indétectable",
        "absence",
        "<lod",
        "< lod",
        "below lod",
        "below detection limit",
        "below limit of detection",
        "unter der nachweisgrenze",
        "unterhalb der nachweisgrenze",
        "<nwg",
        "< nwg",
    }
)
#: Conclusions of reports that say nothing was found.
_NOTHING_FOUND = frozenset(
    {
        "normal",
        "none",
        "no evidence",
        "unauffällig",
        "kein nachweis",
        "kein",
        "keine",
        "keiner",
        "normale",
        "aucun",
        "aucune",
    }
)
_NOT_EVALUABLE = frozenset(
    {
        "not evaluable",
        "n.e.",
        "not_evaluable",
        "inconclusive",
        "failed",
        "insufficient",
        "invalid",
        "nicht auswertbar",
        "nicht beurteilbar",
        "nicht verwertbar",
        "qns",
        "quantity not sufficient",
        "non interprétable",
        "ininterprétable",
    }
)


class UnclearCell(Exception):
    """A cell that two laboratories mean differently; the row is refused with this sentence."""


def checked(row: Row, column: str, parse: Callable[[str], T], text: str) -> T:
    """``parse(text)`` with the place of the cell added to what goes wrong."""
    try:
        return parse(text)
    except InputError as error:
        raise row.error(f"column '{column}' holds '{text}': {error.message}", advice=error.advice) from None


# --- results and levels ------------------------------------------------------------------------------------------------


def result_of(row: Row, rows: OwnRows, column: str = "result") -> Result | None:
    """The laboratory's own word on a row; None when it gives none.

    Raises
    ------
    UnclearCell
        ``n.d.``.
    FormatError
        A lone ``-`` in a column without any ``+``, or another word.
    """
    text = row.raw(column)
    word = re.sub(r"\s+", " ", text.lower())
    if word == "-" and column in rows.plus_minus:
        return Result.NEGATIVE
    if word == "-" and column == "result" and not _is_placeholder(rows, column):
        raise row.error(
            "column 'result' holds '-', which may mean negative or not done.",
            advice="Write negative, or leave the cell empty.",
        )
    if not row.text(column) or word in _NOT_DONE:
        return None
    if word in _UNCLEAR:
        raise UnclearCell(f"column '{column}' holds '{text}': write 'not detected' or 'not done'.")
    result = word_of_result(word)
    if result is None:
        raise row.error(f"column '{column}' holds '{text}'.", advice="Write positive, negative or not evaluable.")
    return result


def _is_placeholder(rows: OwnRows, column: str) -> bool:
    # A column in which every cell is "-" or empty says nothing at all.
    return all(row.raw(column) in {"", "-"} for row in rows.rows) and len(rows.rows) > 1


def word_of_result(word: str) -> Result | None:
    """``positive``, ``nicht nachweisbar``, ``+`` ... as a result; None for any other word."""
    word = re.sub(r"\s+", " ", word.strip().lower())
    if word == "+" or word in _POSITIVE:
        return Result.POSITIVE
    if word in _NEGATIVE:
        return Result.NEGATIVE
    if word in _NOT_EVALUABLE:
        return Result.NOT_EVALUABLE
    return None


def result_of_conclusion(conclusion: str) -> Result | None:
    """The result that a reported conclusion amounts to; None where it names what was found (``complex``)."""
    word = re.sub(r"\s+", " ", conclusion.strip().lower())
    return Result.NEGATIVE if word in _NOTHING_FOUND else word_of_result(word)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a value cell states: a level, a word, or nothing (not tested)."""

    printed: Printed | None = None
    result: Result | None = None

    @property
    def states(self) -> bool:
        return self.printed is not None or self.result is not None


def value_of(row: Row, rows: OwnRows, column: str, quantity: str, *, unit: str = "", denominator: str = "") -> Cell:
    """A cell with a printed level or a word (``positive``, ``not detected``).

    Raises
    ------
    UnclearCell
        ``n.d.``.
    FormatError
        Not a number, ambiguous (``1,234``), in a unit that the quantity does not have, or outside what it can be.
    """
    text = row.raw(column)
    word = re.sub(r"\s+", " ", text.lower())
    if word in _UNCLEAR:
        raise UnclearCell(f"column '{column}' holds '{text}': write 'not detected' or 'not done'.")
    if word == "-" and column in rows.plus_minus:
        return Cell(result=Result.NEGATIVE)
    if not row.text(column) or word in _NOT_DONE:
        return Cell()
    if (result := word_of_result(word)) is not None:
        return Cell(result=result)
    printed = level_of(row, column, quantity, unit=unit, denominator=denominator)
    if not printed.unit and printed.value and (line := rows.percent_line(row, column)) and _may_be_percent(printed):
        raise row.error(
            f"column '{column}' holds '{text}' without a unit, but line {line} is in percent.",
            advice="Write % behind it, or give every cell as a fraction.",
        )
    return Cell(printed=printed)


def _may_be_percent(printed: Printed) -> bool:
    """True for a plain number of a quantity that is also written in percent; one with an exponent (2.5e-4) is a fraction."""
    return "%" in QUANTITIES[printed.quantity].factors and not re.search(r"[eE^×⁻]|[x*]\s*10", printed.text)


def level_of(row: Row, column: str, quantity: str, *, unit: str = "", denominator: str = "") -> Printed:
    """The level that a cell prints, checked to be possible for its quantity."""
    text = row.raw(column)
    try:
        printed = parse_printed(text, quantity, unit=unit, decimal=row.decimal_of(column), denominator=denominator)
        canonical_level(printed)
    except InputError as error:
        raise row.error(f"column '{column}' holds '{text}': {error.message}", advice=error.advice) from None
    return printed


def limits_of(row: Row, quantity: str, unit: str = "") -> tuple[PrintedLimit, ...]:
    """The limits that a row declares, in the unit of its value unless the cell or the column's header has its own."""
    found = []
    for kind in LimitKind:
        if row.text(kind):
            has_own = re.search(r"[%‰]", row.raw(kind))
            printed = level_of(row, kind, quantity, unit="" if has_own else row.unit_of(kind) or unit)
            if printed.comparator or (printed.value is not None and printed.value < 0):
                raise row.error(f"column '{kind}' holds '{row.raw(kind)}', expected a number that is not negative.")
            found.append(PrintedLimit(kind, printed))
    return tuple(found)


def unit_of_limits(row: Row, rows: OwnRows, column: str, cell: Cell, unit: str) -> str:
    """The unit of limits that state none: that of the value beside them.

    Raises
    ------
    FormatError
        The row prints no value, and others of the same thing are in percent.
    """
    if unit or (cell.printed is not None and cell.printed.unit):
        return unit or (cell.printed.unit if cell.printed is not None else "")
    line = rows.percent_line(row, column)
    for kind in LimitKind:
        stated = row.raw(kind)
        if cell.printed is None and line and row.text(kind) and not ("%" in stated or row.unit_of(kind)):
            raise row.error(
                f"column '{kind}' holds '{stated}' without a unit, but line {line} is in percent.",
                advice="Write % behind it, or its unit in the column's name.",
            )
    return ""


def settled(result: Result | None, cell: Cell) -> Result | None:
    """The result of a row: its own word, the word in the value cell, else negative for ``<x``."""
    if result is not None:
        return result
    if cell.result is not None:
        return cell.result
    if cell.printed is not None and cell.printed.comparator in {"<", "<="}:
        return Result.NEGATIVE
    return None


def refuse_contradiction(row: Row, result: Result | None, cell: Cell) -> None:
    """A value cell that says negative beside a result that says positive, or the reverse."""
    if result is not None and cell.result is not None and result is not cell.result:
        raise row.error(f"says {cell.result} as value and {result} as result.", advice="Correct one of them.")


def notes_of(row: Row) -> tuple[str, ...]:
    note = row.text("note")
    return (note,) if note else ()


def yes_no(row: Row, column: str) -> bool | None:
    """A yes or no cell; None when it says nothing."""
    text = row.text(column).lower()
    if not text:
        return None
    if text in {"yes", "y", "true", "1", "ja", "x"}:
        return True
    if text in {"no", "n", "false", "0", "nein"}:
        return False
    raise row.error(f"column '{column}' holds '{row.raw(column)}'.", advice="Write yes or no.")


def build_of(row: Row, otherwise: str = "") -> str:
    """The genome build of a row: as its cell says (``GRCh38``, ``hg38``, ``38``), else as stated for the file; "" = unknown.

    Raises
    ------
    FormatError
        Another build.
    """
    text = row.text("build")
    if not text:
        return otherwise
    build = _BUILDS.get(text.lower())
    if build is None:
        raise row.error(f"column 'build' holds '{text}'.", advice="Write GRCh37 or GRCh38.")
    return build


_BUILDS = {"grch37": "GRCh37", "hg19": "GRCh37", "37": "GRCh37", "grch38": "GRCh38", "hg38": "GRCh38", "38": "GRCh38"}


def as_float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


# --- techniques --------------------------------------------------------------------------------------------------------


def technique_of(row: Row, default: Technique | None = None) -> Technique | None:
    """The row's technique; ``default`` when it states none."""
    text = row.text("technique")
    if not text:
        return default
    if (technique := technique_named(text)) is not None:
        return technique
    raise row.error(f"column 'technique' holds '{text}'.", advice=f"Use one of {', '.join(Technique)}.")


def technique_named(text: str) -> Technique | None:
    """The technique that a word stands for: its name, or what laboratories call it; None = it is none."""
    wanted = text.strip().lower().replace("-", " ")
    for technique in Technique:
        if wanted == technique.lower().replace("-", " "):
            return technique
    return next((technique for technique, words in _TECHNIQUES.items() if wanted in words), None)


_TECHNIQUES = {
    Technique.FLOW: ("mfc", "flow", "facs", "fcm", "durchflusszytometrie", "multiparameter flow cytometry"),
    Technique.MORPHOLOGY: ("cytology", "microscopy", "zytologie", "mikroskopie", "morphologie", "smear"),
    Technique.QPCR: ("rt qpcr", "rq pcr", "real time pcr", "rt pcr", "qrt pcr", "pcr"),
    Technique.DPCR: ("dpcr", "ddpcr", "digitale pcr"),
    Technique.DNA_SEQUENCING: ("ngs", "dna ngs", "panel", "panel ngs", "amplicon ngs", "wes", "wgs", "sanger"),
    Technique.RNA_SEQUENCING: (
        "rna",
        "rna seq",
        "rnaseq",
        "rna ngs",
        "targeted rna sequencing",
        "targeted transcriptome rna sequencing",
    ),
    Technique.FRAGMENT_ANALYSIS: (
        "gene scan",
        "genescan",
        "fragmentanalyse",
        "fragment length analysis",
        "capillary electrophoresis",
    ),
    Technique.ARRAY: ("snp array", "acgh", "array cgh", "oligo array", "microarray"),
    Technique.KARYOTYPE: (
        "cytogenetics",
        "g banding",
        "karyotyping",
        "zytogenetik",
        "chromosomenanalyse",
        "conventional cytogenetics",
    ),
    Technique.LABORATORY: ("lab", "chemistry", "labor", "clinical chemistry", "blood count", "blutbild"),
}
