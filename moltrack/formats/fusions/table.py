"""Fusion callers whose output is a plain table, read as ``references/callers.yaml`` says.

One call per row, junctions apart; reads across the junction and spanning pairs are kept apart; a row without a supporting
read is no detection. A row that cannot be used is refused with its reason, the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text, split_line
from moltrack.formats.fusions.callers import Caller, Word, callers
from moltrack.formats.fusions.partners import Partner, breakpoint_of, frame, partner, tandem, words
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import MISSING, Row, Table, normal_name, read_table
from moltrack.model import Breakpoint, Call, Counts, FileInfo, Fusion, Itd, Printed, Record, Refused, Result, Technique

NO_READS = "no supporting read: not a detection"


def sniff(caller: Caller, head: Head) -> Sniff:
    """Certain when the header has the caller's columns, or the first line of a file without header its shape."""
    if caller.shape is not None:
        return Sniff.CERTAIN if caller.shape.match(head.lines[0].strip()) else Sniff.NO
    if caller.header:
        header = next((line for line in head.lines if line.startswith(caller.header)), "")
        return Sniff.CERTAIN if header and _has(caller, _normal(tuple(split_line(header)))) else Sniff.NO
    return Sniff.CERTAIN if _has(caller, _normal(head.header)) else Sniff.NO


def _has(caller: Caller, header: frozenset[str]) -> bool:
    return header.issuperset(caller.requires) and header.isdisjoint(caller.absent)


@lru_cache(maxsize=64)
def _normal(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normal_name, header))


def read(caller: Caller, path: Path, options: ReadOptions) -> Iterator[Record]:
    """The calls of a caller's table, in the order of the file.

    Raises
    ------
    FormatError
        The file is not a table of this caller at all. A single bad row is refused instead.
    """
    table = _headerless(caller, path, options) if caller.columns else _table(caller, path, options)
    reader = _Reader(caller, table, options)
    records: list[Record] = []
    passed_over = 0
    for row in table.rows:
        if caller.keep and not _says(row, caller.keep):
            passed_over += 1
            continue
        try:
            records.append(reader.call(row))
        except FormatError as error:
            records.append(Refused(row.line, error.message))
    kept = sum(isinstance(record, Call) for record in records)
    notes = (f"{passed_over} candidates that the caller itself did not keep are left out",) if passed_over else ()
    yield FileInfo(
        tool=caller.name,
        build=reader.build,
        build_evidence="option" if options.build else caller.build_evidence,
        samples=tuple(dict.fromkeys(r.sample for r in records if isinstance(r, Call) and r.sample)),
        header_only=not table.rows,
        rows=len(table.rows),
        kept=kept,
        notes=notes,
    )
    yield from records


def _table(caller: Caller, path: Path, options: ReadOptions) -> Table:
    table = read_table(
        path,
        delimiter=caller.delimiter,
        header_starts=caller.header,
        decimal=options.decimal or ".",
        limits=options.limits,
    )
    for row in table.rows:
        # No caller writes a cell over several lines: a stray quote would swallow the rows after it without a word.
        if any("\n" in cell for cell in row.cells.values()):
            raise row.error("opens a quote that is not closed on its line, so that the rows after it cannot be told.")
    return table


def _headerless(caller: Caller, path: Path, options: ReadOptions) -> Table:
    rows = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if line.strip():
            rows.append(Row(path, number, dict(zip(caller.columns, line.split("\t"), strict=False))))
    return Table(path, caller.columns, 0, tuple(rows))


def _says(row: Row, word: Word) -> bool:
    return row.cells.get(word.column, "").strip().lower() == word.word


class _Reader:
    """A caller's entry bound to one file: which of its columns this layout has."""

    def __init__(self, caller: Caller, table: Table, options: ReadOptions) -> None:
        self.caller = caller
        self.build = options.build or caller.build
        present = {normal_name(name) for name in table.header}
        if caller.split:
            present |= set(caller.split.into)
        self.junction = _columns(caller.junction_reads, present)
        self.spanning = _columns(caller.spanning_reads, present)
        self.supporting = _columns(caller.supporting_reads, present)
        self.levels = [level for level in caller.levels if level.column in present]
        self.extra = [(name, column) for name, column in caller.extra if column in present]
        self.counts_reads = bool(
            caller.junction_reads or caller.spanning_reads or caller.supporting_reads or caller.supporting_names
        )

    def call(self, row: Row) -> Call:
        caller = self.caller
        if caller.split:
            row = _split(row, caller)
        first, last = self._partners(row)
        side5 = _breakpoint(row, caller, caller.breakpoint5, caller.strand5, leaves="+")
        side3 = _breakpoint(row, caller, caller.breakpoint3, caller.strand3, leaves="-")
        if not first.gene:
            first, last, side5, side3 = last, first, side3, side5
        build = _build_name(_text(row, caller.build_column)) if caller.build_column else ""
        finding = tandem(
            Fusion(
                gene5=first.gene,
                gene3=last.gene,
                gene5_id=first.gene_id,
                gene3_id=last.gene_id,
                ordered=_says(row, caller.ordered) if isinstance(caller.ordered, Word) else caller.ordered,
                build=self.build or build,
                breakpoint5=side5,
                breakpoint3=side3,
                exon5=_text(row, caller.exon5),
                exon3=_text(row, caller.exon3),
                in_frame=frame(_text(row, caller.frame)),
                event_type=_text(row, caller.type),
                confidence=_text(row, caller.confidence),
                rearranged_only=not last.gene,
            )
        )
        junction, spanning = _count(row, self.junction), _count(row, self.spanning)
        if caller.total_reads and (total := _count(row, [caller.total_reads])) is not None:
            spanning = max(total - (junction or 0), 0)
        levels: list[Printed] = []
        notes = [p.note for p in (first, last) if p.note]
        if junction is None and spanning is None:
            junction = self._supporting(row)
            if junction is not None:
                notes.append("supporting reads: the caller does not tell junction reads from spanning pairs")
        if junction is not None:
            levels.append(Printed("junction_reads", Decimal(junction), "reads", self._text_of_count(row, junction)))
        for level in self.levels:
            value = row.number(level.column, 0)
            if value is not None:
                levels.append(
                    Printed(level.quantity, value, level.unit, _text(row, level.column), denominator=level.denominator)
                )
        if caller.note_column and (row.number(caller.note_column) or 0) > 0:
            notes.append(f"{row.text(caller.note_column)} {caller.note}")
        result = _result(junction, spanning) if self.counts_reads else Result.POSITIVE
        if result is Result.NEGATIVE:
            notes.append(NO_READS)
        return Call(
            finding,
            row.line,
            result=result,
            levels=tuple(levels),
            counts=Counts(junction_reads=junction, spanning_reads=spanning),
            filters=words(row.cells.get(caller.filters, ""), caller.passed) if caller.filters else (),
            sample=_text(row, caller.sample),
            technique=Technique.RNA_SEQUENCING if caller.rna_if and _says(row, caller.rna_if) else None,
            notes=tuple(notes),
            extra=tuple((name, text) for name, column in self.extra if (text := _text(row, column)))
            + (
                (("type", finding_type),)
                if isinstance(finding, Itd) and (finding_type := _text(row, caller.type))
                else ()
            ),
        )

    def _partners(self, row: Row) -> tuple[Partner, Partner]:
        caller = self.caller
        if caller.pair:
            match = caller.pair_pattern.fullmatch(_text(row, caller.pair))
            if match is None:
                raise row.error(f"column '{caller.pair}' holds '{row.raw(caller.pair)}', not a pair of genes.")
            first, last = partner(match["gene5"]), partner(match["gene3"])
        elif _same_two_genes(row, caller):
            # TSO 500: one deletion that joins two neighbours prints both genes on both sides.
            names = _text(row, caller.gene5).split(";")
            first, last = Partner(names[0].strip()), Partner(names[1].strip())
        else:
            first = _partner(row, caller, caller.gene5, caller.id5)
            last = _partner(row, caller, caller.gene3, caller.id3)
        named = bool(first.gene) + bool(last.gene)
        if named < (1 if caller.one_gene else 2):
            raise row.error("names no gene on one side of the junction." if named else "names no gene.")
        return first, last

    def _supporting(self, row: Row) -> int | None:
        if self.supporting:
            return _count(row, self.supporting)
        names = _text(row, self.caller.supporting_names)
        return sum(bool(name.strip()) for name in names.split(";")) if names else None

    def _text_of_count(self, row: Row, count: int) -> str:
        printed = [text for column in self.junction if (text := _text(row, column))]
        return "+".join(printed) or str(count)


def _partner(row: Row, caller: Caller, gene_column: str, id_column: str) -> Partner:
    cell = _text(row, gene_column)
    match = caller.genes.fullmatch(cell)
    symbol, found_id = (match["symbol"], match["id"] or "") if match else (cell, "")
    return partner(symbol, _text(row, id_column) or found_id)


def _same_two_genes(row: Row, caller: Caller) -> bool:
    cell = _text(row, caller.gene5)
    return cell.count(";") == 1 and cell == _text(row, caller.gene3)


def _breakpoint(
    row: Row, caller: Caller, columns: tuple[str, ...], strand_column: str, *, leaves: str
) -> Breakpoint | None:
    """The breakpoint of one side; ``leaves`` is the strand on which an interval breaks at its end: ``+`` for the 5' side."""
    if not columns:
        return None
    if len(columns) == 4:
        chrom, start, end, strand = (row.cells.get(column, "").strip() for column in columns)
        if not start.isdecimal() or not end.isdecimal():
            return None
        return breakpoint_of(chrom, end if strand == leaves else str(int(start) + 1), strand)
    strand = ""
    if (
        strand_column
        and caller.strand_pattern
        and (match := caller.strand_pattern.fullmatch(_text(row, strand_column)))
    ):
        strand = match["strand"]
    if len(columns) > 1:
        chrom, pos, *rest = (row.cells.get(column, "").strip() for column in columns)
        return breakpoint_of(chrom, pos.replace(",", ""), strand or (rest[0] if rest else ""))
    cell = _text(row, columns[0])
    match = caller.breakpoint.fullmatch(cell)
    if match is None:
        if cell:
            raise row.error(f"'{cell}' is not a breakpoint.")
        return None
    return breakpoint_of(match["chrom"], match["pos"], strand or match["strand"] or "")


def _columns(wanted: tuple[str, ...], present: set[str]) -> list[str]:
    found: list[str] = []
    for name in wanted:
        if name.startswith("*"):
            found += sorted(column for column in present if column.endswith(name[1:]))
        elif name in present:
            found.append(name)
    return found


def _count(row: Row, columns: list[str]) -> int | None:
    """The sum of the columns that hold a number; None when none does."""
    total: int | None = None
    for column in columns:
        cell = row.cells.get(column, "")
        count = int(cell) if cell.isascii() and cell.isdecimal() else row.count(column)
        if count is not None:
            total = count + (total or 0)
    return total


def _result(junction: int | None, spanning: int | None) -> Result | None:
    if junction is None and spanning is None:
        return None
    return Result.POSITIVE if (junction or 0) + (spanning or 0) > 0 else Result.NEGATIVE


def _split(row: Row, caller: Caller) -> Row:
    assert caller.split is not None
    cell = row.cells.get(caller.split.column, "").strip()
    match = caller.split.pattern.fullmatch(cell)
    if match is None:
        raise row.error(f"column '{caller.split.column}' holds '{cell}', expected two values.")
    cells: Mapping[str, str] = {**row.cells, caller.split.into[0]: match["a"], caller.split.into[1]: match["b"]}
    return Row(row.path, row.line, cells, row.decimals)


def _text(row: Row, column: str) -> str:
    """The cell, "" when missing. Columns here are normalised already, which :meth:`Row.text` would do once more per cell."""
    if not column:
        return ""
    cell = row.cells.get(column, "").strip()
    return "" if cell.lower() in MISSING else cell


def _build_name(text: str) -> str:
    return {
        "37": "GRCh37",
        "grch37": "GRCh37",
        "hg19": "GRCh37",
        "38": "GRCh38",
        "grch38": "GRCh38",
        "hg38": "GRCh38",
    }.get(text.lower(), "")


def _format(caller: Caller) -> Format:
    return Format(
        name=caller.name,
        title=caller.title,
        family="fusions",
        technique=caller.technique,
        sniff=partial(_sniff_kept, caller) if caller.name == "arriba" else partial(sniff, caller),
        read=partial(read, caller),
        versions=caller.versions,
        columns_source=caller.source,
    )


def _is_discarded(head: Head) -> bool:
    return "discarded" in head.path.name.lower()


def _sniff_kept(caller: Caller, head: Head) -> Sniff:
    return Sniff.NO if _is_discarded(head) else sniff(caller, head)


_ARRIBA = next(caller for caller in callers() if caller.name == "arriba")

FORMATS = tuple(_format(caller) for caller in callers())

ARRIBA_DISCARDED = Format(
    name="arriba_discarded",
    title="Arriba, discarded candidates",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=lambda head: sniff(_ARRIBA, head) if _is_discarded(head) else Sniff.NO,
    versions=_ARRIBA.versions,
    columns_source=_ARRIBA.source,
    refuses="holds the candidates that Arriba discarded, which are no calls; ingest the fusions.tsv beside it.",
)
