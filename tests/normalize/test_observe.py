"""Calls of one marker in one run become observations: status, level, limits, replicates."""

from __future__ import annotations

import math

import pytest
from patient_input import DNA, FISH, NPM1, call, level, limit, run

from moltrack.errors import InputError
from moltrack.model import (
    Assay,
    Change,
    CopyNumber,
    Counts,
    Itd,
    LimitKind,
    MarkerKind,
    Measured,
    Result,
    Status,
    Technique,
    Tissue,
)
from moltrack.normalize.observe import RunCall, observe, pooled_level, replicate_status, sum_counts

TP53_LOSS = CopyNumber(Change.LOSS, gene="TP53")
FLT3_ITD = Itd("FLT3", aggregate=True)
MRD = Measured(MarkerKind.FLOW, "MFC-MRD")


def observed(*calls, technique=DNA, assay=None):
    records = run("S1", "panel", calls, technique=technique)
    assays = {"panel": assay} if assay else {}
    return observe("M", [RunCall(records.run, item) for item in calls], assays=assays, tissues={"S1": Tissue.BM})


def only(*calls, **more):
    [item] = observed(*calls, **more)
    return item


# --- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result.POSITIVE, Status.DETECTED),
        (Result.NEGATIVE, Status.NOT_DETECTED),
        (Result.NOT_EVALUABLE, Status.NOT_EVALUABLE),
    ],
)
def test_the_files_word_wins_over_a_limit(result, status):
    item = only(call(NPM1, level("1 %"), result=result, limits=(limit("lod", "2 %"),)))
    assert (item.status, item.level) == (status, 0.01)


@pytest.mark.parametrize(
    ("printed", "status", "flags"),
    [("0.04 %", Status.NOT_DETECTED, ("below_cutoff",)), ("0.06 %", Status.DETECTED, ())],
    ids=["up-to-it", "above"],
)
def test_positive_partitions_are_no_detection_up_to_the_limit_of_blank_of_the_assay(printed, status, flags):
    assay = Assay("panel", Technique.DPCR, limits=(limit("cutoff", "0.05 %"),))
    counted = call(
        NPM1,
        level(printed),
        level("12", "analyte", "copies/µL"),
        result=Result.POSITIVE,
        counts=Counts(positive_partitions=2, partitions=20_000),
    )
    assert [(o.status, o.flags) for o in observed(counted, technique=Technique.DPCR, assay=assay)] == [
        (status, flags),
        (status, flags),
    ]


def test_a_laboratorys_positive_stays_one_below_the_limit_of_blank():
    assay = Assay("panel", Technique.DPCR, limits=(limit("cutoff", "0.05 %"),))
    item = only(call(NPM1, level("0.04 %"), result=Result.POSITIVE), technique=Technique.DPCR, assay=assay)
    assert item.status is Status.DETECTED


def test_a_level_above_nothing_known_is_detected():
    item = only(call(NPM1, level("0.1 %")))
    assert (item.status, item.limits) == (Status.DETECTED, ())


def test_a_level_below_the_lod_is_not_detected_and_kept():
    item = only(call(NPM1, level("1 %"), limits=(limit("lod", "2 %"),)))
    assert (item.status, item.level, item.printed, item.flags) == (Status.NOT_DETECTED, 0.01, "1 %", ("below_lod",))


def test_a_level_at_the_lod_is_detected():
    assert only(call(NPM1, level("2 %"), limits=(limit("lod", "2 %"),))).status is Status.DETECTED


@pytest.mark.parametrize(
    ("value", "status"),
    [("4.9 %", Status.NOT_DETECTED), ("5 %", Status.NOT_DETECTED), ("5.1 %", Status.DETECTED)],
)
def test_the_cutoff_is_the_highest_value_of_negatives(value, status):
    printed = level(value, "cell_fraction")
    item = only(call(TP53_LOSS, printed, limits=(limit("cutoff", "5 %", "cell_fraction"),)), technique=FISH)
    assert item.status is status
    assert ("below_cutoff" in item.flags) is (status is Status.NOT_DETECTED)


def test_fish_without_a_cutoff_is_flagged():
    item = only(call(TP53_LOSS, level("9 %", "cell_fraction")), technique=FISH)
    assert (item.status, item.flags) == (Status.DETECTED, ("cutoff_unknown", "by_fish"))


def test_below_loq_is_detected_and_flagged():
    item = only(call(NPM1, level("1 %"), limits=(limit("loq", "2 %"),)))
    assert (item.status, item.level, item.flags) == (Status.DETECTED, 0.01, ("below_loq",))


def test_less_than_x_is_not_detected_at_x():
    item = only(call(MRD, level("<0.01 %", "cell_fraction")))
    assert (item.status, item.level, item.comparator) == (Status.NOT_DETECTED, None, "<")
    assert (item.limit(LimitKind.LOD), item.limits[0].source) == (0.0001, "printed as <")


def test_less_than_x_keeps_a_declared_lod():
    item = only(call(MRD, level("<0.01 %", "cell_fraction"), limits=(limit("lod", "0.001 %", "cell_fraction"),)))
    assert item.limit(LimitKind.LOD) == 1e-5


def test_less_than_x_with_the_word_positive_is_detected_below_loq():
    item = only(call(MRD, level("<0.01 %", "cell_fraction"), result=Result.POSITIVE))
    assert (item.status, item.flags) == (Status.DETECTED, ("below_loq",))


def test_zero_is_not_detected():
    assert only(call(NPM1, level("0 %"))).status is Status.NOT_DETECTED


def test_a_bare_row_is_a_detection_without_level():
    item = only(call(NPM1, result=Result.POSITIVE))
    assert (item.status, item.quantity, item.level) == (Status.DETECTED, "", None)


def test_counts_of_zero_without_a_level_are_no_detection():
    assert only(call(NPM1, counts=Counts(alt=0, depth=900))).status is Status.NOT_DETECTED


def test_the_rows_own_limit_goes_before_the_assays():
    assay = Assay("panel", limits=(limit("lod", "5 %"), limit("loq", "10 %")))
    item = only(call(NPM1, level("20 %"), limits=(limit("lod", "2 %"),)), assay=assay)
    assert {(x.kind, x.value, x.source) for x in item.limits} == {
        (LimitKind.LOD, 0.02, "printed in the row"),
        (LimitKind.LOQ, 0.1, "declared for assay panel"),
    }


def test_a_limit_of_another_quantity_is_no_limit():
    item = only(call(NPM1, level("1 %"), limits=(limit("lod", "5 %", "cell_fraction"),)))
    assert (item.status, item.limits) == (Status.DETECTED, ())


def test_levels_of_one_call_never_contradict_each_other():
    """A VAF below its limit: the read count beside it is no detection either."""
    both = observed(call(NPM1, level("1 %"), level("12", "junction_reads"), limits=(limit("lod", "2 %"),)))
    assert [item.status for item in both] == [Status.NOT_DETECTED, Status.NOT_DETECTED]


def test_an_impossible_level_names_file_and_line():
    with pytest.raises(InputError, match=r"^S1_panel\.txt:7: '120 %' is not a possible"):
        observed(call(NPM1, level("120 %"), line=7))


# --- replicates -------------------------------------------------------------------------------------------------------


def test_counts_of_replicates_are_summed():
    """(10 + 30) / (100 + 900) = 4 %, not the mean of 10 % and 3.33 %."""
    one = call(NPM1, level("10 %"), counts=Counts(alt=10, depth=100), line=2)
    two = call(NPM1, level("3.33 %"), counts=Counts(alt=30, depth=900), line=3)
    item = only(one, two)
    assert (item.level, item.replicates, item.counts.alt) == (0.04, 2, 40)
    assert item.formula == "sum of alt / sum of depth over 2 replicates"
    assert item.printed == "10 %; 3.33 %"
    assert [origin.line for origin in item.origins] == [2, 3]


def test_without_counts_the_median_is_taken():
    item = only(*(call(NPM1, level(text), line=n) for n, text in enumerate(["1 %", "9 %", "2 %"], start=2)))
    assert (item.level, item.formula) == (0.02, "median of 3 replicates")


@pytest.mark.parametrize(
    ("rule", "positive", "status"),
    [
        ("", 1, Status.DETECTED),
        ("2/3", 1, Status.NOT_DETECTED),
        ("2/3", 2, Status.DETECTED),
        ("2 of 3", 2, Status.DETECTED),
        ("3/3", 2, Status.NOT_DETECTED),
        ("", 0, Status.NOT_DETECTED),
    ],
)
def test_k_of_n(rule, positive, status):
    assert replicate_status([Status.DETECTED] * positive + [Status.NOT_DETECTED] * (3 - positive), rule) is status


def test_failed_replicates_do_not_count():
    assert replicate_status([Status.NOT_EVALUABLE, Status.DETECTED], "2/3") is Status.DETECTED
    assert replicate_status([Status.NOT_EVALUABLE] * 3, "2/3") is Status.NOT_EVALUABLE


def test_k_of_n_of_the_assay_sheet_is_used():
    calls = [call(NPM1, level(text), line=n) for n, text in enumerate(["0.1 %", "0", "0"], start=2)]
    assert only(*calls, assay=Assay("panel", detected_k_of_n="2/3")).status is Status.NOT_DETECTED
    assert only(*calls, assay=Assay("panel")).status is Status.DETECTED


def test_a_count_that_one_replicate_lacks_stays_unknown():
    assert sum_counts([Counts(alt=1, depth=2), Counts(alt=1)]) == Counts(alt=2.0)


def test_copies_of_replicates_are_divided_by_the_copies_of_the_control():
    calls = [
        RunCall(run().run, call(NPM1, counts=Counts(copies=a, control_copies=b))) for a, b in ((10, 1000), (30, 3000))
    ]
    assert pooled_level("normalized_copies", calls, [0.01, 0.01])[0] == 0.01


# --- allelic ratio ----------------------------------------------------------------------------------------------------


def test_an_allelic_ratio_gives_a_vaf_beside_it():
    """0.594 / 1.594 = 0.37265."""
    ratio, vaf = observed(call(FLT3_ITD, level("0.594", "allelic_ratio")), technique=Technique.FRAGMENT_ANALYSIS)
    assert (ratio.quantity, ratio.level) == ("allelic_ratio", 0.594)
    assert (vaf.quantity, vaf.formula) == ("vaf", "VAF = AR / (1 + AR)")
    assert vaf.level == pytest.approx(0.594 / 1.594)
    assert "computed_from_ar" in vaf.flags


def test_a_printed_vaf_is_not_computed_again():
    quantities = [item.quantity for item in observed(call(FLT3_ITD, level("0.5", "allelic_ratio"), level("33 %")))]
    assert quantities == ["allelic_ratio", "vaf"]


def test_an_infinite_ratio_is_a_vaf_of_one():
    from moltrack.quantity import vaf_from_allelic_ratio

    assert vaf_from_allelic_ratio(math.inf) == 1


def test_a_limit_of_the_vaf_holds_for_the_ratio_as_well():
    """VAF 1 % is AR 0.01 / 0.99 = 0.010101; AR 0.005 lies below it."""
    ratio, vaf = observed(call(FLT3_ITD, level("0.005", "allelic_ratio"), limits=(limit("lod", "1 %"),)))
    assert (ratio.status, vaf.status) == (Status.NOT_DETECTED, Status.NOT_DETECTED)
    assert ratio.limit(LimitKind.LOD) == pytest.approx(0.01 / 0.99)
    assert vaf.limit(LimitKind.LOD) == pytest.approx(0.01)


def test_a_ratio_from_sequencing_is_flagged():
    assert "ar_from_ngs" in observed(call(FLT3_ITD, level("0.7", "allelic_ratio")))[0].flags


@pytest.mark.parametrize("printed", ["0.49", "0.50", "0.5"])
def test_a_ratio_counts_as_printed(printed):
    assert "ar_rounding" not in observed(call(FLT3_ITD, level(printed, "allelic_ratio")))[0].flags


# --- what is passed on ------------------------------------------------------------------------------------------------


def test_denominators_are_scales_of_their_own():
    items = observed(
        call(MRD, level("1 %", "cell_fraction", denominator="CD45+"), level("2 %", "cell_fraction", denominator="all"))
    )
    assert [(item.denominator, item.level) for item in items] == [("CD45+", 0.01), ("all", 0.02)]


def test_notes_filters_and_technique_become_flags():
    item = only(call(TP53_LOSS, notes=("illustrative",), filters=("weak",)), technique=Technique.ARRAY)
    assert item.flags == ("filtered", "by_array", "illustrative")
    assert item.filters == ("weak",)


def test_the_callers_own_fraction_stands_beside_the_one_from_counts():
    item = only(call(NPM1, level("10 %"), counts=Counts(alt=10, depth=100), caller_level=level("11 %")))
    assert (item.level, item.caller_level) == (0.1, 0.11)


def test_callers_of_one_merged_file_are_assays_of_their_own():
    records = run("S1", "fusion_report")
    assert RunCall(records.run, call(NPM1, caller="Arriba")).assay == "fusion_report:arriba"
    assert RunCall(records.run, call(NPM1)).assay == "fusion_report"
