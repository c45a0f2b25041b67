"""Purity and ploidy files of PURPLE and PureCN: measured values of the sample, kept beside its segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import read_table
from moltrack.model import Call, FileInfo, MarkerKind, Measured, Record, Technique
from moltrack.quantity import parse_printed


def measured(name: str, text: str, line: int, path: Path, *, notes: tuple[str, ...] = (), sample: str = "") -> Call:
    """A purity or ploidy as a call; purity is a fraction of cells, so a value over 1 is an error."""
    quantity = "cell_fraction" if name.endswith("purity") else "analyte"
    try:
        printed = parse_printed(text, quantity)
    except InputError as error:
        raise FormatError(error.message, path=path, line=line) from None
    return Call(Measured(MarkerKind.ANALYTE, name), line, levels=(printed,), notes=notes, sample=sample)


def _reader(tool: str, purity: str, ploidy: str, sample: str, remarks: tuple[str, ...]) -> Callable[..., Any]:
    def read(path: Path, options: ReadOptions) -> Iterator[Record]:
        table = read_table(path, required=(purity, ploidy), limits=options.limits)
        yield FileInfo(tool=tool)
        for row in table.rows:
            notes = tuple(
                f"{name}: {row.text(name)}" for name in remarks if row.text(name) not in {"", "NORMAL", "FALSE"}
            )
            name = row.text(sample) if sample else ""
            yield measured("tumour purity", row.need(purity), row.line, path, notes=notes, sample=name)
            yield measured("tumour ploidy", row.need(ploidy), row.line, path, notes=notes, sample=name)

    return read


def _by_columns(*names: str) -> Callable[..., Any]:
    def sniff(head: Head) -> Sniff:
        return Sniff.CERTAIN if head.has_columns(*names) else Sniff.NO

    return sniff


PURPLE = Format(
    "purple_purity",
    "PURPLE purity",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _by_columns("purity", "normFactor", "diploidProportion", "ploidy"),
    _reader("PURPLE", "purity", "ploidy", "", ("status", "gender")),
    versions="4",
    columns_source="PURPLE purity.tsv (github.com/hartwigmedical/hmftools)",
)

PURECN = Format(
    "purecn_purity",
    "PureCN purity",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _by_columns("Sampleid", "Purity", "Ploidy", "Contamination", "Flagged"),
    _reader("PureCN", "Purity", "Ploidy", "Sampleid", ("Flagged", "Failed", "Comment")),
    versions="2",
    columns_source="PureCN output .csv (github.com/lima1/PureCN)",
)
