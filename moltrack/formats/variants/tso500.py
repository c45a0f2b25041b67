"""TSO500 CombinedVariantOutput.tsv: small variants and fusions of one sample pair, section by section.

Units   Allele Frequency as a fraction, Depth in reads; breakpoints 1-based
Build   GRCh37: the local app aligns to hg19
Empty   a section with the row ``NA``: run, nothing found
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.partners import breakpoint_of, partner, split_name
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import MISSING, Row, normal_name
from moltrack.formats.variants.annotation import AS_GIVEN, CLINICAL, Annotation, is_clinical, split_hgvs
from moltrack.formats.variants.header import checked_build, chromosome
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import allele, evidence, fraction, is_kept, variant
from moltrack.model import Call, Counts, Coverage, FileInfo, Fusion, Printed, Record, Refused, Result, Technique


def sniff(head: Head) -> Sniff:
    """Certain for the sections that every such file has."""
    sections = {line.strip() for line in head.lines if line.startswith("[")}
    return Sniff.CERTAIN if {"[Analysis Details]", "[Small Variants]"} <= sections else Sniff.NO


def read_combined(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Small variants (of the genes asked for) and fusions.

    Raises
    ------
    FormatError
        A section lacks a column that its rows need.
    """
    selection = Selection.of(options.genes)
    build, _ = checked_build(path, "GRCh37", "format (the TSO500 local app aligns to hg19)", options.build)
    sections = _sections(path, read_text(path, limits=options.limits))
    details = {key: value for key, value in _pairs(sections.get("Analysis Details", []))}
    records: list[Record] = []
    rows = passed_over = 0
    for row in _rows(
        path,
        sections.get("Small Variants", []),
        ("Chromosome", "Genomic Position", "Reference Call", "Alternative Call"),
    ):
        rows += 1
        try:
            record = _small_variant(row, build, selection)
        except FormatError as error:
            records.append(Refused(row.line, error.message))
            continue
        if is_kept(selection, row.text("Gene"), record):
            records.append(record)
        else:
            passed_over += 1
    for row in _rows(path, sections.get("Fusions", []), ("Gene Pair",)):
        rows += 1
        try:
            records.append(_fusion(row, build))
        except FormatError as error:
            records.append(Refused(row.line, error.message))
    others = [
        name
        for name in ("Splice Variants", "Gene Amplifications")
        if any(True for _ in _rows(path, sections.get(name, []), ()))
    ]
    notes = [f"{passed_over} rows outside of the genes '{selection.name}' are left out"] if passed_over else []
    notes += [f"the section {name} is not read" for name in others]
    sample = details.get("Pair ID") or details.get("DNA Sample ID", "")
    yield FileInfo(
        tool="TSO500",
        tool_version=details.get("Workflow Version", "") or details.get("Module Version", ""),
        build=build,
        build_evidence="format",
        samples=(sample,) if sample else (),
        header_only=rows == 0,
        rows=rows,
        kept=sum(isinstance(record, Call) for record in records),
        notes=tuple(notes),
    )
    yield from records


_Lines = list[tuple[int, list[str]]]


def _sections(path: Path, text: str) -> dict[str, _Lines]:
    found: dict[str, _Lines] = {}
    current: _Lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if name := re.fullmatch(r"\[(.+)\]", cells[0]):
            current = found.setdefault(name[1], [])
        elif any(cells):
            current.append((number, cells))
    return found


def _pairs(lines: _Lines) -> Iterator[tuple[str, str]]:
    for _, cells in lines:
        if len(cells) > 1 and cells[1] not in {"", "NA"}:
            yield cells[0], cells[1]


def _rows(path: Path, lines: _Lines, needed: tuple[str, ...]) -> Iterator[Row]:
    """Rows of a section's table; none when it says ``NA``."""
    if not lines:
        return
    (number, names), *body = lines
    body = [(line, cells) for line, cells in body if not (cells[0] in {"NA", ""} and not any(cells[1:]))]
    if not body:
        return
    missing = [name for name in needed if name not in names]
    if missing:
        raise FormatError(f"has no column '{missing[0]}' in this section.", path=path, line=number)
    for line, cells in body:
        yield Row(path, line, {normal_name(name): cell for name, cell in zip(names, cells, strict=False) if name})


def _small_variant(row: Row, build: str, selection: Selection) -> Call | Coverage:
    found = allele(
        row, row.count("Genomic Position"), row.raw("Reference Call"), row.raw("Alternative Call"), inserted_after=False
    )
    transcript, hgvs_c = split_hgvs(row.text("C-Dot Notation"))
    _, hgvs_p = split_hgvs(row.text("P-Dot Notation"))
    gene = row.text("Gene")
    annotation = Annotation(
        gene=gene,
        transcript=transcript,
        hgvs_c=hgvs_c,
        hgvs_p=hgvs_p,
        consequence=row.text("Consequence(s)").replace(":", "&"),
        exon=row.text("Affected Exon(s)"),
        annotator="TSO500",
        reason=CLINICAL if is_clinical(gene, transcript) else AS_GIVEN,
    )
    finding = variant(build, chromosome(row.need("Chromosome")), found, annotation, selection)
    return evidence(finding, row, None, fraction(row, "Allele Frequency"), depth=row.count("Depth"))


def _fusion(row: Row, build: str) -> Call:
    """``TPM3-NTRK1``, ``PPARG/AC016683.6;PAX8``: ``-`` joins the partners, ``;`` and ``/`` list several symbols."""
    name = row.need("Gene Pair")
    genes = split_name(name)
    if genes is None and ";" in name:
        before, _, after = name.partition(";")
        genes = (before, after)
    if genes is None:
        raise row.error(f"'{name}' does not tell which two genes are joined.")
    first, last = (partner(text.replace("/", ";")) for text in genes)
    reads = row.count("Fusion Supporting Reads")
    if not reads:
        raise row.error("no supporting read: not a detection.")
    references = [
        number
        for column in ("Gene 1 Reference Reads", "Gene 2 Reference Reads")
        if (number := row.count(column)) is not None
    ]
    sides = [row.text(column).partition(":")[::2] for column in ("Breakpoint 1", "Breakpoint 2")]
    return Call(
        finding=Fusion(
            gene5=first.gene,
            gene3=last.gene,
            ordered=False,
            build=build,
            breakpoint5=breakpoint_of(*sides[0]),
            breakpoint3=breakpoint_of(*sides[1]),
        ),
        line=row.line,
        result=Result.POSITIVE,
        levels=(Printed("junction_reads", Decimal(reads), "reads", row.text("Fusion Supporting Reads")),),
        counts=Counts(junction_reads=reads, ref=max(references, default=None)),
        technique=Technique.RNA_SEQUENCING,
        notes=(
            "supporting reads: the caller does not tell junction reads from spanning pairs",
            *(p.note for p in (first, last) if p.note),
        ),
        extra=tuple(
            (column, row.text(column))
            for column in ("Gene Pair", "Gene 1 Reference Reads", "Gene 2 Reference Reads")
            if row.text(column).lower() not in MISSING
        ),
    )


TSO500 = Format(
    name="tso500_combined",
    title="TSO500 CombinedVariantOutput",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_combined,
    versions="TSO500 local app 2.x",
    columns_source="TruSight Oncology 500 local app user guide, combined variant output",
)
