"""FLT3_ITD_ext: FLT3-ITD from capture or amplicon reads, with or without UMIs.

Source  ``..._FLT3_ITD.vcf`` and ``..._FLT3_ITD_summary.txt`` of FLT3_ITD_ext 1.1
Build   GRCh37 (the program's own reference), CHROM without ``chr`` even when reads are aligned to chr13
Units   AR, AF, DP, VD count unique molecules and are 0 in a run without UMIs; RAR, RAF, RDP, RVD count reads. Molecules are used
        where there are any, else reads. ``Inf`` = no wild type left; depths may be fractional
Site    POS is the base before the insertion
Empty   ``..._ITD_none.vcf`` has the header and no record
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.itd.calls import LESIONS, is_infinite, looked_at, make_itd, ratio_levels, trimmed
from moltrack.formats.itd.vcf import LARGEST, VcfRow, info_ids, read_small_vcf
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.model import Call, Counts, FileInfo, Printed, Record, Technique

#: Columns of the summary, which has no header; with probes three more follow AA, one follows AF and two stand at the end.
SUMMARY = ("sample", "length", "CDS", "AA", "CR", "AAR", "AAF", "AR", "AF", "VD", "DP", "RAR", "RAF", "RVD", "RDP")
_SUMMARY_WITH_PROBES = (
    "sample", "length", "CDS", "AA", "DB", "NB", "RB", "CR", "AAR", "AAF", "AR", "AF", "AFB", "VD", "DP", "RAR", "RAF", "RVD", "RDP", "probe1", "probe2",
)  # fmt: skip

_EVIDENCE = "coordinates of FLT3_ITD_ext"


def read_flt3_itd_ext(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per duplication and that FLT3 was looked at."""
    vcf = read_small_vcf(path, options)
    yield FileInfo(
        tool="FLT3_ITD_ext",
        build="GRCh37",
        build_evidence=_EVIDENCE,
        samples=(vcf.sample,) if vcf.sample else (),
        header_only=not vcf.rows,
        rows=len(vcf.rows),
        kept=len(vcf.rows),
    )
    for row in vcf.rows:
        yield _call(row, vcf.sample)
    yield looked_at("FLT3", 0, sample=vcf.sample, note="FLT3_ITD_ext ran")


def _call(row: VcfRow, sample: str) -> Call:
    has_molecules = bool(row.number("DP"))
    ratio, fraction, alt, depth = ("AR", "AF", "VD", "DP") if has_molecules else ("RAR", "RAF", "RVD", "RDP")
    printed_fraction = row.number(fraction, 0, 1)
    if printed_fraction is None or not row.value(ratio):
        raise row.error(f"lacks {ratio} or {fraction}.")
    if not is_infinite(row.value(ratio)):
        row.number(ratio)
    levels, notes = ratio_levels(row.value(ratio), Printed("vaf", printed_fraction, "fraction", row.value(fraction)))
    pos, inserted = trimmed(row.pos, row.ref, row.alt.upper())
    gene = row.info.get("GENE", "FLT3")
    if gene not in LESIONS:
        raise row.error(f"GENE holds '{gene}', expected {', '.join(LESIONS)}.")
    alternative, total = row.number(alt), row.number(depth)
    return Call(
        finding=make_itd(
            gene,
            len(inserted),
            build="GRCh37",
            chrom=row.chrom,
            pos=pos,
            sequence=inserted,
            hgvs_c=_hgvs(row.info.get("CDS", "")),
        ),
        line=row.line,
        levels=levels,
        counts=_counts(alternative, total),
        filters=row.filters,
        formula="unique molecules" if has_molecules else "reads (no UMI)",
        sample=row.info.get("SAMPLE", sample),
        technique=Technique.DNA_SEQUENCING,
        notes=notes,
        extra=tuple((key, row.value(key)) for key in ("CDS", "AA", "AAR", "AAF") if row.value(key)),
    )


def _counts(alt: Decimal | None, depth: Decimal | None) -> Counts:
    if alt is None or depth is None:
        return Counts()
    return Counts(alt=float(alt), depth=float(depth), ref=float(depth - alt))


def _hgvs(text: str) -> str:
    """The CDS name where it is HGVS; the program's own extensions (``ins1772-1794/...``) are not."""
    return text if re.fullmatch(r"c\.\d+(_\d+)?(dup|ins[ACGT]+)", text) else ""


def read_summary(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per line of the summary: the same duplications as the VCF, without their position.

    Raises
    ------
    FormatError
        A line does not have the columns of the program, or a number cannot be.
    """
    lines = read_text(path, limits=options.limits).split("\n")
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, start=1) if line.strip()]
    yield FileInfo(
        tool="FLT3_ITD_ext",
        build="GRCh37",
        build_evidence=_EVIDENCE,
        header_only=not rows,
        rows=len(rows),
        kept=len(rows),
    )
    for number, cells in rows:
        names = SUMMARY if len(cells) == len(SUMMARY) else _SUMMARY_WITH_PROBES
        if len(cells) != len(names):
            raise FormatError(
                f"has {len(cells)} columns, a summary of FLT3_ITD_ext has {len(SUMMARY)} or {len(_SUMMARY_WITH_PROBES)}.",
                path=path,
                line=number,
            )
        yield _summary_call(path, number, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
    yield looked_at("FLT3", 0, sample=rows[0][1][0].strip() if rows else "", note="FLT3_ITD_ext ran")


def _summary_call(path: Path, line: int, cells: dict[str, str]) -> Call:
    def number(name: str, high: float = LARGEST) -> Decimal:
        try:
            value = Decimal(cells[name])
        except InvalidOperation:
            raise FormatError(f"{name} holds '{cells[name]}', expected a number.", path=path, line=line) from None
        if not value.is_finite() or not 0 <= value <= high:
            raise FormatError(
                f"{name} holds '{cells[name]}', expected a number from 0 to {high:g}.", path=path, line=line
            )
        return value

    has_molecules = number("DP") > 0
    ratio, fraction, alt, depth = ("AR", "AF", "VD", "DP") if has_molecules else ("RAR", "RAF", "RVD", "RDP")
    if not is_infinite(cells[ratio]):
        number(ratio)
    levels, notes = ratio_levels(cells[ratio], Printed("vaf", number(fraction, 1), "fraction", cells[fraction]))
    return Call(
        finding=make_itd(
            "FLT3",
            int(number("length")),
            build="GRCh37",
            chrom="13",
            pos=_site(cells["CDS"]),
            hgvs_c=_hgvs(cells["CDS"]),
        ),
        line=line,
        levels=levels,
        counts=_counts(number(alt), number(depth)),
        formula="unique molecules" if has_molecules else "reads (no UMI)",
        sample=cells["sample"],
        technique=Technique.DNA_SEQUENCING,
        notes=notes,
        extra=(("CDS", cells["CDS"]), ("AA", cells["AA"])),
    )


def _site(cds: str) -> int | None:
    """Where a duplication ``c.a_bdup`` is inserted: FLT3 lies on the minus strand, so before its last base on the plus strand."""
    from moltrack import resources

    match = re.fullmatch(r"c\.\d+_(\d+)dup", cds)
    transcript = resources.transcript("FLT3")
    last = transcript.position("GRCh37", match[1]) if match and transcript else None
    return None if last is None else last - 1


def sniff_vcf(head: Head) -> Sniff:
    return Sniff.CERTAIN if {"RAR", "RAF", "RDP", "RVD", "AAR"} <= info_ids(head) else Sniff.NO


def sniff_summary(head: Head) -> Sniff:
    first = next((line.split("\t") for line in head.lines if line.strip()), [])
    if len(first) not in {len(SUMMARY), len(_SUMMARY_WITH_PROBES)}:
        return Sniff.NO
    is_ours = first[1].strip().isdecimal() and first[2].startswith("c.") and first[3].startswith("p.")
    return Sniff.CERTAIN if is_ours else Sniff.NO


FLT3_ITD_EXT = Format(
    name="flt3_itd_ext",
    title="FLT3_ITD_ext: FLT3-ITD (VCF)",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_vcf,
    read=read_flt3_itd_ext,
    versions="1.1",
    columns_source="FLT3_ITD_ext 1.1 output and source",
)

FLT3_ITD_EXT_SUMMARY = Format(
    name="flt3_itd_ext_summary",
    title="FLT3_ITD_ext: summary without header",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_summary,
    read=read_summary,
    versions="1.1",
    columns_source="FLT3_ITD_ext 1.1 source",
)
