"""HAMLET: the AML RNA sequencing pipeline's report as JSON, with fusions, tandem duplications and small variants.

Source  HAMLET documentation; ``modules.fusion`` holds Arriba's columns, ``modules.itd`` rows of rose-dt in transcript
        coordinates, ``modules.snv_indels.genes`` VarScan's FORMAT as text and VEP's annotation
Build   small variants name it (``assembly_name``); fusions do not
Units   ``FREQ`` is percent, of AD / (RD + AD); rose-dt counts soft-clipped reads at both ends of the duplication
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from moltrack import resources
from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.callers import BREAKPOINT
from moltrack.formats.fusions.partners import breakpoint_of, chromosome, frame, partner, tandem, words
from moltrack.formats.fusions.table import NO_READS
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.variants.selection import Selection
from moltrack.model import (
    Breakpoint,
    Call,
    Counts,
    FileInfo,
    Fusion,
    Itd,
    Printed,
    Record,
    Refused,
    Result,
    SmallVariant,
    Technique,
)
from moltrack.quantity import parse_number, parse_printed

Json = Mapping[str, Any]


def sniff(head: Head) -> Sniff:
    text = head.text
    if not text.lstrip().startswith("{"):
        return Sniff.NO
    report = '"modules"' in text and ('"itd"' in text or '"snv_indels"' in text or '"fusion"' in text)
    part = re.match(r'\s*\{\s*"(fusion|itd|snv_indels)"\s*:\s*[\[{]', text) is not None
    return Sniff.CERTAIN if report or part else Sniff.NO


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Fusions, then duplications, then small variants of the kept genes.

    Raises
    ------
    FormatError
        Not JSON, or none of the three modules is in it.
    """
    text = read_text(path, limits=options.limits)
    try:
        report = json.loads(text)
    except ValueError as error:
        raise FormatError(f"is not readable JSON ({error}).", path=path) from None
    modules = report.get("modules", report) if isinstance(report, dict) else {}
    if not isinstance(modules, dict) or not modules.keys() & {"fusion", "itd", "snv_indels"}:
        raise FormatError("holds none of HAMLET's modules fusion, itd and snv_indels.", path=path)
    metadata = _object(report.get("metadata"), "metadata")
    for name, part in modules.items():
        if isinstance(part, dict) and not metadata:
            metadata = _object(part.get("metadata"), name)
    sample = str(metadata.get("sample_name", ""))
    lines = _Lines(text)
    records = [
        *_fusions(modules.get("fusion"), sample, lines, options),
        *_duplications(modules.get("itd"), sample, lines),
    ]
    variants, left_out = _variants(modules.get("snv_indels"), sample, lines, options)
    records += variants
    yield FileInfo(
        tool="hamlet",
        tool_version=str(metadata.get("pipeline_version", "")),
        samples=(sample,) if sample else (),
        header_only=not records and not left_out,
        rows=len(records) + left_out,
        kept=sum(isinstance(record, Call) for record in records),
        notes=(f"{left_out} small variants outside the kept genes are left out",) if left_out else (),
    )
    yield from records


class _Lines:
    """Lines on which the n-th occurrence of a key stands, for errors and origins; JSON itself has no rows."""

    def __init__(self, text: str) -> None:
        self.text = text

    def of(self, key: str) -> Iterator[int]:
        line, last = 1, 0
        for match in re.finditer(f'"{re.escape(key)}"\\s*:', self.text):
            line += self.text.count("\n", last, match.start())
            last = match.start()
            yield line
        while True:
            yield line


def _fusions(module: Any, sample: str, lines: _Lines, options: ReadOptions) -> Iterator[Record]:
    events = _list(module.get("events") if isinstance(module, dict) else module, "fusion")
    for event, line in zip(events, lines.of("gene1"), strict=False):
        try:
            yield _fusion(_object(event, "fusion"), sample, line, options.build)
        except (InputError, KeyError) as error:
            yield Refused(line, f"a fusion of the report cannot be read ({error}).")


def _fusion(event: Json, sample: str, line: int, build: str) -> Call:
    first, last = (partner(_text(event, f"gene{n}"), _text(event, f"gene_id{n}")) for n in (1, 2))
    junction = _count(event["split_reads1"]) + _count(event["split_reads2"])
    spanning = _count(event["discordant_mates"])
    notes = [p.note for p in (first, last) if p.note]
    if not junction + spanning:
        notes.append(NO_READS)
    return Call(
        tandem(
            Fusion(
                first.gene,
                last.gene,
                first.gene_id,
                last.gene_id,
                build=build,
                breakpoint5=_breakpoint(event, 1),
                breakpoint3=_breakpoint(event, 2),
                in_frame=frame(_text(event, "reading_frame")),
                event_type=_text(event, "type"),
                confidence=_text(event, "confidence"),
            )
        ),
        line,
        result=Result.POSITIVE if junction + spanning else Result.NEGATIVE,
        levels=(
            Printed("junction_reads", Decimal(junction), "reads", f"{event['split_reads1']}+{event['split_reads2']}"),
        ),
        counts=Counts(junction_reads=junction, spanning_reads=spanning),
        caller="arriba",
        sample=sample,
        notes=tuple(notes),
        extra=tuple(
            (key, text)
            for key in ("site1", "site2", "coverage1", "coverage2", "filters", "tags")
            if (text := _text(event, key))
        ),
    )


def _breakpoint(event: Json, number: int) -> Breakpoint | None:
    match = BREAKPOINT.fullmatch(_text(event, f"breakpoint{number}"))
    strand = _text(event, f"strand{number}(gene/fusion)").rpartition("/")[2]
    return breakpoint_of(match["chrom"], match["pos"], strand) if match else None


def _duplications(module: Any, sample: str, lines: _Lines) -> Iterator[Record]:
    numbers = lines.of("rose_start_count")
    for gene, part in _object(module, "itd").items():
        for row in _list(_object(part, gene).get("table"), gene):
            line = next(numbers)
            try:
                yield _duplication(gene.upper(), _object(row, gene), sample, line)
            except (InputError, KeyError) as error:
                yield Refused(line, f"a duplication of {gene} cannot be read ({error}).")


def _duplication(gene: str, row: Json, sample: str, line: int) -> Call:
    starts, ends = ([_count(value) for value in _list(row[key], key)] for key in ("td_starts", "td_ends"))
    pairs = list(zip(starts, ends, strict=True)) if len(starts) == len(ends) else [(s, e) for s in starts for e in ends]
    lengths = sorted({end - start + 1 for start, end in pairs})
    start_reads, end_reads = _count(row["rose_start_count"]), _count(row["rose_end_count"])
    notes = ["soft-clipped reads at both ends; one end may serve several duplications"]
    if len(lengths) > 1:
        notes.append(f"length {' or '.join(map(str, lengths))} bp: the boundary is fuzzy")
    length = lengths[0] if len(lengths) == 1 else None
    found = start_reads + end_reads > 0
    return Call(
        Itd(gene, length=length, in_frame=length % 3 == 0 if length else None),
        line,
        result=Result.POSITIVE if found else Result.NEGATIVE,
        levels=(Printed("junction_reads", Decimal(start_reads + end_reads), "reads", f"{start_reads}+{end_reads}"),),
        counts=Counts(junction_reads=start_reads + end_reads),
        caller="rose-dt",
        sample=sample,
        notes=tuple(notes),
        extra=(
            ("transcript td_starts", ",".join(map(str, starts))),
            ("transcript td_ends", ",".join(map(str, ends))),
            ("boundary_type", _text(row, "boundary_type")),
            ("fuzziness", _text(row, "fuzziness")),
        ),
    )


def _variants(module: Any, sample: str, lines: _Lines, options: ReadOptions) -> tuple[list[Record], int]:
    genes = _object(_object(module, "snv_indels").get("genes"), "genes")
    kept = Selection.of(options.genes).symbols
    numbers = lines.of("FORMAT")
    records: list[Record] = []
    left_out = 0
    for gene, rows in genes.items():
        for row in _list(rows, gene):
            line = next(numbers)
            if kept is not None and (resources.gene_symbol(gene) or gene) not in kept:
                left_out += 1
                continue
            try:
                records.append(_variant(gene, _object(row, gene), sample, line))
            except (InputError, KeyError) as error:
                records.append(Refused(line, f"a variant of {gene} cannot be read ({error})."))
    return records, left_out


def _variant(gene: str, row: Json, sample: str, line: int) -> Call:
    fields = str(row["input"]).split("\t")
    if len(fields) < 8 or not fields[1].isdecimal():
        raise InputError("'input' is no VCF record.")
    chrom, pos, _, ref, alt, _, filters = fields[:7]
    values = _object(row["FORMAT"], "FORMAT")
    alt_reads, ref_reads = _count(values["AD"]), _count(values["RD"])
    consequences = _list(row.get("transcript_consequences"), "transcript_consequences")
    # VEP ran on the pipeline's own transcripts of interest, so the first is as good as its list.
    chosen = _object(consequences[0], "transcript_consequences") if consequences else {}
    return Call(
        SmallVariant(
            build=_text(row, "assembly_name"),
            chrom=chromosome(chrom),
            pos=int(pos),
            ref=ref,
            alt=alt,
            gene=gene,
            transcript=str(chosen.get("transcript_id", "")),
            hgvs_c=str(chosen.get("hgvsc", "")).rpartition(":")[2],
            hgvs_p=str(chosen.get("hgvsp", "")).rpartition(":")[2],
            consequence="&".join(map(str, _list(chosen.get("consequence_terms"), "consequence_terms")))
            or str(row.get("most_severe_consequence", "")),
            exon=str(chosen.get("exon", "")),
            annotation="VEP, first transcript of HAMLET's report",
        ),
        line,
        result=Result.POSITIVE if alt_reads else Result.NEGATIVE,
        levels=(parse_printed(str(values["FREQ"]), "vaf", unit="%"),),
        counts=Counts(alt=alt_reads, ref=ref_reads, depth=alt_reads + ref_reads),
        formula="AD / (RD + AD)",
        filters=words(filters),
        caller="varscan2",
        sample=sample,
        technique=Technique.RNA_SEQUENCING,
        extra=(("DP", str(values.get("DP", ""))),),
    )


def _object(value: Any, name: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"'{name}' is no object with named values.")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"'{name}' is no list.")
    return value


def _text(values: Json, key: str) -> str:
    value = values.get(key)
    return "" if value in (None, ".") else str(value)


def _count(value: Any) -> int:
    number = parse_number(str(value))
    if number < 0 or number != number.to_integral_value():
        raise InputError(f"'{value}' is not a number of reads.")
    return int(number)


HAMLET = Format(
    name="hamlet",
    title="HAMLET report (JSON)",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff,
    read=read,
    versions="1 and 2",
    columns_source="HAMLET documentation and its report",
)
