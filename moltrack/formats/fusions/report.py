"""fusion-report: the callers of one run side by side, as csv, json or a bare list of names.

Source  fusion-report 2 to 4: ``fusions.csv``, ``fusions.json``, ``fusion_list.tsv``; its parsers for the keys of each caller
Level   those of each caller under its own name and as an assay of its own: levels of two tools never meet in a series.
        FFPM is spelled ``ffmp`` there
Lost    only each caller's best row is kept, further breakpoints are gone: the callers' own files say more
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.partners import breakpoint_of, frame, partner, split_name, tandem
from moltrack.formats.fusions.table import NO_READS
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import read_table
from moltrack.model import Breakpoint, Call, Counts, FileInfo, Fusion, Printed, Record, Refused, Result, Technique
from moltrack.quantity import parse_number

LOST = "fusion-report keeps the best row of each caller; further junctions are only in the callers' own files"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a caller's values are called inside a fusion-report cell; ``supporting`` counts junction and pairs together."""

    junction: tuple[str, ...] = ()
    spanning: tuple[str, ...] = ()
    supporting: str = ""
    frame: str = ""
    type: str = ""
    confidence: str = ""


CALLERS = {
    "arriba": Keys(
        ("split_reads1", "split_reads2"),
        ("discordant_mates",),
        frame="reading-frame",
        type="type",
        confidence="confidence",
    ),
    "ctat_lr_fusion": Keys(("num_LR",)),
    "dragen": Keys(),
    "ericscript": Keys(("junction_reads",), ("discordant_reads",), type="fusion_type"),
    "fusioncatcher": Keys(("spanning_unique_reads",), ("spanning_pairs",), frame="fusion_type"),
    "jaffa": Keys(("spanning_reads",), ("spanning_pairs",), frame="inframe", confidence="classification"),
    "pizzly": Keys(("split_count",), ("pair_count",)),
    "squid": Keys(supporting="score"),
    "starfusion": Keys(("junction_reads",), ("spanning_reads",)),
}
_CELL = re.compile(r",(?=[\w-]+: )")
_POSITION = re.compile(r"(?P<chrom>[^:#]+):(?P<start>\d+)(?:-(?P<end>\d+))?(?::(?P<strand>[-+]))?")
_NAME = re.compile(r"[^\s,;\"{}]+--[^\s,;\"{}]+")


def sniff_csv(head: Head) -> Sniff:
    explained = head.has_columns("Explained score") or head.has_columns("Explained FII")
    return Sniff.CERTAIN if explained and head.has_columns("Fusion", "Databases") else Sniff.NO


def sniff_json(head: Head) -> Sniff:
    start = head.text.lstrip()[:2000]
    return Sniff.CERTAIN if start.startswith("[") and '"Fusion"' in start and '"Databases"' in start else Sniff.NO


def sniff_list(head: Head) -> Sniff:
    lines = [line.strip() for line in head.lines if line.strip()]
    return Sniff.LIKELY if lines and all(_NAME.fullmatch(line) for line in lines) else Sniff.NO


def read_csv(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per fusion and caller."""
    table = read_table(path, required=("Fusion",), delimiter=",", limits=options.limits)
    columns = [name for name in table.header if name.lower() in CALLERS]
    records: list[Record] = []
    for row in table.rows:
        shared = tuple(
            (name, row.text(name)) for name in ("Databases", "Score", "Fusion Indication Index (FII)") if row.text(name)
        )
        for column in columns:
            if cell := row.text(column):
                values = dict(part.split(": ", 1) for part in _CELL.split(cell) if ": " in part)
                records.append(_record(row.text("Fusion"), column.lower(), values, row.line, options.build, shared))
    yield _info(records, options, rows=len(table.rows), empty=not table.rows)
    yield from records


def read_json(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per fusion and caller."""
    text = read_text(path, limits=options.limits)
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise FormatError(f"is not readable JSON ({error}).", path=path) from None
    if not isinstance(entries, list):
        raise FormatError("is not a list of fusions.", path=path)
    lines = [text.count("\n", 0, match.start()) + 1 for match in re.finditer(r'"Fusion"\s*:', text)]
    records: list[Record] = []
    for number, entry in enumerate(entries):
        line = lines[number] if number < len(lines) else 1
        if not isinstance(entry, dict) or not isinstance(entry.get("Fusion"), str):
            records.append(Refused(line, f"entry {number + 1} names no fusion."))
            continue
        shared = tuple(
            (name, ",".join(map(str, value)) if isinstance(value, list) else str(value))
            for name in ("Databases", "Score", "Fusion Indication Index (FII)")
            if (value := entry.get(name)) not in (None, [])
        )
        for tool, values in entry.items():
            if tool in CALLERS and isinstance(values, dict):
                printed = {key: str(value) for key, value in values.items()}
                records.append(_record(entry["Fusion"], tool, printed, line, options.build, shared))
    yield _info(records, options, rows=len(entries), empty=not entries)
    yield from records


def read_list(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per name, without a level."""
    records: list[Record] = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if not line.strip():
            continue
        pair = split_name(line)
        if pair is None:
            records.append(Refused(number, f"'{line.strip()}' is not a pair of genes."))
            continue
        fusion = Fusion(partner(pair[0]).gene, partner(pair[1]).gene, build=options.build)
        records.append(Call(fusion, number, result=Result.POSITIVE, notes=("named only: no reads, no junction",)))
    yield _info(records, options, rows=len(records), empty=not records)
    yield from records


def _info(records: list[Record], options: ReadOptions, *, rows: int, empty: bool) -> FileInfo:
    return FileInfo(
        tool="fusion-report",
        build=options.build,
        build_evidence="option" if options.build else "",
        header_only=empty,
        rows=rows,
        kept=sum(isinstance(record, Call) for record in records),
        notes=(LOST,),
    )


def _record(
    name: str, tool: str, values: Mapping[str, str], line: int, build: str, shared: tuple[tuple[str, str], ...]
) -> Record:
    try:
        return _call(name, tool, values, line, build, shared)
    except InputError as error:
        return Refused(line, error.message)


def _call(
    name: str, tool: str, values: Mapping[str, str], line: int, build: str, shared: tuple[tuple[str, str], ...]
) -> Call:
    pair = split_name(name)
    if pair is None:
        raise InputError(f"'{name}' is not a pair of genes.")
    keys = CALLERS[tool]
    side5, side3 = _sides(values.get("position", ""))
    fusion = Fusion(
        partner(pair[0]).gene,
        partner(pair[1]).gene,
        build=build,
        breakpoint5=side5,
        breakpoint3=side3,
        in_frame=frame(values.get(keys.frame, "")),
        event_type=values.get(keys.type, ""),
        confidence=values.get(keys.confidence, ""),
    )
    junction, spanning = _sum(values, keys.junction), _sum(values, keys.spanning)
    notes: list[str] = []
    if keys.supporting:
        junction = _sum(values, (keys.supporting,))
        notes.append("supporting reads: the caller does not tell junction reads from spanning pairs")
    levels = [Printed("junction_reads", Decimal(junction), "reads", str(junction))] if junction is not None else []
    if ffpm := values.get("ffmp") or values.get("ffpm"):
        levels.append(Printed("ffpm", parse_number(ffpm), "FFPM", ffpm))
    common = values.get("common_mapping_reads", "0")
    if common not in {"0", ""}:
        notes.append(f"{common} reads map to both genes: likely an artefact of homology")
    counted = junction is not None or spanning is not None
    found = not counted or (junction or 0) + (spanning or 0) > 0
    if not found:
        notes.append(NO_READS)
    used = {
        "position",
        "ffmp",
        "ffpm",
        keys.frame,
        keys.type,
        keys.confidence,
        *keys.junction,
        *keys.spanning,
        keys.supporting,
    }
    call = Call(
        tandem(fusion),
        line,
        result=Result.POSITIVE if found else Result.NEGATIVE,
        levels=tuple(levels),
        counts=Counts(junction_reads=junction, spanning_reads=spanning),
        caller=tool,
        assay=f"fusion-report:{tool}",
        notes=tuple(notes),
        extra=shared,
    )
    further = tuple((key, value) for key, value in values.items() if key not in used and value)
    return replace(call, extra=call.extra + further)


def _sum(values: Mapping[str, str], keys: tuple[str, ...]) -> int | None:
    found = [values[key] for key in keys if values.get(key)]
    if not found:
        return None
    if not all(value.isdecimal() for value in found):
        raise InputError(f"'{', '.join(found)}' is not a number of reads.")
    return sum(map(int, found))


def _sides(position: str) -> tuple[Breakpoint | None, Breakpoint | None]:
    """``4:1806934:+#4:1727977:+``; SQUID gives 0-based intervals whose ``+`` side breaks at the end, the other at the start."""
    sides = [_POSITION.fullmatch(side) for side in position.split("#")]
    if len(sides) != 2 or None in sides:
        return None, None
    return _side(sides[0]), _side(sides[1])


def _side(match: re.Match[str] | None) -> Breakpoint | None:
    if match is None:
        return None
    strand = match["strand"] or ""
    pos = match["start"]
    if match["end"]:
        pos = match["end"] if strand == "+" else str(int(match["start"]) + 1)
    return breakpoint_of(match["chrom"], pos, strand)


def _format(
    name: str,
    title: str,
    sniff: Callable[[Head], Sniff],
    reader: Callable[[Path, ReadOptions], Iterator[Record]],
    refuses: str = "",
) -> Format:
    return Format(
        name=name,
        title=title,
        family="fusions",
        technique=Technique.RNA_SEQUENCING,
        sniff=sniff,
        read=reader,
        versions="2 to 4",
        columns_source="fusion-report documentation and parsers",
        refuses=refuses,
    )


FORMATS = (
    _format("fusion_report_csv", "fusion-report fusions.csv", sniff_csv, read_csv),
    _format("fusion_report_json", "fusion-report fusions.json", sniff_json, read_json),
    _format("fusion_report_list", "fusion-report fusion_list.tsv", sniff_list, read_list),
    _format(
        "fusion_report_mqc",
        "fusion-report counts for MultiQC",
        lambda head: (
            Sniff.CERTAIN if '"fusion_genes"' in head.text[:200] and '"plot_type"' in head.text[:2000] else Sniff.NO
        ),
        read_json,
        refuses="counts fusions for a plot and names none; ingest the fusions.csv or fusions.json of the same run.",
    ),
)
