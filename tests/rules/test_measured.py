"""The numbers behind a threshold: allelic ratio and VAF, and what stays open about them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from patients import patient, seen, variant

from moltrack.model import Assay, Marker, MarkerKind, Observation, Technique, Truth
from moltrack.rules.measured import flt3_itd_ratio, tp53_vaf

ITD = Marker("FLT3-ITD", MarkerKind.ITD, "FLT3-ITD", genes=("FLT3",), lesions=("FLT3_ITD",))

# --- allelic ratio ----------------------------------------------------------------------------------------------------


def ratio_answer(*items: Observation, clones: tuple[Marker, ...] = (), assays: tuple[Assay, ...] = ()) -> Truth:
    """Whether the FLT3-ITD of these observations is of high ratio."""
    records = patient(*((ITD, item) for item in items))
    markers = {marker.id: marker for marker in (ITD, *clones)}
    records = replace(records, markers=tuple(markers.values()), assays=assays)
    number = flt3_itd_ratio([(ITD, item) for item in items if item.marker == ITD.id], records)
    return Truth.UNKNOWN if number is None else number.at_least(0.5)


def fragment(level: float, printed: str, **more: object) -> Observation:
    values = {"technique": Technique.FRAGMENT_ANALYSIS, "quantity": "allelic_ratio", "printed": printed} | more
    return seen(ITD, "D", level, **values)


@pytest.mark.parametrize(
    ("level", "printed", "answer"),
    [
        pytest.param(0.499, "0.499", Truth.NO, id="below"),
        pytest.param(0.5, "0.50", Truth.YES, id="at"),
        pytest.param(0.594, "59.4 %", Truth.YES, id="above"),
    ],
)
def test_a_ratio_of_fragment_analysis_is_taken_as_printed(level: float, printed: str, answer: Truth) -> None:
    assert ratio_answer(fragment(level, printed)) is answer


def test_no_ratio_is_open() -> None:
    assert ratio_answer(seen(ITD, "D")) is Truth.UNKNOWN


def test_a_ratio_whose_digits_straddle_the_threshold_is_open() -> None:
    assert ratio_answer(fragment(0.49, "0.49", flags=("ar_rounding",))) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("level", "printed", "answer"),
    [
        # 33.25 to 33.35 % of all product is a ratio of 0.4981 to 0.5004
        pytest.param(0.333, "33.3 %", Truth.UNKNOWN, id="33.3"),
        # 33.15 to 33.25 %: 0.4959 to 0.4981
        pytest.param(0.332, "33.2 %", Truth.NO, id="33.2"),
        # 33.35 to 33.45 %: 0.5004 to 0.5026
        pytest.param(0.334, "33.4 %", Truth.YES, id="33.4"),
        # 32.5 to 33.5 %: 0.481 to 0.504
        pytest.param(0.33, "33 %", Truth.UNKNOWN, id="33"),
        pytest.param(0.333, "0.333", Truth.UNKNOWN, id="fraction"),
        pytest.param(1.0, "100 %", Truth.YES, id="no-wild-type"),
    ],
)
def test_a_fraction_of_fragment_analysis_is_converted_with_its_rounding(
    level: float, printed: str, answer: Truth
) -> None:
    assert ratio_answer(fragment(level, printed, quantity="vaf")) is answer


def test_a_printed_ratio_comes_before_the_fraction_computed_from_it() -> None:
    computed = fragment(0.3333, "0.499", quantity="vaf", flags=("computed_from_ar",))
    assert ratio_answer(fragment(0.499, "0.499"), computed) is Truth.NO


def test_a_fraction_of_sequencing_is_no_ratio() -> None:
    assert ratio_answer(seen(ITD, "D", 0.45)) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("level", "answer"),
    [pytest.param(0.3, Truth.UNKNOWN, id="below"), pytest.param(0.5, Truth.YES, id="at")],
)
def test_a_ratio_of_sequencing_counts_only_from_the_threshold_on(level: float, answer: Truth) -> None:
    """It underestimates, longer duplications more so."""
    assert ratio_answer(seen(ITD, "D", level, quantity="allelic_ratio", flags=("ar_from_ngs",))) is answer


def test_a_ratio_of_a_validated_assay_counts_below_the_threshold() -> None:
    item = seen(ITD, "D", 0.3, quantity="allelic_ratio", flags=("ar_from_ngs",), assay="getitd")
    assert ratio_answer(item, assays=(Assay("getitd", valid_allelic_ratio=True),)) is Truth.NO


def test_fragment_analysis_comes_before_sequencing() -> None:
    ngs = seen(ITD, "D", 0.6, quantity="allelic_ratio", flags=("ar_from_ngs",))
    assert ratio_answer(ngs, fragment(0.45, "0.450", assay="fragment")) is Truth.NO


@pytest.mark.parametrize(
    ("one", "two", "answer"),
    [
        pytest.param(0.30, 0.30, Truth.UNKNOWN, id="sum-high-largest-low"),
        pytest.param(0.25, 0.25, Truth.UNKNOWN, id="sum-at-the-threshold"),
        pytest.param(0.20, 0.20, Truth.NO, id="both-low"),
        pytest.param(0.60, 0.10, Truth.YES, id="both-high"),
    ],
)
def test_several_clones_are_open_where_sum_and_largest_differ(one: float, two: float, answer: Truth) -> None:
    clones = tuple(replace(ITD, id=f"FLT3-ITD {n} bp", lesions=(), parent=ITD.id) for n in (21, 60))
    single = [
        replace(fragment(level, f"{level}"), marker=clone.id) for level, clone in zip((one, two), clones, strict=True)
    ]
    total = fragment(one + two, f"{one}; {two}", flags=("sum_of_clones",))
    assert ratio_answer(total, *single, clones=clones) is answer


# --- TP53 -------------------------------------------------------------------------------------------------------------


def test_the_highest_vaf_of_tp53_counts() -> None:
    low, high = variant("TP53", "p.Arg175His"), variant("TP53", "p.Tyr220Cys")
    number = tp53_vaf([(low, seen(low, "D", 0.05)), (high, seen(high, "D", 0.12))])
    assert number is not None
    assert (number.low, number.high, number.text) == (0.12, 0.12, "12 %")


def test_a_second_mutation_without_vaf_leaves_the_threshold_open() -> None:
    low, unknown = variant("TP53", "p.Arg175His"), variant("TP53", "p.Tyr220Cys")
    number = tp53_vaf([(low, seen(low, "D", 0.05)), (unknown, seen(unknown, "D"))])
    assert number is not None
    assert number.at_least(0.10) is Truth.UNKNOWN
