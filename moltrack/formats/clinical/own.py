"""What our own tables share: columns with synonyms, recognition, templates, and the meaning of cells.

A table of ours is described once (:class:`OwnTable`); its template, its recognition and its reading follow from that. Reading is
forgiving in spelling (column synonyms in English and German, ``;``, tab or comma, XLSX, BOM, any line end) and strict in meaning:
an empty cell or ``-`` is *not tested*, ``n.d.`` is refused because it is written for "not detected" and for "not done", and what
contradicts itself is an error that names file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.dates import with_iso_dates
from moltrack.formats.files import Head, open_checked, read_bytes, read_text, split_line
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, Table, normal_name, read_table
from moltrack.model import FileInfo, Record, Technique

#: How the first line of a template begins; the name of the table follows.
MARK = "#moltrack:"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what a cell means (for the legend), and other spellings of its name."""

    name: str
    meaning: str
    synonyms: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table of ours.

    ``needs`` lists alternatives: the table is recognised when every column of one of them is there. ``example`` is the
    commented row of the template, by column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    needs: tuple[frozenset[str], ...]
    rules: tuple[str, ...] = ()
    example: dict[str, str] = field(default_factory=dict)
    describes_samples: bool = True

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return (*OWNER, *self.columns, *DESCRIPTION) if self.describes_samples else self.columns

    def known(self) -> dict[str, str]:
        """Every spelling of every column, reduced, with the column it stands for."""
        spellings: dict[str, str] = {}
        for column in self.all_columns:
            for spelling in (column.name, *column.synonyms):
                spellings.setdefault(normal_name(spelling), column.name)
                if column.numeric:
                    for percent in _PERCENT:
                        spellings.setdefault(normal_name(spelling) + percent, column.name)
        return spellings

    def columns_in(self, header: Iterable[str]) -> list[str]:
        known = self.known()
        return [known.get(normal_name(cell), "") for cell in header]


#: What a header may add to a column's name to say that its cells are percentages: ``VAF (%)``, ``vaf_percent``.
_PERCENT = ("%", "percent", "pct", "prozent", "in%", "inpercent", "inprozent")

OWNER = (
    Column(
        "patient",
        "patient id; empty = given with --patient",
        ("patient_id", "patientid", "pat", "pat_id", "case", "subject", "patienten_id", "patientennummer"),
    ),
    Column(
        "sample",
        "sample id; empty = given with --sample",
        (
            "sample_id",
            "sampleid",
            "specimen",
            "probe_id",
            "probennummer",
            "proben_id",
            "einsendung",
            "accession",
            "tumor_sample_barcode",
        ),
    ),
)

DESCRIPTION = (
    Column(
        "date",
        "when the sample was taken: 2021-05-12, 2021-05 or 2021",
        ("sample_date", "collection_date", "collected", "entnahme", "entnahmedatum", "abnahmedatum", "datum"),
    ),
    Column("day", "or days from an event: 17, -3, -6..-3", ("day_from_event", "tag")),
    Column("from", "the event that day counts from; empty = the patient's anchor event", ("anchor", "day_from", "ab")),
    Column(
        "order",
        "or its place in the sequence of the patient's samples and events: 1, 2 ...",
        ("sequence", "reihenfolge"),
    ),
    Column(
        "tissue",
        "BM, PB or other",
        ("material", "specimen_type", "gewebe", "untersuchungsmaterial", "probenmaterial", "sample_type"),
    ),
    Column(
        "phase",
        "diagnosis, pre_treatment, after_cycle(N), end_of_treatment, pre_hct, post_hct, follow_up, relapse, other",
        ("timepoint_phase",),
    ),
    Column("label", "the laboratory's own name of the time point", ("timepoint", "time_point", "zeitpunkt", "visit")),
)

ASSAY = Column("assay", "assay id of the assay sheet; empty = the table's name", ("assay_id", "test_id"))
TECHNIQUE = Column(
    "technique", f"one of: {', '.join(t for t in Technique)}", ("method", "methode", "technik", "platform")
)
NOTE = Column(
    "note", "shown with the value wherever it appears", ("notes", "comment", "remark", "bemerkung", "kommentar")
)
RESULT = Column(
    "result",
    "the laboratory's own word, which wins over any limit: positive, negative, not evaluable (also detected, not detected, pos, neg, +; "
    "- only in a column that also holds +)",
    ("interpretation", "befund", "bewertung", "ergebnis", "call", "status"),
)
LIMITS = (
    Column(
        "lod", "limit of detection, in the unit of the value", ("limit_of_detection", "nachweisgrenze"), numeric=True
    ),
    Column(
        "loq",
        "limit of quantification, in the unit of the value",
        ("limit_of_quantification", "bestimmungsgrenze", "quantifizierungsgrenze"),
        numeric=True,
    ),
    Column(
        "cutoff",
        "highest value that negatives show, in the unit of the value",
        ("cut_off", "grenzwert", "schwellenwert", "normal_cutoff"),
        numeric=True,
    ),
)

CELL_RULES = (
    "Empty or - = not tested: the row states nothing. 'n.d.' is refused: write 'not detected' or 'not done' instead.",
    "<x = not detected at x, unless result says positive (then detected below x). A percentage needs % in the cell, in the column's name or in a unit column.",
    "Comma, semicolon or tab between cells, decimal point or comma (one of them per column). Lines that begin with # are comments.",
)

# --- recognition and templates ----------------------------------------------------------------------------------------


def is_comment(line: str) -> bool:
    """A line that is no row: blank, ``#`` (quoted where a spreadsheet has saved the template), or Excel's ``sep=``."""
    text = line.lstrip('\ufeff" \t')
    return not text or text.startswith("#") or text.lower().startswith("sep=")


def header_of(head: Head) -> tuple[str, ...]:
    """Cells of the first line that is no comment."""
    line = next((line for line in head.lines if not is_comment(line)), "")
    return tuple(cell.strip().strip('"') for cell in split_line(line)) if line else ()


def declared_table(head: Head) -> str:
    """The table that a first line ``#moltrack: NAME`` declares, else ""."""
    first = head.lines[0].replace('"', "").strip().rstrip(",;\t ") if head.lines else ""
    return first[len(MARK) :].strip().lower() if first.lower().startswith(MARK) else ""


def sniff_own(head: Head, table: OwnTable) -> Sniff:
    """Certain by the first line of our templates; likely by the columns that only this table has."""
    if head.is_bcf:
        return Sniff.NO
    if declared := declared_table(head):
        return Sniff.CERTAIN if declared == table.name else Sniff.NO
    header = header_of(head)
    columns = set(table.columns_in(header))
    if not any(needed <= columns for needed in table.needs):
        return Sniff.NO
    # A file of another tool may happen to hold our columns among many of its own.
    return Sniff.LIKELY if "" not in columns else Sniff.GENERIC


def template_of(table: OwnTable) -> str:
    """The empty table: first line, legend, header, and one commented example row."""
    lines = [f"{MARK} {table.name}", f"# {table.title}"]
    lines += [f"# {column.name}: {column.meaning}" for column in table.all_columns]
    lines += [f"# {rule}" for rule in (*table.rules, *CELL_RULES)]
    names = [column.name for column in table.all_columns]
    lines.append(",".join(names))
    lines.append("# " + ",".join(table.example.get(name, "") for name in names))
    return "\n".join(lines) + "\n"


def format_of(
    table: OwnTable,
    read: Callable[[Path, ReadOptions], Iterator[Record]],
    *,
    sniff: Callable[[Head], Sniff] | None = None,
    family: str = "clinical",
    technique: Technique = Technique.UNKNOWN,
    versions: str = "as its template",
    columns_source: str = "moltrack's own table",
) -> Format:
    """The format of a table of ours: recognised by its columns unless ``sniff`` knows better, with its template.

    What a table without rows means is asked.
    """
    return Format(
        name=table.name,
        title=table.title,
        family=family,
        technique=technique,
        sniff=sniff or (lambda head: sniff_own(head, table)),
        read=read,
        versions=versions,
        columns_source=columns_source,
        empty=Empty.ASK,
        template=template_of(table),
    )


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The rows of a table of ours.

    ``percent`` names the columns whose header says percent, ``plus_minus`` those that write ``+`` and ``-``, ``unused`` the
    headers that are no column of the table.
    """

    rows: tuple[Row, ...]
    percent: frozenset[str] = frozenset()
    plus_minus: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()

    def info(self) -> FileInfo:
        notes = (f"columns not read: {', '.join(self.unused)}",) if self.unused else ()
        return FileInfo(header_only=not self.rows, rows=len(self.rows), kept=len(self.rows), notes=notes)

    def extra(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Cells of columns that are not the table's, kept as they are."""
        return tuple((name, text) for name in self.unused if (text := row.text(name)))


def read_own(path: Path, options: ReadOptions, table: OwnTable) -> OwnRows:
    """The rows of a table of ours, checked: needed columns, no near miss of a column's name, no row twice.

    Raises
    ------
    FormatError
        A needed column is missing, a column's name is misspelt or there twice, or two rows are identical.
    """
    spellings = table.known()
    read = _read(path, options, table, spellings)
    columns = table.columns_in(read.header)
    if not any(needed <= set(columns) for needed in table.needs):
        wanted = "; or ".join(", ".join(sorted(needed)) for needed in table.needs)
        raise FormatError(
            f"is not a table '{table.name}': it needs the columns {wanted} (its columns: {', '.join(read.header)[:200]}).",
            path=path,
            line=read.header_line,
            advice=f"See 'moltrack formats --template {table.name}'.",
        )
    unused = tuple(cell for cell, column in zip(read.header, columns, strict=True) if cell and not column)
    for cell in unused:
        # A misspelt 'cutoff' that is passed over would turn a negative into a positive.
        if close := get_close_matches(normal_name(cell), spellings, n=1, cutoff=0.87):
            raise FormatError(
                f"has the column '{cell}': is '{spellings[close[0]]}' meant?",
                path=path,
                line=read.header_line,
                advice="Rename or remove it.",
            )
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise FormatError(
            f"has the column '{twice[0]}' twice (under two spellings, perhaps).", path=path, line=read.header_line
        )
    rows = tuple(_with_percent_cells(path, read))
    rows = tuple(row for row in rows if not next(iter(row.cells.values()), "").lstrip().startswith("#"))
    refuse_twins(rows)
    rows = with_iso_dates(rows)
    signed = frozenset(name for name in ("result", "value") if any(row.raw(name) == "+" for row in rows))
    percent = frozenset(
        column
        for cell, column in zip(read.header, columns, strict=True)
        if column and re.search(r"%|percent|pct|prozent", cell, re.IGNORECASE)
    )
    return OwnRows(rows, percent, signed, unused)


def _read(path: Path, options: ReadOptions, table: OwnTable, spellings: dict[str, str]) -> Table:
    """The file as rows; its header is the first line that is no comment."""
    begin = ""
    if not _is_workbook(path):
        lines = read_text(path, limits=options.limits).split("\n")
        begin = next((line for line in lines if not is_comment(line)), "").lstrip("\ufeff")
    numeric = [column.name for column in table.all_columns if column.numeric]
    return read_table(
        path,
        synonyms=spellings,
        numeric=numeric,
        comment="#",
        header_starts=begin,
        decimal=options.decimal,
        limits=options.limits,
    )


def _is_workbook(path: Path) -> bool:
    return read_bytes(path, 4) == b"PK\x03\x04"


def _with_percent_cells(path: Path, table: Table) -> Iterator[Row]:
    """The rows, with cells that a workbook shows as percent written so: a cell that reads ``72%`` holds 0.72."""
    if not _is_workbook(path):
        yield from table.rows
        return
    shown = _percent_cells(path)
    names = [name for name in table.rows[0].cells] if table.rows else []
    for row in table.rows:
        changed = {
            names[column]: text for (line, column), text in shown.items() if line == row.line and column < len(names)
        }
        yield replace(row, cells={**row.cells, **changed}) if changed else row


def _percent_cells(path: Path) -> dict[tuple[int, int], str]:
    """Line (1-based) and column (0-based) of the first sheet's numbers with a percent format -> their text with ``%``."""
    import warnings

    import openpyxl

    found: dict[tuple[int, int], str] = {}
    with open_checked(path) as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles that it drops; number formats it keeps
        book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        for line, cells in enumerate(book.worksheets[0].iter_rows(), start=1):
            for column, cell in enumerate(cells):
                if isinstance(cell.value, int | float) and "%" in str(cell.number_format):
                    found[line, column] = f"{(Decimal(repr(cell.value)) * 100).normalize():f}%"
        book.close()
    return found


def refuse_twins(rows: Sequence[Row]) -> None:
    """The same row twice is a copy, not a replicate."""
    seen: dict[tuple[tuple[str, str], ...], Row] = {}
    for row in rows:
        key = tuple(sorted((name, cell.strip()) for name, cell in row.cells.items() if cell.strip()))
        if key in seen:
            raise row.error(
                f"is the same row as line {seen[key].line}.", advice="Remove one; replicates differ in a note."
            )
        seen[key] = row
