"""Gains, losses and loss of heterozygosity: which genes and lesions they hit, and in what share of the cells.

The rules that make a lesion of a loss or gain are in ``references/copynumber.yaml``. FISH names a gene or locus, arrays bands or positions,
segment files positions: all arrive here as :class:`~moltrack.model.CopyNumber`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moltrack import resources
from moltrack.errors import InputError
from moltrack.model import Change, CopyNumber
from moltrack.resources import CopyNumberRule

#: Genes that are shown as markers of their own when a segment changes their copies (besides lesions).
SHOWN_GENES = (
    "TP53",
    "RUNX1",
    "ETV6",
    "NF1",
    "KMT2A",
    "MYC",
    "CDKN2A",
    "RB1",
    "EZH2",
    "CUX1",
    "TET2",
    "DNMT3A",
    "FLT3",
    "CEBPA",
    "JAK2",
    "IKZF1",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a gain or loss means: a lesion, or a gene or stretch under its own ``name``.

    ``chrom`` is the chromosome of the stretch, "" for a locus that is known by its name alone. ``fraction`` is the share of cells with the event, None when the finding gives no number for it; ``formula`` how it was computed.
    """

    name: str
    reason: str
    lesion: str = ""
    gene: str = ""
    change: Change = Change.UNKNOWN
    fraction: float | None = None
    formula: str = ""
    flags: tuple[str, ...] = ()
    chrom: str = ""


_SIGN = {Change.LOSS: "loss", Change.GAIN: "gain", Change.AMPLIFICATION: "gain"}
#: Change -> the word that names its markers.
WORDS = {
    Change.LOSS: "loss",
    Change.GAIN: "gain",
    Change.AMPLIFICATION: "amplification",
    Change.CN_LOH: "CN-LOH",
    Change.NORMAL: "normal",
    Change.UNKNOWN: "change of unknown kind",
}


# --- lesions of one finding -------------------------------------------------------------------------------------------


def lesions_of(finding: CopyNumber, sex: str = "") -> list[Hit]:
    """What one finding means: its lesions, else a marker under its own name. Never empty.

    A stated normal result (``Change.NORMAL``) names the lesions that it speaks about; the caller makes ``not_detected`` of it.

    Parameters
    ----------
    sex
        Of the patient (``male``, ``female``, "" = unknown): one X or Y is normal in men, no Y in women.
    """
    if finding.gene or (finding.probe and not finding.chrom) or _is_locus(finding):
        return _of_locus(finding)
    if not finding.chrom:
        return [
            Hit(
                f"{WORDS[finding.change]} without a place",
                "the finding names neither gene nor chromosome",
                change=finding.change,
            )
        ]
    try:
        stretch = stretch_of(finding)
    except InputError as error:
        return [
            Hit(
                _stretch_name(finding),
                error.message,
                change=finding.change,
                flags=("place_unknown",),
                chrom=finding.chrom,
            )
        ]
    return _of_stretches([finding], [stretch], sex)


def _is_locus(finding: CopyNumber) -> bool:
    """True for the band of a FISH locus whose change is a lesion, however small the band: its name says what it stands for."""
    locus = resources.loci().get(finding.probe.upper()) if finding.start is None else None
    if locus is None or (finding.chrom, finding.band_start) != (locus.chrom, locus.band):
        return False
    return any(locus.name in rule.loci for rule in resources.copy_number_rules())


def stretch_of(finding: CopyNumber) -> tuple[int, int]:
    """Start and end (0-based half-open) of a finding: its positions, else its bands, else the whole chromosome.

    Raises
    ------
    InputError
        The chromosome has no such band.
    """
    build = finding.build or "GRCh38"
    if finding.start is not None and finding.end is not None:
        return finding.start, finding.end
    if finding.band_start or finding.band_end:
        return resources.band_span(build, finding.chrom, finding.band_start or finding.band_end, finding.band_end)
    return 0, resources.chromosome_length(build, finding.chrom)


def _of_locus(finding: CopyNumber) -> list[Hit]:
    """A gene or FISH locus by its name."""
    printed = finding.gene or finding.probe
    gene = resources.gene_symbol(printed) or ""
    locus = resources.loci().get(printed.upper())
    name = gene or (locus.name if locus else printed)
    fraction, formula = segment_fraction(finding)
    sign = _SIGN.get(finding.change)
    rules = [
        rule
        for rule in resources.copy_number_rules()
        if name.upper() in rule.loci and (finding.change is Change.NORMAL or rule.change == sign)
    ]
    hits = []
    for rule in rules:
        reason = f"{WORDS[finding.change]} of {name} ({rule.source or rule.basis})"
        if rule.needs_normal and finding.change is not Change.NORMAL and _copies(finding, rule.needs_normal) != 2:
            reason = f"{WORDS[finding.change]} of {name}; whether {rule.needs_normal} is kept decides the lesion"
            hits.append(
                Hit(f"{name} {WORDS[finding.change]}", reason, gene=gene, change=finding.change, fraction=fraction)
            )
            continue
        hits.append(Hit(rule.lesion, reason, rule.lesion, gene, finding.change, fraction, formula))
    if hits:
        return hits
    return [
        Hit(
            f"{name} {WORDS[finding.change]}",
            f"{WORDS[finding.change]} of {name}",
            "",
            gene,
            finding.change,
            fraction,
            formula,
        )
    ]


def _copies(finding: CopyNumber, locus: str) -> int | None:
    """Copies of a control locus as the nomenclature states them: ``nuc ish(D7Z1x2,D7S486x1)``, ``(D7Z1,D7S486)x1``."""
    known = resources.loci().get(locus)
    names = [re.escape(name) for name in (locus, *(known.aliases if known else ()))]
    match = re.search(rf"(?:{'|'.join(names)})\s*[x×]\s*(\d)", finding.nomenclature, re.IGNORECASE)
    return int(match[1]) if match else None


# --- lesions of segments ----------------------------------------------------------------------------------------------


def events_of_segments(segments: Sequence[CopyNumber], build: str, sex: str = "") -> list[Hit]:
    """What the segments of one sample mean together: a chromosome lost in three pieces is one monosomy.

    Segments of one change are merged per chromosome and looked at against the rules; genes of ``SHOWN_GENES`` come as hits of their own.
    The fraction of a lesion is that of the piece which covers most of it. Sex chromosomes are judged by ``sex``; CN-LOH
    makes no lesion of a loss.
    """
    hits: list[Hit] = []
    groups: dict[tuple[str, str], list[CopyNumber]] = {}
    for segment in segments:
        if (
            segment.chrom
            and segment.start is not None
            and segment.end is not None
            and segment.change is not Change.NORMAL
        ):
            groups.setdefault((segment.chrom, _SIGN.get(segment.change, str(segment.change))), []).append(segment)
    for own in groups.values():
        placed = [replace(segment, build=segment.build or build) for segment in own]
        hits += _of_stretches(placed, [stretch_of(segment) for segment in placed], sex)
    told = {(hit.gene, hit.change) for hit in hits if hit.gene}
    hits += [hit for hit in gene_hits(segments, build) if (hit.gene, hit.change) not in told]
    return sorted(dict.fromkeys(hits), key=lambda hit: (not hit.lesion, hit.name))


def gene_hits(segments: Sequence[CopyNumber], build: str, genes: Iterable[str] = SHOWN_GENES) -> list[Hit]:
    """Segments over genes, one hit per gene and segment (interval join by pyranges)."""
    import pandas as pd
    import pyranges as pr

    regions = resources.gene_regions(genes, build)
    rows = [
        (s.chrom, s.start, s.end, i)
        for i, s in enumerate(segments)
        if s.chrom and s.start is not None and s.end is not None and s.change not in {Change.NORMAL, Change.UNKNOWN}
    ]
    if not rows or not regions:
        return []
    left = pr.PyRanges(pd.DataFrame(rows, columns=["Chromosome", "Start", "End", "segment"]))
    right = pr.PyRanges(pd.DataFrame(regions, columns=["Chromosome", "Start", "End", "gene"]))
    joined = left.join(right).df
    found = []
    for row in joined.itertuples():
        segment = segments[int(row.segment)]
        fraction, formula = segment_fraction(segment)
        within = segment.start is not None and segment.start <= row.Start_b and (segment.end or 0) >= row.End_b
        reason = f"segment over {'' if within else 'part of '}{row.gene}"
        name = f"{row.gene} {WORDS[segment.change]}"
        found.append(Hit(name, reason, "", str(row.gene), segment.change, fraction, formula, chrom=segment.chrom))
    return sorted(found, key=lambda hit: (hit.name, hit.reason))


def _of_stretches(findings: Sequence[CopyNumber], stretches: Sequence[tuple[int, int]], sex: str) -> list[Hit]:
    """Lesions of findings of one chromosome and one change, looked at together."""
    first = findings[0]
    build = first.build or "GRCh38"
    by_sex = _normal_for_sex(first, sex)
    if by_sex:
        return [Hit(_stretch_name(first), by_sex, change=first.change, chrom=first.chrom)]
    merged = _merged(stretches)
    by_band = any(f.start is None for f in findings)
    flags = ("band_only",) if by_band else ()
    hits: list[Hit] = []
    lesions: set[str] = set()
    for rule in resources.copy_number_rules():
        if rule.chrom != first.chrom or rule.lesion in lesions or rule.unless in lesions:
            continue
        if first.change is not Change.NORMAL and rule.change != _SIGN.get(first.change):
            continue
        low, high = _rule_span(rule, build)
        reason = _fits(rule, merged, build, low, high, normal=first.change is Change.NORMAL)
        if not reason:
            continue
        lesions.add(rule.lesion)
        main = max(zip(findings, stretches, strict=True), key=lambda item: _overlap([item[1]], low, high))[0]
        fraction, formula = segment_fraction(main)
        why = f"{WORDS[first.change]} {reason} ({rule.source or rule.basis})"
        hits.append(Hit(rule.lesion, why, rule.lesion, rule.gene, first.change, fraction, formula, flags, rule.chrom))
    if hits:
        return hits
    fraction, formula = segment_fraction(first)
    return [
        Hit(
            _stretch_name(finding),
            f"{_stretch_name(finding)} is no lesion by the rules of references/copynumber.yaml",
            "",
            "",
            finding.change,
            fraction,
            formula,
            flags,
            finding.chrom,
        )
        for finding in findings
    ]


def _rule_span(rule: CopyNumberRule, build: str) -> tuple[int, int]:
    if rule.gene:
        [(_, start, end, _)] = resources.gene_regions([rule.gene], build)
        return start, end
    if rule.bands:
        return resources.band_span(build, rule.chrom, *rule.bands)
    return resources.arm_span(build, rule.chrom, rule.arm)


def _fits(
    rule: CopyNumberRule, merged: Sequence[tuple[int, int]], build: str, low: int, high: int, *, normal: bool
) -> str:
    """What of the rule's stretch is changed, in words; "" when the rule does not hold.

    A normal stretch speaks about a lesion only where it covers (nine tenths of) the whole stretch of the rule.
    """
    name = f"{rule.chrom}{rule.arm}"
    size = _overlap(merged, low, high)
    if rule.gene:
        return f"over {rule.gene}" if size and (not normal or size == high - low) else ""
    if rule.whole or normal:
        assayed = resources.assayed_spans(build, rule.chrom, low, high)
        share = sum(_overlap(merged, start, end) for start, end in assayed) / sum(end - start for start, end in assayed)
        return f"of {share:.0%} of {name}" if share >= (rule.whole or 0.9) else ""
    return f"of {size / 1e6:.1f} Mb of {name}" if size >= rule.smallest else ""


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlap(stretches: Iterable[tuple[int, int]], low: int, high: int) -> int:
    return sum(max(0, min(end, high) - max(start, low)) for start, end in stretches)


def _normal_for_sex(finding: CopyNumber, sex: str) -> str:
    """Why a change of a sex chromosome is none for this patient; "" when it is one."""
    word = sex.strip().lower()[:1]
    if (
        finding.chrom == "X"
        and finding.change is Change.LOSS
        and word == "m"
        and (finding.total is None or finding.total >= 0.9)
    ):
        return "one X is normal in a male"
    if finding.chrom == "Y" and finding.change is Change.LOSS and word == "f":
        return "no Y is normal in a female"
    if finding.chrom in {"X", "Y"} and finding.change is Change.CN_LOH and word == "m":
        return "a single sex chromosome has no heterozygous sites"
    return ""


def _stretch_name(finding: CopyNumber) -> str:
    """``loss 5q31.2q33.1`` by bands, which two techniques share; the whole chromosome without bands."""
    bands = (finding.band_start, finding.band_end)
    if finding.start is not None and finding.end is not None and finding.build in resources.BUILDS:
        bands = (
            resources.band_at(finding.build, finding.chrom, finding.start + 1),
            resources.band_at(finding.build, finding.chrom, finding.end),
        )
    where = finding.chrom + (bands[0] or "") + (bands[1] if bands[1] != bands[0] else "")
    return f"{WORDS[finding.change]} {where}"


# --- fractions of cells -----------------------------------------------------------------------------------------------


def loss_fraction(log2: float) -> float:
    """Share of cells that lost one of two copies: f = 2 (1 - 2^log2), bounded to 0-1.

    From the mean copies 2 - f of a diploid sample: log2((2 - f) / 2).
    """
    return min(max(2 * (1 - 2**log2), 0.0), 1.0)


def gain_fraction(log2: float) -> float:
    """Share of cells with a third copy: f = 2 (2^log2 - 1), bounded to 0-1; 1 also where more copies are gained."""
    return min(max(2 * (2**log2 - 1), 0.0), 1.0)


def loss_fraction_from_baf(baf: float) -> float:
    """Share of cells that lost one of two copies, from the B-allele frequency of heterozygous sites.

    The kept allele has (1) copies of 2 - f: |B - 0.5| mirrored to b > 0.5 gives b = 1 / (2 - f), so f = 2 - 1/b.
    """
    mirrored = max(baf, 1 - baf)
    return min(max(2 - 1 / mirrored, 0.0), 1.0)


def cn_loh_fraction_from_baf(baf: float) -> float:
    """Share of cells with copy-neutral loss of heterozygosity: b = (1 + f) / 2, so f = 2 |B - 0.5|."""
    return min(abs(baf - 0.5) * 2, 1.0)


def gain_fraction_from_baf(baf: float) -> float:
    """Share of cells with a third copy: b = (1 + f) / (2 + f), so f = (2b - 1) / (1 - b), bounded to 0-1."""
    mirrored = max(baf, 1 - baf)
    return 1.0 if mirrored >= 1 else min(max((2 * mirrored - 1) / (1 - mirrored), 0.0), 1.0)


def expected_log2(total: float, purity: float, ploidy: float = 2.0) -> float:
    """log2 ratio of a segment with ``total`` copies in the tumour cells of a sample.

    log2((p C + 2 (1 - p)) / (p ploidy + 2 (1 - p))).

    Source: Carter, Nat Biotechnol 2012;30:413 (ABSOLUTE); Van Loo, PNAS 2010;107:16910 (ASCAT).
    """
    mean = purity * total + 2 * (1 - purity)
    return math.log2(mean / (purity * ploidy + 2 * (1 - purity))) if mean > 0 else -math.inf


def segment_fraction(finding: CopyNumber) -> tuple[float | None, str]:
    """Share of cells with the event, from what the finding gives; (None, "") when it gives nothing for it.

    BAF before log2, since it needs no baseline; with purity and copies of tumour cells the share is purity, times the part
    of a whole copy when the copies are fractional (subclonal). Estimates of a diploid rest; for one copy gained or lost.
    """
    change = finding.change
    if finding.purity is not None and finding.total is not None and change in {Change.LOSS, Change.GAIN}:
        return finding.purity * min(
            abs(finding.total - 2), 1.0
        ), "purity x part of a copy lost or gained by tumour cells"
    if finding.baf is not None and 0 <= finding.baf <= 1:
        if change is Change.LOSS:
            return loss_fraction_from_baf(finding.baf), "2 - 1/BAF"
        if change is Change.CN_LOH:
            return cn_loh_fraction_from_baf(finding.baf), "2 |BAF - 0.5|"
        if change is Change.GAIN and finding.log2 is None:
            return gain_fraction_from_baf(finding.baf), "(2 BAF - 1) / (1 - BAF)"
    if finding.log2 is not None:
        if change is Change.LOSS:
            return loss_fraction(finding.log2), "2 (1 - 2^log2)"
        if change is Change.GAIN:
            return gain_fraction(finding.log2), "2 (2^log2 - 1)"
    return None, ""


# --- VAF to cells -----------------------------------------------------------------------------------------------------


def mutated_cell_fraction(
    vaf: float, mutated_copies: float = 1, total_copies: float = 2, normal_copies: float = 2
) -> float:
    """Share F of all cells with a mutation, by the copies of the locus in mutated and in other cells.

    Solves vaf = m F / (C F + N (1 - F)) for F: F = N vaf / (m - vaf (C - N)).

    Parameters
    ----------
    mutated_copies
        m: copies that carry the mutation, in a mutated cell.
    total_copies
        C: copies of the locus in a mutated cell.
    normal_copies
        N: copies in the other cells; 1 for X and Y of a male, whose F is then the VAF itself.

    Raises
    ------
    InputError
        The VAF is no fraction.

    Notes
    -----
    A result above 1 rules the situation out (VAF 0.6 cannot be heterozygous in diploid cells); it is returned as it is.

    Source: two populations of cells in one sample, Carter, Nat Biotechnol 2012;30:413 (multiplicity of a mutation).
    """
    if not 0 <= vaf <= 1:
        raise InputError(f"{vaf} is not a VAF: it must lie from 0 to 1.")
    rest = mutated_copies - vaf * (total_copies - normal_copies)
    return math.inf if rest <= 0 else normal_copies * vaf / rest


#: Situations by name: mutated and total copies in a mutated cell.
SITUATIONS = {
    "heterozygous": (1, 2),
    "cn_loh": (2, 2),
    "loss": (1, 1),
    "trisomy_1_of_3": (1, 3),
    "trisomy_2_of_3": (2, 3),
}


def possible_cell_fractions(vaf: float) -> dict[str, float]:
    """The share of mutated cells in each situation that the VAF allows (share at most 1)."""
    found = {name: mutated_cell_fraction(vaf, *copies) for name, copies in SITUATIONS.items()}
    return {name: share for name, share in found.items() if share <= 1 + 1e-9}
