"""ANNOVAR: the table of ``table_annovar.pl`` (``*.hg19_multianno.txt``).

Units   1-based; ``-`` for nothing; an insertion stands after the base at Start
Build   in the file's name only (ANNOVAR writes it there), or by ``--build``
Level   none of its own; with ``-otherinfo`` after a VCF the columns ``Otherinfo4`` on hold that VCF's row
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import MISSING, Row, normal_name, read_table
from moltrack.formats.variants import levels
from moltrack.formats.variants.annotation import Annotation, annovar_annotations, choose, largest_frequency
from moltrack.formats.variants.header import build_in, checked_build, chromosome
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import TableReader, allele, evidence, variant
from moltrack.model import Call, Coverage, Printed, Record, Technique

REQUIRED = ("Chr", "Start", "End", "Ref", "Alt")
_DATABASES = ("refGene", "refGeneWithVer", "MANE", "ensGene", "knownGene", "wgEncodeGencodeBasicV19")


def sniff(head: Head) -> Sniff:
    """Certain when the header has ANNOVAR's five columns and a gene database's."""
    names = {cell.lower() for cell in head.header}
    if names.issuperset(name.lower() for name in REQUIRED) and any(
        re.match(r"(gene|func|aachange|exonicfunc)\.", name) for name in names
    ):
        return Sniff.CERTAIN
    return Sniff.NO


def read_annovar(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of an ANNOVAR table, restricted to the genes asked for."""
    table = read_table(path, required=REQUIRED, comment="##", limits=options.limits)
    selection = Selection.of(options.genes)
    build, evidence_of_build = checked_build(path, build_in(path.name), "file name", options.build)
    original = {normal_name(name): name for name in table.header}
    database = next((name for name in _DATABASES if table.has(f"Gene.{name}")), "")

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        found = allele(row, row.count("Start"), row.raw("Ref"), row.raw("Alt"))
        cells = {
            original[key]: value
            for key, value in row.cells.items()
            if key in original and value.strip().lower() not in MISSING
        }
        annotation = _annotation(cells, database, selection)
        finding = variant(build, chromosome(row.need("Chr")), found, annotation, selection)
        reads, own = _vcf_level(row, options)
        record = evidence(finding, row, reads, own)
        record = replace(record, sample=row.text("Tumor_Sample_Barcode"))
        if isinstance(record, Call):
            record = replace(
                record, filters=tuple(name for name in row.text("Otherinfo10").split(";") if name not in {"", "PASS"})
            )
        return annotation.gene, record

    yield from TableReader("ANNOVAR", options, selection, "", build, evidence_of_build).read(table.rows, record_of)


def _annotation(cells: Mapping[str, str], database: str, selection: Selection) -> Annotation:
    found = list(annovar_annotations(cells, database)) if database else []
    best = choose(found, selection.preferred) if found else Annotation(annotator="ANNOVAR")
    significance = next((cells[key] for key in ("CLNSIG", "ClinVar_SIG", "CLINSIG") if key in cells), "")
    return replace(best, clinical_significance=significance, population_af=largest_frequency(cells))


def _vcf_level(row: Row, options: ReadOptions) -> tuple[levels.Reads | None, Printed | None]:
    """The level from the VCF row that ANNOVAR carries along, when it has one sample column or the user names one by number."""
    if not row.text("Otherinfo12"):
        return None, None
    number = int(options.tumor_sample) if options.tumor_sample.isdigit() else 1
    if row.text("Otherinfo14") and not options.tumor_sample:
        raise row.error(
            "carries several sample columns of a VCF and does not say which is the tumour.",
            "Give its number with --tumor-sample.",
        )
    alts = tuple(row.text("Otherinfo8").split(","))
    sample = dict(zip(row.text("Otherinfo12").split(":"), row.raw(f"Otherinfo{12 + number}").split(":"), strict=False))
    vcf_row = levels.Row(row.text("Otherinfo7"), alts, {}, sample)
    return levels.reads_of(vcf_row, 1), levels.own_fraction(vcf_row, 1)


ANNOVAR = Format(
    name="annovar",
    title="ANNOVAR multianno table",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_annovar,
    versions="tables with Gene.refGene and the like; Otherinfo in one column or in numbered ones",
    columns_source="ANNOVAR documentation, table_annovar.pl",
)
