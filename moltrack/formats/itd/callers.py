"""ScanITD, ITDseek and the tandem duplications of Pindel: VCFs of duplications anywhere, of which those of ITD genes are kept.

=========  =====================================================================================================
ScanITD    0.3: ``AB``, REF ``.``; 0.9: ``AF``, ``SEQ``; POS = first duplicated base, of ``SVTYPE=INS`` (inserted sequence that
           repeats nothing) the insertion site; level AO / DP; GT means nothing
ITDseek    1.2: 8 columns, ``DP2`` alternative reads forward and reverse, ``VAF`` with two decimals, ALT spelled out
Pindel     ``SVTYPE=DUP:TANDEM`` with both alleles spelled out: ``SVLEN`` is the size, not the length of ALT; AD = ref,alt; GT is
           often 0/0 although AD shows reads. Noise all over the chromosome: records outside the duplicated exons are counted,
           not kept
=========  =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.itd.calls import (
    build_of_site,
    fraction_of_counts,
    itd_gene_at,
    looked_at,
    make_itd,
    trimmed,
)
from moltrack.formats.itd.vcf import Vcf, VcfRow, meta_lines, read_small_vcf
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.model import Call, Counts, FileInfo, Itd, Printed, Record, Technique

#: Fewest reads that make a duplication of Pindel more than noise.
_PINDEL_READS = 2

_BUILDS = {"hg19": "GRCh37", "grch37": "GRCh37", "hg38": "GRCh38", "grch38": "GRCh38"}


def read_scanitd(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per tandem duplication in an ITD gene."""
    yield from _read(path, options, "ScanITD", _scanitd_call)


def read_itdseek(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per FLT3-ITD, and that FLT3 was looked at."""
    yield from _read(path, options, "ITDseek", _itdseek_call)
    yield looked_at("FLT3", 0, note="ITDseek ran")


def read_pindel(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per tandem duplication in an ITD gene; one read alone is kept as filtered."""
    yield from _read(path, options, "Pindel", _pindel_call)


_MakeCall = Callable[[VcfRow, str, str, str], Call]


def _read(path: Path, options: ReadOptions, tool: str, make: _MakeCall) -> Iterator[Record]:
    vcf = read_small_vcf(path, options)
    build, evidence = _build(vcf, options)
    found: list[Call] = []
    for row in vcf.rows:
        site_build = build or build_of_site(row.chrom, row.pos)
        gene = itd_gene_at(site_build, row.chrom, row.pos) if site_build else ""
        if gene:
            build, evidence = site_build, evidence or f"position of {gene}"
            found.append(make(row, site_build, gene, vcf.sample))
    others = len(vcf.rows) - len(found)
    notes = (
        (f"{others} duplications outside FLT3 exons 14-15, UBTF exon 13 and BCOR exon 15 were not kept",)
        if others
        else ()
    )
    yield FileInfo(
        tool=tool,
        tool_version=vcf.meta_value("source").lower().removeprefix(tool.lower()).lstrip(" vV_"),
        build=build,
        build_evidence=evidence,
        samples=(vcf.sample,) if vcf.sample else (),
        header_only=not vcf.rows,
        rows=len(vcf.rows),
        kept=len(found),
        notes=notes,
    )
    yield from found


def _build(vcf: Vcf, options: ReadOptions) -> tuple[str, str]:
    reference = vcf.meta_value("reference").lower()
    for name, build in _BUILDS.items():
        if name in reference:
            return build, "##reference"
    return (options.build, "--build") if options.build else ("", "")


def _scanitd_call(row: VcfRow, build: str, gene: str, sample: str) -> Call:
    alt, depth = row.number("AO"), row.number("DP")
    own = "AF" if row.value("AF") else "AB"
    printed = row.number(own, 0, 1)
    caller_level = None if printed is None else Printed("vaf", printed, "fraction", row.value(own))
    level = fraction_of_counts(float(alt), float(depth)) if alt is not None and depth else caller_level
    is_insertion = row.info.get("SVTYPE") == "INS"
    return Call(
        finding=make_itd(
            gene,
            row.whole("SVLEN"),
            build=build,
            chrom=row.chrom,
            pos=row.pos,
            site_rule="insertion" if is_insertion else "first_duplicated",
            sequence=row.value("SEQ"),
        ),
        line=row.line,
        levels=(level,) if level is not None else (),
        counts=Counts(alt=None if alt is None else float(alt), depth=None if depth is None else float(depth)),
        filters=row.filters,
        caller_level=caller_level,
        formula="AO / DP",
        sample=sample,
        technique=Technique.DNA_SEQUENCING,
        notes=("inserted sequence that is no duplication",) if is_insertion else (),
    )


def _itdseek_call(row: VcfRow, build: str, gene: str, sample: str) -> Call:
    fraction = row.number("VAF", 0, 1)
    reads = row.info.get("DP2", "").split(",")
    alt = float(sum(int(part) for part in reads)) if all(part.isdecimal() for part in reads) else None
    pos, inserted = trimmed(row.pos, row.ref, row.alt.upper())
    return Call(
        finding=make_itd(
            gene, row.whole("LEN") or len(inserted), build=build, chrom=row.chrom, pos=pos, sequence=inserted
        ),
        line=row.line,
        levels=(Printed("vaf", fraction, "fraction", row.value("VAF")),) if fraction is not None else (),
        counts=Counts(alt=alt),
        filters=row.filters,
        sample=sample,
        technique=Technique.DNA_SEQUENCING,
        notes=("soft-clipped reads",) if "CLIPPING" in row.info else (),
    )


def _pindel_call(row: VcfRow, build: str, gene: str, sample: str) -> Call:
    ref, alt = _allele_depths(row)
    depth = None if ref is None or alt is None else ref + alt
    filters = row.filters
    if alt is not None and alt < _PINDEL_READS:
        filters = (*filters, "single_read")
    return Call(
        finding=_pindel_itd(row, build, gene),
        line=row.line,
        levels=(fraction_of_counts(alt, depth),) if alt is not None and depth else (),
        counts=Counts(alt=alt, ref=ref, depth=depth),
        filters=filters,
        formula="AD alternative / (reference + alternative)",
        sample=sample,
        technique=Technique.DNA_SEQUENCING,
    )


def _pindel_itd(row: VcfRow, build: str, gene: str) -> Itd:
    pos, inserted = trimmed(row.pos, row.ref, row.alt.upper())
    extra = row.whole("NTLEN") or 0
    length = (row.whole("SVLEN") or len(inserted) - extra) + extra
    return make_itd(gene, length, build=build, chrom=row.chrom, pos=pos, sequence=inserted)


def _allele_depths(row: VcfRow) -> tuple[float | None, float | None]:
    parts = row.sample.get("AD", "").split(",")
    if not all(part.isdecimal() for part in parts):
        return None, None
    return (float(parts[0]), float(parts[1])) if len(parts) == 2 else (None, float(parts[0]))


def _has_source(head: Head, text: str) -> bool:
    return any(line.lower().startswith(f"##source={text}") for line in meta_lines(head))


def sniff_scanitd(head: Head) -> Sniff:
    return Sniff.CERTAIN if _has_source(head, "scanitd") else Sniff.NO


def sniff_itdseek(head: Head) -> Sniff:
    return Sniff.CERTAIN if _has_source(head, "itdseek") else Sniff.NO


def sniff_pindel(head: Head) -> Sniff:
    """Only Pindel's file of tandem duplications (``_TD``); its other files are small and structural variants."""
    if not _has_source(head, "pindel"):
        return Sniff.NO
    rows = [line.split("\t") for line in head.lines if line and not line.startswith("#")]
    info = [row[7] for row in rows if len(row) > 7]
    return Sniff.CERTAIN if info and all("SVTYPE=DUP:TANDEM" in cell for cell in info) else Sniff.NO


SCANITD = Format(
    name="scanitd",
    title="ScanITD: tandem duplications",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_scanitd,
    read=read_scanitd,
    versions="0.3, 0.9",
    columns_source="ScanITD 0.3 output, 0.9 documentation",
)

ITDSEEK = Format(
    name="itdseek",
    title="ITDseek: FLT3-ITD",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_itdseek,
    read=read_itdseek,
    versions="1.2",
    columns_source="ITDseek 1.2 output",
)

PINDEL_TD = Format(
    name="pindel_td",
    title="Pindel: tandem duplications (pindel2vcf of _TD)",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_pindel,
    read=read_pindel,
    versions="0.2",
    columns_source="pindel2vcf output",
)
