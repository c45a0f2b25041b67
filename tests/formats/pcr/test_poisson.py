"""Poisson statistics of digital PCR."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.formats.pcr.poisson import (
    COPIES_MISSED,
    copies_from_partitions,
    limit_of_blank,
    ratio_limits,
    volume_of_partition,
)


def test_half_of_the_partitions_positive_is_ln_2_copies_each():
    assert copies_from_partitions(5000, 10000).copies == pytest.approx(10000 * math.log(2))


def test_limits_agree_with_those_that_quantasoft_prints():
    # 1901 of 15820 droplets: 141 copies/µL with limits 134 and 147 at 0.908 nL a droplet (QuantaSoft, Poisson 95 %)
    found = copies_from_partitions(1901, 15820)
    per_ul = 15820 * 0.908e-3
    assert [round(value / per_ul) for value in (found.low, found.copies, found.high)] == [135, 141, 147]


def test_no_positive_partition_rules_out_three_copies():
    # exp(-3) = 5 %
    found = copies_from_partitions(0, 20000)
    assert (found.copies, found.low, found.high) == (0, 0, COPIES_MISSED)
    assert math.exp(-COPIES_MISSED) == pytest.approx(0.05, abs=0.001)


def test_only_positive_partitions_have_no_upper_limit():
    found = copies_from_partitions(100, 100)
    assert found.saturated
    assert math.isinf(found.high)


@given(st.integers(1, 30000), st.data())
def test_estimate_lies_within_its_limits_and_is_at_least_the_count(partitions, data):
    positives = data.draw(st.integers(0, partitions - 1))
    found = copies_from_partitions(positives, partitions)
    assert 0 <= found.low <= found.copies <= found.high
    assert found.copies >= positives - 1e-9


@pytest.mark.parametrize(("positives", "partitions"), [(1, 0), (-1, 10), (11, 10)])
def test_impossible_counts_are_a_mistake(positives, partitions):
    with pytest.raises(ValueError, match="cannot be positive"):
        copies_from_partitions(positives, partitions)


@given(st.integers(1, 19_999), st.integers(1, 19_999))
def test_limits_of_a_ratio_hold_it_and_turn_around_with_it(target, control):
    """The limits of control / target are the inverse of those of target / control."""
    one, two = copies_from_partitions(target, 20_000), copies_from_partitions(control, 20_000)
    low, high = ratio_limits(one, two)
    assert low < one.copies / two.copies < high
    assert ratio_limits(two, one) == pytest.approx((1 / high, 1 / low))


def test_a_certain_control_leaves_the_limits_of_the_target():
    target, control = copies_from_partitions(19, 15_000), copies_from_partitions(600_000, 1_500_000)
    assert ratio_limits(target, control) == pytest.approx(
        (target.low / control.copies, target.high / control.copies), rel=0.002
    )


def test_no_copy_of_the_target_has_only_an_upper_limit():
    control = copies_from_partitions(6000, 15_000)
    assert ratio_limits(copies_from_partitions(0, 15_000), control) == (0, COPIES_MISSED / control.copies)


def test_volume_of_a_partition_follows_from_a_printed_concentration():
    """Absolute Q: 34 of 20449 chambers at 3.85 copies/µL are 0.432 nL each."""
    assert volume_of_partition(34, 20_449, 3.85) == pytest.approx(0.432e-3, rel=0.001)


@pytest.mark.parametrize(
    ("mean", "limit"),
    # P(X <= k) of Poisson by hand: mean 0.5: 0.910, 0.986; mean 1: 0.920 (2), 0.981 (3); mean 2: 0.947 (4), 0.983 (5)
    [(0, 0), (0.05, 0), (0.5, 2), (1, 3), (2, 5)],
)
def test_the_limit_of_blank_is_exceeded_by_fewer_than_one_blank_in_twenty(mean, limit):
    assert limit_of_blank(mean) == limit


@given(st.floats(0, 1e6))
def test_the_limit_of_blank_lies_above_the_mean_and_not_far(mean):
    assert mean - 1 <= limit_of_blank(mean) <= mean + 2 * mean**0.5 + 2
