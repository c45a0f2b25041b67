"""ASCAT: allele-specific copies per segment, and its purity summary.

Source  ``segments.txt`` of ASCAT 2-3 (sample chr startpos endpos nMajor nMinor); ``cnvs.txt`` is the same without the sample
        column; ``samplestatistics.txt`` of ascatNgs (key and value, separated by a space)
Build   not stated
Units   whole copies of tumour cells; 1-based, closed
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.copynumber.purity import measured
from moltrack.formats.copynumber.segments import SegmentTable, table_format
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
