"""Dates of tables: what can mean one day only is read, the rest is asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import FormatError
from moltrack.formats.dates import with_iso_dates
from moltrack.formats.tables import Row


def table(*dates: str, column: str = "date") -> list[Row]:
    return [Row(Path("t.csv"), line, {column: text}) for line, text in enumerate(dates, start=2)]


def iso(*dates: str, **more: str) -> list[str]:
    return [row.text("date") for row in with_iso_dates(table(*dates), more)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12.05.2021", "2021-05-12"),
        ("1.2.2021", "2021-02-01"),
        ("12.05.2021 10:30", "2021-05-12"),
        ("25/12/2021", "2021-12-25"),
        ("12/25/2021 10:30:00 AM", "2021-12-25"),
        ("05/05/2021", "2021-05-05"),
        ("12-May-2021", "2021-05-12"),
        ("12MAY2021", "2021-05-12"),
        ("12. Mai 2021", "2021-05-12"),
        ("3 märz 2021", "2021-03-03"),
        ("1 août 2021", "2021-08-01"),
        ("May 12, 2021", "2021-05-12"),
        ("Dez 2021", "2021-12"),
        ("2021/05/12", "2021-05-12"),
        ("2021.05.12", "2021-05-12"),
        ("20210512", "2021-05-12"),
        ("05.2021", "2021-05"),
        ("05/2021", "2021-05"),
        ("2021-05-12", "2021-05-12"),
        ("2021-05-12T10:30:00", "2021-05-12T10:30:00"),
        ("2021-05-12..2021-05-20", "2021-05-12..2021-05-20"),
        ("2021", "2021"),
        ("5.25.2021", "5.25.2021"),
        ("30.02.2021", "30.02.2021"),
        ("12-jui-2021", "12-jui-2021"),
        ("soon", "soon"),
    ],
)
def test_a_date_that_means_one_day(written, expected):
    assert iso(written) == [expected]


def test_another_date_of_the_table_proves_the_order():
    assert iso("5/12/2021", "12/25/2021") == ["2021-05-12", "2021-12-25"]
    assert iso("5/12/2021", "25/12/2021") == ["2021-12-05", "2021-12-25"]


def test_an_end_date_proves_the_order_of_the_start():
    row = Row(Path("t.csv"), 2, {"date": "5/12/2021", "enddate": "5/25/2021"})
    [found] = with_iso_dates([row])
    assert (found.text("date"), found.text("end_date")) == ("2021-05-12", "2021-05-25")


@pytest.mark.parametrize(
    ("hint", "expected"), [("MM/DD/YYYY", "2021-05-12"), ("jj/mm/aaaa", "2021-12-05"), ("TT/MM/JJJJ", "2021-12-05")]
)
def test_the_header_states_the_order(hint, expected):
    assert iso("5/12/2021", date=hint) == [expected]


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (("2021-01-01", "5/12/2021"), r"^t\.csv:3: column 'date' holds '5/12/2021', which may be 2021-05-12 or 2021-12-05\. Write 2021-05-12"),
        (("25/12/2021", "12/25/2021"), r"^t\.csv:3: .*'12/25/2021', but line 2 holds '25/12/2021': day and month stand in both"),
        (("44328",), r"'44328', the day number of a spreadsheet\. Format the column as date"),
        (("12.05.21",), r"'12\.05\.21', whose year has two digits"),
        (("12-May-21",), r"whose year has two digits"),
    ],
    ids=["ambiguous", "both-orders", "serial", "short-year", "short-year-named"],
)  # fmt: skip
def test_what_may_mean_two_days_is_asked(dates, message):
    with pytest.raises(FormatError, match=message):
        iso(*dates)


@given(st.lists(st.dates(date(1950, 1, 1), date(2100, 1, 1)), min_size=1, max_size=5), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))  # fmt: skip
def test_a_table_of_slashes_is_read_right_or_not_at_all(days, form):
    try:
        found = iso(*(day.strftime(form) for day in days))
    except FormatError:
        return
    assert found == [day.isoformat() for day in days]
