"""The numbers that risk guidelines compare with a threshold: FLT3-ITD allelic ratio and TP53 VAF, with what is open about them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from moltrack.model import Marker, Observation, PatientRecords, Status, Technique
from moltrack.rules.inputs import Number

#: Where the ratio is called high (Döhner, Blood 2017;129:424, Table 5, footnote).
HIGH_RATIO = 0.5


def tp53_vaf(found: Sequence[tuple[Marker, Observation]]) -> Number | None:
    """The highest VAF of the TP53 mutations; open to above while one of them has no VAF."""
    highest: dict[str, float] = {}
    shown: dict[str, str] = {}
    detected = [(marker, item) for marker, item in found if item.status is Status.DETECTED]
    for marker, item in detected:
        if item.quantity == "vaf" and item.level is not None and item.level > highest.get(marker.id, 0):
            highest[marker.id] = item.level
            shown[marker.id] = item.printed or f"{item.level:.3g}"
    if not highest:
        return None
    most = max(sorted(highest), key=lambda name: highest[name])
    is_known = {marker.id for marker, _ in detected} == set(highest)
    return Number(highest[most], highest[most] if is_known else math.inf, shown[most])


def flt3_itd_ratio(found: Sequence[tuple[Marker, Observation]], records: PatientRecords) -> Number | None:
    """The allelic ratio to be compared with 0.5, as an interval where it cannot be told exactly.

    Fragment analysis comes before sequencing; of several results the highest counts. The ratio is taken as printed; a mutant fraction of
    fragment analysis is converted with the rounding of its digits. The text is silent on several clones: the interval then reaches
    from the largest single ratio to the sum. Sequencing underestimates: a ratio below 0.5 leaves the upper end open unless the assay
    was validated.

    Source: Döhner, Blood 2017;129:424, Table 5, footnote (DNA fragment analysis; area under the mutant / area under the wild-type curve).
    """
    detected = [item for _, item in found if item.status is Status.DETECTED and item.level is not None]
    ratios = [item for item in detected if item.quantity == "allelic_ratio"]
    printed = {(item.sample, item.assay) for item in ratios}
    fractions = [
        item
        for item in detected
        if item.quantity == "vaf"
        and item.technique is Technique.FRAGMENT_ANALYSIS
        and (item.sample, item.assay) not in printed
    ]
    fragment = [item for item in ratios if "ar_from_ngs" not in item.flags]
    chosen = fragment + fractions or ratios
    if not chosen:
        return None
    return max((_interval(item, records) for item in chosen), key=lambda number: (number.low, number.high, number.text))


def _interval(item: Observation, records: PatientRecords) -> Number:
    assert item.level is not None
    low = high = item.level
    if "sum_of_clones" in item.flags:
        low = max(_levels_of_clones(item, records), default=low)
        high = math.nextafter(high, math.inf)  # the sum itself may be the ratio
    if item.quantity == "vaf":
        low, high = _ratios(item, low, high)
    if "ar_rounding" in item.flags:
        low, high = min(low, HIGH_RATIO - 1e-9), max(high, HIGH_RATIO + 1e-9)
    validated = {assay.id for assay in records.assays if assay.valid_allelic_ratio}
    if "ar_from_ngs" in item.flags and item.assay not in validated and low < HIGH_RATIO:
        high = math.inf
    return Number(low, high, item.printed or f"{item.level:.3g}")


def _levels_of_clones(item: Observation, records: PatientRecords) -> list[float]:
    clones = {marker.id for marker in records.markers if marker.parent == item.marker}
    return [
        other.level
        for other in records.observations
        if other.marker in clones
        and (other.sample, other.assay, other.quantity) == (item.sample, item.assay, item.quantity)
        and other.status is Status.DETECTED
        and other.level is not None
    ]


def _ratios(item: Observation, low: float, high: float) -> tuple[float, float]:
    """Mutant fractions as ratios to the wild type, which is what all clones together leave."""
    assert item.level is not None
    half = _half_a_digit(item)
    wild_type = 1 - item.level
    if half == 0 and low == high:
        return (low / wild_type,) * 2 if wild_type > 0 else (math.inf, math.inf)
    least, most = low - half, high + half
    return (
        least / (wild_type + half),
        most / (wild_type - half) if wild_type > half else math.inf,
    )


def _half_a_digit(item: Observation) -> float:
    """Half a unit of the last digit printed; 0 when the level is not one printed number (a sum, a median)."""
    match = re.fullmatch(r"(\d+)(?:[.,](\d+))?\s*(%?)(?: fraction)?", item.printed.strip())
    if match is None or item.level is None:
        return 0.0
    unit = 0.01 if match[3] else 1.0
    value = float(f"{match[1]}.{match[2] or 0}") * unit
    return 0.5 * unit * 10.0 ** -len(match[2] or "") if math.isclose(value, item.level, rel_tol=1e-9) else 0.0


def by_lesion(
    records: PatientRecords, samples: Sequence[str], markers: Mapping[str, Marker]
) -> dict[str, list[tuple[Marker, Observation]]]:
    """Observations of these samples by the lesions of their markers, each once and in an order of their own."""
    wanted = set(samples)
    found: dict[str, list[tuple[Marker, Observation]]] = {}
    read = [o for o in records.observations if o.sample in wanted and o.marker in markers and markers[o.marker].lesions]
    for item in sorted(dict.fromkeys(read), key=repr):
        for lesion in markers[item.marker].lesions:
            found.setdefault(lesion, []).append((markers[item.marker], item))
    return found
