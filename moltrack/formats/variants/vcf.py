"""VCF 4.0 to 4.5 and BCF of callers of small variants, tumour-only, paired, or merged from several callers.

Source  the callers' own output; ``levels`` has the table of what is read as a level
Units   ``vaf`` as a fraction of two counts of the file; the caller's own fraction stays beside it
Empty   a header without rows: run, nothing found
Lines   exact physical line numbers; 0 where an index or a BCF gives none, with ``chrom:pos`` as ``locus`` in ``extra``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack import resources
from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.variants.header import Header, checked_build, chromosome, header_build, tool_of_keys, tumor_column
from moltrack.formats.variants.records import NO_SAMPLE, VcfReader
from moltrack.formats.variants.scan import LinesIn, Region, Wanted, open_vcf
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.stretches import joined
from moltrack.model import Call, FileInfo, Record, Refused, Technique


def sniff(head: Head) -> Sniff:
    """Likely for a VCF; only generic where its header or first rows are those of a caller of large events, ITDs or fusions."""
    if head.is_bcf:
        lines = tuple(head.data[9:].split(b"\x00")[0].decode("utf-8", "replace").splitlines())
    elif head.is_xlsx:
        return Sniff.NO
    else:
        lines = head.lines
    first = lines[0].lstrip("\ufeff") if lines else ""
    if not first.startswith("##fileformat=VCF") and not any(line.startswith("#CHROM\tPOS\tID\t") for line in lines):
        return Sniff.GENERIC if _is_row(first) else Sniff.NO  # refused with the reason: its header is lost
    meta = tuple(line for line in lines if line.startswith("##"))
    if Header(head.path, meta, (), 0).is_for_another_reader:
        return Sniff.GENERIC
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")][:20]
    rows = [row for row in rows if len(row) >= 8]
    return Sniff.GENERIC if rows and all(_is_large(row) for row in rows) else Sniff.LIKELY


def _is_row(line: str) -> bool:
    """True for a row of a VCF with samples."""
    return bool(
        re.match(r"[^\t]+\t\d+\t[^\t]*\t[ACGTN]+\t[^\t]+\t[^\t]*\t[^\t]*\t[^\t]*\t(?:GT|DP|AD|GQ)(?::\w+)*\t", line)
    )


def _is_large(row: list[str]) -> bool:
    return "<" in row[4] or "[" in row[4] or "]" in row[4] if row[4] not in {"<NON_REF>", "<*>"} else False


def read_vcf(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls and coverage of the tumour column, restricted to the genes asked for.

    Raises
    ------
    FormatError
        Not a VCF, truncated, or its tumour column is not known.
    InputError
        The build is not known although genes are to be kept, or contradicts the option.
    """
    header, lines = open_vcf(path, options.limits)
    selection = Selection.of(options.genes)
    build, evidence = header_build(header)
    if not build and not options.build:
        build, evidence = _build_by_position(lines)
    build, evidence = checked_build(path, build, evidence, options.build)
    tumor = tumor_column(header, options)
    if not build and selection.symbols is not None and next(lines(None).lines, None) is not None:
        raise FormatError(
            f"does not say its genome build, which is needed to keep the genes '{selection.name}'.",
            path=path,
            advice="Give --build GRCh37 or GRCh38, or keep everything with --genes all.",
        )
    reader = VcfReader(header, tumor, build, selection)
    opened = lines(selection.wanted(build) if build else None)
    records = list(joined(record for line in opened.lines for record in reader.records(line)))
    if records and all(isinstance(record, Refused) and record.reason.startswith(NO_SAMPLE) for record in records):
        raise FormatError(NO_SAMPLE, path=path, line=header.line)
    yield FileInfo(
        tool=header.tool or ("" if header.values("source") else tool_of_keys(reader.formats)),
        tool_version=header.tool_version,
        build=build,
        build_evidence=evidence,
        samples=header.samples,
        tumor_sample=tumor.name,
        tumor_evidence=tumor.evidence,
        header_only=opened.rows == 0,
        rows=opened.rows,
        kept=sum(isinstance(record, Call) for record in records),
        notes=(*opened.notes, *reader.notes()),
    )
    yield from records


def _build_by_position(lines: LinesIn) -> tuple[str, str]:
    """The build in which the file's hotspot alleles have their positions; nothing when none or both fit."""
    alleles = [allele for hotspot in resources.hotspots() for allele in hotspot.alleles.values() if allele.ref]
    known = {(a.chrom, a.pos, a.ref, a.alt): a.build for a in alleles}
    wanted = Wanted.of(Region(a.chrom, a.pos - 1, a.pos) for a in alleles)
    found: dict[str, str] = {}
    for _, text in lines(wanted).lines:
        fields = text.split("\t", 5)
        if len(fields) < 6 or not fields[1].isdecimal():
            continue
        for alt in fields[4].split(","):
            key = (chromosome(fields[0]), int(fields[1]), fields[3], alt)
            if key in known:
                found.setdefault(known[key], f"{key[0]}:{key[1]} {key[2]}>{key[3]}")
    if len(found) != 1:
        return "", ""
    [(build, evidence)] = found.items()
    return build, f"known position {evidence}"


VCF = Format(
    name="vcf",
    title="VCF or BCF of small variants, any caller",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_vcf,
    versions=(
        "VCF 4.0-4.5; MuTect1 1.1, Mutect2 (GATK 3.6-4.6), Strelka 1 and 2.9, VarDict 1.8, VarScan2 2.3-2.4, FreeBayes 0.9-1.3, LoFreq 2.1, "
        "DeepVariant 1.x, DeepSomatic 1.9, DRAGEN 3-4, TNscope 2020-2025, SAGE 3.4-5.1, MuSE, Pisces and TSO500, ClairS, CLC, Octopus, "
        "Lancet, Pindel 0.2, Scalpel, RADIA, SomaticSniper, SomaticSeq, Platypus, CaVEMan, HaplotypeCaller, bcftools 1.x, Ion Torrent, megSAP; "
        "VEP 94-116, SnpEff 4-5.4 (ANN), bcftools csq (BCSQ), Funcotator, ANNOVAR, PAVE"
    ),
    columns_source="VCF specification 4.5; keys by each caller's own output",
    empty=Empty.NEGATIVE,
)
