"""Samples: when and from what tissue each was taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.formats.clinical import described, own
from moltrack.formats.clinical.own import Column, OwnTable
from moltrack.formats.files import Head
from moltrack.formats.registry import ReadOptions, Sniff
from moltrack.model import Record, SampleInfo

TABLE = OwnTable(
    name="samples",
    title="Samples: when and from what tissue each was taken",
    columns=(
        Column(
            "aliases",
            "other laboratories' numbers of the sample, separated by ; | or space",
            ("alias", "accessions", "aliasse"),
        ),
        own.NOTE,
    ),
    needs=(frozenset({"sample"}),),
    rules=("Give a date, or a day from an event, or only the order. Nothing is guessed from the sample's name.",),
    example={
        "patient": "P01",
        "sample": "S1",
        "date": "2021-05-12",
        "tissue": "BM",
        "phase": "diagnosis",
        "label": "first marrow",
    },
)


def read_samples(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one :class:`~moltrack.model.SampleInfo` per row.

    Raises
    ------
    FormatError
        A row names no sample, a sample stands there twice, or its date is unreadable or in the future.
    """
    rows = own.read_own(path, options, TABLE)
    yield rows.info()
    lines: dict[tuple[str, str], int] = {}
    for row in rows.rows:
        key = (row.text("patient"), row.need("sample"))
        if key in lines:
            raise row.error(
                f"describes sample '{key[1]}' again (first on line {lines[key]}).", advice="Keep one row per sample."
            )
        lines[key] = row.line
        info = next(described.sample_infos([row]), SampleInfo(*key, line=row.line))
        aliases = tuple(alias for alias in row.text("aliases").replace(";", " ").replace("|", " ").split() if alias)
        yield replace(info, aliases=aliases, note=row.text("note"))


def sniff_samples(head: Head) -> Sniff:
    """Certain when marked; otherwise likely only if every column is one of a sample's description."""
    sniff = own.sniff_own(head, TABLE)
    described = {column.name for column in own.DESCRIPTION}
    has_time = bool(described & set(TABLE.columns_in(own.header_of(head))))
    return sniff if sniff is Sniff.CERTAIN or (sniff is Sniff.LIKELY and has_time) else Sniff.NO


SAMPLES = own.format_of(TABLE, read_samples, sniff=sniff_samples)
