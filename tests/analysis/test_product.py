"""Kinetics of a cell product; the reference values are worked out beside each test."""

from __future__ import annotations

import math

import pytest

from analysis.build import event, missed, patient, sample, seen
from moltrack.analysis import build_axis, build_series, clearance
from moltrack.analysis.product import trapezoid
from moltrack.model import Marker, MarkerKind, Measured

CAR = Marker("CAR", MarkerKind.EXPRESSION, "CAR transgene", finding=Measured(MarkerKind.EXPRESSION, "CAR transgene"))
INFUSION = event("infusion", type="infusion", is_anchor=True)


def estimates(levels: dict[int, float | None]) -> dict:
    """Estimates from levels by day; None = not detected below 50 copies/µg."""
    shared = {"marker": "CAR", "quantity": "copies_per_ug", "assay": "qpcr"}
    items = [
        missed(f"d{day}", 50, **shared) if level is None else seen(f"d{day}", level, **shared)
        for day, level in levels.items()
    ]
    records = patient([sample(f"d{day}", day) for day in levels], items, [INFUSION], markers=[CAR])
    axis = build_axis(records)
    [series] = build_series(records, axis)
    return {item.name: item for item in clearance(series, axis, records).estimates}


def test_the_reference_case():
    # Exp Hematol Oncol 2022;11:67: 183,945 copies/µg on day 14, 5,084 on day 28.
    found = estimates({14: 183_945, 28: 5_084})
    assert (found["cmax"].value, found["tmax"].value) == (183_945, 14)
    assert (found["clast"].value, found["tlast"].value) == (5_084, 28)
    assert found["log10_fall"].value == pytest.approx(1.558, abs=5e-4)
    assert found["half_life"].value == pytest.approx(2.70, abs=0.005)
    assert found["half_life"].warning == "two points carry no uncertainty"
    assert (found["persistence"].comparator, found["persistence"].value) == ("≥", 28)


def test_area_needs_three_samples():
    assert estimates({14: 183_945, 28: 5_084})["auc_0_28"].reason == "2 quantified samples: three are needed"


def test_area_is_linear_up_and_log_down():
    # 0-7 linear 0 to 100: 350; 7-14 linear to 400: 1750; 14-28 log to 100: 14 x 300 / ln 4 = 3029.7.
    found = estimates({7: 100, 14: 400, 28: 100})["auc_0_28"]
    assert found.value == pytest.approx(350 + 1750 + 14 * 300 / math.log(4))
    assert found.warning == "from 0 at infusion"


def test_area_stops_at_day_28_between_samples():
    # Falling from 400 on day 14 to 100 on day 42: on day 28 it is 200.
    found = estimates({7: 100, 14: 400, 42: 100})["auc_0_28"]
    assert found.value == pytest.approx(350 + 1750 + 14 * 200 / math.log(2))


def test_area_without_a_late_sample_is_named_so():
    found = estimates({7: 100, 14: 400, 21: 100})
    assert "auc_0_28" not in found
    assert found["auc_0_t"].warning == "no sample at or after day 28: area to day 21; from 0 at infusion"


def test_persistence_ends_with_the_last_quantified_day():
    found = estimates({7: 100, 14: 400, 28: 100, 60: None})["persistence"]
    assert (found.comparator, found.value) == ("", 28)


def test_trapezoid_of_a_constant_is_a_rectangle():
    assert trapezoid([(0, 5), (10, 5)]) == 50
