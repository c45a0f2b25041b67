"""Chromosome bands by their names alone: order, containment, ends of arms.

A band name is ``p`` or ``q`` and digits that refine from left to right (``q22`` holds ``q22.1`` and ``q22.11``), counted from the
centromere outwards. ``cen``, ``p10`` and ``q10`` are the centromere; ``pter`` and ``qter`` the ends. No table of positions is
needed to compare two names. As printed, a band may carry a question mark (``q2?3``) or name several (``q12~q21``, ``q22orq31``).

Source: ISCN 2020, chapters 2 (band nomenclature) and 5.2 (uncertainty).
"""

from __future__ import annotations

import re
from functools import lru_cache

AUTOSOMES = tuple(str(number) for number in range(1, 23))
CHROMOSOMES = (*AUTOSOMES, "X", "Y")
_KNOWN = frozenset(CHROMOSOMES)

#: Short arms of the acrocentric chromosomes carry no unique genes; their loss is not an imbalance.
ACROCENTRIC = frozenset({"13", "14", "15", "21", "22"})

#: The last band of each arm (short, long) at 400 bands, ISCN ideograms.
_LAST_BANDS = dict(
    zip(
        CHROMOSOMES,
        (
            *(
                "36 44",
                "25 37",
                "26 29",
                "16 35",
                "15 35",
                "25 27",
                "22 36",
                "23 24",
                "24 34",
                "15 26",
                "15 25",
                "13 24",
            ),
            *(
                "13 34",
                "13 32",
                "13 26",
                "13 24",
                "13 25",
                "11 23",
                "13 13",
                "13 13",
                "13 22",
                "13 13",
                "22 28",
                "11 12",
            ),
        ),
        strict=True,
    )
)
LAST_BAND = {
    (chrom, arm): int(digits)
    for chrom, pair in _LAST_BANDS.items()
    for arm, digits in zip("pq", pair.split(), strict=True)
}

#: A position on a chromosome: 0 is the centromere, the short arm runs to -1, the long arm to +1.
Position = float


@lru_cache(maxsize=256)
def chromosome(text: str) -> str:
    """``chr8``, ``08``, ``x`` as ``8``, ``X``; "" when it names no chromosome."""
    name = text.strip().upper().removeprefix("CHR").lstrip("0")
    return name if name in _KNOWN else ""


def arm_of(band: str) -> str:
    """``p`` or ``q``; "" for the centromere written ``cen``, for ``?`` and for no band."""
    name = band.lstrip("?")
    return name[0] if name[:1] in ("p", "q") else ""


@lru_cache(maxsize=4096)
def names(band: str) -> tuple[str, ...]:
    """The plain names in a band as printed: ``q2?3`` is (``q23``,), ``q12~q21`` is (``q12``, ``q21``), ``?`` is ()."""
    return tuple(name.replace("?", "") for name in re.split(r"~|or", band) if name.replace("?", ""))


@lru_cache(maxsize=4096)
def interval(band: str) -> tuple[Position, Position]:
    """Where a band lies, from the end of the short arm (-1) over the centromere (0) to the end of the long arm (+1).

    Only order and containment mean something: the digits of the name are read as a decimal fraction (``q22.1`` is 0.221 to 0.222),
    so a band holds its sub-bands and follows its neighbours. An arm alone is the whole arm; of several names, the hull.
    """
    spans = [_interval(name) for name in names(band)]
    return min(low for low, _ in spans), max(high for _, high in spans)


def _interval(name: str) -> tuple[Position, Position]:
    digits = name[1:].replace(".", "")
    if name == "cen" or digits in ("10", "cen"):
        return (0.0, 0.0)
    sign = -1.0 if name[0] == "p" else 1.0
    if digits == "ter":
        return (sign, sign)
    if not digits:
        return (min(0.0, sign), max(0.0, sign))
    near = int(digits) / 10 ** len(digits)
    far = (int(digits) + 1) / 10 ** len(digits)
    return (near, far) if sign > 0 else (-far, -near)


@lru_cache(maxsize=4096)
def overlaps(band: str, other: str) -> bool:
    """True when one band holds the other (``q22`` and ``q22.1``), as printed at different resolutions."""
    low, high = interval(band)
    other_low, other_high = interval(other)
    return low < other_high and other_low < high


def is_last(chrom: str, band: str) -> bool:
    """True when a band is the last one of its arm (or the end itself): nothing is known to lie beyond a break in it."""
    return any(name[1:] == "ter" or name[1:3] == str(LAST_BAND.get((chrom, name[0]), "")) for name in names(band))


def exists(chrom: str, band: str) -> bool:
    """False when the arm ends before this band (5p34)."""
    last = [LAST_BAND.get((chrom, name[0])) for name in names(band)]
    return all(
        end is None or not name[1:3].isdigit() or int(name[1:3]) <= end
        for end, name in zip(last, names(band), strict=True)
    )
