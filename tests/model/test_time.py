"""Times on their two scales."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import InputError
from moltrack.model import Phase, PhaseKind, Time, TimeScale


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("2021-05-12", date(2021, 5, 12), date(2021, 5, 12), id="day"),
        pytest.param("2021-05", date(2021, 5, 1), date(2021, 5, 31), id="month"),
        pytest.param("2020-02", date(2020, 2, 1), date(2020, 2, 29), id="leap-february"),
        pytest.param("2021", date(2021, 1, 1), date(2021, 12, 31), id="year"),
    ],
)
def test_a_date_is_an_interval_of_what_is_known(text: str, first: date, last: date) -> None:
    time = Time.on(text)
    assert (time.first, time.last, str(time)) == (first, last, text)


@pytest.mark.parametrize("text", ["12/05/2021", "12.05.2021", "May 2021", "2021-13-01", "2021-02-30", ""])
def test_a_date_of_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a date"):
        Time.on(text)


def test_days_from_an_event() -> None:
    time = Time.days("-3..-1", anchor="infusion")
    assert (time.day_first, time.day_last, time.scale, str(time)) == (
        -3,
        -1,
        TimeScale.RELATIVE,
        "day -3..-1 from infusion",
    )


def test_a_time_known_only_by_order() -> None:
    assert Time(order=3).scale is TimeScale.ORDER
    assert not Time().is_known


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_prints_as_it_was_read(day: date) -> None:
    assert Time.on(str(Time.on(day.isoformat()))) == Time.on(day.isoformat())


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("diagnosis", Phase(PhaseKind.DIAGNOSIS)),
        ("after_cycle(2)", Phase(PhaseKind.AFTER_CYCLE, 2)),
        ("after cycle 2", Phase(PhaseKind.AFTER_CYCLE, 2)),
        ("Post-HCT", Phase(PhaseKind.POST_HCT)),
    ],
)
def test_phases_are_a_closed_list(text: str, phase: Phase) -> None:
    assert Phase.parse(text) == phase


@pytest.mark.parametrize("text", ["after_cycle", "diagnosis(1)", "remission"])
def test_what_is_no_phase_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a phase"):
        Phase.parse(text)
