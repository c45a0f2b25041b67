"""Karyotypes: our own table, one karyotype a row, and a text file that holds a single one.

Source     ISCN 2016 to 2024, as laboratories type it; see ``moltrack.iscn``
Levels     share of metaphases: cells of the clones that carry an abnormality / cells of all clones, only where each clone prints its
           count. A composite clone (``[cp12]``) gives an upper bound.
Absence    the number of metaphases is kept as coverage; whether it is enough is not decided here
Beside it  ``nuc ish`` and ``arr`` parts of the string are results of FISH and of an array, under assays of these names
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from moltrack import iscn
from moltrack.errors import FormatError
from moltrack.formats.clinical import cells, described, own
from moltrack.formats.clinical.own import Column, OwnTable
from moltrack.formats.cytogenetics import array, nuc_ish
from moltrack.formats.cytogenetics.printout import Printout
from moltrack.formats.files import Head, read_text
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row
from moltrack.model import Call, Counts, Coverage, CoverageScope, FileInfo, Printed, Record, Refused, Technique

#: What a level of a karyotype is a share of.
METAPHASES = "metaphases"

TABLE = OwnTable(
    name="karyotype",
    title="Karyotypes: one row per karyotype in ISCN",
    columns=(
        Column(
            "karyotype",
            "the karyotype as the laboratory typed it: 46,XY,t(8;21)(q22;q22.1)[18]/46,XY[2]",
            ("iscn", "karyotyp", "karyogramm", "karyotype_iscn", "iscn_karyotype", "karyotypformel"),
        ),
        Column(
            "metaphases",
            "metaphases analysed; empty = the sum of the counts in brackets",
            (
                "metaphases_analysed",
                "metaphases_analyzed",
                "n_metaphases",
                "metaphasen",
                "anzahl_metaphasen",
                "cells_analysed",
            ),
            numeric=True,
        ),
        own.ASSAY,
        own.NOTE,
    ),
    needs=(frozenset({"karyotype"}),),
    rules=(
        "Quote the cell where commas separate the cells. Counts in brackets give the share of metaphases; without them it stays unknown.",
        "'no metaphases' is a failed karyotype, an empty cell one that was not done.",
    ),
    example={
        "sample": "S1",
        "karyotype": '"46,XY,t(8;21)(q22;q22.1)[18]/46,XY[2]"',
        "date": "2021-05-12",
        "tissue": "BM",
        "phase": "diagnosis",
    },
)


def sniff_table(head: Head) -> Sniff:
    """As our tables are; among columns of others only by the name ``karyotype``, because many tables have a column ``iscn``."""
    sure = own.sniff_own(head, TABLE)
    if sure is Sniff.GENERIC and not {"karyotype", "karyotyp"} & {cell.lower() for cell in own.header_of(head)}:
        return Sniff.NO
    return sure


def read_karyotypes(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the karyotype of each row, its abnormalities, and the metaphases looked at.

    Raises
    ------
    FormatError
        No column ``karyotype``, or a number of metaphases that contradicts the counts in the string.
    """
    rows = own.read_own(path, options, TABLE)
    yield rows.info()
    yield from described.sample_infos(rows.rows)
    for row in rows.rows:
        if text := row.text("karyotype"):
            yield from _records(text, row.line, row, rows.extra(row))


_BEGINS = re.compile(
    r"\s*(?://\s*)?(?:(?:mos|chi)\s+)?[~<]?\d{2,3}\s*(?:[~-]\s*\d{2,3}\s*)?(?:<\dn[+-]?>\s*)?[,.;]\s*[XYxy]"
)
_MOST_LINES = 40


def sniff_text(head: Head) -> Sniff:
    """A short text whose first line begins as a karyotype does and that is no table."""
    if head.is_bcf or head.is_xlsx or "\t" in head.text:
        return Sniff.NO
    lines = _lines(head.text)
    return Sniff.LIKELY if lines and len(lines) <= _MOST_LINES and _BEGINS.match(lines[0]) else Sniff.NO


def read_karyotype_text(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the one karyotype of a text file, which may be broken over lines; lines that begin with ``#`` are comments.

    Raises
    ------
    FormatError
        The file holds nothing but comments.
    """
    text = read_text(path, limits=options.limits).lstrip("\ufeff")
    lines = _lines(text)
    if not lines:
        raise FormatError("holds no karyotype.", path=path)
    yield FileInfo(rows=1, kept=1)
    first = next(number for number, line in enumerate(text.split("\n"), start=1) if line.strip() == lines[0])
    yield from _records(" ".join(lines), first)


def sniff_list(head: Head) -> Sniff:
    """Lines of an id, a tab and what begins as a karyotype does, without a header."""
    if head.is_bcf or head.is_xlsx:
        return Sniff.NO
    rows = [line.split("\t") for line in _lines(head.text)[:20]]
    fits = all(len(row) == 2 and row[0].strip() and _BEGINS.match(row[1].strip()) for row in rows)
    return Sniff.LIKELY if rows and fits else Sniff.NO


def read_karyotype_list(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the karyotype of each line, its abnormalities, and the metaphases looked at; a line without a tab is refused."""
    numbered = list(enumerate(read_text(path, limits=options.limits).lstrip("\ufeff").split("\n"), start=1))
    rows = [(number, line) for number, line in numbered if line.strip() and not line.startswith("#")]
    yield FileInfo(rows=len(rows), kept=len(rows))
    for number, line in rows:
        name, tab, text = line.partition("\t")
        if not tab or not name.strip() or not text.strip():
            yield Refused(number, "is not an id, a tab and a karyotype.")
            continue
        yield from _records(text.strip(), number, Row(path, number, {"sample": name.strip()}))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.lstrip("\ufeff").split("\n") if line.strip() and not line.startswith("#")]


def _records(text: str, line: int, row: Row | None = None, extra: tuple[tuple[str, str], ...] = ()) -> Iterator[Record]:
    parsed = iscn.parse(text)
    patient, sample, assay = (row.text(name) for name in ("patient", "sample", "assay")) if row else ("", "", "")
    notes = cells.notes_of(row) if row else ()
    total = _total(parsed, row)
    karyotype = iscn.karyotype_of(parsed, metaphases=total)
    yield Call(
        finding=karyotype,
        line=line,
        counts=Counts(cells_total=total),
        patient=patient,
        sample=sample,
        assay=assay,
        technique=Technique.KARYOTYPE,
        notes=notes,
        extra=extra,
    )
    complete = all(clone.cells is not None for clone in parsed.clones)
    for event, finding in iscn.events_of(parsed):
        seen = finding.cells if complete and total else None
        yield Call(
            finding=event,
            line=line,
            levels=(_level(seen, total, finding.upper_bound),) if seen is not None and total else (),
            counts=Counts(cells=seen, cells_total=total),
            formula="cells of its clones / cells of all clones" if seen is not None else "",
            patient=patient,
            sample=sample,
            assay=assay,
            technique=Technique.KARYOTYPE,
            notes=notes + _remarks(finding),
        )
    if total is not None or not parsed.clones:
        yield Coverage(
            CoverageScope.METAPHASES,
            line,
            counts=Counts(cells_total=total),
            evaluable=bool(parsed.clones),
            patient=patient,
            sample=sample,
            assay=assay,
            technique=Technique.KARYOTYPE,
            note="" if parsed.clones else text,
        )
    yield from _other_techniques(parsed, Printout(line, patient, sample, notes=notes))


def _other_techniques(parsed: iscn.ParsedKaryotype, beside: Printout) -> Iterator[Record]:
    """What FISH on nuclei and arrays found, where it is printed behind the karyotype: results of techniques of their own."""
    for fish in parsed.fish:
        if fish.nuclear:
            yield from nuc_ish.records_of(fish, replace(beside, assay="fish", extra=(("nuc_ish", fish.text.strip()),)))
    for result in parsed.arrays:
        yield from array.records_of(result, replace(beside, assay="array"))


def _total(parsed: iscn.ParsedKaryotype, row: Row | None) -> int | None:
    """Metaphases analysed: the column's number, else the sum over clones."""
    stated = row.count("metaphases") if row else None
    if row and stated is not None and parsed.metaphases is not None and stated < parsed.metaphases:
        raise row.error(
            f"states {stated} metaphases, but the clones count {parsed.metaphases}.", advice="Correct one of them."
        )
    return stated if stated is not None else parsed.metaphases


def _level(seen: int, total: int, upper_bound: bool) -> Printed:
    return Printed(
        "cell_fraction",
        Decimal(seen) / Decimal(total),
        "fraction",
        f"{seen}/{total}",
        "<=" if upper_bound else "",
        METAPHASES,
    )


def _remarks(finding: iscn.Finding) -> tuple[str, ...]:
    notes = []
    if finding.upper_bound:
        notes.append("composite karyotype: an upper bound")
    if not finding.clonal:
        notes.append("too few cells for a clone")
    if finding.event.uncertain:
        notes.append("questionable")
    return tuple(notes)


KARYOTYPES = own.format_of(
    TABLE,
    read_karyotypes,
    sniff=sniff_table,
    family="cytogenetics",
    technique=Technique.KARYOTYPE,
    versions="ISCN 2016 to 2024",
)

KARYOTYPE_TEXT = Format(
    name="karyotype_text",
    title="A text file with one karyotype in ISCN",
    family="cytogenetics",
    technique=Technique.KARYOTYPE,
    sniff=sniff_text,
    read=read_karyotype_text,
    versions="ISCN 2016 to 2024",
    columns_source="ISCN 2020",
    empty=Empty.ASK,
)

KARYOTYPE_LIST = Format(
    name="karyotype_list",
    title="Karyotypes in ISCN, one a line after the sample's id and a tab",
    family="cytogenetics",
    technique=Technique.KARYOTYPE,
    sniff=sniff_list,
    read=read_karyotype_list,
    versions="ISCN 2016 to 2024",
    columns_source="ISCN 2020; CytoConverter's input (github.com/jxw773/CytoConverter)",
    empty=Empty.ASK,
)
