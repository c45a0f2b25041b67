"""MAF: the Mutation Annotation Format of GDC, vcf2maf, cBioPortal and the older TCGA files.

Source  GDC MAF format 1.0; vcf2maf's output; TCGA-LAML and APL tables as distributed with maftools
Units   ``t_alt_count``/``t_depth`` in reads; ``i_TumorVAF_WU`` of the older TCGA files in percent
Build   ``NCBI_Build`` of each row (37, hg19, GRCh38 ...)
Alleles 1-based; an insertion lies between Start and End and has ``-`` as reference; chromosomes 23 and 24 are X and Y
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
from moltrack.formats.variants.tabular import TableReader, allele, evidence, fraction, stated_build, variant
from moltrack.model import Call, Coverage, Itd, Record, Result, Technique

REQUIRED = (
    "Hugo_Symbol",
    "Chromosome",
    "Start_Position",
    "Reference_Allele",
    "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode",
)
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
    for line in head.lines[:200]:
        if not line.startswith("#") and line.strip():
            names = {normal_name(cell) for cell in line.split("\t")}
            return (
                Sniff.CERTAIN
                if names.issuperset(map(normal_name, ("Hugo_Symbol", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode")))
                else Sniff.NO
            )
    return Sniff.NO


def read_maf(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of a MAF, each with its sample, restricted to the genes asked for.

    Raises
    ------
    FormatError
        A required column is missing.
    """
    table = read_table(path, required=REQUIRED, comment="#", delimiter="\t", limits=options.limits)
    selection = Selection.of(options.genes)
    version = next((line.partition(" ")[2] for line in table.preamble if line.startswith("#version")), "")

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        if options.tumor_sample and row.text("Tumor_Sample_Barcode") != options.tumor_sample:
            return None
        build, _ = checked_build(path, stated_build(row, row.text("NCBI_Build")), "NCBI_Build", options.build)
        chrom = chromosome(row.need("Chromosome"))
        if row.text("Variant_Classification") == "ITD":
            return _itd(row, build, chrom)
        ref, alt = row.raw("Reference_Allele"), row.raw("Tumor_Seq_Allele2")
        if alt.upper() == ref.upper() and row.raw("Tumor_Seq_Allele1"):
            alt = row.raw("Tumor_Seq_Allele1")
        found = allele(row, row.count("Start_Position"), ref, alt)
        annotation = _annotation(row)
        finding = variant(build, _SEX_CHROMOSOMES.get(chrom, chrom), found, annotation, selection)
        record = evidence(finding, row, _reads(row), fraction(row, "i_TumorVAF_WU", "%"))
        record = replace(record, sample=row.need("Tumor_Sample_Barcode"))
        if isinstance(record, Call):
            record = replace(record, filters=_filters(row.text("FILTER")))
        return annotation.gene, record

    yield from TableReader("MAF", options, selection, version, options.build, "NCBI_Build").read(table.rows, record_of)


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
