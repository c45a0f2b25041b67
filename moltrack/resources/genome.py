"""Chromosomes and bands of both builds (UCSC ideogram of 850 bands)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from moltrack.errors import InputError
from moltrack.resources.files import read_table

BUILDS = ("GRCh37", "GRCh38")

#: Stains of stretches that arrays and panels do not assay: centromeres, stalks and other heterochromatin.
_NOT_ASSAYED = frozenset({"acen", "gvar", "stalk"})


@dataclass(frozen=True, slots=True)
class Band:
    """A band: ``name`` without the chromosome (``q22.1``), ``start``/``end`` 0-based half-open, ``stain`` as Giemsa."""

    chrom: str
    start: int
    end: int
    name: str
    stain: str


@cache
def bands(build: str) -> Mapping[str, tuple[Band, ...]]:
    """The bands of a build by chromosome, from pter to qter without gaps."""
    _check_build(build)
    found: dict[str, list[Band]] = {}
    for row in read_table(f"cytobands_{build}.tsv"):
        band = Band(row["chrom"], int(row["start"]), int(row["end"]), row["band"], row["stain"])
        found.setdefault(band.chrom, []).append(band)
    return {chrom: tuple(sorted(items, key=lambda band: band.start)) for chrom, items in found.items()}


def band_at(build: str, chrom: str, pos: int) -> str:
    """The band over a 1-based position (``q22.1``); "" outside the chromosome.

    A band from coordinates may differ from the one that ISCN prints for a gene (RUNX1T1: q21.3, printed q22): match
    fusions by gene.
    """
    items = bands(build).get(chrom, ())
    index = bisect_right([band.start for band in items], pos - 1) - 1
    return items[index].name if index >= 0 and pos <= items[index].end else ""


def band_span(build: str, chrom: str, band_from: str, band_to: str = "") -> tuple[int, int]:
    """The stretch from one ISCN band to another, both included, in either order.

    A band of lower resolution covers its sub-bands (``q22`` is q22.1 to q22.3). ``pter``, ``qter``, ``cen``, ``p`` and ``q``
    are understood, ``p10`` and ``q10`` are the centromere, ``?`` and ``~`` are left out.

    Raises
    ------
    InputError
        The chromosome has no such band.
    """
    spans = [_span_of(build, chrom, name) for name in (band_from, band_to or band_from)]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _span_of(build: str, chrom: str, name: str) -> tuple[int, int]:
    items = bands(build).get(chrom)
    if not items:
        raise InputError(f"'{chrom}' is not a chromosome.", advice="Write 1 to 22, X or Y.")
    text = re.sub(r"[?~ ]", "", name)
    centromere = next(band.start for band in items if band.name.startswith("q"))
    if text in {"pter", "qter"}:
        edge = 0 if text == "pter" else items[-1].end
        return edge, edge
    if text in {"cen", "p10", "q10"}:
        return centromere, centromere
    if text in {"p", "q"}:
        return arm_span(build, chrom, text)
    own = [band for band in items if band.name == text or band.name.startswith(text if "." in text else text + ".")]
    # ISCN 550 prints sub-bands that the 850-band ideogram splits or joins: q34.1 is q34.11 to q34.13, and 6p23.3 is 6p23.
    while not own and len(text) > 2:
        text = text[:-1].rstrip(".")
        own = [band for band in items if band.name == text or band.name.startswith(text if "." in text else text + ".")]
    if not own:
        # 8p1: every band of the region
        own = [band for band in items if len(text) == 2 and band.name.startswith(text)]
    if not own:
        raise InputError(f"chromosome {chrom} has no band '{name}'.")
    return min(band.start for band in own), max(band.end for band in own)


def arm_span(build: str, chrom: str, arm: str) -> tuple[int, int]:
    """The stretch of an arm (``p`` or ``q``), "" = the whole chromosome; the centromere divides the arms."""
    items = bands(build).get(chrom, ())
    own = [band for band in items if band.name.startswith(arm)]
    if not own or arm not in {"p", "q", ""}:
        raise InputError(f"chromosome {chrom} has no arm '{arm}'.", advice="Write p or q.")
    return own[0].start, own[-1].end


def assayed_spans(build: str, chrom: str, start: int, end: int) -> list[tuple[int, int]]:
    """What arrays and panels can look at between two positions: without centromere, stalks and other heterochromatin."""
    spans: list[tuple[int, int]] = []
    for band in bands(build).get(chrom, ()):
        low, high = max(start, band.start), min(end, band.end)
        if band.stain in _NOT_ASSAYED or low >= high:
            continue
        if spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return spans


@cache
def _chromosomes() -> dict[str, dict[str, str]]:
    return {row["chrom"]: row for row in read_table("chromosomes.tsv")}


@cache
def chromosomes() -> tuple[str, ...]:
    """The chromosomes in their usual order: 1 to 22, X, Y."""
    return tuple(_chromosomes())


def chromosome_length(build: str, chrom: str) -> int:
    """The length of a chromosome in bases."""
    _check_build(build)
    try:
        return int(_chromosomes()[chrom][f"{build}_length"])
    except KeyError:
        raise InputError(f"'{chrom}' is not a chromosome.", advice="Write 1 to 22, X or Y.") from None


def build_of_contigs(lengths: Mapping[str, int]) -> str:
    """The build whose chromosome lengths these are (names with or without ``chr``); "" when none or several fit."""
    fits = {
        build
        for build in BUILDS
        for chrom, row in _chromosomes().items()
        for name in (chrom, f"chr{chrom}", row[f"{build}_accession"])
        if lengths.get(name) == int(row[f"{build}_length"])
    }
    return fits.pop() if len(fits) == 1 else ""


def _check_build(build: str) -> None:
    if build not in BUILDS:
        raise InputError(f"'{build}' is not a genome build.", advice=f"Use {_either(BUILDS)}.")


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
