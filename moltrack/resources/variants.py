"""Hotspots, and the named classes of variants that count as pathogenic without a laboratory's word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moltrack.errors import ReferenceError_
from moltrack.resources.files import listed, read_table, read_yaml, references_dir
from moltrack.resources.genome import BUILDS


@dataclass(frozen=True, slots=True)
class Allele:
    """A variant as a VCF states it: left-aligned and minimal; ``ref`` and ``alt`` are "" where no sequence was at hand."""

    build: str
    chrom: str
    pos: int
    ref: str
    alt: str


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A recurrent variant of myeloid neoplasms, as HGVS and as allele in both builds.

    ``evidence``: ``pathogenic`` (listed as known pathogenic by a published diagnostic pipeline), ``recurrent`` (a hotspot of
    cancerhotspots), ``listed`` (a usual item of panels; not a class by itself). ``name`` is what laboratories call it
    (NPM1 ``type A``).
    """

    gene: str
    transcript: str
    hgvs_c: str
    hgvs_p: str
    exon: str
    alleles: Mapping[str, Allele]
    name: str
    evidence: str
    note: str
    source: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@cache
def hotspots() -> tuple[Hotspot, ...]:
    """All hotspots, in the order of the table."""
    return tuple(_hotspot(row) for row in read_table("hotspots.tsv"))


def _hotspot(row: Mapping[str, str]) -> Hotspot:
    return Hotspot(
        gene=row["gene"],
        transcript=row["transcript"],
        hgvs_c=row["hgvs_c"],
        hgvs_p=row["hgvs_p"],
        exon=row["exon"],
        alleles={
            build: Allele(build, row["chrom"], int(row[f"{build}_pos"]), row[f"{build}_ref"], row[f"{build}_alt"])
            for build in BUILDS
        },
        name=row["name"],
        evidence=row["evidence"],
        note=row["note"],
        source=listed(row["source"]),
        unconfirmed=listed(row["unconfirmed"]),
    )


@dataclass(frozen=True, slots=True)
class VariantClass:
    """A named class of variants: what it takes, and what it means.

    A variant is of the class when its gene is one of ``genes``, its effect one of ``effects`` (``frameshift``, ``stop_gained``,
    ``splice_site``, ``start_lost``, ``inframe``, ``missense``) and, where given, its codon lies in ``codons`` (inclusive
    ranges of the MANE Select protein) or its exon is one of the last ``last_exons`` coding ones. ``boundary`` names a wider
    range: a variant inside it but outside ``codons`` gets ``boundary_flag`` instead of the lesions. ``adds_bases`` is the
    remainder of the net length change by 3 that the class asks for (NPM1 1, CALR 2). ``is_whole_gene`` says that the gene counts as
    mutated by this class alone: a test that reads the exons of its codons answers for the gene.
    """

    id: str
    title: str
    genes: tuple[str, ...]
    effects: tuple[str, ...]
    classification: str
    basis: str
    source: str
    codons: tuple[tuple[int, int], ...] = ()
    last_exons: int = 0
    lesions: tuple[str, ...] = ()
    boundary: tuple[tuple[int, int], ...] = ()
    boundary_flag: str = ""
    adds_bases: int | None = None
    flags: tuple[str, ...] = ()
    is_whole_gene: bool = False


@cache
def variant_classes() -> tuple[VariantClass, ...]:
    """The classes, in the order in which they are tried."""
    return tuple(_variant_class(entry) for entry in read_yaml("classes.yaml")["classes"])


def _variant_class(entry: Mapping[str, Any]) -> VariantClass:
    values = dict(entry)
    try:
        for key in ("genes", "effects", "lesions", "flags"):
            if key in values:
                values[key] = tuple(values[key])
        for key in ("codons", "boundary"):
            if key in values:
                values[key] = tuple(_codons(item) for item in values[key])
        return VariantClass(**values)
    except (TypeError, ValueError) as error:
        raise ReferenceError_(f"class '{entry.get('id', '?')}' is not usable ({error}).", path="classes.yaml") from None


def _codons(item: int | list[int]) -> tuple[int, int]:
    if isinstance(item, int):
        return item, item
    first, last = item
    return int(first), int(last)


@dataclass(frozen=True, slots=True)
class Amplicon:
    """A stretch of coding-strand sequence with its place: build -> (chrom, start, end), 0-based half-open, minus strand."""

    sequence: str
    spans: Mapping[str, tuple[str, int, int]]


@cache
def flt3_amplicon() -> Amplicon:
    """The usual FLT3-ITD amplicon: exon 14, intron 14 and the start of exon 15, coding strand (FLT3 is on the minus strand)."""
    header, *lines = (references_dir() / "flt3_amplicon.fa").read_text(encoding="utf-8").splitlines()
    spans = {}
    for build, chrom, first, last in re.findall(r"(GRCh3[78])=(\w+):(\d+)-(\d+)", header):
        spans[build] = (chrom, int(first) - 1, int(last))
    return Amplicon("".join(lines), spans)
