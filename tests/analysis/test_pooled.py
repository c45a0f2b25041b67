"""Several variants of one assay read together."""

from __future__ import annotations

import pytest

from analysis.build import missed, patient, reads, sample, seen, series_of
from moltrack.analysis.pooled import pooled_levels
from moltrack.model import Marker, MarkerKind, Series

DEPTHS = (5000, 4000, 6000, 3000, 5000)


def series(*alts: int | None) -> tuple[Series, ...]:
    """Five variants found at diagnosis, then with these mutant reads of 5,000, 4,000 ... (None = not tested)."""
    markers = [Marker(f"M{i}", MarkerKind.SMALL_VARIANT, f"M{i}") for i in range(len(alts))]
    items = [seen("dx", 0.4, marker=m.id, counts=reads(400, 1000)) for m in markers]
    for marker, alt, depth in zip(markers, alts, DEPTHS, strict=False):
        if alt is not None:
            make = seen("fu", alt / depth, marker=marker.id, counts=reads(alt, depth)) if alt else missed("fu", marker=marker.id, counts=reads(0, depth))  # fmt: skip
            items.append(make)
    return series_of(patient([sample("dx", 0), sample("fu", 30)], items, markers=markers))


def test_reads_are_summed():
    follow_up = pooled_levels(series(2, 0, 1, 1, 0))[1]
    assert (follow_up.alt, follow_up.depth) == (4, 23_000)
    assert follow_up.level == pytest.approx(4 / 23_000)


def test_four_reads_against_a_background_of_2e_5():
    # Expected 0.46 reads; P(Poisson(0.46) >= 4) = 1.295e-3 (scipy.stats.poisson.sf(3, 0.46)).
    follow_up = pooled_levels(series(2, 0, 1, 1, 0), error=2e-5)[1]
    assert follow_up.p == pytest.approx(1.295e-3, rel=1e-3)
    assert follow_up.detected is True


def test_nothing_is_called_without_a_background():
    assert pooled_levels(series(2, 0, 1, 1, 0))[1].detected is None


def test_five_negatives_see_deeper_than_one():
    # 1 - 0.05^(1/23000) = 1.302e-4.
    assert pooled_levels(series(0, 0, 0, 0, 0))[1].limit.value == pytest.approx(1.302e-4, rel=1e-3)


def test_an_untested_variant_is_named_and_adds_no_reads():
    follow_up = pooled_levels(series(0, None, 0, 0, 0))[1]
    assert (follow_up.depth, follow_up.missing) == (19_000, ("M1",))
