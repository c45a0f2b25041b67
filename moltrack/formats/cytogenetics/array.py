"""Array results as laboratories type them: an ISCN ``arr`` string a row, or segments with their copies.

``arr[GRCh38] 17p13.3p11.2(1_22000000)x1``; ``chrom, start, end, copies``. Start and end are 1-based and inclusive as in ``arr``.
A string describes the whole genome: what it does not name is normal. A list of segments says nothing of the rest.
Source: ISCN 2020, chapter 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.cytogenetics.printout import Printout
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.iscn import ArrayResult, parse_array
from moltrack.model import (
    Call,
    Change,
    CopyNumber,
    Coverage,
    CoverageScope,
    Printed,
    Record,
    Refused,
    Result,
    Technique,
)

TABLE = OwnTable(
    name="array",
    title="Arrays (SNP, CGH): an ISCN string per row, or one row per segment",
    columns=(
        Column(
            "arr",
            "ISCN string: arr[GRCh38] 17p13.3p11.2(1_22000000)x1",
            ("arr_string", "iscn_array", "array_iscn", "array_result", "nomenclature"),
        ),
        Column("chrom", "or a segment: chromosome", ("chromosome", "chr", "chromosom")),
        Column("start", "first base (1-based)", ("begin", "from_bp", "beginn"), numeric=True),
        Column("end", "last base", ("stop", "to_bp", "ende"), numeric=True),
        Column(
            "copies",
            "copies per cell",
            ("copy_number", "cn", "total_copies", "kopien", "copy_number_state"),
            numeric=True,
        ),
        Column(
            "minor_copies",
            "copies of the lesser allele; 0 with 2 copies = copy-neutral loss of heterozygosity",
            ("minor_cn", "minor", "b_copies"),
            numeric=True,
        ),
        Column("build", "GRCh37 or GRCh38 of start and end", ("genome",)),
        Column(
            "fraction",
            "share of cells with it, when estimated: 40 % or 0.4",
            ("cell_fraction", "clonal_fraction", "mosaicism", "anteil"),
            numeric=True,
        ),
        own.RESULT,
        own.ASSAY,
        own.NOTE,
    ),
    needs=(frozenset({"arr"}), frozenset({"chrom", "start", "end", "copies"})),
    rules=(
        "A string speaks for the whole genome; a list of segments only for the segments.",
        "Balanced changes are invisible to an array.",
    ),
    example={"sample": "S1", "arr": "arr[GRCh38] 17p13.3p11.2(1_22000000)x1", "date": "2021-05-12", "tissue": "BM"},
)


def read_array(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per gain, loss or cnLOH, and for a string that was read whole what the array looked at.

    Raises
    ------
    FormatError
        A row holds neither string nor segment, or a segment that cannot be.
    """
    return read_results(path, options, TABLE, lambda row, rows: _records(row, rows, options))


def _records(row: Row, rows: OwnRows, options: ReadOptions) -> Iterator[Record]:
    result = cells.result_of(row, rows)
    return _from_string(row, rows, result) if row.text("arr") else _from_segment(row, rows, result, options)


def _from_string(row: Row, rows: OwnRows, result: Result | None) -> Iterator[Record]:
    text = row.text("arr")
    if result is Result.NOT_EVALUABLE:
        yield _coverage(Printout.of(row, result), evaluable=False)
        return
    yield from records_of(parse_array(text), Printout.of(row, result, rows.extra(row)))


def records_of(read: ArrayResult, beside: Printout) -> Iterator[Record]:
    """The calls of a string's segments that are not normal; the whole genome as looked at when it was read completely."""
    for problem in read.problems:
        yield Refused(beside.line, f"arr: {problem}")
    for segment, finding in zip(read.segments, read.findings(), strict=True):
        is_whole = not segment.band_from and segment.start is None
        if finding.change is Change.NORMAL or (finding.change is Change.UNKNOWN and is_whole):
            continue
        levels: tuple[Printed, ...] = ()
        if segment.fraction is not None:
            levels = (Printed("cell_fraction", segment.fraction, "fraction", str(segment.fraction), "", "cells"),)
        yield _call(beside, finding, levels)
    # Where part of the string was not understood, what it does not name may still be in that part.
    if not read.problems:
        yield _coverage(beside)


def _coverage(beside: Printout, *, evaluable: bool = True) -> Coverage:
    return Coverage(
        CoverageScope.GENOME_COPY_NUMBER,
        beside.line,
        evaluable=evaluable,
        patient=beside.patient,
        sample=beside.sample,
        assay=beside.assay,
        technique=Technique.ARRAY,
        note="array result of the whole genome",
    )


def _from_segment(row: Row, rows: OwnRows, result: Result | None, options: ReadOptions) -> Iterator[Record]:
    if not row.text("chrom"):
        raise row.error(
            "holds neither an ISCN string nor a segment.", advice="Fill in 'arr', or chrom, start, end and copies."
        )
    chrom = _chromosome(row)
    start, end = row.count("start"), row.count("end")
    copies, minor = row.number("copies", 0), row.number("minor_copies", 0)
    if start is None or end is None or copies is None:
        raise row.error("lacks start, end or copies.")
    if not 1 <= start <= end:
        raise row.error(f"spans {start} to {end}: start is counted from 1 and comes first.")
    build = cells.build_of(row, options.build)
    if not build:
        raise row.error(
            "gives positions without their genome build.",
            advice="Fill in 'build' with GRCh37 or GRCh38, or give --build.",
        )
    fraction = cells.value_of(
        row, rows, "fraction", "cell_fraction", unit="%" if "fraction" in rows.percent else "", denominator="cells"
    )
    levels = [Printed("copy_number", copies, "copies", row.raw("copies"))]
    if fraction.printed is not None:
        levels.insert(0, fraction.printed)
    finding = CopyNumber(
        change=_change(chrom, float(copies), None if minor is None else float(minor)),
        build=build,
        chrom=chrom,
        start=start - 1,
        end=end,
        total=float(copies),
        minor=cells.as_float(minor),
    )
    yield _call(Printout.of(row, result, rows.extra(row)), finding, tuple(levels))


def _chromosome(row: Row) -> str:
    chrom = row.text("chrom").removeprefix("chr").upper()
    if not re.fullmatch(r"[1-9]|1\d|2[0-2]|X|Y", chrom):
        raise row.error(f"column 'chrom' holds '{row.raw('chrom')}'.", advice="Write 1 to 22, X or Y.")
    return chrom


def _change(chrom: str, copies: float, minor: float | None) -> Change:
    """Gain or loss against two copies; of X and Y, which depend on sex, only what no sex explains."""
    if chrom in {"X", "Y"}:
        most = 2 if chrom == "X" else 1
        return Change.GAIN if copies > most else Change.LOSS if copies < most - 1 else Change.UNKNOWN
    if copies > 2:
        return Change.GAIN
    if copies < 2:
        return Change.LOSS
    return Change.CN_LOH if minor == 0 else Change.NORMAL


def _call(beside: Printout, finding: CopyNumber, levels: tuple[Printed, ...]) -> Call:
    return Call(
        finding=finding,
        line=beside.line,
        result=beside.result,
        levels=levels,
        patient=beside.patient,
        sample=beside.sample,
        assay=beside.assay,
        technique=Technique.ARRAY,
        notes=beside.notes,
        extra=beside.extra,
    )


ARRAY = own.format_of(
    TABLE,
    read_array,
    family="cytogenetics",
    technique=Technique.ARRAY,
    columns_source="moltrack's own table; ISCN 2020, chapter 14",
)
