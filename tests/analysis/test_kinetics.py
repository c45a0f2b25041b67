"""Rates: two points by hand, regression against independent fits, and what refuses to be fitted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.build import event, missed, patient, sample, seen
from moltrack.analysis import build_axis, build_series
from moltrack.analysis.kinetics import (
    Datum,
    days_to_level,
    doubling_time,
    fit_exponential,
    half_life,
    projection,
    projections,
    rates,
    stretches,
)
from moltrack.errors import InputError
from moltrack.model import Threshold

SIX = [
    Datum(t, math.exp(-0.1 * t + e)) for t, e in zip(range(0, 60, 10), (0.1, -0.2, 0.15, 0.0, -0.1, 0.05), strict=True)
]


def rates_of(samples, items, events=()):
    records = patient(samples, items, events)
    axis = build_axis(records)
    [series] = build_series(records, axis)
    return rates(series, axis)


def test_half_life_of_the_car_copies():
    # Exp Hematol Oncol 2022;11:67: 183,945 on day 14, 5,084 on day 28; 14 ln 2 / ln(36.18) = 2.70 days.
    assert half_life(14, 183_945, 28, 5_084) == pytest.approx(2.70, abs=0.005)


def test_doubling_time_of_a_tenfold_rise_in_30_days():
    # 30 x log10(2) = 9.031 days.
    assert doubling_time(0, 0.001, 30, 0.01) == pytest.approx(9.031, abs=5e-4)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        pytest.param((5, 1, 5, 2), "day 5 is not after day 5", id="same-day"),
        pytest.param((0, 0, 5, 2), "two levels above zero", id="zero"),
        pytest.param((0, 2, 5, 2), "levels are equal", id="equal"),
    ],
)
def test_what_has_no_rate(points, message):
    with pytest.raises(InputError, match=message):
        half_life(*points)


def test_two_points_come_with_their_warning():
    [found] = rates_of([sample("a", 0), sample("b", 30)], [seen("a", 0.001), seen("b", 0.01)])
    assert (found.name, found.value, found.interval) == ("doubling_time", pytest.approx(9.031, abs=5e-4), None)
    assert found.warning == "two points carry no uncertainty"


def test_a_miss_bounds_the_half_life_from_above():
    # At least 2 log10 in 30 days: half-life at most 30 x log10(2) / 2 = 4.515 days.
    [found] = rates_of([sample("a", 0), sample("b", 30)], [seen("a", 0.1), missed("b", 0.001)])
    assert (found.name, found.comparator, found.value) == ("half_life", "≤", pytest.approx(4.515, abs=1e-3))


def test_a_rise_from_below_the_limit_bounds_the_doubling_time():
    [found] = rates_of([sample("a", 0), sample("b", 30)], [missed("a", 0.001), seen("b", 0.1)])
    assert (found.name, found.comparator, found.value) == ("doubling_time", "≤", pytest.approx(4.515, abs=1e-3))


def test_regression_equals_linregress():
    from scipy.stats import linregress

    fit = fit_exponential(SIX)
    other = linregress([d.day for d in SIX], [math.log(d.level) for d in SIX])
    assert (fit.slope, math.sqrt(fit.variance_slope), fit.r_squared) == pytest.approx(
        (other.slope, other.stderr, other.rvalue**2)
    )


@pytest.mark.filterwarnings("ignore")  # lifelines on small samples warns of its own convergence checks
def test_tobit_equals_the_left_censored_lognormal_of_lifelines():
    import pandas as pd
    from lifelines import LogNormalAFTFitter

    data = [*SIX, Datum(70, 0.004, censored=True), Datum(80, 0.004, censored=True)]
    frame = pd.DataFrame(
        {"day": [d.day for d in data], "level": [d.level for d in data], "seen": [not d.censored for d in data]}
    )
    other = LogNormalAFTFitter().fit_left_censoring(frame, "level", event_col="seen")
    fit = fit_exponential(data)
    assert fit.slope == pytest.approx(other.params_[("mu_", "day")], rel=1e-3)
    # Ours are scaled by n / (n - 2), n = 6 quantified points.
    expected = other.standard_errors_[("mu_", "day")] * math.sqrt(6 / 4)
    assert math.sqrt(fit.variance_slope) == pytest.approx(expected, rel=1e-2)


def test_points_exactly_on_a_line_keep_it_when_censored_points_agree():
    data = [Datum(t, math.exp(-0.1 * t)) for t in (0, 10, 20)] + [Datum(40, 0.05, censored=True)]
    assert fit_exponential(data).slope == pytest.approx(-0.1)


def test_a_censored_point_below_the_line_bends_it():
    data = [Datum(t, math.exp(-0.1 * t)) for t in (0, 10, 20)] + [Datum(40, 0.001, censored=True)]
    assert fit_exponential(data).slope < -0.1


def test_two_quantified_points_are_not_enough_for_a_regression():
    with pytest.raises(InputError, match="2 quantified points: a regression needs 3"):
        fit_exponential([Datum(0, 1), Datum(1, 0.5), Datum(2, 0.1, censored=True)])


def test_a_treatment_ends_a_stretch():
    samples = [sample(name, day) for name, day in (("a", 0), ("b", 10), ("c", 20), ("d", 30))]
    items = [seen("a", 0.4), seen("b", 0.2), seen("c", 0.1), seen("d", 0.001)]
    found = rates_of(samples, items, [event("7+3", 0), event("salvage", 20)])
    # Half-life 10 days under the first treatment (three points), 10 ln 2 / ln 100 = 1.505 days under the second.
    assert [round(item.value, 3) for item in found] == [10.0, 1.505]


def test_a_tenfold_rise_after_the_nadir_is_a_stretch_of_its_own():
    samples = [sample(name, day) for name, day in (("a", 0), ("b", 30), ("c", 60))]
    found = rates_of(samples, [seen("a", 0.4), seen("b", 0.001), seen("c", 0.1)])
    assert [item.name for item in found] == ["half_life", "doubling_time"]


def test_samples_without_a_day_take_no_part_in_rates():
    from moltrack.model import Time

    records = patient([sample("dx", time=Time(order=1)), sample("d17", 17)], [seen("dx", 0.7), seen("d17", 0.1)])
    axis = build_axis(records)
    assert stretches(build_series(records, axis)[0], axis) == []


def test_no_change_within_the_interval_is_said():
    samples = [sample(name, day) for name, day in (("a", 0), ("b", 10), ("c", 20))]
    [found] = rates_of(samples, [seen("a", 0.10), seen("b", 0.05), seen("c", 0.09)])
    assert found.warning == "the 95 % interval of the rate includes no change"
    assert found.interval.high is None


def test_projection_crosses_where_the_line_does():
    fit = fit_exponential(SIX)
    day, interval = days_to_level(fit, 1e-4)
    assert fit.intercept + fit.slope * (day - fit.centre) == pytest.approx(math.log(1e-4))
    assert interval.low < day < interval.high


def test_projection_is_named_one():
    samples = [sample(f"s{day}", day) for day in (0, 10, 20, 30)]
    items = [seen(f"s{day}", level) for day, level in ((0, 1e-4), (10, 2.1e-4), (20, 3.9e-4), (30, 8e-4))]
    records = patient(samples, items)
    axis = build_axis(records)
    found = projection(build_series(records, axis)[0], axis, 0.01)
    # Doubling about every 10 days: 0.8e-3 to 1e-2 are 3.6 doublings.
    assert found.value == pytest.approx(66, abs=2)
    assert found.warning == "projection of the present course, not a finding"


RISING = ((0, 1e-4), (10, 2.1e-4), (20, 3.9e-4), (30, 8e-4))


def projected(levels, *lines: float, events=()):
    """Projections of a series to thresholds of NPM1 by the panel."""
    items = [seen(f"s{day}", level) if level else missed(f"s{day}", 1e-4) for day, level in levels]
    records = patient([sample(f"s{day}", day) for day, _ in levels], items, events)
    axis = build_axis(records)
    drawn = [Threshold("NPM1", "vaf", "panel", line, "A rule", "positive from here") for line in lines]
    return projections(build_series(records, axis)[0], axis, drawn)


def test_only_thresholds_ahead_are_projected():
    [found] = projected(RISING, 0.01, 2e-4)
    assert found.name == "day at 1 %"
    assert found.method.startswith("A rule: positive from here; least squares")
    assert found.samples == ("s0", "s10", "s20", "s30")
    assert found.interval.low < found.value < found.interval.high


def test_two_points_are_not_projected_and_it_says_why():
    [found] = projected(RISING[:2], 0.01)
    assert (found.value, found.reason) == (None, "2 quantified points: a regression needs 3.")


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param(tuple(reversed([(30 - day, level) for day, level in RISING])), id="moves-away"),
        pytest.param((*RISING, (40, None)), id="below-the-limit"),
        pytest.param(RISING[:1], id="one-point"),
    ],
)
def test_nothing_is_projected_of_a_series_that(levels):
    assert projected(levels, 0.01) == ()


def test_a_projection_that_cannot_be_bounded_says_so():
    [found] = projected(((0, 1e-3), (10, 3e-3), (20, 1e-3), (30, 2e-3)), 0.1)
    assert found.interval is None
    assert "unbounded" in found.warning


def test_a_series_without_days_says_why_it_has_no_rate():
    from moltrack.model import Time

    [found] = rates_of([sample("dx", time=Time(order=1)), sample("d17", 17)], [seen("dx", 0.7), seen("d17", 0.1)])
    assert found.reason == "1 result with a level or a limit on a known day: two are needed"


def test_a_rate_names_the_treatment_that_its_stretch_is_under():
    samples = [sample(name, day) for name, day in (("a", 0), ("b", 10), ("c", 20))]
    items = [seen("a", 0.4), seen("b", 0.2), seen("c", 0.1)]
    planned = event("planned transplant", 5, planned=True)
    [found] = rates_of(samples, items, [event("7+3", 0), planned])
    assert found.method.endswith("; after 7+3")
    assert found.samples == ("a", "b", "c")


@given(st.floats(0.1, 1000), st.floats(1e-6, 1), st.floats(1.01, 1e4))
def test_half_life_halves(days, level, fall):
    found = half_life(0, level, days, level / fall)
    assert level * 0.5 ** (days / found) == pytest.approx(level / fall)
