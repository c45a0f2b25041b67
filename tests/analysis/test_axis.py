"""Samples and events on one axis: days where they can be linked, an order always."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.build import event, patient, sample
from moltrack.analysis import build_axis
from moltrack.errors import UnknownError
from moltrack.model import Axis, PatientRecords, Time


def days(axis: Axis) -> dict[str, float | None]:
    return {placed.info.sample: placed.day for placed in axis.samples}


def order(axis: Axis) -> list[str]:
    return [placed.info.sample for placed in axis.samples]


def test_dates_count_from_diagnosis_when_no_event_is_set():
    records = patient(
        [
            sample("late", time=Time.on("2021-06-11")),
            sample("dx", time=Time.on("2021-05-12"), phase="diagnosis"),
        ]
    )
    axis = build_axis(records)
    assert (axis.anchor, axis.day0) == ("diagnosis", date(2021, 5, 12))
    assert days(axis) == {"dx": 0, "late": 30}


def test_relative_days_without_date_leave_dated_samples_unlinked():
    infusion = event("infusion", type="infusion", is_anchor=True)
    records = patient([sample("d17", 17), sample("dx", time=Time.on("2021-05"))], events=[infusion])
    axis = build_axis(records)
    assert axis.day0 is None
    assert days(axis) == {"dx": None, "d17": 17}
    assert order(axis) == ["dx", "d17"]


def test_the_date_of_the_anchor_links_both_scales():
    infusion = event("infusion", type="infusion", start=Time.on("2021-12-01"), is_anchor=True)
    records = patient([sample("d17", 17), sample("dx", time=Time.on("2021-05-12"))], events=[infusion])
    axis = build_axis(records)
    assert axis.day0 == date(2021, 12, 1)
    # 12 May to 1 December 2021 are 203 days.
    assert days(axis) == {"dx": -203, "d17": 17}


def test_a_month_is_an_interval_of_days():
    infusion = event("infusion", type="infusion", start=Time.on("2021-12-01"), is_anchor=True)
    [placed] = build_axis(patient([sample("dx", time=Time.on("2021-05"))], events=[infusion])).samples
    # 1 and 31 May 2021 lie 214 and 184 days before 1 December.
    assert (placed.day_low, placed.day, placed.day_high) == (-214, -199, -184)


def test_days_from_another_event_are_added_to_its_day():
    events = [event("infusion", type="infusion", is_anchor=True), event("HSCT", 60, "transplant")]
    axis = build_axis(patient([sample("late", time=Time.day(36, anchor="HSCT"))], events=events))
    assert days(axis) == {"late": 96}


def test_days_from_an_event_without_a_day_cannot_be_linked():
    events = [event("infusion", type="infusion", is_anchor=True), event("HSCT", type="transplant", start=Time(order=9))]
    records = patient([sample("late", time=Time.day(36, anchor="HSCT")), sample("d17", 17)], events=events)
    assert days(build_axis(records)) == {"late": None, "d17": 17}


def test_since_moves_day_zero():
    events = [event("infusion", type="infusion", is_anchor=True), event("HSCT", 60, "transplant")]
    axis = build_axis(patient([sample("d90", 90)], events=events), since="HSCT")
    assert (axis.anchor, days(axis)) == ("HSCT", {"d90": 30})


def test_since_must_name_an_event():
    records = patient([sample("d1", 1)], events=[event("infusion", 0)])
    with pytest.raises(UnknownError, match=r"'HSCT' is not an event of patient P01 \(infusion\)"):
        build_axis(records, since="HSCT")


def test_explicit_order_wins_and_events_stand_between_samples():
    records = patient(
        [
            sample("dx", time=Time(order=1)),
            sample("relapse", time=Time(order=4)),
            sample("d17", time=Time.day(17, order=9)),
        ],
        events=[
            event("IA", start=Time(order=2)),
            event("CLAG", start=Time(order=3)),
            event("infusion", type="infusion", is_anchor=True),
        ],
    )
    axis = build_axis(records)
    assert order(axis) == ["dx", "relapse", "d17"]
    assert [(placed.event.name, round(placed.order, 2)) for placed in axis.events] == [
        ("IA", 1.33),
        ("CLAG", 1.67),
        ("infusion", 2.5),
    ]


def test_a_sample_of_the_day_of_an_event_stands_before_it():
    infusion = event("infusion", 0, "infusion", is_anchor=True)
    axis = build_axis(patient([sample("d0", 0)], events=[infusion]))
    assert axis.samples[0].order < axis.events[0].order


def test_two_tissues_of_one_day_are_two_samples():
    axis = build_axis(patient([sample("pb", 14), sample("bm", 14)]))
    assert order(axis) == ["bm", "pb"]


def test_phases_say_nothing_of_the_order():
    records = patient([sample("b", 3, phase="diagnosis"), sample("a", 1, phase="relapse")])
    assert order(build_axis(records)) == ["a", "b"]


def test_an_unknown_time_comes_last_without_a_day():
    axis = build_axis(patient([sample("a"), sample("z", 5)]))
    assert days(axis) == {"z": 5, "a": None}


@given(st.permutations(range(6)))
def test_the_order_of_files_does_not_matter(order_of_files: list[int]):
    samples = [
        sample("dx", time=Time.on("2021-05", order=1)),
        sample("rel", time=Time(order=3)),
        sample("d0", 0),
        sample("d17", 17),
        sample("d28", 28),
        sample("late", time=Time.day(10, anchor="HSCT")),
    ]
    events = [
        event("IA", start=Time(order=2)),
        event("inf", type="infusion", is_anchor=True),
        event("HSCT", start=Time(order=9)),
    ]

    def build(items: list) -> Axis:
        return build_axis(PatientRecords(patient([]).patient, samples=tuple(items), events=tuple(events)))

    assert build([samples[i] for i in order_of_files]) == build(samples)
