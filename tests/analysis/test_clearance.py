"""Baselines, reductions and the verdict on clearance.

The reference case is Exp Hematol Oncol 2022;11:67; its reductions are log10 of the printed levels, by hand.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.build import event, missed, observation, one_series, patient, reads, sample, seen
from moltrack.analysis import build_axis, build_series, clearance
from moltrack.analysis.clearance import find_baseline
from moltrack.model import Clearance, Limit, LimitKind, Marker, MarkerKind, PatientRecords, Status, Technique, Time

TWO = [sample("a", 0), sample("b", 30)]


def cleared(records: PatientRecords, since: str = "") -> Clearance:
    axis = build_axis(records)
    [series] = build_series(records, axis)
    return clearance(series, axis, records, since)


def two(before, after) -> Clearance:
    return cleared(patient(TWO, [before, after]))


@pytest.mark.parametrize(
    ("quantity", "before", "after", "log10"),
    [
        pytest.param("cell_fraction", 0.72, 0.09, 0.903, id="TP53-deletion"),
        pytest.param("allelic_ratio", 0.594, 0.059, 1.003, id="FLT3-ITD-ratio"),
        pytest.param("vaf", 0.594 / 1.594, 0.059 / 1.059, 0.825, id="FLT3-ITD-VAF"),
        pytest.param("cell_fraction", 0.129, 0.00025, 2.713, id="MFC"),
    ],
)
def test_reductions_of_the_reference_case(quantity, before, after, log10):
    [found] = two(seen("a", before, quantity=quantity), seen("b", after, quantity=quantity)).reductions
    assert found.log10 == pytest.approx(log10, abs=5e-4)
    assert found.comparator == ""


def test_reduction_has_a_delta_interval_from_reads():
    # ln variance 0.6/2000 + 0.99952/12; by hand 2.9208 (2.6747 to 3.1669).
    [found] = two(seen("a", 0.4, counts=reads(2000, 5000)), seen("b", 12 / 25_000, counts=reads(12, 25_000))).reductions
    assert (found.log10, found.interval.low, found.interval.high) == pytest.approx((2.9208, 2.6747, 3.1669), abs=1e-4)


def test_a_miss_bounds_the_reduction_at_its_own_limit():
    # One-sided 95 % limit of 0 / 25,000 is 1.1982e-4: log10(0.4 / 1.1982e-4) = 3.5235.
    [found] = two(seen("a", 0.4), missed("b", counts=reads(0, 25_000))).reductions
    assert (found.comparator, found.log10) == ("≥", pytest.approx(3.5235, abs=1e-4))
    assert (found.interval.low, found.interval.high) == (found.log10, None)


def test_a_level_below_the_fish_cutoff_bounds_at_the_cutoff():
    below = observation(
        "b", Status.NOT_DETECTED, 0.03, quantity="cell_fraction", technique=Technique.FISH,
        limits=(Limit(LimitKind.CUTOFF, 0.05, "declared"),),
    )  # fmt: skip
    before = seen("a", 0.72, quantity="cell_fraction", technique=Technique.FISH)
    [found] = two(before, below).reductions
    assert (found.comparator, found.log10) == ("≥", pytest.approx(math.log10(0.72 / 0.05)))


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param(missed("b"), "not detected, limit unknown", id="no-limit"),
        pytest.param(seen("b"), "detected without a level", id="no-level"),
        pytest.param(missed("b", 0.5), "the limit (50 %) is not below the baseline", id="blunt-limit"),
        pytest.param(observation("b", Status.NOT_EVALUABLE), "the sample was not evaluable", id="failed"),
    ],
)
def test_no_reduction_says_why(after, reason):
    [found] = two(seen("a", 0.4), after).reductions
    assert (found.log10, found.reason) == (None, reason)


@pytest.mark.parametrize(
    ("baseline", "reason"),
    [
        pytest.param(seen("a"), "the baseline (sample a) has no level", id="no-level"),
        pytest.param(missed("a", 0.01), "not detected at baseline (sample a)", id="miss"),
    ],
)
def test_no_other_sample_is_promoted_to_baseline(baseline, reason):
    samples = [*TWO, sample("c", 60)]
    found = cleared(patient(samples, [baseline, seen("b", 0.4), seen("c", 0.1)]))
    assert found.reason == reason
    assert [item.log10 for item in found.reductions] == [None, None]


def test_the_baseline_comes_before_the_first_treatment():
    records = patient(
        [sample("a", -3), sample("b", 0), sample("c", 30)],
        [seen("a", 0.4), seen("b", 0.5), seen("c", 0.1)],
        [event("7+3", 0)],
    )
    found = cleared(records)
    assert found.baseline.sample == "a"
    assert found.baseline_rule == "first sample at or before the first treatment (7+3)"


def test_a_series_that_begins_later_takes_the_last_sample_before_the_anchor():
    records = patient(
        [sample("a", -20), sample("b", -7), sample("c", 17)],
        [seen("a", 0.2), seen("b", 0.129), seen("c", 0.00025)],
        [event("7+3", -200), event("infusion", type="infusion", is_anchor=True)],
    )
    found = cleared(records)
    assert found.baseline.sample == "b"
    assert "last sample before infusion; the series begins after the first treatment (7+3)" in found.baseline_rule


def test_without_a_sample_before_the_anchor_there_is_no_baseline():
    records = patient(
        [sample("c", 14), sample("d", 28)],
        [seen("c", 0.2), seen("d", 0.1)],
        [event("infusion", type="infusion", is_anchor=True)],
    )
    found = cleared(records)
    assert (found.baseline, found.reductions) == (None, ())
    assert "no sample before the first treatment (infusion)" in found.reason


def test_order_alone_is_enough_for_a_baseline():
    records = patient(
        [sample("dx", time=Time(order=1)), sample("end", time=Time(order=3))],
        [seen("dx", 0.4), seen("end", 0.04)],
        [event("7+3", start=Time(order=2))],
    )
    assert cleared(records).reductions[0].log10 == pytest.approx(1)


def test_a_sample_of_unknown_time_is_no_baseline():
    records = patient([sample("x")], [seen("x", 0.4)])
    axis = build_axis(records)
    assert find_baseline(one_series(records), axis)[0] is None


def test_an_analyte_has_no_log_reduction():
    crp = Marker("CRP", MarkerKind.ANALYTE, "CRP")
    items = [seen(name, level, marker="CRP", quantity="analyte") for name, level in (("a", 100), ("b", 5))]
    found = cleared(patient(TWO, items, markers=[crp]))
    assert found.reductions[0].reason == "a log10 reduction says nothing of analyte"


@pytest.mark.parametrize(
    ("later", "status"),
    [
        pytest.param([seen("b", 0.1)], "not_cleared", id="detected"),
        pytest.param([missed("b", 0.01)], "cleared_unconfirmed", id="one-miss"),
        pytest.param([missed("b", 0.01), missed("c", 0.01)], "cleared", id="two-misses"),
        pytest.param([missed("b", 0.01), seen("c", 0.1)], "reappeared", id="back"),
        pytest.param([missed("b")], "limit_unknown", id="no-limit"),
        pytest.param([], "not_followed_up", id="nothing-later"),
        pytest.param([observation("b", Status.NOT_EVALUABLE)], "not_followed_up", id="failed-later"),
    ],
)
def test_clearance_status(later, status):
    assert cleared(patient([*TWO, sample("c", 60)], [seen("a", 0.4), *later])).status == status


@pytest.mark.parametrize(
    ("last", "later", "status"),
    [
        pytest.param(sample("a", 0), [], "no_later_sample", id="only-sample"),
        pytest.param(sample("a", 0), [sample("z", -30)], "no_later_sample", id="only-an-earlier-one"),
        pytest.param(sample("a", 0), [sample("b", 0)], "no_later_sample", id="other-tissue-of-the-day"),
        pytest.param(sample("a", 0), [sample("b")], "no_later_sample", id="time-of-the-other-unknown"),
        pytest.param(sample("a", 0), [sample("b", 30)], "not_followed_up", id="later-day"),
        pytest.param(
            sample("a", time=Time(order=1)), [sample("b", time=Time(order=2))], "not_followed_up", id="later-in-order"
        ),
        pytest.param(
            sample("a", time=Time(order=2)), [sample("b", time=Time(order=1))], "no_later_sample", id="earlier-in-order"
        ),
        pytest.param(
            sample("a", time=Time.on("2021-05")), [sample("b", time=Time.on("2021-08"))], "not_followed_up", id="month"
        ),
    ],
)
def test_only_a_later_sample_can_lack_a_result(last, later, status):
    assert cleared(patient([last, *later], [seen("a", 0.4)])).status == status


def test_a_single_sample_has_nothing_to_compare_yet():
    found = cleared(patient([sample("a", 0)], [seen("a", 0.4)]))
    assert found.status_reason == "no sample is known to be later than sample a: nothing to compare yet"


def estimates(found: Clearance) -> dict:
    return {item.name: item for item in found.estimates}


def test_time_to_undetectable_lies_between_two_samples():
    samples = [*TWO, sample("c", 60)]
    found = estimates(cleared(patient(samples, [seen("a", 0.4), seen("b", 0.01), missed("c", 0.001)])))
    item = found["time_to_undetectable"]
    assert (item.value, item.interval.low, item.interval.high) == (60, 30, 60)


def test_rebound_counts_from_the_limit_of_the_nadir():
    samples = [*TWO, sample("c", 60)]
    found = estimates(cleared(patient(samples, [seen("a", 0.4), missed("b", 0.001), seen("c", 0.02)])))
    # log10(0.02 / 0.001) = 1.30, 30 days after the nadir.
    assert (found["rebound"].value, found["rebound"].comparator) == (30, "≤")
    assert found["rebound"].method.startswith("≥1.30 log10 above the nadir of sample b")
    assert found["nadir"].comparator == "≤"


def test_less_than_tenfold_is_no_rebound():
    samples = [*TWO, sample("c", 60)]
    assert "rebound" not in estimates(cleared(patient(samples, [seen("a", 0.4), seen("b", 0.01), seen("c", 0.09)])))


@given(st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_reduction_is_antisymmetric(one, other):
    there = two(seen("a", one), seen("b", other)).reductions[0].log10
    back = two(seen("a", other), seen("b", one)).reductions[0].log10
    assert there == pytest.approx(-back, abs=1e-12)


@given(st.floats(1e-3, 1), st.floats(1e-7, 9e-4), st.floats(1e-7, 9e-4))
def test_a_deeper_limit_never_proves_less(level, one, other):
    deep, shallow = sorted([one, other])
    by_deep = two(seen("a", level), missed("b", deep)).reductions[0].log10
    by_shallow = two(seen("a", level), missed("b", shallow)).reductions[0].log10
    assert by_deep >= by_shallow
