"""megSAP: somatic and germline GSvar tables, and the monitoring table of tracked variants in cell-free DNA.

Units   ``tumor_af`` as a fraction, ``tumor_dp`` in reads; monitoring: ``ALT_COUNT``/``Depth``, VCF alleles
Alleles 1-based, ``-`` for nothing, an insertion stands after ``start``
Build   not in the table; by ``--build``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.formats.variants.annotation import Annotation, choose, largest_frequency, megsap_annotations
from moltrack.formats.variants.header import build_in, checked_build, chromosome
from moltrack.formats.variants.levels import Reads
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import TableReader, allele, evidence, fraction, variant
from moltrack.model import Call, Coverage, Printed, Record, Technique

_MONITORING = ("CHROM", "POS", "REF", "ALT", "Depth", "REF_COUNT", "ALT_COUNT")


def sniff_gsvar(head: Head) -> Sniff:
    """Certain for the column line that every GSvar has."""
    return Sniff.CERTAIN if any(line.startswith("#chr\tstart\tend\tref\tobs\t") for line in head.lines) else Sniff.NO


def read_gsvar(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of a GSvar table, restricted to the genes asked for."""
    table = read_table(
        path, required=("chr", "start", "ref", "obs"), comment="##", delimiter="\t", limits=options.limits
    )
    selection = Selection.of(options.genes)
    stated = next((build for line in table.preamble if "GENOME_BUILD" in line and (build := build_in(line))), "")
    build, build_evidence = checked_build(path, stated, "##GENOME_BUILD", options.build)
    source = next((line.partition("=")[2] for line in table.preamble if line.startswith("##SOURCE=")), "")

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        found = allele(row, row.count("start"), row.raw("ref"), row.raw("obs"))
        genes = [name.strip() for name in row.text("gene").split(",") if name.strip()]
        annotation = _annotation(row, genes, selection)
        finding = variant(build, chromosome(row.need("chr")), found, annotation, selection)
        own, depth = _printed(row)
        record = evidence(finding, row, None, own, depth=depth)
        if isinstance(record, Call):
            record = replace(
                record,
                filters=tuple(name for name in row.text("filter").split(";") if name),
                classification=row.text("classification"),
            )
        return annotation.gene, record

    name = source.partition(" ")[0] or "megSAP"
    reader = TableReader(name, options, selection, source.partition(" ")[2], build, build_evidence)
    yield from reader.read(table.rows, record_of)


def _printed(row: Row) -> tuple[Printed | None, int | None]:
    """The fraction and depth of the tumour; of a germline table from ``quality`` (``DP=..;AF=..``)."""
    if row.raw("tumor_af"):
        return fraction(row, "tumor_af"), row.count("tumor_dp")
    quality = dict(item.partition("=")[::2] for item in row.text("quality").split(";"))
    cells = {"af": quality.get("AF", ""), "dp": quality.get("DP", "")}
    inner = Row(row.path, row.line, cells)
    return fraction(inner, "af"), inner.count("dp")


def _annotation(row: Row, genes: list[str], selection: Selection) -> Annotation:
    found = list(megsap_annotations(row.text("coding_and_splicing")))
    best = (
        choose(found, selection.preferred) if found else Annotation(gene=genes[0] if genes else "", annotator="megSAP")
    )
    significance = re.search(r"\[([^\];]*)", row.text("ClinVar"))
    return best._replace(
        consequence=best.consequence or row.text("variant_type"),
        clinical_significance=significance[1] if significance else "",
        population_af=largest_frequency(
            {name: row.text(name) for name in ("gnomAD", "1000g", "ExAC") if row.text(name)}
        ),
    )


def sniff_monitoring(head: Head) -> Sniff:
    """Certain when the header has the monitoring table's columns."""
    return Sniff.CERTAIN if head.has_columns(*_MONITORING) else Sniff.NO


def read_monitoring(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Tracked variants: a call where reads show the variant, else coverage of its position."""
    table = read_table(path, required=_MONITORING, comment="##", limits=options.limits)
    selection = Selection.of(options.genes)
    build, build_evidence = checked_build(path, "", "", options.build)

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        found = allele(row, row.count("POS"), row.raw("REF"), row.raw("ALT"), inserted_after=False)
        annotation = Annotation(gene=row.text("Gene"), annotator="megSAP")
        finding = variant(build, chromosome(row.need("CHROM")), found, annotation, selection)
        alt = row.count("ALT_COUNT")
        reads = None if alt is None else Reads(alt, row.count("REF_COUNT"), row.count("Depth"), "ALT_COUNT/Depth")
        record = evidence(finding, row, reads, fraction(row, "AF"))
        if isinstance(record, Call):
            record = replace(
                record, filters=tuple(name for name in row.text("Filter").split(";") if name not in {"", "PASS"})
            )
        return annotation.gene, record

    yield from TableReader("umiVar", options, selection, "", build, build_evidence).read(table.rows, record_of)


GSVAR = Format(
    name="gsvar",
    title="megSAP GSvar table",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_gsvar,
    read=read_gsvar,
    versions="megSAP 0.1 to 2024",
    columns_source="the table's own ##DESCRIPTION lines",
)
MONITORING = Format(
    name="megsap_monitoring",
    title="megSAP cfDNA monitoring table of tracked variants",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_monitoring,
    read=read_monitoring,
    versions="megSAP with umiVar",
    columns_source="ngs-bits test data; ALT_COUNT/Depth equals AF",
)
