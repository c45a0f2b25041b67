"""ASCAT: allele-specific copies per segment, and its purity summary.

Source  ``segments.txt`` of ASCAT 2-3 (sample chr startpos endpos nMajor nMinor); ``cnvs.txt`` is the same without the sample
        column; ``copynumber.caveman.csv`` of ascatNgs (number, chromosome, start, end, total and lesser copies of the normal, then of
        the tumour; no header); its ``samplestatistics.txt`` (key and value, separated by a space)
Build   not stated
Units   whole copies of tumour cells; 1-based, closed
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.copynumber.purity import measured
from moltrack.formats.copynumber.segments import Segment, SegmentTable, calls_of, chromosome, table_format
from moltrack.formats.files import Head, read_text
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.model import FileInfo, Record, Refused, Technique

SEGMENTS = table_format(
    "ascat",
    "ASCAT",
    SegmentTable("chr", "startpos", "endpos", sample="sample", major="nMajor", minor="nMinor"),
    ("chr", "startpos", "endpos", "nMajor", "nMinor"),
    versions="2, 3",
    source="ASCAT segments.txt (github.com/VanLoo-lab/ascat)",
)


_CAVEMAN = re.compile(
    r"\d{1,6},(?P<chrom>(?:chr)?(?:\d{1,2}|[XYM]|MT)),(?P<start>\d{1,10}),(?P<end>\d{1,10}),\d{1,3},\d{1,3},(?P<total>\d{1,3}),(?P<minor>\d{1,3})"
)


def _sniff_caveman(head: Head) -> Sniff:
    lines = [line.strip() for line in head.lines[:20] if line.strip()]
    whole = lines[:-1] if len(lines) > 1 else lines  # the beginning of a file may end within a line
    is_it = bool(whole) and whole[0].startswith("1,") and all(_CAVEMAN.fullmatch(line) for line in whole)
    return Sniff.CERTAIN if is_it else Sniff.NO


def read_caveman(path: Path, options: ReadOptions) -> Iterator[Record]:
    """The tumour's copies of each segment."""
    found: list[Segment] = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if not line.strip():
            continue
        row = _CAVEMAN.fullmatch(line.strip())
        if row is None or int(row["end"]) < int(row["start"]):
            yield Refused(number, "is not a number, chromosome, start, end and four copy numbers.")
            continue
        found.append(
            Segment(
                line=number,
                chrom=chromosome(row["chrom"]),
                start=max(int(row["start"]) - 1, 0),
                end=int(row["end"]),
                total=Decimal(row["total"]),
                minor=Decimal(row["minor"]),
            )
        )
    yield from calls_of(path, found, options, tool="ascatNgs")


CAVEMAN = Format(
    "ascat_caveman",
    "ascatNgs copy number for CaVEMan",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff_caveman,
    read_caveman,
    versions="ascatNgs 4",
    columns_source="ascatNgs copynumber.caveman.csv (github.com/cancerit/ascatNgs)",
)


def _sniff_statistics(head: Head) -> Sniff:
    keys = {line.split(" ")[0] for line in head.lines[:20]}
    return Sniff.CERTAIN if {"NormalContamination", "Ploidy", "rho"} <= keys else Sniff.NO


def read_statistics(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Purity (rho) and ploidy as measured values of the sample."""
    yield FileInfo(tool="ascatNgs")
    for line, text in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        key, _, value = text.partition(" ")
        if key == "rho":
            yield measured("tumour purity", value, line, path)
        elif key == "Ploidy":
            yield measured("tumour ploidy", value, line, path)
        elif text and not value:
            yield Refused(line, f"'{text}' is not a key with a value.")


STATISTICS = Format(
    "ascat_statistics",
    "ascatNgs sample statistics",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff_statistics,
    read_statistics,
    versions="ascatNgs 4",
    columns_source="ascatNgs samplestatistics.txt (github.com/cancerit/ascatNgs)",
)
