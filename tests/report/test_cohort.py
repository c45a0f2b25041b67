"""The page of a cohort: one row per patient, statuses that stay apart, pictures that say the same as the figures."""

from __future__ import annotations

import re
from datetime import date

import pytest

from moltrack.analysis import build_axis
from moltrack.model import Event, EventType, PatientInfo, PatientRecords, Provenance, SampleInfo, Status, Time
from moltrack.report import Survival, cohort_page, cohort_row
from moltrack.report.cohort import PORTION
from report.case import HOSTILE, hostile_view, records, view

PROVENANCE = Provenance("0.1.0", ("eln2022 1",), "ab12" * 16, "2026-01-31")


def dated(*dates: str, events: tuple[Event, ...] = ()) -> PatientRecords:
    samples = tuple(SampleInfo("P02", f"s{i}", Time.on(text)) for i, text in enumerate(dates))
    return PatientRecords(PatientInfo("P02"), samples, events)


def bare(data: PatientRecords):
    return view(data, risk=(), response=(), flags=(), missing=())


def test_row_of_the_reference_case():
    row = cohort_row(view(), link="P01.html")
    assert row.response == "CR, MRD-negative (day 90)"
    assert row.verdicts[0] == ("ELN 2017 risk", "not assessable; on what was tested adverse")
    assert row.best[:2] == (pytest.approx(2.713, abs=5e-4), "")
    assert row.markers["FLT3-ITD"] is Status.NOT_DETECTED
    assert row.markers["ASXL1"] is Status.DETECTED


def test_what_was_never_tested_has_no_status():
    assert "NPM1" not in cohort_row(view()).markers


@pytest.mark.parametrize(
    ("data", "as_of", "overdue"),
    [
        pytest.param(dated("2022-01-01"), date(2022, 6, 1), True, id="overdue"),
        pytest.param(dated("2022-05-01"), date(2022, 6, 1), False, id="in-time"),
        pytest.param(dated("2022-01-01"), None, None, id="not-judged"),
        pytest.param(records(), date(2022, 6, 1), None, id="no-date"),
        pytest.param(
            dated("2022-01-01", events=(Event(EventType.DEATH, "death", Time.on("2022-02-01")),)),
            date(2022, 6, 1),
            False,
            id="died",
        ),
    ],
)
def test_overdue(data, as_of, overdue):
    assert cohort_row(bare(data), as_of=as_of).overdue is overdue


def test_a_patient_without_results_has_a_row():
    row = cohort_row(bare(PatientRecords(PatientInfo("P03"))))
    assert (row.samples, row.curves, row.best) == (0, (), None)
    assert "P03" in cohort_page([row], PROVENANCE)


def test_page_links_to_patients_and_names_versions():
    html = cohort_page([cohort_row(view(), link="P01.html")], PROVENANCE)
    assert '<a href="P01.html">P01</a>' in html
    assert "rules eln2022 1" in html
    assert 'page " counter(page)' in html


def test_reduction_in_the_waterfall_is_that_of_the_table():
    html = cohort_page([cohort_row(view())], PROVENANCE)
    assert "<title>P01:  2.71 log10, MFC-MRD" in html
    assert re.search(r"<td> 2\.71<td>", html)


def test_marker_table_counts_every_patient_once():
    html = cohort_page([cohort_row(view()), cohort_row(bare(dated("2022-01-01")))], PROVENANCE)
    row = re.search(r'<tr><th scope="row">FLT3-ITD</th>(.*?)</tr>', html)[1]
    # Detected, not detected, insufficient, not tested: one patient is negative, the other was not tested.
    assert re.findall(r"<td>(\d+)</td>", row) == ["0", "1", "0", "1"]


def test_survival_is_drawn_and_written():
    curve = Survival("MRD-negative", ((0, 1, 1, 1, 5), (10, 0.8, 0.2, 0.97, 5)))
    html = cohort_page([cohort_row(view())], PROVENANCE, survival=[curve], note="Relapse.")
    assert "<td>0.800</td><td>0.200 to 0.970</td><td>5</td>" in html
    assert "MRD-negative</text>" in html


@pytest.mark.parametrize(
    ("count", "words"), [pytest.param(1, "1 patient<", id="one"), pytest.param(2, "2 patients<", id="two")]
)
def test_patients_are_counted_in_words(count, words):
    assert words in cohort_page([cohort_row(view())] * count, PROVENANCE)


def test_each_printed_page_names_audit_head_versions_and_review():
    html = cohort_page(
        [cohort_row(view())], Provenance("0.1.0", ("eln2022 1",), "ab12" * 16, "2026-01-31", "Dr. A. Example")
    )
    footer = html[html.index("@bottom-left") : html.index("</style>")]
    for words in ("moltrack 0", "eln2022 1", "audit ab12", "reviewed by", "counter(page)"):
        assert words in footer
    assert "Reviewed by Dr. A. Example." in html


def test_a_large_cohort_keeps_all_rows_without_javascript():
    row = cohort_row(view())
    html = cohort_page([row] * (PORTION + 2), PROVENANCE)
    assert html.count("<th scope=row>P01") == PORTION + 2
    assert html[html.index('<noscript id="more-rows">') : html.index("</noscript>")].count("<th scope=row>P01") == 2


def test_hostile_text_is_text():
    html = cohort_page([cohort_row(hostile_view(), link="x.html")], PROVENANCE, title=HOSTILE)
    assert "<img" not in html
    assert html.count("<script") == 2
    assert "\u202e" not in html


def test_courses_are_in_days_from_day_zero():
    row = cohort_row(view())
    assert [(mark.kind, mark.day) for mark in row.marks if mark.kind == "infusion"] == [
        ("infusion", 0),
        ("infusion", 2),
    ]
    assert build_axis(records()).anchor == "CD7 CAR-T"
