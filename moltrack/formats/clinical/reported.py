"""Reported conclusions: what a report says without giving the finding ("complex karyotype", "MRD negative")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import own
from moltrack.formats.clinical.measurements import conclusion_of, reported_call
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import Call, Record, Technique

TABLE = OwnTable(
    name="reported",
    title="Reported conclusions: statements of a report without their finding",
    columns=(
        Column(
            "topic", "what the statement is about: karyotype, MRD, TP53 ...", ("subject_of_report", "thema", "bereich")
        ),
        Column(
            "conclusion",
            "the statement as written: complex, normal, negative, none (it was looked for and is not there) ...",
            ("statement", "aussage", "schlussfolgerung", "befundtext"),
        ),
        own.RESULT,
        own.TECHNIQUE,
        own.ASSAY,
        own.NOTE,
    ),
    needs=(frozenset({"topic", "conclusion"}),),
    rules=(
        "A conclusion is shown, and used by a rule only where the rule names it: give the finding itself wherever you have it.",
    ),
    example={
        "sample": "S1",
        "topic": "karyotype",
        "conclusion": "complex",
        "technique": "array",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)


def read_reported(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per conclusion."""
    return read_results(path, options, TABLE, _calls)


def _calls(row: Row, rows: OwnRows) -> Iterator[Call]:
    yield reported_call(row, rows, row.need("topic"), conclusion_of(row, "conclusion"))


REPORTED = own.format_of(TABLE, read_reported, technique=Technique.REPORTED)
