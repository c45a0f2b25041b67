"""km: variants found by k-mers in RNA, as ``find_mutation``, ``find_report`` and ``find_report -f vcf``.

Source  km 2.2
Units   ``rVAF`` (``Ratio`` in older tables, ``RATIO`` in the VCF, where it is no ratio either) = share of the variant's expression:
        an RNA quantity of its own, never a DNA VAF
Rows    one event stands there as ``vs_ref`` and again as ``cluster N``, with different rVAF: ``vs_ref`` is taken throughout, as
        ``find_report`` does. Reference rows say that the target was looked at
Types   a 4-base duplication of NPM1 is typed ``ITD``; by the target it is a small variant
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.itd.calls import LESIONS, build_of_site, chromosome, make_itd, trimmed
from moltrack.formats.itd.vcf import VcfRow, info_ids, read_small_vcf
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import (
    Call,
    Counts,
    Coverage,
    CoverageScope,
    FileInfo,
    Finding,
    Printed,
    Record,
    SmallVariant,
    Technique,
)

#: NPM1 insertions by inserted bases, NM_002520 (Falini, N Engl J Med 2005;352:254).
_NPM1 = {"TCTG": "c.860_863dup", "CATG": "c.863_864insCATG", "CCTG": "c.863_864insCCTG"}

#: Shortest insertion in a duplicated gene that counts as its ITD.
_SHORTEST = 3


def read_find_mutation(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per variant against the reference, and what each target looked at."""
    table = read_table(
        path,
        required=("Database", "Query", "Type", "Variant_name", "Info"),
        synonyms={"Ratio": "rVAF"},
        comment="#",
        delimiter="\t",
        limits=options.limits,
    )
    rows = [row for row in table.rows if not row.raw("Database").startswith("#") and row.text("Info") == "vs_ref"]
    yield FileInfo(
        tool="km", header_only=not rows, rows=len(table.rows), kept=sum(row.text("Type") != "Reference" for row in rows)
    )
    for row in rows:
        target = row.need("Query")
        if row.text("Type") == "Reference":
            yield from _looked_at(row, target, rows)
            continue
        name = row.need("Variant_name")
        yield _call(row, target, row.text("Type"), _inserted(name.split(":")[1] if ":" in name else ""), name)


def read_find_report(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per variant; a location tells the build where it lies in a duplicated exon."""
    table = read_table(
        path,
        required=("Sample", "Location", "Type", "rVAF", "Variant", "Target", "Info"),
        comment="#",
        delimiter="\t",
        limits=options.limits,
    )
    rows = [row for row in table.rows if not row.raw("Sample").startswith("#") and row.text("Info") == "vs_ref"]
    yield FileInfo(
        tool="km", header_only=not rows, rows=len(table.rows), kept=sum(row.text("Type") != "Reference" for row in rows)
    )
    for row in rows:
        target = row.need("Target")
        if row.text("Type") == "Reference":
            yield from _looked_at(row, target, rows)
        else:
            yield _call(
                row, target, row.text("Type"), _inserted(row.need("Variant")), row.need("Variant"), row.text("Location")
            )


def _looked_at(row: Row, target: str, rows: list[Row]) -> Iterator[Coverage]:
    """That a target was covered by k-mers and whether it could be judged; of targets of single positions nothing is said."""
    gene = _gene_of(target)
    lesion = LESIONS.get(gene, "") if "ITD" in target.upper() else gene if gene == "NPM1" else ""
    if lesion:
        depth = row.number("Min_coverage", 0)
        yield Coverage(
            CoverageScope.LESION,
            row.line,
            name=lesion,
            counts=Counts(depth=None if depth is None else float(depth)),
            evaluable=bool(depth),
            technique=Technique.RNA_SEQUENCING,
            note=f"km target {target}",
        )


def _gene_of(target: str) -> str:
    """``FLT3`` of ``FLT3-ITD_exons_13-15``."""
    return re.split(r"[-_]", target)[0].upper()


def _inserted(variant: str) -> str:
    """Inserted bases of ``/TCTG``, ``c/T``, ``gat/``."""
    return variant.partition("/")[2].upper()


def _call(row: Row, target: str, kind: str, inserted: str, name: str, location: str = "") -> Call:
    level = row.number("rVAF", 0, 1)
    return Call(
        finding=_finding(target, kind, inserted, name, location),
        line=row.line,
        levels=(Printed("rvaf", level, "fraction", row.text("rVAF")),) if level is not None else (),
        technique=Technique.RNA_SEQUENCING,
        extra=tuple(
            (label, text)
            for label, text in (
                ("target", target),
                ("variant", name),
                ("expression", row.text("Expression") or row.text("Abnormal")),
                ("min_coverage", row.text("Min_coverage")),
            )
            if text
        ),
    )


def _finding(target: str, kind: str, inserted: str, name: str, location: str) -> Finding:
    gene = _gene_of(target)
    if gene in LESIONS and kind in {"ITD", "I&I", "Insertion"} and len(inserted) >= _SHORTEST:
        chrom, pos = _last_duplicated(location)
        first = pos - len(inserted) + 1 if pos is not None else None
        build = build_of_site(chrom, first) if first is not None else ""
        # The sequence is the target's; targets of FLT3 are written on the plus strand.
        return make_itd(
            gene,
            len(inserted),
            build=build,
            chrom=chrom,
            pos=first if build else None,
            site_rule="first_duplicated",
            sequence=inserted,
        )
    if gene == "NPM1" and inserted in _NPM1 and kind in {"ITD", "Insertion", "I&I"}:
        return SmallVariant(
            gene=gene,
            transcript="NM_002520",
            hgvs_c=_NPM1[inserted],
            hgvs_p="p.Trp288CysfsTer12",
            consequence="frameshift_variant",
            annotation=f"km {target} {name}",
        )
    return SmallVariant(gene=gene, annotation=f"km {target} {name}")


def _last_duplicated(location: str) -> tuple[str, int | None]:
    """The base before ``chr13:28034180``: km places an insertion before the first base behind the duplication."""
    match = re.fullmatch(r"(?:chr)?(\w+):(\d+)(?:-\d+)?", location)
    return (chromosome(match[1]), int(match[2]) - 1) if match else ("", None)


def read_km_vcf(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per record. The file names no sample, no build and nothing that was looked at and not found."""
    vcf = read_small_vcf(path, options)
    yield FileInfo(
        tool="km",
        build=options.build,
        build_evidence="--build" if options.build else "",
        header_only=not vcf.rows,
        rows=len(vcf.rows),
        kept=len(vcf.rows),
    )
    for row in vcf.rows:
        yield _vcf_call(row, options.build)


def _vcf_call(row: VcfRow, build: str) -> Call:
    target = row.info.get("TARGET", "")
    gene = _gene_of(target)
    alt = row.alt.upper()
    pos, inserted = trimmed(row.pos, row.ref, alt)
    finding: Finding
    if gene in LESIONS and row.info.get("TYPE") in {"ITD", "I&I", "Insertion"} and len(alt) - len(row.ref) >= _SHORTEST:
        site_build = build or build_of_site(row.chrom, pos)
        finding = make_itd(
            gene, len(inserted), build=site_build, chrom=row.chrom, pos=pos if site_build else None, sequence=inserted
        )
    else:
        finding = SmallVariant(
            build=build or _build_of_gene(gene, row.chrom, row.pos),
            chrom=row.chrom,
            pos=row.pos,
            ref=row.ref,
            alt=alt,
            gene=gene,
            hgvs_c=_NPM1.get(inserted, "") if gene == "NPM1" else "",
            annotation=f"km {target}",
        )
    level = row.number("RATIO", 0, 1)
    return Call(
        finding=finding,
        line=row.line,
        levels=(Printed("rvaf", Decimal(level), "fraction", row.value("RATIO")),) if level is not None else (),
        filters=row.filters,
        technique=Technique.RNA_SEQUENCING,
        extra=(("target", target), ("min_coverage", row.value("MINCOV"))),
    )


def _build_of_gene(gene: str, chrom: str, pos: int) -> str:
    """The build in which the gene lies at that position; "" when both or none do."""
    from moltrack import resources

    symbol = resources.gene_symbol(gene)
    builds = [build for build in ("GRCh37", "GRCh38") if symbol and symbol in resources.genes_at(build, chrom, pos)]
    return builds[0] if len(builds) == 1 else ""


def sniff_find_mutation(head: Head) -> Sniff:
    columns = {"Database", "Query", "Variant_name", "Reference_expression", "Info"}
    return Sniff.CERTAIN if any(columns <= set(line.split("\t")) for line in head.lines[:40]) else Sniff.NO


def sniff_find_report(head: Head) -> Sniff:
    columns = {"Sample", "Region", "Location", "Abnormal", "Exclu_min_cov", "Target"}
    return Sniff.CERTAIN if any(columns <= set(line.split("\t")) for line in head.lines[:40]) else Sniff.NO


def sniff_km_vcf(head: Head) -> Sniff:
    return Sniff.CERTAIN if {"TARGET", "RATIO", "MINCOV", "REMOVED", "ADDED"} <= info_ids(head) else Sniff.NO


KM_FIND_MUTATION = Format(
    name="km_find_mutation",
    title="km find_mutation: variants by k-mers in RNA",
    family="itd",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_find_mutation,
    read=read_find_mutation,
    versions="2.2",
    columns_source="km 2.2.2 output",
)

KM_FIND_REPORT = Format(
    name="km_find_report",
    title="km find_report: variants by k-mers in RNA",
    family="itd",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_find_report,
    read=read_find_report,
    versions="2.2",
    columns_source="km 2.2.2 output",
)

KM_VCF = Format(
    name="km_vcf",
    title="km find_report -f vcf",
    family="itd",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_km_vcf,
    read=read_km_vcf,
    versions="2.2",
    columns_source="km 2.2.2 output",
)
