"""Poisson statistics of digital PCR: from positive partitions to copies.

A partition is negative when it received no copy, which has the probability exp(-λ) at λ copies per partition; with k of n
partitions positive, λ = -ln(1 - k/n) and the reaction held λ n copies in the volume that was analysed.

Source: Dube, PLoS ONE 2008;3:e2876, equations 1 to 8. The confidence limits of k/n are Wilson's (J Am Stat Assoc
1927;22:209) and are carried through the same formula; they agree with the delta method that the instruments print wherever
k is not small, and stay possible values where it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Copies that a reaction may hold and still show no positive partition with a probability of 5 %: -ln(0.05).
#: The same number is the smallest that any PCR can detect with 95 % probability: Bustin, Clin Chem 2009;55:611.
COPIES_MISSED = 3.0
_Z = 1.959964  # two-sided 95 %
_Z_ONE_SIDED = 1.644854  # one-sided 95 %


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies in the analysed volume with their 95 % limits. ``saturated``: every partition is positive, no upper limit."""

    copies: float
    low: float
    high: float
    saturated: bool = False


def copies_from_partitions(positives: int, partitions: int) -> Copies:
    """Copies behind ``positives`` of ``partitions``.

    No positive partition gives 0 copies with the upper limit of :data:`COPIES_MISSED`; only positive ones give the
    copies that are needed at least.

    Raises
    ------
    ValueError
        No partition, or more positive ones than there are.
    """
    if partitions <= 0 or not 0 <= positives <= partitions:
        raise ValueError(f"{positives} of {partitions} partitions cannot be positive.")
    if positives == 0:
        return Copies(0.0, 0.0, COPIES_MISSED)
    share = positives / partitions
    centre = (share + _Z**2 / (2 * partitions)) / (1 + _Z**2 / partitions)
    half = _Z / (1 + _Z**2 / partitions) * math.sqrt(share * (1 - share) / partitions + _Z**2 / (4 * partitions**2))
    low = _copies(max(0.0, centre - half), partitions)
    if positives == partitions:
        return Copies(low, low, math.inf, saturated=True)
    return Copies(_copies(share, partitions), low, _copies(min(1 - 1e-12, centre + half), partitions))


def limit_of_blank(mean: float) -> int:
    """The count that 95 % of blanks with ``mean`` false positives do not exceed: the smallest k with P(X <= k) >= 0.95.

    Source: CLSI EP17-A2 (limit of blank); Tzonev, Methods Mol Biol 2018;1768:25 (its Poisson form in digital PCR).
    """
    if mean > 500:  # exp(-mean) vanishes; so far up the normal distribution is as good
        return math.ceil(mean + _Z_ONE_SIDED * math.sqrt(mean))
    count, term = 0, math.exp(-mean)
    below = term
    while below < 0.95:
        count += 1
        term *= mean / count
        below += term
    return count


def ratio_limits(target: Copies, control: Copies) -> tuple[float, float]:
    """95 % limits of target / control, from the limits of both on the logarithmic scale.

    Source: Zou and Donner, Stat Med 2008;27:1693 (the limits of a sum of two independent logarithms from their own limits).

    Raises
    ------
    ValueError
        The control has no copies.
    """
    if control.copies <= 0:
        raise ValueError("the control has no copies.")
    ratio = target.copies / control.copies
    if target.copies <= 0:
        return 0.0, target.high / control.copies
    down = math.hypot(_log_ratio(target.copies, target.low), _log_ratio(control.high, control.copies))
    up = math.hypot(_log_ratio(target.high, target.copies), _log_ratio(control.copies, control.low))
    return ratio * math.exp(-down), ratio * math.exp(up)


def _log_ratio(high: float, low: float) -> float:
    return math.log(high / low) if low > 0 and math.isfinite(high) else math.inf


def volume_of_partition(positives: int, partitions: int, concentration: float) -> float:
    """Volume of a partition in µL, from the concentration in copies/µL that an instrument prints for its counts."""
    return _copies(positives / partitions, partitions) / partitions / concentration


def _copies(share: float, partitions: int) -> float:
    return -math.log1p(-share) * partitions
