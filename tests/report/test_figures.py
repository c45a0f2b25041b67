"""What is drawn where: bounds at their own limits, units on axes of their own, times that cannot be linked behind a break."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moltrack.model import Limit, LimitKind, SampleInfo, Status, Technique, Time, Tissue
from moltrack.report import figure, patient_page
from moltrack.report.figures import build_chart
from moltrack.report.panels import nice_step, tick_text
from moltrack.report.places import by_days, by_order
from report.case import late_view, observations, records, seen, view


def trace(fig: dict, start: str, number: int = 0) -> dict:
    return [t for t in fig["data"] if t.get("name", "").startswith(start)][number]


def titles(fig: dict) -> list[str]:
    return [note["text"].removeprefix("<b>").removesuffix("</b>") for note in fig["layout"]["annotations"]]


def test_plotly_takes_the_figure():
    import plotly.graph_objects as go

    assert len(go.Figure(figure(view())).data) == len(figure(view())["data"])


def test_units_never_share_an_axis():
    found = titles(figure(view()))
    assert found[:4] == ["VAF", "Allelic ratio", "Fraction of cells · FISH", "Fraction of cells · flow cytometry"]


def test_a_miss_is_an_open_triangle_at_its_own_limit():
    drawn = trace(figure(view()), "FLT3-ITD · allelic ratio")
    assert (drawn["y"][-1], drawn["marker"]["symbol"][-1]) == (0.01, "triangle-down-open")


def test_the_way_to_a_bound_is_dashed():
    fig = figure(view())
    [dashed] = [t for t in fig["data"] if t["mode"] == "lines" and t["y"][:2] == [0.594, 0.059]]
    assert dashed["line"]["dash"] == "dash"
    assert dashed["y"][3:5] == [0.059, 0.01]


@pytest.mark.parametrize(
    ("day", "tissue", "dashed"),
    [
        pytest.param(21, Tissue.PB, 1, id="untested-sample-between"),
        pytest.param(21, Tissue.BM, 0, id="of-another-tissue"),
        pytest.param(28, Tissue.PB, 0, id="of-the-same-day"),
        pytest.param(35, Tissue.PB, 0, id="after-it"),
    ],
)
def test_the_way_over_an_untested_sample_is_dashed(day, tissue, dashed):
    """The levels before and after say nothing of a sample that was taken and not tested."""
    more = SampleInfo("P01", "more", Time.day(day), tissue)
    data = records()
    fig = figure(view(replace(data, samples=(*data.samples, more))))
    found = [t for t in fig["data"] if t["mode"] == "lines" and t["y"][:2] == [183945.0, 5084.0]]
    assert len(found) == dashed
    assert (None in trace(fig, "CAR copies")["y"]) == bool(dashed)


def test_a_miss_without_limit_stands_in_a_band_and_not_on_the_scale():
    levels, band = trace(figure(view()), "MFC-MRD", 0), trace(figure(view()), "MFC-MRD", 1)
    assert None not in levels["y"][:1]
    assert 0.129 in levels["y"]
    assert 0.00025 in levels["y"]
    assert band["marker"]["symbol"] == ["triangle-down-open"]
    assert band["yaxis"] != levels["yaxis"]


def test_a_miss_without_level_is_drawn_at_its_limit_and_finds_its_row():
    item = seen(
        "d28pb", "CAR", "CAR qPCR", Technique.QPCR, 3, status=Status.NOT_DETECTED,
        limits=(Limit(LimitKind.LOD, 10.0, "printed in the row"),),
    )  # fmt: skip
    others = tuple(o for o in observations() if not (o.sample == "d28pb" and o.marker == "CAR"))
    shown = view(replace(records(), observations=(*others, item)))
    drawn = trace(figure(shown), "CAR copies")
    assert (drawn["y"][-1], drawn["marker"]["symbol"][-1]) == (10.0, "triangle-down-open")
    assert "not detected (&lt; 10 copies/µg)" in patient_page(shown)


def test_a_detection_without_level_is_a_plus_in_a_band():
    band = trace(figure(view()), "SKAP2::RUNX1", 1)
    assert band["marker"]["symbol"] == ["cross", "cross"]


def test_zero_is_never_drawn_on_a_log_axis():
    fig = figure(view())
    for drawn in fig["data"]:
        axis = fig["layout"].get("yaxis" + drawn["yaxis"][1:], {})
        if axis.get("type") == "log":
            assert all(value is None or value > 0 for value in drawn["y"])


def test_below_loq_is_half_open():
    item = seen(
        "d28pb", "CAR", "CAR qPCR", Technique.QPCR, 3, quantity="copies_per_ug", level=40.0,
        limits=(Limit(LimitKind.LOQ, 50.0, "declared"),),
    )  # fmt: skip
    others = tuple(o for o in observations() if not (o.sample == "d28pb" and o.marker == "CAR"))
    fig = figure(view(replace(records(), observations=(*others, item))))
    assert trace(fig, "CAR copies")["marker"]["symbol"] == ["star", "star-open-dot"]


@pytest.mark.parametrize(
    ("fields", "sign", "symbol"),
    [
        pytest.param({"level": 5084.0}, " ", "star", id="measured"),
        pytest.param({"level": 40.0}, "+", "star-open-dot", id="below-loq"),
        pytest.param({}, "+", "star-open-dot", id="positive-without-level"),
        pytest.param({"level": 50.0, "comparator": "<"}, "&lt;", "star-open-dot", id="positive-below-a-bound"),
        pytest.param({"status": Status.NOT_DETECTED}, "&lt;", "triangle-down-open", id="miss"),
    ],
)
def test_a_sign_stands_beside_what_is_no_measured_level(fields, sign, symbol):
    item = seen(
        "d28pb", "CAR", "CAR qPCR", Technique.QPCR, 3, quantity="copies_per_ug",
        **({"limits": (Limit(LimitKind.LOD, 10.0, "declared"), Limit(LimitKind.LOQ, 50.0, "declared"))} | fields),
    )  # fmt: skip
    low = seen(
        "d14pb", "CAR", "CAR qPCR", Technique.QPCR, 2, quantity="copies_per_ug", level=20.0,
        limits=(Limit(LimitKind.LOQ, 50.0, "declared"),),
    )  # fmt: skip
    others = tuple(o for o in observations() if o.marker != "CAR")
    drawn = trace(figure(view(replace(records(), observations=(*others, low, item)))), "CAR copies")
    assert (drawn["text"][0], drawn["text"][-1]) == ("+", sign)
    assert drawn["marker"]["symbol"][-1] == symbol if isinstance(drawn["marker"]["symbol"], list) else symbol


def test_measured_levels_have_no_sign():
    drawn = trace(figure(view()), "CAR copies")
    assert (drawn["mode"], "text" in drawn) == ("lines+markers", False)


def test_intervals_are_drawn_for_few_markers_only():
    counted = tuple(
        replace(o, counts=replace(o.counts, alt=300, depth=5000)) if o.marker == "ASXL1" else o for o in observations()
    )
    data = replace(records(), observations=counted)
    assert trace(figure(view(data)), "ASXL1")["error_y"]["visible"] is False
    assert trace(figure(view(data), markers=("ASXL1",)), "ASXL1")["error_y"]["visible"] is True


def test_a_marker_alone_shows_its_limit_of_detection():
    fig = figure(view(), markers=("FLT3-ITD",))
    [steps, *_] = [t for t in fig["data"] if t.get("meta") == "limit"]
    assert (steps["visible"], steps["line"]["shape"]) == (True, "hv")
    assert all(t["visible"] is False for t in figure(view())["data"] if t.get("meta") == "limit")


def test_only_chosen_markers_are_drawn():
    chart = build_chart(view(), markers=("CAR",))
    assert [item.marker for item in chart.legend] == ["CAR"]


def test_linear_scale_begins_at_zero():
    axis = figure(view(), scale="linear")["layout"]["yaxis2"]
    assert axis["type"] == "linear"
    assert axis["range"][0] <= 0


def test_not_evaluable_is_hollow_in_the_strip_and_nowhere_else():
    item = replace(observations()[0], sample="d17", status=Status.NOT_EVALUABLE, level=None)
    fig = figure(view(replace(records(), observations=(*observations(), item))), markers=("ASXL1",))
    assert trace(fig, "Tested")["marker"]["symbol"] == ["square", "square-open"]
    assert len([y for y in trace(fig, "ASXL1")["y"] if y is not None]) == 1


def test_times_without_a_day_stand_left_of_the_break_in_their_order():
    places = by_days(view().axis)
    xs = places.samples
    assert xs["dx"] < xs["rel"] < xs["pre"] < places.breaks[0] < -6
    assert (xs["d14pb"], xs["d17"], xs["hsct"]) == (14, 17, 90)


def test_events_known_in_order_stand_between_their_samples():
    places = by_days(view().axis)
    at = {span.placed.event.name: span.x0 for span in places.events}
    assert places.samples["dx"] < at["IA (3+7)"] < at["CLAG + sorafenib"] < places.samples["rel"]


def test_equal_spacing_is_by_order():
    assert list(by_order(view().axis).samples.values()) == [1, 2, 3, 4, 5, 6, 7]


def test_a_short_history_has_nothing_to_leave_out():
    assert by_days(view().axis, trimmed=True) is None


def test_a_long_gap_is_left_out_and_says_how_long():
    places = by_days(late_view().axis, trimmed=True)
    # The last event before the gap is the platelets' (day 91 to 101), the next sample stands on day 820.
    [gap] = places.gaps
    assert (gap.x0, gap.days) == (101, 719)
    assert places.samples["late"] == pytest.approx(gap.x1)
    assert gap.x1 < 125


def test_the_true_scale_is_kept_beside_the_trimmed_one():
    chart = build_chart(late_view())
    assert list(chart.modes) == ["trimmed", "days", "equal"]
    assert len(chart.modes["trimmed"]["pieces"]) == 2
    assert len(chart.modes["days"]["pieces"]) == 1
    labels = [shape["label"]["text"] for shape in chart.figure["layout"]["shapes"] if "label" in shape]
    assert labels == ["719 days left out"]


def lines_of(chart):
    """(level, title) of thresholds by the title of their panel's axis."""
    return {
        chart.figure["data"][index]["yaxis"]: (
            chart.figure["data"][index]["y"][0],
            chart.figure["data"][index]["text"][-1],
        )
        for index in chart.lines
    }


def test_a_threshold_stands_only_in_the_panel_of_its_quantity():
    chart = build_chart(view())
    found = lines_of(chart)
    assert sorted(found.values()) == [
        (0.001, "0.1 %, ELN-MRD 2021"),
        (0.07, "7 %, cutoff of FISH"),
        (0.5, "0.5, ELN 2017 genetic risk"),
    ]
    flow = next(t["yaxis"] for t in chart.figure["data"] if t.get("name", "").startswith("MFC-MRD"))
    assert found[flow][0] == 0.001


def test_a_threshold_names_its_rule_when_hovered():
    chart = build_chart(view())
    text = next(chart.figure["data"][i]["hovertext"] for i in chart.lines if "MRD" in chart.figure["data"][i]["name"])
    assert (
        text
        == "<b>ELN-MRD 2021</b><br>flow MRD positive from here: 0.1 %<br>Heuser, Blood 2021;138:2753<br>rule mrd_eln2021 1"
    )


def test_no_line_for_markers_that_are_not_drawn():
    assert build_chart(view(), markers=("CAR",)).lines == {}


def test_samples_have_a_lane_with_their_tissue():
    lane = trace(figure(view()), "Samples")
    # Day 14 stands too near to day 17 for its label.
    assert lane["text"] == [" BM", " BM", " BM", " ", " BM", " PB", " BM"]
    assert lane["marker"]["symbol"][3] == "circle-open"


def test_both_layouts_of_time_have_the_same_panels():
    chart = build_chart(view())
    assert set(chart.modes) == {"days", "equal"}
    assert all(int(index) < len(chart.figure["data"]) for index in chart.modes["equal"]["traces"])


def test_hover_says_where_the_value_comes_from():
    text = trace(figure(view()), "TP53 deletion")["hovertext"][0]
    assert "<b>TP53 deletion</b>" in text
    assert "Source: FISH.csv:2" in text
    assert "Notes: cutoff unknown" in text


@pytest.mark.parametrize(
    ("value", "quantity", "percent", "text"),
    [
        pytest.param(0.01, "vaf", True, "1 %", id="percent"),
        pytest.param(1e-4, "cell_fraction", True, "0.01 %", id="small-percent"),
        pytest.param(1e-4, "cell_fraction", False, "10⁻⁴", id="power"),
        pytest.param(5e-4, "vaf", False, "5·10⁻⁴", id="multiple-of-a-power"),
        pytest.param(0.5, "allelic_ratio", True, "0.5", id="ratio-is-no-percent"),
        pytest.param(100_000, "copies_per_ug", True, "100,000", id="copies"),
    ],
)
def test_ticks(value, quantity, percent, text):
    assert tick_text(value, quantity, percent=percent) == text


@pytest.mark.parametrize(("size", "step"), [(0.3, 0.5), (2.0, 2.0), (6, 10), (0.011, 0.02)])
def test_steps_are_round(size, step):
    assert nice_step(size) == pytest.approx(step)
