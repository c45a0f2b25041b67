"""Chromosome bands by their names alone: order, containment, spans.

A band name is ``p`` or ``q`` and digits that refine from left to right (``q22`` holds ``q22.1`` and ``q22.11``), counted from the
centromere outwards. ``cen``, ``p10`` and ``q10`` are the centromere; ``pter`` and ``qter`` the ends. No table of bands is needed
to compare two names.

Source: ISCN 2020, chapter 2 (chromosome band nomenclature).
"""

from __future__ import annotations

import re
from functools import lru_cache

CHROMOSOMES = (*(str(number) for number in range(1, 23)), "X", "Y")
AUTOSOMES = CHROMOSOMES[:22]
_KNOWN = frozenset(CHROMOSOMES)

#: Short arms of the acrocentric chromosomes carry no unique genes; their loss is not an imbalance.
ACROCENTRIC = frozenset({"13", "14", "15", "21", "22"})

BAND = re.compile(r"[pq]?(?:ter|cen)|[pq](?:\d{1,2}(?:\.\d{1,3})?)?")

#: A position on a chromosome: 0 is the centromere, p runs to -1, q to +1.
Position = float


def chromosome(text: str) -> str:
    """``chr8``, ``08``, ``x`` as ``8``, ``X``; "" when it names no chromosome."""
    name = text.strip().upper().removeprefix("CHR").lstrip("0")
    return name if name in _KNOWN else ""


def arm_of(band: str) -> str:
    """``p`` or ``q``; "" for the centromere written ``cen`` and for no band."""
    return band[0] if band[:1] in ("p", "q") else ""


@lru_cache(maxsize=4096)
def interval(band: str) -> tuple[Position, Position]:
    """Where a band lies, from short arm end (-1) over the centromere (0) to long arm end (+1).

    Only order and containment mean something: the digits of the name are read as a decimal fraction (``q22.1`` is 0.221 to 0.222),
    so a band holds its sub-bands and follows its neighbours. An arm alone is the whole arm.
    """
    arm, digits = band[:1], band[1:].replace(".", "")
    if band == "cen" or digits in ("10", "cen"):
        return (0.0, 0.0)
    sign = -1.0 if arm == "p" else 1.0
    if digits == "ter":
        return (sign, sign)
    if not digits:
        return (min(0.0, sign), max(0.0, sign))
    near = int(digits) / 10 ** len(digits)
    far = (int(digits) + 1) / 10 ** len(digits)
    return (near, far) if sign > 0 else (-far, -near)


def overlaps(band: str, other: str) -> bool:
    """True when one band holds the other (``q22`` and ``q22.1``), as printed at different resolutions."""
    low, high = interval(band)
    other_low, other_high = interval(other)
    return low < other_high and other_low < high


def parse_bands(text: str) -> tuple[str, ...] | None:
    """``q13q31`` as (``q13``, ``q31``); None when something else stands there. Empty text gives no band."""
    found = tuple(BAND.findall(text))
    return found if "".join(found) == text else None
