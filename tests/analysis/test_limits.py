"""Intervals and limits against published and independently computed values.

Reference values of binomial intervals and limits were computed with scipy.stats (binom, beta) and agree to the digits given.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.build import missed, observation, reads, seen
from moltrack.analysis import limits
from moltrack.errors import InputError
from moltrack.model import Counts, Limit, LimitKind, Status, Technique


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        pytest.param(0, 10_000, 0.0, 3.6882e-4, id="none-of-10000"),
        pytest.param(3, 10_000, 6.1871e-5, 8.7647e-4, id="3-of-10000"),
        pytest.param(12, 25_000, 2.4805e-4, 8.3831e-4, id="12-of-25000"),
        pytest.param(2000, 5000, 0.386383, 0.413734, id="2000-of-5000"),
    ],
)
def test_clopper_pearson(k, n, low, high):
    assert limits.clopper_pearson(k, n) == pytest.approx((low, high), rel=1e-4, abs=1e-12)


def test_one_sided_bound_of_zero_is_the_rule_of_three():
    assert limits.upper_bound(0, 10_000) == pytest.approx(2.9953e-4, rel=1e-4)


def test_wilson_of_a_textbook_case():
    # Newcombe, Stat Med 1998;17:857, Table I: 81 of 263, score method: 0.2553 to 0.3662.
    assert limits.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_wilson_of_zero_begins_at_zero():
    # Newcombe, Stat Med 1998;17:857, Table I: 0 of 20, score method: 0.0000 to 0.1611.
    assert limits.wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(
    ("depth", "error", "alpha", "lod", "k"),
    [
        pytest.param(10_000, 0, 0.05, 3.00e-4, 1, id="no-background"),
        pytest.param(10_000, 1e-5, 0.05, 4.74e-4, 2, id="1e-5"),
        pytest.param(10_000, 1e-4, 0.05, 7.75e-4, 4, id="1e-4"),
        pytest.param(10_000, 5e-4, 0.05, 1.57e-3, 10, id="5e-4"),
        pytest.param(10_000, 1e-5, 0.001, 6.29e-4, 3, id="1e-5-strict"),
        pytest.param(10_000, 1e-4, 0.001, 1.05e-3, 6, id="1e-4-strict"),
        pytest.param(10_000, 5e-4, 0.001, 2.07e-3, 14, id="5e-4-strict"),
        pytest.param(1_000, 1e-4, 0.05, 4.73e-3, 2, id="1000x"),
        pytest.param(5_000, 1e-4, 0.05, 1.26e-3, 3, id="5000x"),
        pytest.param(30_000, 1e-4, 0.05, 3.95e-4, 7, id="30000x"),
    ],
)
def test_limit_from_depth_and_background(depth, error, alpha, lod, k):
    found = limits.limit_from_depth(depth, error, alpha=alpha)
    assert found.k == k
    assert found.level == pytest.approx(lod, rel=5e-3)


@given(st.integers(50, 100_000), st.floats(0, 1e-3))
def test_more_reads_see_deeper_at_the_same_k(depth, error):
    k = limits.detection_threshold(depth, error)
    if k == limits.detection_threshold(2 * depth, error):
        assert limits.limit_from_depth(2 * depth, error).level < limits.limit_from_depth(depth, error).level


def test_reads_are_capped_at_the_genomes_put_in():
    # 10 ng are 3,030 genomes: 30,000 reads of them are no more than that.
    assert limits.effective_depth(30_000, dna_ng=10) == 3030


def test_poisson_interval_of_zero_and_ten():
    # Garwood's table: 0 -> 0 to 3.689; 10 -> 4.795 to 18.39.
    assert limits.poisson_interval(0) == pytest.approx((0, 3.689), abs=5e-4)
    assert limits.poisson_interval(10) == pytest.approx((4.795, 18.39), abs=5e-3)


def test_partitions_half_positive_hold_ln_2_copies():
    value, low, high = limits.partition_concentration(10_000, 20_000)
    assert value == pytest.approx(math.log(2))
    assert low < value < high


def test_saturated_digital_pcr_is_refused():
    with pytest.raises(InputError, match="saturated"):
        limits.partition_concentration(20_000, 20_000)


def test_fish_cutoff_of_a_clean_control():
    # 0 of 200 nuclei: 1 - 0.05^(1/200) = 1.487 %.
    assert limits.fish_cutoff(0, 200) == pytest.approx(0.01487, abs=5e-6)


def test_flow_needs_20_events_to_see_and_50_to_count():
    assert limits.flow_limits(500_000) == pytest.approx((4e-5, 1e-4))


def test_interval_of_an_allelic_ratio_is_that_of_its_share():
    item = seen("s", 0.25, quantity="allelic_ratio", counts=Counts(alt=200, ref=800, depth=1000))
    low, high = limits.clopper_pearson(200, 1000)
    interval = limits.level_interval(item)
    assert (interval.low, interval.high) == pytest.approx((low / (1 - low), high / (1 - high)))


def test_counts_that_contradict_the_level_give_no_interval():
    assert limits.level_interval(seen("s", 0.2, counts=reads(500, 1000))) is None


def test_a_declared_limit_comes_before_a_computed_one():
    item = missed("s", 0.02, counts=reads(0, 10_000))
    assert limits.detection_limit(item).value == 0.02


def test_a_miss_with_depth_gets_its_limit_from_it():
    limit = limits.detection_limit(missed("s", counts=reads(0, 10_000)))
    assert limit.value == pytest.approx(2.9953e-4, rel=1e-4)
    assert limit.source == "from 10,000 reads, no background stated"


def test_a_fish_miss_stands_at_its_cutoff():
    item = observation(
        "s", Status.NOT_DETECTED, 0.04, quantity="cell_fraction", technique=Technique.FISH,
        limits=(Limit(LimitKind.CUTOFF, 0.05, "declared"), Limit(LimitKind.LOD, 0.01, "declared")),
    )  # fmt: skip
    assert limits.detection_limit(item).value == 0.05


def test_nothing_known_is_no_limit():
    assert limits.detection_limit(missed("s")) is None


def test_qpcr_limit_from_control_copies():
    item = missed(
        "s", quantity="normalized_copies", technique=Technique.QPCR, counts=Counts(copies=0, control_copies=30_000)
    )
    assert limits.detection_limit(item).value == pytest.approx(1e-4)


def test_below_loq_is_drawn_at_its_loq():
    item = seen("s", 1e-5, limits=(Limit(LimitKind.LOQ, 1e-4, "declared"),))
    assert limits.drawn_bound(item).value == 1e-4


@given(st.integers(0, 50), st.integers(50, 5000))
def test_exact_interval_contains_the_estimate(k, n):
    low, high = limits.clopper_pearson(k, n)
    assert 0 <= low <= k / n <= high <= 1
