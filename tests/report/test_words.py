"""Levels, limits and courses in words."""

from __future__ import annotations

import pytest

from moltrack.model import (
    Clearance,
    Counts,
    Estimate,
    Interval,
    Limit,
    LimitKind,
    MarkerKind,
    PlacedSample,
    Point,
    Reduction,
    SampleInfo,
    Status,
    Technique,
    Time,
)
from moltrack.report import words
from report.case import records, seen, view

FLOW = Technique.FLOW


def point(bound: Limit | None = None, **fields: object) -> Point:
    item = seen("d17", "MFC-MRD", "MFC", FLOW, 2, **({"quantity": "cell_fraction"} | fields))
    return Point("d17", 5, 17, 17, 17, item.status, item.level, bound, None, item)


LOD = Limit(LimitKind.LOD, 0.001, "declared")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        pytest.param(point(level=0.059), "5.9 %", id="level"),
        pytest.param(point(level=0.059, comparator=">"), "> 5.9 %", id="comparator"),
        pytest.param(point(), "detected, no level", id="no-level"),
        pytest.param(point(LOD, status=Status.NOT_DETECTED), "not detected (< 0.1 %)", id="miss"),
        pytest.param(point(status=Status.NOT_DETECTED), "not detected, limit unknown", id="miss-without-limit"),
        pytest.param(point(status=Status.NOT_EVALUABLE), "not evaluable", id="failed"),
        pytest.param(point(text="complex", quantity=""), "complex", id="conclusion"),
        pytest.param(point(Limit(LimitKind.LOQ, 0.01, "declared"), level=0.004), "0.4 % (below LOQ)", id="below-loq"),
    ],
)
def test_level_words(shown, text):
    assert words.level_words(shown) == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        pytest.param(Counts(alt=12, depth=25_000), "12 of 25,000 reads", id="reads"),
        pytest.param(Counts(alt=3, ref=7), "3 of 10 reads", id="reads-without-depth"),
        pytest.param(Counts(cells=144, cells_total=200), "144 of 200 cells", id="nuclei"),
        pytest.param(Counts(junction_reads=4, spanning_reads=2), "4 split + 2 spanning reads", id="fusion"),
        pytest.param(Counts(copies=5, control_copies=30_000), "5 of 30,000 control copies", id="qpcr"),
        pytest.param(Counts(), "", id="none"),
    ],
)
def test_counts_words(counts, text):
    assert words.counts_words(counts) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        pytest.param(Reduction("s", 1.003), "1.00 log10 below baseline", id="exact"),
        pytest.param(Reduction("s", 2.5, "≥"), "≥ 2.50 log10 below baseline", id="bound"),
        pytest.param(Reduction("s", -0.3), "0.30 log10 above baseline", id="rise"),
        pytest.param(Reduction("s", None, reason="the baseline has no level"), "the baseline has no level", id="none"),
        pytest.param(
            Reduction("s", 2.92, interval=Interval(2.67, 3.17, "delta 95 %")),
            "2.92 log10 below baseline (95 % 2.67 to 3.17)",
            id="interval",
        ),
    ],
)
def test_reduction_words(found, text):
    assert words.reduction_words(found) == text


def test_a_bound_is_not_repeated_as_an_interval():
    item = Estimate("best_response", 3.52, "log10", "≥", Interval(3.52, None, "bound from LOD"))
    assert words.estimate_words(item, "vaf") == "≥ 3.52 log10"


def test_an_estimate_without_value_says_why():
    assert (
        words.estimate_words(Estimate("auc", None, "days", reason="two samples"), "vaf")
        == "not assessable: two samples"
    )


def state(marker: str, quantity: str) -> words.State:
    [found] = [c for c in view().clearances if (c.series.marker, c.series.quantity) == (marker, quantity)]
    return words.state_of(found, view().axis)


def test_now_before_and_baseline_of_a_series():
    found = state("TP53 deletion", "cell_fraction")
    assert (found.now, found.sample, found.previous, found.change) == ("9 %", "d17", "72 % (sample dx)", "fell 8-fold")
    assert (found.reduction, found.status) == ("0.90 log10 below baseline", "still detected")
    assert not found.is_latest


def test_a_new_level_after_a_detection_without_one_is_no_change_of_level():
    assert state("SKAP2::RUNX1", "fusion_fraction").change == "still detected"


def test_a_long_course_is_shortened():
    [car] = [c for c in view().clearances if c.series.marker == "CAR"]
    many = Clearance(car.series.__class__(**{f: getattr(car.series, f) for f in car.series.__slots__} | {"points": car.series.points * 5}), None, "")  # fmt: skip
    assert "6 more results" in words.trend_sentences([many], view().axis)[0]


def test_a_row_of_the_table_has_all_columns():
    item = records().observations[0]
    assert len(words.cells(item, "ASXL1", None, None, None)) == len(words.COLUMNS)


def test_hover_escapes_what_files_say():
    row = ["<b>x</b>"] * len(words.COLUMNS)
    assert "&lt;b&gt;x&lt;/b&gt;" in words.hover_text(row)


def test_short_forms_of_verdicts_are_written_out():
    assert words.category_words("A") == "adverse"
    assert words.readable("computed NA{F,I}.") == "computed not assessable (favorable, intermediate)."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("NA{F,I}", "not assessable (favorable, intermediate)", id="undecided"),
        pytest.param(
            "NA{F,A}; conv A", "not assessable (favorable, adverse), by convention adverse", id="by-convention"
        ),
    ],
)
def test_no_short_form_of_a_category_reaches_a_page(text, said):
    assert words.category_words(text) == said


def test_a_change_of_chimerism_is_a_difference():
    """99.7 % to 97 % of the donor's is a tenfold rise of the patient's, not a fall to the 0.97th."""
    before, now = point(level=0.997), point(level=0.97)
    assert words.change_words(before, now, MarkerKind.CHIMERISM) == "fell by 2.7 percentage points"
    assert words.change_words(before, now) == "fell 1.03-fold"


@pytest.mark.parametrize(
    ("time", "day", "said"),
    [
        pytest.param(Time.on("2021-05-12"), 17, "2021-05-12 (day 17)", id="date-and-day"),
        pytest.param(Time.on("2021-05"), None, "2021-05", id="date"),
        pytest.param(Time.day(17), 17, "day 17", id="day"),
        pytest.param(Time(order=3), None, "#3", id="order"),
    ],
)
def test_a_sample_says_date_and_day_where_both_are_known(time, day, said):
    placed = PlacedSample(SampleInfo("P01", "S", time), 1, day, day, day)
    assert words.sample_when(placed) == said
