"""Chromosome Analysis Suite (ChAS, OncoScan): changed segments of a SNP array.

Source  tab-separated export; which columns it has is the user's choice. Used: CN State, Type, Chromosome, Full Location or else
        Microarray Nomenclature
Build   only in the nomenclature (``arr[hg19]``)
Units   copies (decimal in mosaics, a range ``9-10`` occurs); empty for LOH; 1-based; Full Location is rounded to 100 bp, so the
        nomenclature's positions come first
Empty   a header alone: analysed, no segment
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.copynumber.segments import Segment, calls_of, chromosome
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Change, FileInfo, Record, Refused, Technique

BUILDS = {"hg19": "GRCh37", "grch37": "GRCh37", "hg38": "GRCh38", "grch38": "GRCh38"}

CHANGES = {
    "gain": Change.GAIN,
    "loss": Change.LOSS,
    "loh": Change.CN_LOH,
    "gainmosaic": Change.GAIN,
    "lossmosaic": Change.LOSS,
}


def _sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns("CN State", "Type", "Chromosome", "Microarray Nomenclature") else Sniff.NO


def read_chas(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One segment per row; a row that repeats another exactly counts once and is said."""
    table = read_table(
        path, required=("Type", "Chromosome", "Microarray Nomenclature"), delimiter="\t", limits=options.limits
    )
    if not table.rows:
        yield FileInfo(tool="ChAS", header_only=True, rows=0, kept=0)
        return
    found: list[Segment] = []
    seen: dict[tuple[object, ...], int] = {}
    builds: dict[str, int] = {}
    for row in table.rows:
        try:
            segment = _segment(row)
        except FormatError as error:
            yield Refused(row.line, error.message)
            continue
        key = (row.text("File"), segment.chrom, segment.start, segment.end, segment.total, segment.stated)
        if key in seen:
            yield Refused(row.line, f"repeats line {seen[key]}.")
            continue
        seen[key] = row.line
        found.append(segment)
        if match := re.search(
            r"arr\s*\[?(hg19|hg38|GRCh37|GRCh38)", row.text("Microarray Nomenclature"), re.IGNORECASE
        ):
            builds.setdefault(BUILDS[match[1].lower()], row.line)
    if len(builds) > 1:
        raise FormatError(
            f"mixes builds {' and '.join(builds)} in its nomenclature.", path=path, line=max(builds.values())
        )
    build = next(iter(builds), "")
    yield from calls_of(
        path, found, options, tool="ChAS", build=build, build_evidence="array nomenclature", lists_all=False
    )


def _segment(row: Row) -> Segment:
    kind = re.sub(r"[^a-z]", "", row.need("Type").lower())
    if kind not in CHANGES:
        raise row.error(f"type '{row.text('Type')}' is not gain, loss or LOH.")
    start, end = _span(row)
    return Segment(
        line=row.line,
        chrom=chromosome(row.need("Chromosome")),
        start=start - 1,
        end=end,
        sample=row.text("File"),
        total=_copies(row),
        stated=CHANGES[kind],
        text=row.text("Microarray Nomenclature"),
    )


def _span(row: Row) -> tuple[int, int]:
    nomenclature = row.text("Microarray Nomenclature")
    match = re.search(r"\((\d[\d,']*)[-_](\d[\d,']*)\)", nomenclature) or re.search(
        r":(\d[\d,'.]*)-(\d[\d,'.]*)", row.text("Full Location")
    )
    if match is None:
        raise row.error("neither nomenclature nor full location gives positions.")
    start, end = (int(re.sub(r"\D", "", part)) for part in match.groups())
    if end < start:
        raise row.error(f"the segment ends ({end}) before it begins ({start}).")
    return start, end


def _copies(row: Row) -> Decimal | None:
    text = row.text("CN State")
    if not text or re.fullmatch(r"\d+-\d+", text):
        return None  # LOH has no copy state; a range such as 9-10 stays in the nomenclature
    return row.number("CN State", 0, 1000)


CHAS = Format(
    "chas",
    "ChAS / OncoScan segments",
    "copynumber",
    Technique.ARRAY,
    _sniff,
    read_chas,
    versions="3, 4",
    columns_source="ChAS segment table export",
)
