"""Several variants of one assay read together: the tumour-informed level of a sample.

The weight of a variant is its depth: level = sum of mutant reads / sum of reads over the variants that the sample was tested
for. Every read counts once, so that deep sites do not drown in shallow ones and zero counts add their depth.
"""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.analysis.limits import clopper_pearson, limit_from_depth
from moltrack.model import Counts, Interval, Limit, LimitKind, Point, Pooled, Series, Status

#: Chance of a call without disease that the joint test allows.
ALPHA = 0.05


def pooled_levels(series: Sequence[Series], *, error: float | None = None, alpha: float = ALPHA) -> tuple[Pooled, ...]:
    """One pooled level per sample over the VAF series of one assay and tissue.

    Variants that were never detected are left out: what was not there at first says nothing of its clearance.

    Parameters
    ----------
    error
        Background rate per read; None = none stated, then nothing is called and the limit assumes no background.
    """
    from scipy.special import gammainc

    informative = [
        one for one in series if one.quantity == "vaf" and any(p.status is Status.DETECTED for p in one.points)
    ]
    by_sample: dict[str, dict[str, Point]] = {}
    for one in informative:
        for point in one.points:
            if _reads(point.observation.counts) is not None and point.status is not Status.NOT_EVALUABLE:
                by_sample.setdefault(point.sample, {})[one.label] = point
    found: list[Pooled] = []
    for sample, points in by_sample.items():
        counts = [reads for point in points.values() if (reads := _reads(point.observation.counts)) is not None]
        alt, depth = sum(a for a, _ in counts), sum(d for _, d in counts)
        low, high = clopper_pearson(alt, depth)
        limit = limit_from_depth(depth, error or 0.0, alpha=alpha)
        background = f"background {error:g}" if error is not None else "no background stated"
        # P(Poisson(mean) >= k) is the regularized lower incomplete gamma function of k and the mean.
        p = None if error is None else (1.0 if alt == 0 else float(gammainc(alt, error * depth)))
        first = next(iter(points.values()))
        found.append(
            Pooled(
                sample=sample,
                order=first.order,
                day=first.day,
                alt=alt,
                depth=depth,
                level=alt / depth,
                interval=Interval(low, high, "Clopper-Pearson 95 %"),
                limit=Limit(
                    LimitKind.LOD, limit.level, f"from {depth:,.0f} reads of {len(points)} variants, {background}"
                ),
                tested=tuple(points),
                missing=tuple(one.label for one in informative if one.label not in points),
                p=p,
                detected=None if p is None else p <= alpha,
                assay=informative[0].assay,
                tissue=informative[0].tissue,
            )
        )
    return tuple(sorted(found, key=lambda item: item.order))


def _reads(counts: Counts) -> tuple[float, float] | None:
    """(mutant, all) reads; None without both: a covered position without a call was not counted for mutant reads."""
    depth = counts.depth
    if depth is None and counts.alt is not None and counts.ref is not None:
        depth = counts.alt + counts.ref
    if depth is None or depth <= 0 or counts.alt is None:
        return None
    return counts.alt, depth
