"""Visits, evaluability, times to events and Kaplan-Meier."""

from __future__ import annotations

import pytest

from analysis.build import event, missed, observation, one_series, patient, sample, seen, series_of
from moltrack.analysis import build_axis, clearance
from moltrack.analysis.trial import (
    DEFINITIONS,
    TIMES,
    Moment,
    MrdAssessment,
    Outcome,
    Planned,
    Visit,
    best_mrd,
    best_reduction,
    evaluability,
    from_landmark,
    kaplan_meier,
    last_contact,
    log_rank,
    long_form,
    map_visits,
    time_to,
    time_to_clearance,
    time_to_molecular_relapse,
    time_to_mrd_negativity,
    why_missing,
)
from moltrack.analysis.trial.long import LONG_COLUMNS, param_code
from moltrack.errors import InputError
from moltrack.model import Status, Time, Tissue

C1, C2 = Visit("C1", 28), Visit("C2", 56)


def axis_of(*days: int | None):
    return build_axis(patient([sample(f"s{day}", day) for day in days]))


def test_a_sample_goes_to_the_nearest_window():
    matches, off = map_visits(axis_of(0, 30, 50), [C1, C2])
    assert [(m.visit.name, m.sample.info.sample, m.deviation) for m in matches] == [("C1", "s30", 2), ("C2", "s50", -6)]
    assert [(o.sample.info.sample, o.nearest, o.deviation) for o in off] == [("s0", C1, -28)]
    assert off[0].reason == "lies 21 days outside the window of C1"


def test_of_two_samples_the_one_nearer_to_plan_is_taken():
    [match, _], _ = map_visits(axis_of(22, 29), [C1, C2])
    assert (match.sample.info.sample, [other.info.sample for other in match.others]) == ("s29", ["s22"])


def test_a_visit_without_sample_is_missing():
    matches, _ = map_visits(axis_of(28), [C1, C2])
    assert matches[1].sample is None


def test_a_sample_without_a_day_is_off_schedule_with_its_reason():
    records = patient([sample("x", time=Time(order=1)), sample("y", 28)])
    _, off = map_visits(build_axis(records), [C1])
    assert off[0].reason == "cannot be placed in days"


def test_a_window_cannot_be_negative():
    with pytest.raises(InputError, match="negative side"):
        Visit("C1", 28, before=-1)


def test_a_month_that_the_window_does_not_hold_whole_is_not_assigned():
    records = patient([sample("x", time=Time.day(25, 40)), sample("y", time=Time.day(24, 32))])
    [match], [off] = map_visits(build_axis(records), [C1])
    assert match.sample.info.sample == "y"
    assert off.reason == "is known only as day 25..40, which the window of C1 does not hold whole"


def test_a_visit_takes_its_own_tissue():
    blood = Visit("C1", 28, tissue=Tissue.PB)
    matches, off = map_visits(axis_of(28), [blood])
    assert matches[0].sample is None
    assert off[0].reason == "is of BM, for which no visit is planned"


def states(*items, lock=None, events=()):
    samples = [sample("a", 28), sample("b", 56), sample("c", 84)]
    axis = build_axis(patient(samples, items, events=events))
    matches, _ = map_visits(axis, [C1, C2, Visit("C3", 84), Visit("C4", 112)])
    return [
        (row.state, row.reason) for match in matches if (row := evaluability(match, "NPM1", items, axis, lock=lock))
    ]


def test_missing_not_tested_and_not_evaluable_are_three_things():
    assert states(seen("a", 0.1), observation("b", Status.NOT_EVALUABLE)) == [
        ("evaluable", ""),
        ("not evaluable", "sample b could not be evaluated"),
        ("not tested", "sample c has no result of it"),
        ("missing", "nothing is known after day 84"),
    ]


def test_a_window_that_is_open_at_the_lock_is_not_missed():
    assert states(lock=118)[3] == ("not due", "the window ends after the data lock")
    assert states(lock=119)[3] == ("missing", "nothing is known after day 84")


def test_a_death_is_why_a_visit_is_missing():
    assert states(events=[event("death", 90, "death")])[3] == ("missing", "death on day 90")


def test_a_second_sample_in_the_window_may_answer():
    records = patient([sample("a", 28), sample("b", 30)], [seen("b", 0.1)])
    axis = build_axis(records)
    [match], _ = map_visits(axis, [C1])
    assert evaluability(match, "NPM1", records.observations, axis).reason == "in sample b"


def test_why_missing_without_days():
    assert why_missing(C1, build_axis(patient([sample("x", time=Time(order=1))]))) == "no sample can be placed in days"


# --- best response ----------------------------------------------------------------------------------------------------


def best(*items):
    samples = [sample("a", 0, phase="diagnosis"), sample("b", 30), sample("c", 60), sample("d", 90)]
    records = patient(samples, items)
    axis = build_axis(records)
    found = best_reduction([clearance(one_series(records), axis, records)])
    return found and (found[1].sample, round(found[1].log10, 6), found[1].comparator)


def test_the_deepest_reduction_is_taken_where_it_was_first_reached():
    # log10(0.4 / 0.004) = 2
    assert best(seen("a", 0.4), seen("b", 0.04), seen("c", 0.004), seen("d", 0.004)) == ("c", 2.0, "")


def test_a_miss_bounds_the_best_reduction():
    # log10(0.4 / 0.00004) = 4
    assert best(seen("a", 0.4), seen("b", 0.004), missed("c", 4e-5)) == ("c", 4.0, "≥")


def test_without_a_baseline_level_there_is_no_best_reduction():
    assert best(seen("a"), seen("b", 0.1)) is None


def mrd(*statuses):
    """One status every 30 days by one method; several in one sample as a tuple."""
    return [
        MrdAssessment(f"s{order}", order, 30.0 * order, status, f"m{index}", status)
        for order, given in enumerate(statuses, start=1)
        for index, status in enumerate(given if isinstance(given, tuple) else (given,))
    ]


def test_of_several_methods_the_worst_counts_in_a_sample_and_the_best_over_samples():
    assert best_mrd(mrd(("negative", "positive"), "low_level", "positive")).sample == "s2"
    assert best_mrd([]) is None


# --- times to events --------------------------------------------------------------------------------------------------

AXIS = build_axis(patient([sample("s0", 0), sample("s9", 300)]))
RELAPSE, UNCONFIRMED = "MRD relapse, confirmed", "MRD relapse, unconfirmed"


def times(outcome):
    return outcome.days, outcome.observed, outcome.after


def test_every_time_is_defined_with_its_source():
    assert set(TIMES) < set(DEFINITIONS)
    assert all(item.text and item.source for item in DEFINITIONS.values())


def test_mrd_negativity_is_the_first_sample_in_which_all_methods_are():
    found = time_to_mrd_negativity(mrd("positive", ("negative", "positive"), ("negative", "low_level")), AXIS, "P01")
    assert times(found) == (90, True, 60)


def test_never_negative_is_censored_at_the_last_status():
    assert times(time_to_mrd_negativity(mrd("positive", "positive"), AXIS, "P01")) == (60, False, None)


def test_without_a_status_negativity_is_not_assessable():
    outcome = time_to_mrd_negativity([], AXIS, "P01")
    assert (outcome.days, outcome.reason) == (None, "no MRD status")


def molecular(*statuses, until=None):
    return time_to_molecular_relapse(mrd(*statuses), AXIS, "P01", until=until)


def test_molecular_relapse_is_dated_by_the_first_sample_of_the_confirmed_one():
    # Negative on day 60; relapse found on day 120, confirmed on day 150.
    assert times(molecular("positive", "negative", "negative", UNCONFIRMED, RELAPSE)) == (60, True, 30)


def test_an_unconfirmed_molecular_relapse_does_not_count():
    found = molecular("negative", UNCONFIRMED)
    assert times(found) == (30, False, None)
    assert found.reason == "MRD relapse of day 60 (m0) is not confirmed"


def test_the_hematologic_relapse_ends_the_molecular_course():
    assert times(molecular("negative", "negative", UNCONFIRMED, RELAPSE, until=75)) == (30, False, None)


def test_who_never_was_negative_cannot_relapse_molecularly():
    assert molecular("positive").reason == "MRD negativity was not reached"


def clear(*items):
    records = patient([sample(name, day) for day, name in zip((0, 30, 60, 90), "abcd", strict=True)], items)
    outcome = time_to_clearance([one_series(records)], build_axis(records), "P01")
    return (*times(outcome), outcome.reason)


def test_clearance_needs_two_consecutive_misses_with_a_limit():
    found = clear(seen("a", 0.4), seen("b", 0.1), missed("c", 1e-3), missed("d", 1e-3))
    assert found == (60, True, 30, "")


def test_one_miss_is_not_confirmed():
    days, observed, _, reason = clear(seen("a", 0.4), missed("b", 1e-3), seen("c", 0.1), missed("d", 1e-3))
    assert (days, observed) == (90, False)
    assert reason.endswith("not detected, not confirmed by a second sample")


def test_two_runs_of_one_sample_do_not_confirm_each_other():
    found = clear(seen("a", 0.4), missed("b", 1e-3, part="snv"), missed("b", 1e-3, part="indel"))
    assert found[:2] == (30, False)


def test_a_miss_without_a_limit_clears_nothing():
    days, observed, _, reason = clear(seen("a", 0.4), missed("c"), missed("d"))
    assert (days, observed) == (90, False)
    assert reason.endswith("not detected, limit unknown")


def test_of_several_markers_the_last_to_clear_counts():
    records = patient(
        [sample(name, day) for day, name in zip((0, 30, 60, 90), "abcd", strict=True)],
        [seen("a", 0.4), *(missed(name, 1e-3) for name in "bcd")]
        + [seen(name, 0.1, assay="other") for name in "ab"]
        + [missed(name, 1e-3, assay="other") for name in "cd"],
    )
    axis = build_axis(records)
    assert times(time_to_clearance(series_of(records), axis, "P01")) == (60, True, 30)


def relapse(*events, origin=0.0, until=200.0, **options):
    moments = [Moment(day, "relapse") for day in events]
    outcome = time_to("relapse", "P01", None if origin is None else Moment(origin, "CR"), moments, until, **options)
    return outcome.days, outcome.observed, outcome.reason


def test_a_time_is_observed_counted_from_its_origin():
    assert relapse(120, 90, origin=30) == (60, True, "")


def test_an_event_before_the_origin_does_not_count():
    assert relapse(20, origin=30) == (170, False, "")


def test_without_event_it_is_censored_at_the_last_day():
    assert relapse() == (200, False, "")


def test_an_event_after_the_last_day_is_not_seen():
    assert relapse(220) == (200, False, "")


def test_without_origin_it_is_not_assessable():
    assert relapse(origin=None, missing="no remission") == (None, False, "no remission")


def test_an_event_without_a_day_makes_it_not_assessable():
    assert relapse(unplaced="relapse") == (None, False, "relapse is recorded without a day")


def test_nothing_after_the_origin_is_not_assessable():
    assert relapse(until=None) == (None, False, "nothing after the origin can be placed in days")


def test_a_death_ends_contact_and_a_planned_event_is_none():
    samples = [sample("a", 0), sample("b", 200)]
    assert last_contact(build_axis(patient(samples))) == 200
    assert last_contact(build_axis(patient(samples, events=[event("seen", 300, "last_contact")]))) == 300
    assert last_contact(build_axis(patient(samples, events=[event("HCT", 400, "transplant", planned=True)]))) == 200
    assert last_contact(build_axis(patient(samples, events=[event("death", 90, "death")]))) == 90


# --- survival ---------------------------------------------------------------------------------------------------------


def outcomes(*pairs):
    return [Outcome(f"P{i}", "relapse", days, seen, "day 0", "", 0.0, days) for i, (days, seen) in enumerate(pairs)]


def test_kaplan_meier_by_hand():
    # At 10: 4/5; at 20 one is censored; at 30: 4/5 x 2/3; at 40: half of that.
    steps = kaplan_meier(outcomes((10, True), (20, False), (30, True), (40, True), (50, False)))
    found = {step.day: step.survival for step in steps}
    assert found[10] == pytest.approx(0.8)
    assert found[30] == pytest.approx(0.8 * 2 / 3)
    assert found[40] == pytest.approx(0.8 * 2 / 3 / 2)
    assert next(step.at_risk for step in steps if step.day == 30) == 3


#: Remission times in weeks under 6-mercaptopurine (Freireich, Blood 1963;21:699): True = relapse.
SIX_MP = [(6, True)] * 3 + [(t, True) for t in (7, 10, 13, 16, 22, 23)]
SIX_MP += [(t, False) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]


@pytest.mark.parametrize(
    ("week", "at_risk", "survival"),
    [
        pytest.param(6, 21, 0.857, id="6"),
        pytest.param(7, 17, 0.807, id="7"),
        pytest.param(10, 15, 0.753, id="10"),
        pytest.param(13, 12, 0.690, id="13"),
        pytest.param(16, 11, 0.627, id="16"),
        pytest.param(22, 7, 0.538, id="22"),
        pytest.param(23, 6, 0.448, id="23"),
    ],
)
def test_kaplan_meier_of_the_published_example(week, at_risk, survival):
    # Numbers at risk and survival as printed for this sample in Kleinbaum and Klein, Survival Analysis, chapter 2.
    [step] = [step for step in kaplan_meier(outcomes(*SIX_MP)) if step.day == week]
    assert step.at_risk == at_risk
    assert step.survival == pytest.approx(survival, abs=5e-4)


#: Under placebo, in the same trial: every patient relapsed.
PLACEBO = [(t, True) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]


def test_log_rank_of_the_published_example():
    # Kleinbaum and Klein, Survival Analysis, chapter 2: 9 events with 19.26 expected, 21 with 10.74; log-rank 16.793, p < 0.0001.
    found = log_rank({"6-MP": outcomes(*SIX_MP), "placebo": outcomes(*PLACEBO)})
    one, other = found.groups
    assert (one.patients, one.events, other.patients, other.events) == (21, 9, 21, 21)
    assert (one.expected, other.expected) == pytest.approx((19.26, 10.74), abs=0.02)
    assert found.statistic == pytest.approx(16.793, abs=5e-4)
    assert found.df == 1
    assert found.p < 1e-4
    # Week 23 is the last with a relapse: 6 and 1 at risk.
    assert (found.last_event, one.at_risk_last, other.at_risk_last) == (23, 6, 1)


def test_log_rank_by_hand():
    # Day 10: 2 of the 4 at risk are of group a, so 1/2 is expected, variance 1/4; day 20: 1 of 3, variance 2/9.
    found = log_rank({"a": outcomes((10, True), (20, True)), "b": outcomes((30, False), (30, False))})
    assert found.groups[0].expected == pytest.approx(1 / 2 + 1 / 3)
    assert found.statistic == pytest.approx((2 - 5 / 6) ** 2 / (1 / 4 + 2 / 9))


def test_log_rank_of_three_groups_has_two_degrees_of_freedom():
    groups = {"a": outcomes((1, True), (5, False)), "b": outcomes((2, True), (6, True)), "c": outcomes((3, True))}
    found = log_rank(groups)
    assert found.df == 2
    assert sum(group.expected for group in found.groups) == pytest.approx(sum(group.events for group in found.groups))


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param({"a": outcomes((1, True))}, id="one-group"),
        pytest.param({"a": outcomes((1, True)), "b": [Outcome("P", "os", None, False, "", "unknown")]}, id="one-known"),
        pytest.param({"a": outcomes((1, False)), "b": outcomes((2, False))}, id="no-event"),
        pytest.param({"a": outcomes((1, False)), "b": outcomes((2, True))}, id="one-group-over-before"),
    ],
)
def test_without_two_groups_and_an_event_there_is_no_test(groups):
    assert log_rank(groups) is None


def test_the_interval_is_greenwoods_on_the_log_log_scale():
    # At week 6: S = 18/21, Greenwood sum = 3 / (21 x 18); half width 1.96 sqrt(sum) / |ln S| on log(-log S).
    import math

    step = next(step for step in kaplan_meier(outcomes(*SIX_MP)) if step.day == 6)
    half = 1.959964 * math.sqrt(3 / (21 * 18)) / abs(math.log(18 / 21))
    assert step.low == pytest.approx((18 / 21) ** math.exp(half), abs=1e-6)
    assert step.high == pytest.approx((18 / 21) ** math.exp(-half), abs=1e-6)


def test_from_a_landmark_time_counts_from_it():
    outcome = Outcome("P", "rfs", 100, True, "CR", start=30.0, day=130.0)
    found = from_landmark(outcome, 90)
    assert (found.days, found.observed, found.origin) == (40, True, "day 90")


@pytest.mark.parametrize(
    ("landmark", "reason"),
    [
        pytest.param(130, "event on day 130, not after the landmark", id="over by then"),
        pytest.param(20, "begins after the landmark, on day 30", id="not begun"),
    ],
)
def test_who_is_not_at_risk_at_the_landmark_is_left_out(landmark, reason):
    found = from_landmark(Outcome("P", "rfs", 100, True, "CR", start=30.0, day=130.0), landmark)
    assert (found.days, found.reason) == (None, reason)


def test_what_is_not_assessable_is_left_out():
    assert kaplan_meier([Outcome("P", "relapse", None, False, "", "")]) == ()


# --- long form --------------------------------------------------------------------------------------------------------


def long_rows(*items, planned=()):
    records = patient([sample("a", 0, phase="diagnosis"), sample("b", 28)], items)
    axis = build_axis(records)
    chosen = planned or [Planned("", sample=placed) for placed in axis.samples]
    return long_form("P01", axis, chosen, [clearance(one_series(records), axis, records)])


def test_long_form_compares_with_the_baseline():
    # log10(0.4 / 0.04) = 1; 0.04 - 0.4 = -0.36; SDTM has no day 0, so day 0 is day 1.
    first, second = long_rows(seen("a", 0.4), seen("b", 0.04))
    assert [(row["ADY"], row["AVAL"], row["ABLFL"], row["BASE"]) for row in (first, second)] == [
        (1, 0.4, "Y", 0.4),
        (29, 0.04, "", 0.4),
    ]
    assert (first["CHG"], first["LOG10RED"]) == (None, None)
    assert second["CHG"] == pytest.approx(-0.36)
    assert (second["LOG10RED"], second["LOG10REDC"]) == (pytest.approx(1), "")


def test_a_miss_is_a_comparator_and_a_bound_in_the_long_form():
    _, row = long_rows(seen("a", 0.4), missed("b", 0.01))
    assert (row["AVAL"], row["AVALC"], row["CHG"], row["LLOD"]) == (None, "<0.01", None, 0.01)
    assert (row["LOG10RED"], row["LOG10REDC"]) == (pytest.approx(1.60206), ">=")


def test_the_long_form_says_what_was_not_done():
    records = patient([sample("a", 28)], [missed("a")])
    axis = build_axis(records)
    matches, _ = map_visits(axis, [C1, C2])
    planned = [
        Planned(m.visit.name, number, m.sample, chosen=True, reason="nothing is known after day 28")
        for number, m in enumerate(matches, start=1)
    ]
    rows = long_form("P01", axis, planned, [clearance(one_series(records), axis, records)])
    assert [(r["VISIT"], r["VISITNUM"], r["ADY"], r["AVALC"], r["LBSTAT"], r["LBREASND"]) for r in rows] == [
        ("C1", 1, 29, "NOT DETECTED", "", ""),
        ("C2", 2, None, "", "NOT DONE", "NO SAMPLE: nothing is known after day 28"),
    ]


def test_the_long_form_has_the_documented_columns():
    assert [list(row) for row in long_rows(seen("a", 0.4))] == [list(LONG_COLUMNS)]


def test_a_parameters_code_is_short_begins_with_a_letter_and_tells_series_apart():
    codes = {param_code(name) for name in ("NPM1 · vaf · panel · BM", "NPM1 · vaf · panel · PB", "5q- · cells", "·")}
    assert len(codes) == 4
    assert all(len(code) == 8 and code[0].isalpha() and code.isalnum() for code in codes)
