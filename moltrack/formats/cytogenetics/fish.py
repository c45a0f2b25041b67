"""FISH: our own table of probes with percent of nuclei and cutoff, or of ``nuc ish`` strings.

Units   percent of nuclei, 0 to 100
Cutoff  no default: laboratories and probes differ. A level below a declared cutoff keeps its printed value; the call carries the
        limit and the laboratory's own yes or no wins over it.
Source  ISCN 2020, chapter 13, for ``nuc ish``
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.cells import Cell
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.cytogenetics.nuc_ish import NUCLEI, findings_of, records_of
from moltrack.formats.cytogenetics.printout import Printout
from moltrack.formats.cytogenetics.probes import (
    Finding,
    change_shown,
    finding_of,
    lesions_shown,
    not_told_which,
    plain_name,
)
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.iscn import parse_ish
from moltrack.model import (
    Call,
    Counts,
    Coverage,
    CoverageScope,
    LimitKind,
    Printed,
    PrintedLimit,
    Record,
    Result,
    Technique,
)
from moltrack.quantity import canonical_level

TABLE = OwnTable(
    name="fish",
    title="FISH: one row per probe (or probe set) and sample",
    columns=(
        Column(
            "probe",
            "gene, probe set or event: TP53, TP53/D17Z1, BCR/ABL1, KMT2A, del(5q), +8",
            ("probe_set", "locus", "fish_probe", "sonde", "target", "gene", "gen"),
        ),
        Column(
            "event",
            "what was counted: deletion, gain, amplification, monosomy, trisomy, fusion, break-apart, or del(17p), t(8;21) ...; empty = the usual one of the probe set",
            ("abnormality", "aberration", "finding", "veränderung", "ereignis"),
        ),
        Column(
            "percent",
            "percent of nuclei with it, 0 to 100",
            ("value", "level", "proportion", "prozent", "anteil", "percent_of_nuclei", "wert"),
            numeric=True,
        ),
        Column(
            "cells", "nuclei with it", ("positive_nuclei", "abnormal_nuclei", "nuclei", "kerne", "zellen"), numeric=True
        ),
        Column(
            "cells_total",
            "nuclei scored",
            ("total_nuclei", "nuclei_scored", "scored", "kerne_gesamt", "zellen_gesamt", "n"),
            numeric=True,
        ),
        Column(
            "cutoff",
            "highest percentage that negatives show",
            ("cut_off", "grenzwert", "normal_cutoff", "threshold"),
            numeric=True,
        ),
        own.RESULT,
        Column("pattern", "signal pattern as printed: 1R2G", ("signal_pattern", "signals", "signalmuster")),
        Column(
            "nuc_ish",
            "or the ISCN string: nuc ish(TP53x1,D17Z1x2)[144/200]",
            ("ish", "nucish", "nuc_ish_string", "fish_iscn"),
        ),
        own.ASSAY,
        own.NOTE,
    ),
    needs=(
        frozenset({"probe", "percent"}),
        frozenset({"probe", "cells", "cells_total"}),
        frozenset({"nuc_ish"}),
        frozenset({"probe", "event", "result"}),
    ),
    rules=(
        "percent is always a percentage, with or without %: 0.72 is 0.72 %.",
        "Without a cutoff (here or in the assay sheet) a level above 0 is detected with the note that the cutoff is unknown.",
    ),
    example={
        "sample": "S1",
        "probe": "TP53/D17Z1",
        "event": "deletion",
        "percent": "72",
        "cells": "144",
        "cells_total": "200",
        "cutoff": "5",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)


def read_fish(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per row, or per signal pattern of a row's ``nuc ish`` string.

    Raises
    ------
    FormatError
        More than 100 %, counts that contradict the percentage, or a probe that is neither a gene nor a known locus.
    """
    return read_results(path, options, TABLE, _records)


def _records(row: Row, rows: OwnRows) -> Iterator[Record]:
    result = cells.result_of(row, rows)
    cell, counts, formula = _level(row, rows)
    limits = cells.limits_of(row, "cell_fraction", "%")
    if not row.text("probe"):
        yield from _from_string(row, rows, result)
        return
    if not cell.states and result is None:
        if row.text("nuc_ish"):
            yield from _from_string(row, rows, result)
        return
    cells.refuse_contradiction(row, result, cell)
    finding, notes = _finding(row)
    result = cells.settled(result, cell)
    yield Call(
        finding=finding,
        line=row.line,
        result=result,
        levels=(cell.printed,) if cell.printed is not None else (),
        counts=counts,
        limits=limits,
        formula=formula,
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=Technique.FISH,
        notes=cells.notes_of(row) + notes,
        extra=(*_printed(row), *rows.extra(row)),
    )
    if not row.text("event") and (result is Result.NEGATIVE or (result is None and _is_below_cutoff(cell, limits))):
        yield from _not_seen(row, counts)


def _is_below_cutoff(cell: Cell, limits: tuple[PrintedLimit, ...]) -> bool:
    """True when a row prints a level that is not above its own cutoff."""
    cutoff = next((limit.value for limit in limits if limit.kind is LimitKind.CUTOFF), None)
    if cutoff is None or cell.printed is None or cell.printed.value is None:
        return False
    level, highest = canonical_level(cell.printed), canonical_level(cutoff)
    return level is not None and highest is not None and level <= highest


def _not_seen(row: Row, counts: Counts) -> Iterator[Coverage]:
    """The lesions that a set which looks for several excludes when nothing is lost: two D7S486 speak against -7 and del(7q)."""
    lesions = lesions_shown(plain_name(row.text("probe")))
    for lesion in lesions if len(lesions) > 1 else ():
        yield Coverage(
            CoverageScope.LESION,
            row.line,
            name=lesion,
            counts=Counts(cells_total=counts.cells_total),
            patient=row.text("patient"),
            sample=row.text("sample"),
            assay=row.text("assay"),
            technique=Technique.FISH,
            note=f"not seen with {row.text('probe')}",
        )


def _printed(row: Row) -> Iterator[tuple[str, str]]:
    """The signals of a row, and its probe where the finding names it without its maker and bands."""
    if pattern := row.text("pattern") or row.text("nuc_ish"):
        yield "pattern", pattern
    if plain_name(row.text("probe")) != row.text("probe"):
        yield "probe", row.text("probe")


def _finding(row: Row) -> tuple[Finding, tuple[str, ...]]:
    """What the row counts, and what has to be said of it: by its event, its signals, or what its probe set is made for."""
    probe, event = row.text("probe"), row.text("event")
    if event:
        return finding_of(row, probe, event), not_told_which(event)
    seen = {found for pattern in parse_ish(row.text("nuc_ish")).patterns for found in findings_of(pattern)}
    if len(seen) == 1:
        return seen.pop(), ()
    if (shown := change_shown(plain_name(probe))) is not None:
        which = ", not told which" if len(lesions_shown(plain_name(probe))) > 1 else ""
        return finding_of(row, probe, ""), (f"event not stated: the {shown} that {probe} is made to show{which}",)
    return finding_of(row, probe, ""), not_told_which(probe)


def _level(row: Row, rows: OwnRows) -> tuple[Cell, Counts, str]:
    """The row's level and counts; a level is computed from the counts where none is printed."""
    cell = cells.value_of(
        row, rows, "percent", "cell_fraction", unit="" if "/" in row.raw("percent") else "%", denominator=NUCLEI
    )
    seen, total = row.count("cells"), row.count("cells_total")
    if seen is not None and total is not None:
        if total == 0:
            raise row.error("scored 0 nuclei.", advice="Write 'not evaluable' as result and leave the counts empty.")
        if seen > total:
            raise row.error(f"counts {seen} of {total} nuclei.")
        computed = Decimal(seen) / Decimal(total)
        if cell.printed is not None and cell.printed.value is not None:
            printed = cell.printed.value / (100 if cell.printed.unit == "%" else 1)
            if abs(printed - computed) > Decimal("0.01"):
                raise row.error(
                    f"states {cell.printed.text} but counts {seen}/{total} nuclei.", advice="Correct one of them."
                )
        elif not cell.states:
            return (
                Cell(Printed("cell_fraction", computed, "fraction", f"{seen}/{total}", "", NUCLEI)),
                Counts(cells=seen, cells_total=total),
                "cells / cells_total",
            )
    return cell, Counts(cells=seen, cells_total=total), ""


def _from_string(row: Row, rows: OwnRows, result: Result | None) -> Iterator[Record]:
    """The calls and coverage of a ``nuc ish`` string."""
    text = row.need("nuc_ish")
    extra = (("nuc_ish", text), *rows.extra(row))
    limits = cells.limits_of(row, "cell_fraction", "%")
    yield from records_of(parse_ish(text), Printout.of(row, result, extra, limits))


FISH = own.format_of(TABLE, read_fish, family="cytogenetics", technique=Technique.FISH)
