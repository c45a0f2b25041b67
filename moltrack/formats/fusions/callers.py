"""The table of fusion callers (``references/callers.yaml``), loaded and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from moltrack import resources
from moltrack.errors import ReferenceError_
from moltrack.formats.tables import normal_name
from moltrack.model import Technique

#: ``chr4:1806934:+``, ``4:1806934``; HLA and other contigs may hold colons, so the position is looked for from the right.
BREAKPOINT = re.compile(r"(?P<chrom>.+?):(?P<pos>\d+)(?::(?P<strand>[-+.]))?")
_WHOLE_CELL = re.compile(r"(?P<symbol>.*)(?P<id>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Level:
    """A printed level beside the read counts. ``column`` is normalised (:func:`normal_name`), as in all that follows."""

    column: str
    quantity: str
    unit: str
    denominator: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A column and the word that it holds in rows to which something applies."""

    column: str
    word: str


@dataclass(frozen=True, slots=True)
class Split:
    """A column that holds two values."""

    column: str
    pattern: re.Pattern[str]
    into: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """How to read one caller's table; the head of ``references/callers.yaml`` says what each field means."""

    name: str
    title: str
    versions: str
    source: str
    requires: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    header: str = ""
    columns: tuple[str, ...] = ()
    shape: re.Pattern[str] | None = None
    delimiter: str | None = None
    gene5: str = ""
    gene3: str = ""
    genes: re.Pattern[str] = _WHOLE_CELL
    pair: str = ""
    pair_pattern: re.Pattern[str] = _WHOLE_CELL
    id5: str = ""
    id3: str = ""
    breakpoint: re.Pattern[str] = BREAKPOINT
    breakpoint5: tuple[str, ...] = ()
    breakpoint3: tuple[str, ...] = ()
    strand5: str = ""
    strand3: str = ""
    strand_pattern: re.Pattern[str] | None = None
    split: Split | None = None
    junction_reads: tuple[str, ...] = ()
    spanning_reads: tuple[str, ...] = ()
    total_reads: str = ""
    supporting_reads: tuple[str, ...] = ()
    supporting_names: str = ""
    levels: tuple[Level, ...] = ()
    frame: str = ""
    type: str = ""
    confidence: str = ""
    exon5: str = ""
    exon3: str = ""
    filters: str = ""
    passed: frozenset[str] = frozenset()
    keep: Word | None = None
    ordered: bool | Word = True
    one_gene: bool = False
    sample: str = ""
    build: str = ""
    build_evidence: str = ""
    build_column: str = ""
    note_column: str = ""
    note: str = ""
    rna_if: Word | None = None
    technique: Technique = Technique.RNA_SEQUENCING
    extra: tuple[tuple[str, str], ...] = ()


@cache
def callers() -> tuple[Caller, ...]:
    """Every caller of the table.

    Raises
    ------
    ReferenceError_
        The table is missing, or an entry says what no entry can say.
    """
    import yaml

    path = resources.references_dir() / "callers.yaml"
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise ReferenceError_(f"the table of callers cannot be read ({error}).", path=path) from None
    return tuple(_caller(entry) for entry in entries)


_NAMES = {
    "gene5",
    "gene3",
    "pair",
    "id5",
    "id3",
    "strand5",
    "strand3",
    "total_reads",
    "supporting_names",
    "frame",
    "type",
    "confidence",
    "exon5",
    "exon3",
    "filters",
    "sample",
}
_NAME_LISTS = {
    "requires",
    "absent",
    "columns",
    "breakpoint5",
    "breakpoint3",
    "junction_reads",
    "spanning_reads",
    "supporting_reads",
}
_TEXTS = {"name", "title", "versions", "source"}
_PATTERNS = {"shape", "genes", "pair_pattern", "breakpoint", "strand_pattern"}


def _caller(entry: Mapping[str, Any]) -> Caller:
    known = {field.name for field in fields(Caller)} | {"note_if_positive"}
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in known:
            raise ReferenceError_(
                f"caller '{entry.get('name', '?')}' has an unknown field '{key}'.", path="callers.yaml"
            )
        if key in _TEXTS and not isinstance(value, str):
            raise ReferenceError_(
                f"caller '{entry.get('name', '?')}' has the {key} {value!r}, which is no text: 1.10 without quotes is the number 1.1.",
                path="callers.yaml",
                advice="Put it in quotes.",
            )
        if key in _NAMES:
            values[key] = normal_name(value)
        elif key in _NAME_LISTS:
            values[key] = tuple(_column(name) for name in ([value] if isinstance(value, str) else value))
        elif key in _PATTERNS:
            values[key] = re.compile(value)
        elif key in {"keep", "rna_if"} or (key == "ordered" and not isinstance(value, bool)):
            values[key] = Word(normal_name(value["column"]), str(value["word"]).lower())
        elif key == "levels":
            values[key] = tuple(Level(**{**level, "column": normal_name(level["column"])}) for level in value)
        elif key == "split":
            first, second = map(normal_name, value["into"])
            values[key] = Split(normal_name(value["column"]), re.compile(value["pattern"]), (first, second))
        elif key == "build":
            values["build"] = value.get("fixed", "")
            values["build_evidence"] = value.get("evidence", "")
            values["build_column"] = normal_name(value.get("column", ""))
        elif key == "note_if_positive":
            values["note_column"], values["note"] = normal_name(value["column"]), value["note"]
        elif key == "extra":
            values[key] = tuple((name, normal_name(name)) for name in value)
        elif key == "passed":
            values[key] = frozenset(str(word).lower() for word in value)
        else:
            values[key] = Technique(value) if key == "technique" else value
    return Caller(**values)


def _column(name: str) -> str:
    """A column's normalised name; ``*.SeedCount`` (any prefix) keeps its star."""
    return "*" + normal_name(name[1:]) if name.startswith("*") else normal_name(name)
