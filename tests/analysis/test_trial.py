"""Visits, evaluability, times to events and Kaplan-Meier."""

from __future__ import annotations

import pytest

from analysis.build import event, missed, observation, one_series, patient, sample, seen
from moltrack.analysis import build_axis
from moltrack.analysis.trial import (
    Outcome,
    Visit,
    evaluability,
    kaplan_meier,
    long_form,
    map_visits,
    time_to_mrd_negativity,
    time_to_relapse,
)
from moltrack.errors import InputError
from moltrack.model import Status, Time

C1, C2 = Visit("C1", 28), Visit("C2", 56)


def axis_of(*days: int | None):
    return build_axis(patient([sample(f"s{day}", day) for day in days]))


def test_a_sample_goes_to_the_nearest_window():
    matches, off = map_visits(axis_of(0, 30, 50), [C1, C2])
    assert [(m.visit.name, m.sample.info.sample, m.deviation) for m in matches] == [("C1", "s30", 2), ("C2", "s50", -6)]
    assert [(o.sample.info.sample, o.nearest, o.deviation) for o in off] == [("s0", "C1", -28)]


def test_of_two_samples_the_one_nearer_to_plan_is_taken():
    [match, _], _ = map_visits(axis_of(22, 29), [C1, C2])
    assert (match.sample.info.sample, match.others) == ("s29", ("s22",))


def test_a_visit_without_sample_is_missing():
    matches, _ = map_visits(axis_of(28), [C1, C2])
    assert matches[1].sample is None


def test_a_sample_without_a_day_is_off_schedule_with_its_reason():
    records = patient([sample("x", time=Time(order=1)), sample("y", 28)])
    _, off = map_visits(build_axis(records), [C1])
    assert off[0].reason == "the sample cannot be placed in days"


def test_a_window_cannot_be_negative():
    with pytest.raises(InputError, match="negative side"):
        Visit("C1", 28, before=-1)


def test_no_sample_not_tested_and_insufficient_are_three_things():
    records = patient(
        [sample("a", 28), sample("b", 56), sample("c", 84)],
        [seen("a", 0.1), observation("b", Status.NOT_EVALUABLE)],
    )
    matches, _ = map_visits(build_axis(records), [C1, C2, Visit("C3", 84), Visit("C4", 112)])
    states = [row.state for row in evaluability(matches, [one_series(records)])]
    assert states == ["evaluable", "insufficient", "not tested", "no sample"]


def negativity(*items, threshold=None, lock=None):
    records = patient([sample("a", 0), sample("b", 30), sample("c", 60)], items)
    outcome = time_to_mrd_negativity(one_series(records), build_axis(records), "P01", threshold=threshold, lock=lock)
    return outcome.days, outcome.observed


def test_time_to_negativity_is_to_the_first_negative_sample():
    assert negativity(seen("a", 0.4), seen("b", 0.1), missed("c", 1e-3)) == (60, True)


def test_a_blunt_negative_does_not_count():
    assert negativity(seen("a", 0.4), missed("b", 0.02), missed("c", 5e-4), threshold=1e-3) == (60, True)


def test_a_level_below_the_threshold_counts():
    assert negativity(seen("a", 0.4), seen("b", 5e-4), threshold=1e-3) == (30, True)


def test_never_negative_is_censored_at_the_last_sample():
    assert negativity(seen("a", 0.4), seen("b", 0.1), seen("c", 0.1)) == (60, False)


def test_the_data_lock_censors():
    assert negativity(seen("a", 0.4), seen("b", 0.1), missed("c", 1e-3), lock=40) == (30, False)


def relapse(*events, **options):
    outcome = time_to_relapse(build_axis(patient([sample("a", 0), sample("b", 200)], events=events)), "P01", **options)
    return outcome.days, outcome.observed


def test_relapse_is_observed():
    assert relapse(event("relapse", 120, "relapse")) == (120, True)


def test_no_relapse_is_censored_at_last_contact():
    assert relapse(event("seen", 300, "last_contact")) == (300, False)


def test_death_censors_or_counts_by_definition():
    death = event("death", 90, "death")
    assert relapse(death) == (90, False)
    assert relapse(death, or_death=True) == (90, True)


def test_a_relapse_without_a_day_is_not_assessable():
    axis = build_axis(patient([sample("a", 0)], events=[event("relapse", type="relapse", start=Time(order=2))]))
    assert time_to_relapse(axis, "P01").reason == "relapse is recorded without a day"


def outcomes(*pairs):
    return [Outcome(f"P{i}", "relapse", days, seen, "day 0", "") for i, (days, seen) in enumerate(pairs)]


def test_kaplan_meier_by_hand():
    # At 10: 4/5; at 20 one is censored; at 30: 4/5 x 2/3; at 40: half of that.
    steps = kaplan_meier(outcomes((10, True), (20, False), (30, True), (40, True), (50, False)))
    found = {step.day: step.survival for step in steps}
    assert found[10] == pytest.approx(0.8)
    assert found[30] == pytest.approx(0.8 * 2 / 3)
    assert found[40] == pytest.approx(0.8 * 2 / 3 / 2)
    assert next(step.at_risk for step in steps if step.day == 30) == 3


def test_what_is_not_assessable_is_left_out():
    assert kaplan_meier([Outcome("P", "relapse", None, False, "", "")]) == ()


def test_long_form_says_what_was_not_done():
    records = patient([sample("a", 28)], [missed("a", 0.01)])
    matches, _ = map_visits(build_axis(records), [C1, C2])
    rows = long_form(records, matches, [one_series(records)])
    assert [(r["VISIT"], r["LBDY"], r["LBORRES"], r["LBSTAT"], r["LBREASND"], r["LBLLOD"]) for r in rows] == [
        ("C1", 29, "NOT DETECTED", "", "", 0.01),
        ("C2", None, "", "NOT DONE", "NO SAMPLE", None),
    ]
