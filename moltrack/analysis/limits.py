"""Intervals and limits from what was counted: reads, droplets, nuclei, events, control copies.

All levels are canonical (fractions 0-1). Nothing known means no limit, never zero. Quantiles come from scipy's incomplete
beta and gamma functions, which are the binomial and Poisson tails in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from moltrack.errors import InputError
from moltrack.model import Counts, Interval, Limit, LimitKind, Observation, Status, Technique

#: Haploid genome equivalents per ng of human DNA (3.3 pg each).
GENOMES_PER_NG = 303.0
#: Fewest clustered events that make a population by flow (LOD), and that quantify it (LOQ).
#: Arroz, Cytometry B 2016;90B:31: 20-30 events for the LOD, 50 for the LOQ.
FLOW_LOD_EVENTS = 20
FLOW_LOQ_EVENTS = 50
#: Copies per reaction that are hit at least once with 95 % probability: -ln 0.05 = 3.0, the lowest LOD that a PCR can have
#: (Bustin, Clin Chem 2009;55:611).
PCR_LOD_COPIES = 3.0


@dataclass(frozen=True, slots=True)
class DetectionLimit:
    """The smallest true level that is called with the stated power, and the count ``k`` that the call needs."""

    level: float
    k: int


def clopper_pearson(k: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact binomial interval of k out of n (Clopper and Pearson, Biometrika 1934;26:404)."""
    from scipy.special import betaincinv

    _check_counts(k, n)
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def upper_bound(k: float, n: float, confidence: float = 0.95) -> float:
    """One-sided exact upper bound of k out of n."""
    from scipy.special import betaincinv

    _check_counts(k, n)
    return 1.0 if k == n else float(betaincinv(k + 1, n - k, confidence))


def wilson(k: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of k out of n (Wilson, J Am Stat Assoc 1927;22:209): closer to the nominal coverage, not exact."""
    from scipy.special import ndtri

    _check_counts(k, n)
    z = float(ndtri(0.5 + confidence / 2))
    share = k / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def poisson_interval(count: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a Poisson mean (Garwood, Biometrika 1936;28:437)."""
    from scipy.special import gammaincinv

    if count < 0:
        raise InputError(f"{count:g} is not a count: it cannot be negative.")
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return low, float(gammaincinv(count + 1, 1 - tail))


def poisson_ratio_interval(copies: float, control: float, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of copies / control copies, both Poisson: given their sum the copies are binomial, p / (1 - p) = ratio.

    Counting error only; the errors of amplification and of the standard curve come on top.
    """
    low, high = clopper_pearson(copies, copies + control, confidence)
    return low / (1 - low), math.inf if high == 1 else high / (1 - high)


def detection_threshold(depth: float, error: float, alpha: float = 0.05) -> int:
    """Smallest k with P(Binomial(depth, error) >= k) <= alpha: fewer reads do not stand out of the background."""
    from scipy.special import betainc

    k = 1
    while error > 0 and k <= depth and betainc(k, depth - k + 1, error) > alpha:
        k += 1
    return k


def limit_from_depth(depth: float, error: float = 0.0, *, alpha: float = 0.05, power: float = 0.95) -> DetectionLimit:
    """LOD from depth and background: the level p with P(Binomial(depth, p) >= k) = power, k by the background.

    Parameters
    ----------
    depth
        Independent molecules; reads without unique identifiers are capped first (:func:`effective_depth`).
    error
        Background rate per read at this site and for this change; 0 = none stated.

    Returns
    -------
    DetectionLimit
        ``level`` 1 when the depth cannot reach k at all.
    """
    from scipy.special import betaincinv

    if depth <= 0:
        raise InputError(f"{depth:g} is not a depth: it must be positive.")
    k = detection_threshold(depth, error, alpha)
    if k > depth:
        return DetectionLimit(1.0, k)
    return DetectionLimit(float(betaincinv(k, depth - k + 1, power)), k)


def effective_depth(depth: float, dna_ng: float | None = None) -> float:
    """Reads are no more independent than the genomes put in: the smaller of depth and ng DNA x 303."""
    return depth if dna_ng is None else min(depth, dna_ng * GENOMES_PER_NG)


def partition_concentration(positive: float, partitions: float, confidence: float = 0.95) -> tuple[float, float, float]:
    """Copies per partition of a digital PCR, with interval: -ln(1 - positive / partitions).

    The interval transforms that of the share of positive partitions (Dube, PLoS ONE 2008;3:e2876).
    """
    if positive >= partitions:
        raise InputError(f"{positive:g} of {partitions:g} partitions are positive: the assay is saturated.")
    low, high = clopper_pearson(positive, partitions, confidence)
    return -math.log1p(-positive / partitions), -math.log1p(-low), -math.log1p(-high)


def qpcr_sensitivity(control_copies: float, copies: float = PCR_LOD_COPIES) -> float:
    """The ratio that a negative qPCR excludes: copies that would have been seen / copies of the control gene."""
    if control_copies <= 0:
        raise InputError(f"{control_copies:g} control copies: the sample cannot be evaluated.")
    return copies / control_copies


def fish_cutoff(false_positive: float, nuclei: float, confidence: float = 0.95) -> float:
    """Cutoff from a normal control: one-sided upper bound of its false-positive nuclei (the inverse beta method)."""
    return upper_bound(false_positive, nuclei, confidence)


def flow_limits(events_total: float) -> tuple[float, float]:
    """LOD and LOQ of a flow analysis as fractions of its denominator: 20 and 50 clustered events."""
    if events_total <= 0:
        raise InputError(f"{events_total:g} events: the sample cannot be evaluated.")
    return min(1.0, FLOW_LOD_EVENTS / events_total), min(1.0, FLOW_LOQ_EVENTS / events_total)


# --- of an observation ------------------------------------------------------------------------------------------------


def level_interval(item: Observation) -> Interval | None:
    """95 % interval of an observation's level from its counts; None when they do not say."""
    counts, level = item.counts, item.level
    if level is None or item.replicates > 1:
        return None
    pair = count_pair(item)
    if pair is not None:
        k, n = pair
        low, high = clopper_pearson(k, n)
        if item.quantity == "allelic_ratio":
            return Interval(low / (1 - low), None if high == 1 else high / (1 - high), "Clopper-Pearson 95 %, as ratio")
        return Interval(low, high, "Clopper-Pearson 95 %")
    if item.quantity == "normalized_copies" and counts.copies is not None and counts.control_copies:
        low, high = poisson_ratio_interval(counts.copies, counts.control_copies)
        if _agrees(counts.copies / counts.control_copies, level):
            return Interval(low, high, "Poisson ratio 95 %")
    return None


def count_pair(item: Observation) -> tuple[float, float] | None:
    """(k, n) behind a fraction or a ratio, when the printed counts give the level (to 2 % of it, for rounding)."""
    counts = item.counts
    pairs = {
        "vaf": [(counts.alt, counts.depth), (counts.alt, _sum(counts.alt, counts.ref))],
        "allelic_ratio": [(counts.alt, _sum(counts.alt, counts.ref))],
        "cell_fraction": [(counts.cells, counts.cells_total), (counts.events, counts.events_total)],
    }
    for k, n in pairs.get(item.quantity, []):
        if k is None or n is None or n <= 0 or not 0 <= k <= n or item.level is None:
            continue
        level = (math.inf if k == n else k / (n - k)) if item.quantity == "allelic_ratio" else k / n
        if _agrees(level, item.level):
            return k, n
    return None


def detection_limit(item: Observation) -> Limit | None:
    """What a miss of this run excludes: the declared LOD, for FISH the cutoff, else a limit from its counts.

    None = nothing is known.
    """
    order = (LimitKind.CUTOFF, LimitKind.LOD) if item.technique is Technique.FISH else (LimitKind.LOD, LimitKind.CUTOFF)
    for kind in order:
        for limit in item.limits:
            if limit.kind is kind:
                return limit
    return limit_from_counts(item.quantity, item.technique, item.counts)


def limit_from_counts(quantity: str, technique: Technique, counts: Counts) -> Limit | None:
    """A limit computed from what was looked at; the source says how."""
    depth = counts.depth or _sum(counts.alt, counts.ref)
    if quantity == "vaf" and depth:
        found = limit_from_depth(depth)
        return Limit(LimitKind.LOD, found.level, f"from {depth:,.0f} reads, no background stated")
    if quantity == "cell_fraction" and counts.cells_total:
        found = limit_from_depth(counts.cells_total)
        return Limit(LimitKind.LOD, found.level, f"from {counts.cells_total:,.0f} cells, no background stated")
    if quantity == "cell_fraction" and technique is Technique.FLOW and counts.events_total:
        lod, _ = flow_limits(counts.events_total)
        return Limit(LimitKind.LOD, lod, f"{FLOW_LOD_EVENTS} of {counts.events_total:,.0f} events")
    if quantity == "normalized_copies" and counts.control_copies:
        lod = qpcr_sensitivity(counts.control_copies)
        return Limit(LimitKind.LOD, lod, f"{PCR_LOD_COPIES:g} of {counts.control_copies:,.0f} control copies")
    return None


def drawn_bound(item: Observation) -> Limit | None:
    """The limit that a miss, or a detection below its LOQ, is drawn at; None for a quantified level."""
    if item.status is Status.NOT_DETECTED:
        return detection_limit(item)
    if item.status is not Status.DETECTED:
        return None
    loq = next((limit for limit in item.limits if limit.kind is LimitKind.LOQ), None)
    below = item.comparator in {"<", "<="} or (item.level is not None and loq is not None and item.level < loq.value)
    if not below and "below_loq" not in item.flags:
        return None
    if loq is None and item.level is not None:
        return Limit(LimitKind.LOQ, item.level, f"printed as {item.comparator}")
    return loq


def _agrees(computed: float, printed: float) -> bool:
    """True when two figures differ by no more than the rounding of a printed one."""
    return math.isclose(computed, printed, rel_tol=0.02, abs_tol=1e-9)


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _check_counts(k: float, n: float) -> None:
    if not 0 <= k <= n or n <= 0:
        raise InputError(f"{k:g} of {n:g} is not a count out of a total.")
