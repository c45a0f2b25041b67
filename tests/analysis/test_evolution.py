"""What came after the first sample, and how series went; parallel courses; VAF as a share of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.build import NPM1, missed, patient, reads, sample, seen
from moltrack.analysis import build_axis, build_series
from moltrack.analysis.evolution import (
    ZYGOSITIES,
    appearance,
    cell_fraction_from_vaf,
    cell_fractions,
    evolution,
    moving_together,
)
from moltrack.model import Marker, MarkerKind

TWO = [sample("a", 0), sample("b", 30)]
DNMT3A = Marker("DNMT3A", MarkerKind.SMALL_VARIANT, "DNMT3A R882H", ("DNMT3A",))


def appears(*items):
    records = patient(TWO, items)
    return appearance(NPM1, records, build_axis(records))


def test_an_earlier_negative_below_the_new_level_is_named_with_its_limit():
    before, after = missed("a", 0.001), seen("b", 0.05)
    found = appears(before, after)
    assert (found.sample, found.miss, found.hit, found.limit.value) == ("b", before, after, 0.001)
    assert found.how == "emerging"


def test_without_an_earlier_test_nothing_is_earlier():
    found = appears(seen("b", 0.05))
    assert (found.earlier, found.miss, found.how) == ((), None, "first_seen")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(missed("a"), id="limit-unknown"),
        pytest.param(missed("a", 0.1), id="limit-above-level"),
        pytest.param(missed("a", 0.05), id="limit-at-level"),
    ],
)
def test_a_blunt_negative_is_earlier_but_shows_nothing(before):
    found = appears(before, seen("b", 0.05))
    assert (found.earlier, found.miss, found.how) == ((before,), None, "undecided")


def test_the_last_sharp_negative_is_taken():
    three = [*TWO, sample("c", 60)]
    records = patient(three, [missed("a", 0.001), missed("b", 0.002), seen("c", 0.05)])
    found = appearance(NPM1, records, build_axis(records))
    assert found.miss.sample == "b"


def test_a_marker_of_the_first_sample_does_not_appear():
    assert appears(seen("a", 0.4), seen("b", 0.1)) is None


def test_evolution_says_how_each_series_went():
    records = patient(TWO, [seen("a", 0.06)])
    axis = build_axis(records)
    found = evolution(records, axis, build_series(records, axis))
    assert found.appearances == ()
    [course] = found.courses
    assert course.status == "not_followed_up"
    assert "not cleared" in course.reason


def together(npm1: list[float], dnmt3a: list[float]) -> int:
    samples = [sample(f"s{index}", 10 * index) for index in range(len(npm1))]
    items = [seen(f"s{i}", v, counts=reads(round(v * 5000), 5000)) for i, v in enumerate(npm1)]
    items += [seen(f"s{i}", v, marker="DNMT3A", counts=reads(round(v * 5000), 5000)) for i, v in enumerate(dnmt3a)]
    records = patient(samples, items, markers=[NPM1, DNMT3A])
    return len(moving_together(build_series(records, build_axis(records))))


def test_markers_that_keep_their_ratio_move_together():
    assert together([0.4, 0.1, 0.02], [0.36, 0.09, 0.018]) == 1


def test_a_clone_that_persists_does_not_move_with_one_that_shrinks():
    assert together([0.4, 0.1, 0.02], [0.4, 0.39, 0.41]) == 0


def test_a_marker_that_was_missed_where_the_other_was_high_is_of_another_clone():
    # Both rise tenfold over the last three samples, but one was absent (< 0.1 %) when the other stood at 40 %.
    samples = [sample(f"s{index}", 10 * index) for index in range(4)]
    items = [seen(f"s{i}", v, counts=reads(round(v * 5000), 5000)) for i, v in enumerate((0.4, 0.01, 0.03, 0.1))]
    items += [missed("s0", 0.001, marker="DNMT3A")]
    items += [
        seen(f"s{i}", v, marker="DNMT3A", counts=reads(round(v * 5000), 5000))
        for i, v in ((1, 0.02), (2, 0.06), (3, 0.2))
    ]
    records = patient(samples, items, markers=[NPM1, DNMT3A])
    assert moving_together(build_series(records, build_axis(records))) == []


def test_a_miss_below_what_is_expected_does_not_part_a_group():
    samples = [sample(f"s{index}", 10 * index) for index in range(4)]
    items = [seen(f"s{i}", v, counts=reads(round(v * 5000), 5000)) for i, v in enumerate((0.4, 0.1, 0.03, 0.002))]
    items += [
        seen(f"s{i}", v, marker="DNMT3A", counts=reads(round(v * 5000), 5000)) for i, v in enumerate((0.2, 0.05, 0.015))
    ]
    items += [missed("s3", 0.002, marker="DNMT3A")]
    records = patient(samples, items, markers=[NPM1, DNMT3A])
    assert len(moving_together(build_series(records, build_axis(records)))) == 1


def test_sixty_percent_cannot_be_heterozygous():
    # v = 0.60: heterozygous would be 120 % of cells; CN-LOH 0.60, other copy lost 2 x 0.6 / 1.6 = 0.75.
    found = cell_fractions(0.60)
    assert "heterozygous, two copies" not in found
    assert found["copy-neutral loss of heterozygosity"] == pytest.approx(0.60)
    assert found["other copy lost"] == pytest.approx(0.75)


@given(st.floats(0, 1), st.sampled_from(ZYGOSITIES))
def test_cells_give_back_their_vaf(share, zygosity):
    vaf = zygosity.mutated * share / (zygosity.total * share + 2 * (1 - share)) if share else 0.0
    assert cell_fraction_from_vaf(vaf, zygosity) == pytest.approx(share, abs=1e-9)
