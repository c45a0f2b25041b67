"""What makes two results one series, and what they keep apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.build import NPM1, missed, observation, one_series, patient, sample, seen, series_of
from moltrack.model import (
    Assay,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Printed,
    PrintedLimit,
    Status,
    Technique,
    Tissue,
)
from moltrack.quantity import allelic_ratio_from_vaf

TWO = [sample("a", 0), sample("b", 30)]


def test_points_stand_in_the_order_of_samples():
    series = one_series(patient(TWO, [seen("b", 0.1), seen("a", 0.4)]))
    assert [(point.sample, point.day, point.level) for point in series.points] == [("a", 0, 0.4), ("b", 30, 0.1)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"tissue": Tissue.PB}, id="tissue"),
        pytest.param({"assay": "qpcr"}, id="assay"),
        pytest.param({"quantity": "normalized_copies"}, id="quantity"),
        pytest.param({"denominator": "CD34+"}, id="denominator"),
    ],
)
def test_another_scale_is_another_series(other):
    assert len(series_of(patient(TWO, [seen("a", 0.4), seen("b", 0.1, **other)]))) == 2


def test_a_hidden_marker_has_no_series():
    hidden = Marker("NPM1", MarkerKind.SMALL_VARIANT, "NPM1", tracked=False)
    assert series_of(patient(TWO, [seen("a", 0.4)], markers=[hidden])) == ()


def test_a_detection_without_level_stands_in_each_series_of_its_marker():
    records = patient(
        [*TWO, sample("c", 60)],
        [
            seen("a", 0.594, quantity="allelic_ratio"),
            seen("a", 0.373, quantity="vaf"),
            seen("b", quantity=""),
        ],
    )
    assert [(s.quantity, [p.sample for p in s.points]) for s in series_of(records)] == [
        ("allelic_ratio", ["a", "b"]),
        ("vaf", ["a", "b"]),
    ]


def test_a_miss_on_the_vaf_scale_keeps_its_limit_on_the_ratio_scale():
    records = patient(TWO, [seen("a", 0.594, quantity="allelic_ratio"), missed("b", 0.01)])
    assert one_series(records).points[1].bound.value == pytest.approx(allelic_ratio_from_vaf(0.01))


def test_a_limit_of_another_scale_is_not_carried_over():
    records = patient(TWO, [seen("a", 0.3, quantity="normalized_copies"), missed("b", 0.01, quantity="cell_fraction")])
    assert one_series(records).points[1].bound is None


def test_only_results_without_level_form_a_series_of_their_own():
    records = patient(TWO, [seen("a", quantity=""), missed("b", quantity="")])
    assert (one_series(records).quantity, len(one_series(records).points)) == ("", 2)


def test_same_as_joins_with_its_factor():
    assays = [Assay("panel"), Assay("old", same_as="panel", factor=Decimal(2))]
    records = patient(TWO, [seen("a", 0.1, assay="old"), seen("b", 0.1)], assays=assays)
    assert [point.level for point in one_series(records).points] == [0.2, 0.1]


def test_same_as_without_factor_joins_nothing():
    assays = [Assay("panel"), Assay("old", same_as="panel")]
    assert len(series_of(patient(TWO, [seen("a", 0.1, assay="old"), seen("b", 0.1)], assays=assays))) == 2


def test_a_new_program_version_flags_the_series():
    items = [seen("a", 0.4, tool="Mutect2", tool_version="4.1"), seen("b", 0.1, tool="Mutect2", tool_version="4.4")]
    assert one_series(patient(TWO, items)).flags == ("Mutect2 4.1 until then, Mutect2 4.4 from sample b",)


def test_a_miss_without_a_level_is_on_the_scale_of_its_series():
    bare = missed("b", 0.0002, quantity="")
    point = one_series(patient(TWO, [seen("a", 0.3, quantity="normalized_copies", denominator="ABL1"), bare])).points[1]
    assert (point.bound.value, point.observation.quantity, point.observation.denominator) == (
        0.0002,
        "normalized_copies",
        "ABL1",
    )


def test_of_two_scales_nothing_says_which_a_limit_is_on():
    items = [seen("a", 0.594, quantity="allelic_ratio"), seen("a", 0.37), missed("b", 0.01, quantity="")]
    assert [series.points[1].bound for series in series_of(patient(TWO, items))] == [None, None]


def test_limits_of_the_assay_are_those_of_the_scale():
    limit = PrintedLimit(LimitKind.LOD, Printed("cell_fraction", Decimal("0.01"), "%", "0.01 %"))
    assay = Assay("flow", Technique.FLOW, limits=(limit,))
    mixed = (Limit(LimitKind.LOD, 0.5, "declared for assay flow"),)
    flow = {"assay": "flow", "technique": Technique.FLOW}
    records = patient(
        TWO,
        [
            seen("a", 0.129, quantity="cell_fraction", **flow),
            observation("b", Status.NOT_DETECTED, quantity="", limits=mixed, **flow),
        ],
        markers=[NPM1],
        assays=[assay],
    )
    assert one_series(records).points[1].bound.value == pytest.approx(1e-4)
