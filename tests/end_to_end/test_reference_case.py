"""The published case (Exp Hematol Oncol 2022;11:67) from its files to what the tool says of it, through the command line.

Expected numbers are those that the letter prints, and what follows from them by hand: log10(0.72 / 0.09) = 0.903,
log10(0.594 / 0.059) = 1.003, VAF = AR / (1 + AR) gives 0.3726 and 0.0557 with log10 0.825, log10(0.129 / 0.00025) = 2.713,
log10(183945 / 5084) = 1.558 and 14 d · ln 2 / ln(183945 / 5084) = 2.70 d.
"""

from __future__ import annotations

from typing import Any

import pytest

Rows = list[dict[str, Any]]


def of(rows: Rows, **wanted: str) -> dict[str, Any]:
    """The only row with these cells."""
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("sample", "label", "quantity", "level"),
    [
        ("diagnosis", "ASXL1 p.Glu635ArgfsTer15", "vaf", 0.06),
        ("diagnosis", "FLT3-ITD", "allelic_ratio", 0.594),
        ("diagnosis", "TP53 deletion (17p loss)", "cell_fraction", 0.72),
        ("before_infusion", "blasts", "cell_fraction", 0.20),
        ("before_infusion", "MFC-MRD", "cell_fraction", 0.129),
        ("before_infusion", "CD7 on blasts", "cell_fraction", 0.956),
        ("d14", "CD7 CAR transgene", "copies_per_ug", 183945),
        ("d17", "blasts", "cell_fraction", 0),
        ("d17", "MFC-MRD", "cell_fraction", 0.00025),
        ("d17", "TP53 deletion (17p loss)", "cell_fraction", 0.09),
        ("d17", "FLT3-ITD", "allelic_ratio", 0.059),
        ("d17", "SKAP2::RUNX1", "fusion_fraction", 0.03),
        ("d28", "CD7 CAR transgene", "copies_per_ug", 5084),
    ],
)
def test_every_printed_level_is_in_the_table(rows: Rows, sample: str, label: str, quantity: str, level: float) -> None:
    assert float(of(rows, sample=sample, label=label, quantity=quantity)["level"]) == level


@pytest.mark.parametrize("label", ["FLT3-ITD", "SKAP2::RUNX1"])
def test_positive_before_the_infusion_stays_a_detection_without_level(rows: Rows, label: str) -> None:
    row = of(rows, sample="before_infusion", label=label)
    assert (row["status"], row["level"]) == ("detected", "")


def test_tp53_deletion_fell_by_0_903_and_is_not_cleared(trend: Rows) -> None:
    row = of(trend, marker="TP53 deletion (17p loss)", sample="d17")
    assert (row["status"], row["log10 reduction"]) == ("detected", "0.903")


def test_nine_percent_by_fish_may_be_background_since_the_cutoff_is_not_declared(rows: Rows, page: str) -> None:
    row = of(rows, sample="d17", label="TP53 deletion (17p loss)")
    assert "cutoff_unknown" in row["flags"]
    assert row["cutoff"] == ""
    assert "the laboratory's cutoff is not declared" in page


def test_a_rule_that_needs_the_nine_percent_reads_unknown(case_db: Any) -> None:
    import json

    from command_line import moltrack

    [verdict] = json.loads(moltrack("risk", "P01", "--at", "d17", "--rules", "eln2022", "--format", "json", db=case_db))
    [loss] = [item for item in verdict["predicates"] if item["name"] == "minus17_abn17p"]
    assert loss["answer"] == "UNKNOWN"
    assert "not for a sample of" in verdict["guideline_note"]


@pytest.mark.parametrize(("quantity", "reduction"), [("allelic_ratio", "1.003"), ("vaf", "0.825")])
def test_flt3_itd_on_both_scales_never_mixed(trend: Rows, quantity: str, reduction: str) -> None:
    assert of(trend, marker="FLT3-ITD", sample="d17", quantity=quantity)["log10 reduction"] == reduction


def test_vaf_of_the_ratio_says_how_it_was_made(rows: Rows) -> None:
    row = of(rows, sample="diagnosis", label="FLT3-ITD", quantity="vaf")
    assert float(row["level"]) == pytest.approx(0.3726, abs=5e-5)
    assert row["formula"] == "VAF = AR / (1 + AR)"
    assert "computed_from_ar" in row["flags"]


def test_flow_mrd_fell_by_2_713(trend: Rows) -> None:
    assert of(trend, marker="MFC-MRD", sample="d17")["log10 reduction"] == "2.713"


def test_skap2_runx1_has_no_baseline_level_so_no_reduction(trend: Rows) -> None:
    row = of(trend, marker="SKAP2::RUNX1", sample="d17")
    assert row["log10 reduction"] == ""
    assert "no level" in row["note"]


def test_skap2_runx1_is_first_seen_at_relapse_not_emerging(page: str) -> None:
    assert "SKAP2::RUNX1 is first seen in sample relapse; no earlier sample was tested for it" in page


def test_asxl1_is_not_followed_up_and_a_gene_of_clonal_haematopoiesis(rows: Rows, page: str) -> None:
    assert [row["sample"] for row in rows if row["label"].startswith("ASXL1")] == ["diagnosis"]
    assert "not followed up" in page
    assert "ASXL1 is a gene of clonal haematopoiesis and is left out of NGS-MRD" in page


def test_car_copies_peak_fall_and_half_life(trend: Rows) -> None:
    kinetics = {row["status"]: row for row in trend if row["marker"] == "CD7 CAR transgene" and row["sample"] == ""}
    assert kinetics["cmax"]["value"].startswith("1.839e+05") or kinetics["cmax"]["value"].startswith("183,945")
    assert kinetics["tmax"]["value"] == "14 days"
    assert kinetics["log10 fall"]["value"] == "1.558 log10"
    assert kinetics["half life"]["value"].startswith("2.704 days")
    assert "two points carry no uncertainty" in kinetics["half life"]["note"]


@pytest.mark.parametrize("ruleset", ["eln2017", "eln2022"])
def test_risk_is_not_assessable_and_adverse_on_what_was_tested(verdicts: dict[str, Any], ruleset: str) -> None:
    verdict = verdicts[ruleset]
    assert (verdict["verdict"], verdict["as_observed"]) == ("NA{F,I,A}", "A")
    assert verdict["deciding"] == ["CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)", "KMT2A::MLLT3"]


def test_risk_names_the_loss_with_its_file_and_line(verdicts: dict[str, Any]) -> None:
    [loss] = [item for item in verdicts["eln2022"]["predicates"] if item["name"] == "minus17_abn17p"]
    assert loss["answer"] == "YES"
    [evidence] = loss["evidence"]
    assert "72%" in evidence["text"]
    assert evidence["origin"].startswith("fish.csv:")


def test_a_reported_complex_karyotype_answers_no_rule(verdicts: dict[str, Any]) -> None:
    [complex_karyotype] = [item for item in verdicts["eln2017"]["predicates"] if item["name"] == "complex"]
    assert complex_karyotype["answer"] == "UNKNOWN"


def test_the_ratio_plays_no_part_in_2022(verdicts: dict[str, Any]) -> None:
    assert "FLT3_ITD_high" not in [item["name"] for item in verdicts["eln2022"]["predicates"]]


@pytest.mark.parametrize("ruleset", ["eln2017", "eln2022", "eln2024li"])
def test_adult_guidelines_on_a_minor_are_flagged(verdicts: dict[str, Any], ruleset: str) -> None:
    assert "minor" in verdicts[ruleset]["flags"]
    assert "the patient was 17 at diagnosis" in verdicts[ruleset]["guideline_note"]


def test_disease_still_detectable_while_flow_is_below_its_threshold(page: str) -> None:
    assert "MFC-MRD 2.5 × 10^-4 is below 0.1 %, while FLT3-ITD 5.9%, SKAP2::RUNX1 3.0% is detected" in page


def test_mrd_after_the_transplant_is_as_recorded_without_limit(rows: Rows, page: str) -> None:
    assert of(rows, sample="post_hsct", label="MRD (as reported)")["text"] == "negative"
    assert "recorded without its technique and limit" in page


def test_stand_ins_are_marked_illustrative_where_they_are_shown(rows: Rows) -> None:
    assert "illustrative" in of(rows, sample="diagnosis", label="TP53 deletion (17p loss)")["flags"]
    assert "illustrative" in of(rows, sample="diagnosis", label="ASXL1 p.Glu635ArgfsTer15")["file"]


def test_every_value_names_its_file_and_line(rows: Rows) -> None:
    assert all(row["file"] and int(row["line"]) > 0 and len(row["sha256"]) == 64 for row in rows)


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    assert "default-src 'none'" in page
    assert 'src="http' not in page


def test_response_on_day_17_is_not_assessable_and_names_what_is_missing(case_db: Any) -> None:
    import moltrack

    with moltrack.open(case_db) as store:
        verdicts = {verdict.sample: verdict for verdict in store.timeline("P01").responses}
    verdict = verdicts["d17"]
    assert verdict.text == "NA{CR,CRh,CRi,MLFS,no response,nonevaluable}"
    missing = " ".join(verdict.deciding)
    assert all(
        word in missing
        for word in ("neutrophils", "platelets", "circulating blasts", "extramedullary", "marrow quality")
    )


def test_no_mrd_status_as_long_as_remission_is_not_established(case_db: Any) -> None:
    import moltrack

    with moltrack.open(case_db) as store:
        found = [verdict for verdict in store.timeline("P01").mrd if verdict.sample == "d17"]
    assert found
    assert all(verdict.category is None for verdict in found)
