"""Verdicts in words: what a physician reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from patients import lesion, missed, patient, sample, seen, variant

from moltrack.analysis import build_axis
from moltrack.model import Marker, MarkerKind, Technique, Truth
from moltrack.rules import Inputs, Number, changes_between, evaluate, explain, load_ruleset, risk_verdict, summary

ITD = Marker("FLT3-ITD", MarkerKind.ITD, "FLT3-ITD", genes=("FLT3",), lesions=("FLT3_ITD",))
NPM1 = variant("NPM1", "p.Trp288fs")
CBF = lesion("t_8_21")
EVERYTHING = {
    name: Truth.NO
    for name in (*load_ruleset("eln2017").inputs, *load_ruleset("eln2022").inputs, *load_ruleset("eln2024li").inputs)
    if name not in {"kmt2a_r", "FLT3_ITD_high", "TP53_at_threshold", "TP53_at_10"}
} | {"TP53": Truth.NO, "FLT3_ITD": Truth.NO}


def verdict(ruleset: str, *present: str, unknown: tuple[str, ...] = (), **numbers: float):  # type: ignore[no-untyped-def]
    answers = EVERYTHING | dict.fromkeys(unknown, Truth.UNKNOWN) | dict.fromkeys(present, Truth.YES)
    levels = {name: Number(value, value, f"{value:g}") for name, value in numbers.items()}
    return evaluate(load_ruleset(ruleset), Inputs(answers, levels))


def test_a_category_stands_in_the_first_line() -> None:
    assert summary(verdict("eln2022", "t_8_21")) == "ELN 2022 genetic risk: favorable"


def test_what_is_open_is_named_with_the_test_that_decides() -> None:
    """NPM1 with an ITD whose ratio is not reported (Döhner, Blood 2017;129:424, Table 5)."""
    lines = summary(verdict("eln2017", "NPM1", "FLT3_ITD")).splitlines()
    assert lines == [
        "ELN 2017 genetic risk: not assessable (possible: favorable, intermediate)",
        "  as observed (on what was tested, not the guideline's result): not assessable (possible: favorable, intermediate)",
        "  would decide: FLT3-ITD allelic ratio (fragment analysis)",
    ]


def test_a_conflict_names_the_usual_convention_and_no_test() -> None:
    text = summary(verdict("eln2022", "t_8_21", "minus7"))
    assert "not assessable (possible: favorable, adverse; usual convention: favorable)" in text
    assert "the guideline states no precedence between the rows that hold" in text
    assert "would decide" not in text


def test_a_convention_and_a_derivation_are_named_as_basis() -> None:
    assert "adverse (basis: derived)" in summary(verdict("eln2022", "NPM1", "FLT3_ITD", "ASXL1", FLT3_ITD_AR=0.2))
    open_ = ("NPM1", "CEBPA_bZIP")
    assert "adverse (basis: convention)" in summary(verdict("eln2022", "minus5_5q", unknown=open_))


def test_a_flag_is_printed_with_its_sentence() -> None:
    text = summary(verdict("eln2022", "t_9_22"))
    assert "flag: exclude_cml" in text
    assert "BCR::ABL1: exclude blast phase of chronic myeloid leukaemia." in text


def test_a_guideline_that_does_not_apply_says_why() -> None:
    text = summary(verdict("eln2022", "t_15_17"))
    assert text.endswith("not applicable; acute promyelocytic leukaemia has its own recommendations.")


def test_the_tree_names_paper_row_predicate_value_sample_file_and_line() -> None:
    ratio = seen(ITD, "D", 0.49, quantity="allelic_ratio", printed="0.49", technique=Technique.FRAGMENT_ANALYSIS)
    records = patient((NPM1, seen(NPM1, "D", 0.4)), (ITD, ratio), (CBF, missed(CBF, "D")))
    text = explain(risk_verdict(load_ruleset("eln2017"), records, build_axis(records)))
    assert "[    YES] favorable: mutated NPM1 without FLT3-ITD, or with FLT3-ITD of low allelic ratio" in text
    assert "Döhner, Blood 2017;129:424, Table 5, favorable, row 3" in text
    assert "[     NO] FLT3-ITD of high allelic ratio (≥ 0.5): 0.49" in text
    assert "NPM1 p.Trp288fs: detected (40 %), DNA sequencing [panel], sample D <calls.vcf:12>" in text
    assert "[UNKNOWN] inv(16)(p13.1q22) or t(16;16)(p13.1;q22)/CBFB::MYH11" in text
    assert "not tested, missing: CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)" in text
    assert "For research and for review by a physician." in text


def test_a_relapse_sample_says_that_the_guideline_was_not_made_for_it() -> None:
    records = patient((NPM1, seen(NPM1, "R", 0.4)), samples=(sample("D", 0, "diagnosis"), sample("R", 90, "relapse")))
    text = summary(risk_verdict(load_ruleset("eln2022"), records, build_axis(records), at="R"))
    assert "The guideline was made for diagnosis, not for a sample of relapse." in text


def test_a_laboratorys_threshold_is_printed_with_the_verdict(write: Callable[..., Path]) -> None:
    rules = load_ruleset(write("lab.yaml", "extends: eln2022", "thresholds: {tp53_vaf: 0.05}"))
    inputs = Inputs(EVERYTHING | {"TP53": Truth.YES}, {"TP53_VAF": Number(0.06, 0.06, "6 %")})
    text = explain(evaluate(rules, inputs))
    assert "laboratory's threshold: tp53_vaf is 0.05 instead of 0.1" in text
    assert "[    YES] TP53 mutated at or above the VAF threshold (≥ 0.05): 6 %" in text


def test_a_minor_is_told_that_the_guideline_was_made_for_adults() -> None:
    found = evaluate(load_ruleset("eln2022"), Inputs(EVERYTHING, age=17))
    assert found.flags == ("minor",)
    assert "Made for adults; the patient was 17 at diagnosis." in summary(found)
    assert evaluate(load_ruleset("eln2022"), Inputs(EVERYTHING, age=18)).flags == ()


def test_what_differs_between_guidelines_is_told_with_the_rows_that_hold() -> None:
    """Three trisomies: complex in 2017, excluded in 2022."""
    text = changes_between([verdict(name, "complex", "hyperdiploid") for name in ("eln2017", "eln2022")])
    assert "ELN 2017 genetic risk: adverse; rows that hold: adverse rearrangement" in text
    assert "ELN 2022 genetic risk: intermediate; rows that hold: cytogenetic or molecular abnormalities" in text


def test_nothing_differs_where_all_guidelines_agree() -> None:
    assert changes_between([verdict(name, "t_8_21") for name in ("eln2017", "eln2022")]) == ""


@pytest.mark.parametrize("ruleset", ["eln2017", "eln2022", "eln2024li"])
def test_every_unknown_predicate_names_the_test_that_is_missing(ruleset: str) -> None:
    found = evaluate(load_ruleset(ruleset), Inputs({}))
    assert found.predicates
    assert all(predicate.missing for predicate in found.predicates)


@pytest.mark.parametrize(("vaf", "told"), [(0.019, True), (0.02, False)])
def test_a_variant_in_the_range_of_clonal_haematopoiesis_is_told(vaf: float, told: bool) -> None:
    gene = variant("SRSF2", "p.Pro95His")
    records = patient((gene, seen(gene, "D", vaf)))
    text = explain(risk_verdict(load_ruleset("eln2022"), records, build_axis(records)))
    assert ("VAF below 2 %, as in clonal haematopoiesis" in text) == told


def test_a_ratio_by_sequencing_is_told_to_underestimate() -> None:
    ratio = seen(ITD, "D", 0.4, quantity="allelic_ratio", printed="0.40", flags=("ar_from_ngs",))
    records = patient((ITD, ratio))
    text = explain(risk_verdict(load_ruleset("eln2017"), records, build_axis(records)))
    assert "[UNKNOWN] FLT3-ITD of high allelic ratio (≥ 0.5): 0.40 (ratio by sequencing, which underestimates)" in text
