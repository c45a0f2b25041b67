"""ClinCNV: somatic copy-number calls (changed segments only).

Source  ``##`` lines (ANALYSISTYPE, ploidy, gender), then ``#chr start end`` with tumor_CN_change (pairs) or CN_change
Build   not stated
Units   whole copies; ``tumor_clonality`` = fraction of cells; numbers are padded with spaces; 0-based start
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.copynumber.segments import Segment, calls_of, chromosome
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, Table, read_table
from moltrack.model import Change, Record, Refused, Technique


def _sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.text.startswith("##ANALYSISTYPE=CLINCNV") else Sniff.NO


def read_clincnv(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One segment per call; the gender and ploidy of the preamble settle the sex chromosomes."""
    table = read_table(path, required=("chr", "start", "end"), delimiter="\t", limits=options.limits)
    copies = next((name for name in ("tumor_CN_change", "CN_change") if table.has(name)), None)
    if copies is None:
        raise FormatError("has neither tumor_CN_change nor CN_change.", path=path, line=table.header_line)
    sex = {"F": "female", "M": "male"}.get(_stated(table, r"gender of sample:\s*([MF])"), "")
    ploidy = _stated(table, r"ploidy:\s*(\d{1,2}(?:\.\d+)?)(?![\d.])")
    found: list[Segment] = []
    for row in table.rows:
        try:
            found.append(_segment(row, copies))
        except FormatError as error:
            yield Refused(row.line, error.message)
    yield from calls_of(
        path,
        found,
        options,
        tool="ClinCNV",
        tool_version=_stated(table, r"ClinCNV version:\s*v?([\d.]+)"),
        sex=sex,
        ploidy=float(ploidy) if ploidy else None,
        lists_all=False,
    )


def _stated(table: Table, pattern: str) -> str:
    match = re.search(pattern, "\n".join(table.preamble))
    return match[1] if match else ""


def _segment(row: Row, copies: str) -> Segment:
    start, end = row.count("start"), row.count("end")
    if start is None or end is None or end < start:
        raise row.error("start or end cannot be used.")
    major, minor = row.number("major_CN_allele", 0), row.number("minor_CN_allele", 0)
    stated = Change.CN_LOH if "LOH" in row.text("state") and row.number(copies, 0) == 2 else None
    return Segment(
        line=row.line,
        chrom=chromosome(row.need("chr")),
        start=start,
        end=end,
        total=row.number(copies, 0),
        minor=min(major, minor) if major is not None and minor is not None else None,
        fraction=row.number("tumor_clonality", 0, 1),
        stated=stated,
    )


CLINCNV = Format(
    "clincnv",
    "ClinCNV",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff,
    read_clincnv,
    versions="1.16-1.18",
    columns_source="ClinCNV output (github.com/imgag/ClinCNV)",
)
