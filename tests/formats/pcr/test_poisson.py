"""Poisson statistics of digital PCR."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.formats.pcr.poisson import COPIES_MISSED, copies_from_partitions


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
