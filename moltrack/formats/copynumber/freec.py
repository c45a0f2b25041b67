"""Control-FREEC: changed regions (``_CNVs``, with or without the p-values and header of ``assess_significance.R``).

Source  chromosome start end copies status, then genotype and its uncertainty when allele frequencies were used
Build   not stated
Units   whole copies; ``gain`` and ``loss`` are relative to the ploidy that was given to FREEC, ``neutral`` rows are loss of
        heterozygosity (genotype of one letter); 0-based start
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.copynumber.segments import Segment, calls_of, chromosome
from moltrack.formats.files import Head, read_text
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.model import Change, Record, Refused, Technique

_CHANGES = {"gain": Change.GAIN, "loss": Change.LOSS}
_ROW = re.compile(
    r"(?:chr)?(?P<chrom>\d{1,2}|[XYM]|MT)\t(?P<start>\d{1,10})\t(?P<end>\d{1,10})\t(?P<copies>\d{1,4})\t(?P<status>gain|loss|neutral|normal)"
    r"(?:\t(?P<genotype>[AB]+|-|NA)?(?:\t.*)?)?"
)
_HEADER = ("chr", "start", "end", "copy number", "status")


def _sniff(head: Head) -> Sniff:
    lines = [line.rstrip() for line in head.lines[:20] if line.strip()]
    if head.header[:5] == _HEADER:
        return Sniff.CERTAIN
    # The beginning of a file may end within a line.
    whole = lines[:-1] if len(lines) > 1 else lines
    return Sniff.CERTAIN if whole and all(_ROW.fullmatch(line) for line in whole) else Sniff.NO


def read_freec(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One segment per changed region; a row without letters of a genotype says nothing of the lesser allele."""
    found: list[Segment] = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        text = line.strip()
        if not text or tuple(text.replace('"', "").split("\t")[:5]) == _HEADER:
            continue
        row = _ROW.fullmatch(text.replace('"', ""))
        if row is None or int(row["end"]) <= int(row["start"]):
            yield Refused(number, "is not a chromosome, start, end, copies and gain, loss or neutral.")
            continue
        letters = (row["genotype"] or "").strip("-").replace("NA", "")
        is_loh = bool(letters) and len(set(letters)) == 1 and len(letters) > 1
        stated = _CHANGES.get(row["status"], Change.CN_LOH if is_loh else Change.NORMAL)
        found.append(
            Segment(
                line=number,
                chrom=chromosome(row["chrom"]),
                start=int(row["start"]),
                end=int(row["end"]),
                total=Decimal(row["copies"]),
                minor=Decimal(min(letters.count("A"), letters.count("B"))) if letters else None,
                stated=stated,
            )
        )
    yield from calls_of(path, found, options, tool="Control-FREEC", lists_all=False)


FREEC = Format(
    "freec",
    "Control-FREEC, changed regions",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff,
    read_freec,
    versions="11",
    columns_source="Control-FREEC manual, output files (boevalab.inf.ethz.ch/FREEC)",
    empty=Empty.ASK,
)
