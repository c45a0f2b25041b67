"""MAF: the Mutation Annotation Format of GDC, vcf2maf, cBioPortal and the older TCGA files.

Source  GDC MAF format 1.0; vcf2maf's output; TCGA-LAML and APL tables as distributed with maftools
Units   ``t_alt_count``/``t_depth`` in reads; ``i_TumorVAF_WU`` of the older TCGA files in percent
Build   ``NCBI_Build`` of each row (37, hg19, GRCh38 ...)
Alleles 1-based; an insertion lies between Start and End and has ``-`` as reference; chromosomes 23 and 24 are X and Y
Columns vcf2maf starts from a MAF without genes (place, alleles, sample); cBioPortal needs no place: then the name tells the variant
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, normal_name, read_table
from moltrack.formats.variants.annotation import AS_GIVEN, CLINICAL, Annotation, is_clinical, largest_frequency
from moltrack.formats.variants.header import checked_build, chromosome
from moltrack.formats.variants.levels import Reads
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import TableReader, allele, evidence, fraction, named, stated_build, variant
from moltrack.model import Call, Coverage, Itd, Record, Result, SmallVariant, Technique

#: By which columns a MAF is known, beside its sample: all of them, its place, or its name.
_PLACE = ("Chromosome", "Start_Position", "Reference_Allele", "Tumor_Seq_Allele2")
_NAME = ("Hugo_Symbol", "Variant_Classification", "HGVSp_Short")
_SAMPLE = "Tumor_Sample_Barcode"
_SEX_CHROMOSOMES = {"23": "X", "24": "Y"}
_POPULATION = (
    "gnomAD_AF",
    "gnomADe_AF",
    "gnomADg_AF",
    "MAX_AF",
    "ExAC_AF",
    "1000G_AF",
    "AF",
    "gnomAD_non_cancer_MAX_AF_adj",
)


def sniff(head: Head) -> Sniff:
    """Certain when the header has MAF's own column names."""
    line = next((line for line in head.lines[:200] if line.strip() and not line.startswith("#")), "")
    names = {normal_name(cell) for cell in line.split("\t")}
    known = any(names.issuperset(map(normal_name, (_SAMPLE, *columns))) for columns in (_PLACE, _NAME))
    return Sniff.CERTAIN if known else Sniff.NO


def read_maf(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of a MAF, each with its sample, restricted to the genes asked for.

    Raises
    ------
    FormatError
        A required column is missing.
    """
    table = read_table(path, required=(_SAMPLE,), comment="#", delimiter="\t", limits=options.limits)
    if not all(table.has(column) for column in _PLACE):
        table = read_table(path, required=(_SAMPLE, *_NAME), comment="#", delimiter="\t", limits=options.limits)
    selection = Selection.of(options.genes)
    version = next((line.partition(" ")[2].strip() for line in table.preamble if line.startswith("#version")), "")

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        if options.tumor_sample and row.text("Tumor_Sample_Barcode") != options.tumor_sample:
            return None
        build, _ = checked_build(path, stated_build(row, row.text("NCBI_Build")), "NCBI_Build", options.build)
        chrom = chromosome(row.text("Chromosome"))
        if row.text("Variant_Classification") == "ITD":
            return _itd(row, build, chrom)
        annotation = _annotation(row)
        has_place = all(row.raw(column).upper() not in {"", "NA"} for column in _PLACE)
        if has_place or (row.text("Start_Position") and not _has_name(annotation)):
            finding = _placed(row, build, _SEX_CHROMOSOMES.get(chrom, chrom), annotation, selection)
        else:
            finding = _named(row, build, annotation)
        record = evidence(finding, row, _reads(row), fraction(row, "i_TumorVAF_WU", "%"))
        if finding.pos is None and not isinstance(record, Call):
            raise row.error("has no read with the variant and no position: where nothing was found is not known.")
        record = replace(record, sample=row.need("Tumor_Sample_Barcode"))
        if isinstance(record, Call):
            record = replace(record, filters=_filters(row.text("FILTER")))
        return annotation.gene, record

    told = "NCBI_Build" if table.has("NCBI_Build") else "--build"
    yield from TableReader("MAF", options, selection, version, options.build, told).read(table.rows, record_of)


def _placed(row: Row, build: str, chrom: str, annotation: Annotation, selection: Selection) -> SmallVariant:
    ref, alt = row.raw("Reference_Allele"), row.raw("Tumor_Seq_Allele2")
    if alt.upper() == ref.upper() and row.raw("Tumor_Seq_Allele1"):
        alt = row.raw("Tumor_Seq_Allele1")
    return variant(build, chrom, allele(row, row.count("Start_Position"), ref, alt), annotation, selection)


def _named(row: Row, build: str, annotation: Annotation) -> SmallVariant:
    """The variant of a row without place or alleles, by its gene and name."""
    if not _has_name(annotation):
        raise row.error("holds neither a position with alleles nor a gene with the variant's name.")
    return named(build, annotation)


def _has_name(annotation: Annotation) -> bool:
    return bool(annotation.gene and (annotation.hgvs_c or annotation.hgvs_p))


def _itd(row: Row, build: str, chrom: str) -> tuple[str, Call]:
    """The APL table's rows of class ITD: gene ``FLT3_ITD``, position and sequence often missing."""
    gene = re.sub(r"[-_]ITD$", "", row.need("Hugo_Symbol"))
    sequence = row.text("Tumor_Seq_Allele2")
    finding = Itd(
        gene=gene,
        length=len(sequence) or None,
        build=build,
        chrom=chrom,
        pos=row.count("Start_Position"),
        site_rule="insertion" if row.text("Start_Position") else "",
        sequence=sequence,
    )
    return gene, Call(finding, row.line, Result.POSITIVE, sample=row.need("Tumor_Sample_Barcode"))


def _reads(row: Row) -> Reads | None:
    alt, depth, ref = row.count("t_alt_count"), row.count("t_depth"), row.count("t_ref_count")
    if alt is None:
        return None
    if depth is None and ref is not None:
        return Reads(alt, ref, alt + ref, "t_alt_count/(t_alt_count+t_ref_count)")
    return Reads(alt, ref, depth, "t_alt_count/t_depth" if depth is not None else "")


def _annotation(row: Row) -> Annotation:
    gene = row.text("Hugo_Symbol")
    gene = "" if gene == "Unknown" else gene
    transcript = (
        row.text("Transcript_ID")
        or row.text("i_transcript_name")
        or row.text("RefSeq")
        or row.text("Annotation_Transcript")
    )
    protein = (
        row.text("HGVSp") or row.text("HGVSp_Short") or row.text("Protein_Change") or row.text("amino_acid_change")
    )
    frequency = largest_frequency({name: row.text(name) for name in _POPULATION if row.text(name)})
    annotation = Annotation(
        gene=gene,
        transcript=transcript,
        hgvs_c=row.text("HGVSc") or row.text("cDNA_Change"),
        hgvs_p=protein if not protein or protein.startswith(("p.", "(p")) else f"p.{protein}",
        consequence=row.text("Consequence").replace(",", "&") or row.text("Variant_Classification"),
        exon=row.text("Exon_Number"),
        clinical_significance=row.text("CLIN_SIG") or row.text("CLNSIG") or row.text("ClinVar_VCF_CLNSIG"),
        population_af=frequency,
        annotator="MAF",
        reason=AS_GIVEN,
    )
    if is_clinical(gene, transcript, row.text("RefSeq"), row.text("MANE"), row.text("MANE_SELECT")):
        return annotation._replace(reason=CLINICAL)
    return annotation


def _filters(text: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[;,]", text) if name and name != "PASS")


MAF = Format(
    name="maf",
    title="MAF of GDC, vcf2maf, cBioPortal or TCGA",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_maf,
    versions="2.4; GDC 1.0; legacy TCGA",
    columns_source="GDC MAF format; vcf2maf",
)
