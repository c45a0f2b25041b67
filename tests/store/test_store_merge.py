"""What several sources state, as one record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import ConflictError
from moltrack.model import Assay, Event, EventType, PatientInfo, SampleInfo, Time, Tissue
from moltrack.store.merge import Stated, merge, merge_events, merge_times


def sample(origin: str = "a.csv", line: int = 0, **fields: object) -> Stated[SampleInfo]:
    return Stated(SampleInfo("P01", "S1", line=line, **fields), origin)  # type: ignore[arg-type]


def test_a_stated_field_fills_an_unknown_one() -> None:
    merged = merge([sample(tissue=Tissue.BM, line=3), sample("b.csv", label="D17")])
    assert merged == SampleInfo("P01", "S1", tissue=Tissue.BM, label="D17")


def test_notes_and_aliases_add_up() -> None:
    merged = merge([sample(note="b", aliases=("X2",)), sample(note="a", aliases=("X1", "X2"))])
    assert (merged.note, merged.aliases) == ("a; b", ("X1", "X2"))


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        pytest.param(
            sample("a.csv", 2, time=Time.on("2021-05-12")),
            sample("b.csv", 9, time=Time.on("2021-05-13")),
            r"sample 'S1' of patient P01 has the date '2021-05-12' \(a.csv:2\), but b.csv:9 says '2021-05-13'",
            id="date",
        ),
        pytest.param(
            sample("a.csv", tissue=Tissue.BM), sample("b.csv", tissue=Tissue.PB), "has the tissue 'BM'", id="tissue"
        ),
        pytest.param(
            sample(time=Time.day(17, anchor="infusion")), sample(time=Time.day(17, anchor="HSCT")), "date", id="anchor"
        ),
        pytest.param(sample(time=Time(order=1)), sample(time=Time(order=2)), "'#1'.*'#2'", id="order"),
        pytest.param(
            Stated(PatientInfo("P01", sex="female"), "a.csv"),
            Stated(PatientInfo("P01", sex="male"), "b.csv"),
            "patient P01 has the sex 'female'",
            id="sex",
        ),
        pytest.param(
            Stated(Assay("fish", covers=("TP53",)), "a.yaml"),
            Stated(Assay("fish", covers=("RUNX1",)), "b.yaml"),
            "assay 'fish' has the covers 'TP53'",
            id="assay",
        ),
    ],
)
def test_two_values_contradict_each_other(one: Stated, other: Stated, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        merge([one, other])
    with pytest.raises(ConflictError):
        merge([other, one])


def test_a_closer_date_holds() -> None:
    assert merge_times(Time.on("2021-05"), Time.on("2021-05-12")) == Time.on("2021-05-12")
    assert merge_times(Time.on("2021-05-12"), Time.on("2021")) == Time.on("2021-05-12")


def test_two_vague_times_hold_where_they_meet() -> None:
    assert merge_times(Time.on("2021-05"), Time.on("2021-05-20..2021-06-03")) == Time.on("2021-05-20..2021-05-31")


def test_a_date_and_a_day_stand_beside_each_other() -> None:
    both = merge_times(Time.on("2021-05-12"), Time.day(17, anchor="infusion", order=3))
    assert (str(both), both.day_first, both.anchor, both.order) == ("2021-05-12", 17, "infusion", 3)


times = st.sampled_from(
    [Time(), Time.on("2021"), Time.on("2021-05"), Time.on("2021-05-12"), Time(order=2), Time.day(17), Time.day(10, 20)]
)


@given(
    st.lists(st.tuples(times, st.sampled_from(["", "D17"]), st.sampled_from(["", "x", "y"])), min_size=1, max_size=5)
)
def test_the_order_of_statements_does_not_matter(said: list[tuple[Time, str, str]]) -> None:
    statements = [sample(time=time, label=label, note=note) for time, label, note in said]
    assert merge(statements) == merge(statements[::-1])
    assert merge(statements) == merge([*statements, Stated(merge(statements), "again")])


def test_an_event_that_two_files_state_is_one() -> None:
    late = Event(EventType.INFUSION, "CAR-T", Time.on("2021-06-01"), line=4)
    early = Event(EventType.TREATMENT, "7+3", Time.on("2021-05-20"), line=2)
    again = Event(EventType.INFUSION, "CAR-T", Time.on("2021-06-01"), line=9)
    assert [event.name for event in merge_events([late, early, again])] == ["7+3", "CAR-T"]
