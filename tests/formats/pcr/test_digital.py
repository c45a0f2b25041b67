"""QuantaSoft, QX Manager, QIAcuity, Absolute Q."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import LimitKind, Printed, Result, Technique

QUANTASOFT = "Well,ExptType,Experiment,Sample,TargetType,Target,Status,Concentration,Positives,Negatives,AcceptedDroplets,Ratio,FractionalAbundance"
QX = "Well,Sample description 1,Target,Conc(copies/µL),Status,SampleType,TargetType,DyeName(s),Accepted Droplets,Positives,Negatives,Fractional Abundance"
QIACUITY = ",Sample/NTC/Control,Type,Plate ID,Reaction Mix,Target,Concentration (copies/µL),CI (95%),Partitions (valid),Partitions (positive),Partitions (negative),Threshold"
ABSOLUTE_Q = "Run,Date,Instrument,Plate,Group,Name,Well,Total,Dye,Target,Conc. cp/uL,SD,CV%,95%CI,Positives"


def quantasoft(
    well: str,
    sample: str,
    target: str,
    conc: str,
    positives: int,
    droplets: int,
    *,
    kind: str = "Ch1Unknown",
    fraction: str = "",
) -> str:
    return f"{well},Absolute Quantification,E,{sample},{kind},{target},Manual,{conc},{positives},{droplets - positives},{droplets},,{fraction}"


def test_fusion_against_control_gene_of_the_same_well(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CBFB-MYH11 type A", "1.5", 19, 15000),
        quantasoft("A01", "S1", "ABL1", "600", 6000, 15000, kind="Ch2Unknown"),
    )
    reading = formats.read(path)
    [call] = reading.records
    assert call.levels == (Printed("normalized_copies", Decimal("0.0025"), "ratio", "1.5 / 600", denominator="ABL1"),)
    assert (call.sample, call.technique, call.result) == ("S1", Technique.DPCR, Result.POSITIVE)
    # λ = -ln(1 - 6000/15000) = 0.5108256; times 15000 droplets
    assert call.counts.control_copies == pytest.approx(7662.384, abs=0.01)
    assert (call.counts.positive_partitions, call.counts.partitions) == (19, 15000)
    assert reading.info.notes == ("1 wells of control genes or wild type serve as denominators",)


def test_control_gene_of_another_well_of_the_sample_is_found(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "PML::RARA", "2", 25, 15000),
        quantasoft("B01", "S1", "ABL1", "400", 4300, 15000),
        quantasoft("B02", "S2", "ABL1", "800", 7400, 15000),
    )
    assert formats.read(path).records[0].levels[0].value == Decimal("0.005")


def test_replicates_stay_apart_with_their_wells(write):
    rows = [quantasoft(well, "S1", "PML::RARA", "2", 25, 15000) for well in ("A01", "A02", "A03")]
    calls = formats.read(write("plate.csv", QUANTASOFT, *rows)).records
    assert [dict(call.extra)["well"] for call in calls] == ["A01", "A02", "A03"]


def test_fractional_abundance_is_percent_and_a_vaf_against_the_wild_type(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "IDH2 R140Q", "141", 1901, 15820, fraction="48.9"),
        quantasoft("A01", "S1", "IDH2 wt", "147", 1978, 15820, kind="Ch2Unknown", fraction="48.9"),
    )
    [call] = formats.read(path).records
    assert call.levels == (Printed("vaf", Decimal("48.9"), "%", "48.9"),)
    assert call.counts.control_copies is None


def test_no_positive_droplet_is_negative_below_three_copies(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CBFB-MYH11", "0", 0, 15000),
        quantasoft("A01", "S1", "ABL1", "1893", 12000, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    # 3 / (-ln(1 - 12000/15000) x 15000 = 24141.6) copies of ABL1
    assert call.result is Result.NEGATIVE
    assert (call.levels[0].comparator, call.levels[0].value) == ("<", Decimal("0.000124267"))
    assert (call.limits[0].kind, call.limits[0].value.value) == (LimitKind.LOD, Decimal("0.000124267"))


def test_wild_type_and_control_gene_both_make_a_level(write):
    """NPM1 mutant 30, wild type 570, ABL1 600 copies/µL: 5 % of NPM1, 0.05 per ABL1."""
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "NPM1 mut A", "30", 377, 15000),
        quantasoft("A01", "S1", "NPM1 wt", "570", 5760, 15000, kind="Ch2Unknown"),
        quantasoft("B01", "S1", "ABL1", "600", 6000, 15000),
        quantasoft("B02", "S1", "ABL1", "600", 6000, 15000),
    )
    [call] = formats.read(path).records
    assert [(level.quantity, level.value, level.denominator) for level in call.levels] == [
        ("vaf", Decimal("0.05"), ""),
        ("normalized_copies", Decimal("0.05"), "ABL1"),
    ]
    assert call.counts.control_copies == pytest.approx(7662.384, abs=0.01)
    assert call.counts.alt is not None


def test_a_mutant_without_any_wild_type_is_all_of_it(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "JAK2 V617F", "141", 1901, 15820),
        quantasoft("A01", "S1", "JAK2 wt", "0", 0, 15820, kind="Ch2Unknown"),
        quantasoft("A02", "S2", "JAK2 V617F", "0", 0, 15820),
        quantasoft("A02", "S2", "JAK2 wt", "0", 0, 15820, kind="Ch2Unknown"),
    )
    whole, empty = formats.read(path).records
    assert (whole.result, whole.levels[0].value) == (Result.POSITIVE, Decimal(1))
    assert (empty.result, empty.notes) == (Result.NOT_EVALUABLE, ("JAK2 wt did not amplify",))


def test_concentrations_without_counts_are_enough(write):
    header = "Well,ExptType,Sample,TargetType,Target,Concentration,FractionalAbundance"
    path = write("p.csv", header, "A01,x,S1,Ch1Unknown,PML::RARA,2,", "A01,x,S1,Ch2Unknown,ABL1,400,")
    [call] = formats.read(path).records
    assert (call.result, call.levels[0].value, call.counts.control_copies) == (Result.POSITIVE, Decimal("0.005"), None)


ABL1_7662 = {"conc": "600", "positives": 6000, "droplets": 15000}  # -ln(1 - 6000/15000) x 15000 = 7662.4 copies


def test_a_negative_needs_ten_thousand_copies_of_abl1(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CBFB-MYH11", "0", 0, 15000),
        quantasoft("A01", "S1", "ABL1", kind="Ch2Unknown", **ABL1_7662),
    )
    [call] = formats.read(path).records
    assert (call.result, call.levels, call.limits) == (Result.NOT_EVALUABLE, (), ())
    assert call.notes == ("7662 copies of ABL1, fewer than 10000",)


def test_copies_of_abl1_count_over_all_reactions_of_the_sample(write):
    rows = []
    for well in ("A01", "A02"):  # 2 x 7662 = 15325
        rows += [
            quantasoft(well, "S1", "CBFB-MYH11", "0", 0, 15000),
            quantasoft(well, "S1", "ABL1", kind="Ch2Unknown", **ABL1_7662),
        ]
    calls = formats.read(write("plate.csv", QUANTASOFT, *rows)).records
    assert [call.result for call in calls] == [Result.NEGATIVE, Result.NEGATIVE]


def test_wells_without_a_sample_have_no_partners_elsewhere(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "", "PML::RARA", "2", 25, 15000),
        quantasoft("B01", "", "ABL1", "400", 4300, 15000),
    )
    [call] = formats.read(path).records
    assert (call.levels[0].quantity, call.counts.control_copies) == ("analyte", None)


def test_limits_of_a_ratio_come_from_both_counts(write):
    """19 and 6000 of 15000 droplets: the target's 11.9 to 29.7 copies (Wilson) dominate; 7662 copies are known to 3 %."""
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CBFB-MYH11", "1.5", 19, 15000),
        quantasoft("A01", "S1", "ABL1", kind="Ch2Unknown", **ABL1_7662),
    )
    [call] = formats.read(path).records
    low, high = map(float, dict(call.extra)["normalized_copies, Poisson 95 %"].split(" to "))
    assert low == pytest.approx(12.2 / 7662, rel=0.02)
    assert high == pytest.approx(29.7 / 7662, rel=0.02)
    assert call.notes == ("7662 copies of ABL1, fewer than 10000",)


def test_full_partitions_are_a_lower_bound(write):
    [call] = formats.read(
        write("p.csv", QUANTASOFT, quantasoft("A01", "S1", "PML::RARA", "9999", 15000, 15000))
    ).records
    assert call.notes == ("every partition is positive: there may be more copies than stated",)


def test_car_copies_per_microgram_from_a_gene_of_every_genome(write):
    """20 / 2000 copies of RPP30; 1 µg of DNA holds 1 / 3.3 pg = 303,030 haploid genomes: 3,030 copies/µg."""
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CAR19", "20", 250, 15000),
        quantasoft("A01", "S1", "RPP30", "2000", 12000, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    assert [(level.quantity, level.value) for level in call.levels] == [
        ("normalized_copies", Decimal("0.01")),
        ("copies_per_ug", Decimal("3030.30")),
    ]
    assert call.levels[1].text == "20 / 2000 x 303030 genomes/µg"


def test_a_car_that_is_gone_has_its_limit_per_microgram(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CAR19", "0", 0, 15000),
        quantasoft("A01", "S1", "RPP30", "1893", 12000, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    # 3 / 24141.6 copies of RPP30 x 303030 = 37.66 copies/µg
    assert [(limit.value.quantity, limit.value.unit, float(limit.value.value)) for limit in call.limits] == [
        ("normalized_copies", "ratio", pytest.approx(0.000124267)),
        ("copies_per_ug", "copies/µg", pytest.approx(37.656, abs=0.01)),
    ]


@pytest.mark.parametrize("target", ["BCR::ABL1", "CD7"])
def test_only_a_transgene_is_counted_per_microgram(write, target):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", target, "20", 250, 15000),
        quantasoft("A01", "S1", "RPP30", "2000", 12000, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    assert [level.quantity for level in call.levels] == ["normalized_copies"]


@pytest.mark.parametrize("name", ["NTC", "NTC_1", "ntc2", "H2O", "no template", "Neg Ctrl-01"])
def test_names_of_no_template_controls(write, name):
    path = write("p.csv", QUANTASOFT, quantasoft("H12", name, "PML::RARA", "0.4", 5, 15000))
    with pytest.raises(FormatError, match="the no-template control in well H12"):
        formats.read(path)


def test_a_control_without_reverse_transcription_is_no_sample(write):
    rows = [quantasoft("A01", "S1", "PML::RARA", "2", 25, 15000), quantasoft("A02", "NRT", "PML::RARA", "2", 25, 15000)]
    reading = formats.read(write("p.csv", QUANTASOFT, *rows))
    assert len(reading.records) == 1
    assert reading.info.notes == ("left out: 1 wells of control without reverse transcription",)


def test_a_failed_control_gene_makes_a_negative_not_evaluable(write):
    path = write(
        "plate.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "CBFB-MYH11", "0", 0, 15000),
        quantasoft("A01", "S1", "ABL1", "0", 0, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    assert (call.result, call.notes) == (Result.NOT_EVALUABLE, ("ABL1 did not amplify",))


def test_a_positive_no_template_control_names_plate_well_and_target(write):
    path = write(
        "plate7.csv",
        QUANTASOFT,
        quantasoft("H12", "NTC", "PML::RARA", "0.4", 5, 15000),
        quantasoft("A01", "S1", "PML::RARA", "2", 25, 15000),
    )
    with pytest.raises(
        FormatError,
        match=r"^plate7\.csv:2: the no-template control in well H12 of plate 'plate7' is positive for PML::RARA \(5 of 15000 partitions\)",
    ):
        formats.read(path)


CONTROL_OF_ONE = quantasoft("H12", "NTC", "PML::RARA", "0.08", 1, 15000)


@pytest.mark.parametrize(
    ("positives", "result"),
    # One positive in one control of 15000: mean 1, limit of blank 3 (P(X <= 3) = 0.981)
    [(0, Result.NEGATIVE), (1, Result.NOT_EVALUABLE), (3, Result.NOT_EVALUABLE), (4, Result.POSITIVE)],
)
def test_one_positive_partition_in_a_no_template_control_keeps_the_plate(write, positives, result):
    path = write(
        "p.csv",
        QUANTASOFT,
        CONTROL_OF_ONE,
        quantasoft("A01", "S1", "PML::RARA", "0.3" if positives else "0", positives, 15000),
    )
    reading = formats.read(path)
    [call] = reading.records
    seen = "no-template control (H12): 1 of 15000 partitions positive"
    assert call.result is result
    assert call.notes[0] == seen
    assert (f"{positives} positive partitions, the limit of blank is 3" in call.notes) is (
        result is Result.NOT_EVALUABLE
    )
    assert f"PML::RARA: {seen}" in reading.info.notes


def test_controls_of_a_target_are_pooled_and_those_of_others_say_nothing_of_it(write):
    path = write(
        "p.csv",
        QUANTASOFT,
        CONTROL_OF_ONE,
        quantasoft("G12", "NTC", "PML::RARA", "0", 0, 15000),
        quantasoft("F12", "NTC", "CBFB-MYH11", "0", 0, 15000),
        quantasoft("A01", "S1", "PML::RARA", "0.25", 3, 15000),  # mean 0.5: limit of blank 2
        quantasoft("A02", "S1", "CBFB-MYH11", "0.08", 1, 15000),
    )
    one, other = formats.read(path).records
    assert (one.result, one.notes[0]) == (
        Result.POSITIVE,
        "no-template control (H12, G12): 1 of 30000 partitions positive",
    )
    assert (other.result, other.notes) == (Result.POSITIVE, ())


def test_a_control_that_counts_no_partitions_is_positive_by_its_concentration(write):
    path = write(
        "q.csv", QX, "A01,NTC,PML::RARA,0.3,OK,NTC,Unknown,FAM,,,,", "A02,S1,PML::RARA,2,OK,Unknown,Unknown,FAM,,,,"
    )
    with pytest.raises(FormatError, match=r"is positive for PML::RARA \(0\.3 copies/µL\)"):
        formats.read(path)


def test_no_call_is_not_evaluable(write):
    path = write(
        "qx.csv", QX, "A01,S1,PML::RARA,No Call,CHECK,Unknown,Unknown,FAM,15000,0,15000,", encoding="utf-8-sig"
    )
    [call] = formats.read(path).records
    assert (call.result, call.levels, call.notes) == (Result.NOT_EVALUABLE, (), ("the instrument made no call",))


def test_qx_reference_target_is_the_denominator_whatever_its_name(write):
    path = write(
        "qx.csv",
        QX,
        "A01,S1,1,90,OK,Unknown,Unknown,FAM,15000,1100,13900,50",
        "A01,S1,2,180,OK,Unknown,Reference,HEX,15000,2100,12900,",
        "B01,Ctrl,1,90,OK,PosCtrl,Unknown,FAM,15000,1100,13900,50",
    )
    reading = formats.read(path)
    [call] = reading.records
    assert (call.levels[0].quantity, call.levels[0].value, call.levels[0].denominator) == (
        "normalized_copies",
        Decimal("0.5"),
        "2",
    )
    assert reading.info.notes[0] == "left out: 1 wells of positive control"


def test_a_plate_of_controls_alone_is_refused(write):
    with pytest.raises(FormatError, match=r"holds no well of a sample \(1 wells of positive control\)"):
        formats.read(write("qx.csv", QX, "B01,Ctrl,1,90,OK,PosCtrl,Unknown,FAM,15000,1100,13900,50"))


def test_blank_rows_are_refused_with_their_lines(write):
    reading = formats.read(
        write(
            "p.csv",
            QUANTASOFT,
            "A01,Absolute Quantification,,a1,Ch1Unknown,t1,Manual,,,,,,",
            quantasoft("A02", "S1", "PML::RARA", "2", 25, 15000),
        )
    )
    assert len(reading.records) == 1
    assert (reading.refused[0].line, reading.refused[0].reason) == (
        2,
        "well A01 holds neither a concentration nor droplet counts.",
    )


def test_more_positives_than_droplets_is_refused(write):
    reading = formats.read(
        write("p.csv", QUANTASOFT, quantasoft("A02", "S1", "PML::RARA", "2", 250, 100).replace("-150", "0"))
    )
    assert "250 positive of 100 droplets" in reading.refused[0].reason


def test_droplets_by_cluster_are_refused(write):
    lines = (
        "Target value of 0 = negative",
        "Target value of 1 = positive",
        "",
        "Well,Target 1,Count,Ch1 Mean,Cluster ID",
        "A01,0,15222,302.8,1,",
    )
    with pytest.raises(FormatError, match="counts droplets by cluster and names no sample"):
        formats.read(write("ClusterData.csv", *lines))


def test_the_alleles_of_a_place_are_two_targets(write):
    path = write(
        "p.csv",
        QUANTASOFT,
        quantasoft("A01", "S1", "F8 c.6544_T", "4.3", 798, 217690),
        quantasoft("A01", "S1", "F8 c.6544_C", "4.0", 735, 217690, kind="Ch2Unknown"),
    )
    assert [call.finding.name for call in formats.read(path).records] == ["F8 c.6544_T", "F8 c.6544_C"]


@pytest.mark.parametrize("first", ["Target Value of 0 = negative", "Ch1 Amplitude,Ch2 Amplitude,Cluster"])
def test_droplet_amplitudes_are_refused(write, first):
    with pytest.raises(FormatError, match="lists the amplitude of every droplet and no result"):
        formats.read(write("A01_Amplitude.csv", first, "2382.14,6258.282,1"))


def test_qiacuity_is_read_below_its_sep_line(write):
    path = write(
        "q.csv",
        "sep=,,,,,",
        QIACUITY,
        "A1,S1,Sample,P9,mix,PML::RARA,86.32,4.60%,25485,1778,23707,53.5",
        "B1,N,Non Template Control,P9,mix,PML::RARA,0,,25000,0,25000,53.5",
    )
    [call] = formats.read(path).records
    assert call.levels == (Printed("analyte", Decimal("86.32"), "copies/µL", "86.32", denominator="reaction"),)
    assert dict(call.extra)["CI (95%)"] == "4.60%"


def test_qiacuity_names_the_plate_of_a_positive_control(write):
    path = write("q.csv", "sep=,", QIACUITY, "D1,4,Non Template Control,32432432,mix,5p,110.1,4.2%,25490,2095,23395,35")
    with pytest.raises(FormatError, match="well D1 of plate '32432432' is positive for 5p"):
        formats.read(path)


def test_qiacuity_with_two_line_ids_and_smaller_partitions(write):
    """Columns of the multi-plate export; 617 of 8261 partitions negative at 7782.4 copies/µL: 0.333 nL each, not 0.84."""
    header = "Plate name,Plate ID,Plate type,Well,Sample/NTC/Control,Type,Reaction Mix,Target (Name),Target (IC),Conc. [cp/µL] (dPCR reaction),CI (95%) (dPCR reaction),Partitions (Valid),Partitions (Positive),Partitions (Negative)"
    path = write(
        "q.csv",
        "sep=,",
        header,
        "P6,id-1,Nanoplate 8.5K 96-well,A1,S1,Sample,mix,CAR,-,7782.4,2.9%,8261,7644,617",
        ",,,A2,S2,Sample,mix,CAR,-,0.000,-,8263,0,8263",
    )
    seen, gone = formats.read(path).records
    assert dict(seen.extra)["CI (95%)"] == "2.9%"
    # 3 / (8263 x 0.33339 nL) = 1.089 copies/µL
    assert (gone.result, gone.levels[0].comparator) == (Result.NEGATIVE, "<")
    assert float(gone.levels[0].value) == pytest.approx(1.089, abs=0.001)


def test_qiacuity_plate_is_named_in_its_first_row_only(write):
    header = QIACUITY.replace(",Sample/NTC", "Well,Sample/NTC")
    rows = ("A1,S1,Sample,P9,mix,5p,86.32,4.60%,25485,1778,23707,53.5", "B1,NTC,Sample,,mix,5p,1,,25000,9,24991,53.5")
    with pytest.raises(FormatError, match="well B1 of plate 'P9' is positive for 5p"):
        formats.read(write("q.csv", "sep=,", header, *rows))


SUMMARY_DYES = ",,,,,,,FAM,,,,VIC,,,,"
SUMMARY = (
    "Run name,Group,Sample,Well,DF,QC,Total,Target,Conc.,Positives,Threshold,Target,Conc.,Positives,Threshold,MeanQC"
)


def test_absolute_q_summary_has_its_dyes_side_by_side(write):
    path = write(
        "summary.csv",
        SUMMARY_DYES,
        SUMMARY,
        ",Group,,Average,,,20407,NPM1 mut,1.2,9,,ABL1,600,9000,,",
        "run7,,S1,A1,1/1,PASS,20419,NPM1 mut,1.2,11,900,ABL1,1200,9237,1300,10688",
        "run7,,S2,A2,1/1,FAIL: high CV,20419,NPM1 mut,1.2,11,900,ABL1,1200,9237,1300,10688",
    )
    reading = formats.read(path)
    one, two = reading.records
    assert (reading.format.name, one.line, one.sample, dict(one.extra)["Dye"]) == ("absolute_q", 4, "S1", "FAM")
    assert (one.levels[0].value, one.levels[0].denominator) == (Decimal("0.001"), "ABL1")
    assert (two.result, two.levels) == (Result.NOT_EVALUABLE, ())
    assert reading.info.notes[0] == "left out: 2 rows of averages"


def test_absolute_q_summary_names_the_run_of_a_positive_control(write):
    path = write("s.csv", SUMMARY_DYES, SUMMARY, "run7,,NTC,A1,1/1,PASS,20419,NPM1 mut,0.57,5,900,ABL1,0,0,1300,10688")
    with pytest.raises(FormatError, match="well A1 of plate 'run7' is positive for NPM1 mut"):
        formats.read(path)


def test_absolute_q_channels_are_refused(write):
    path = write(
        "c.csv",
        "Run,Date,Instrument,Plate,Sample,Channels,Count,Copies per microliter,Total",
        "r,d,i,p,S1,FAM,5,0.6,20000",
    )
    with pytest.raises(FormatError, match="counts partitions by combination of dyes and names no target"):
        formats.read(path)


def test_absolute_q_averages_are_left_out_and_zero_has_a_bound(write):
    # 34 of 20449 chambers at 3.85 copies/µL: 0.43222 nL each; 3 copies / (20413 x 0.43222 nL) = 0.34002 copies/µL
    path = write(
        "aq.csv",
        ABSOLUTE_Q,
        "r,5/19/2023,A,P1,G,,Average,20443.63,VIC,CAR,53.71,69.96,130.24,1.68,460",
        "r,5/19/2023,A,P1,G,S1,A1,20413,VIC,CAR,0,,,0,0",
        "r,5/19/2023,A,P1,G,S1,B1,20449,VIC,CAR,3.85,,,1.1,34",
    )
    reading = formats.read(path)
    zero, seen = reading.records
    assert reading.info.notes == ("left out: 1 rows of averages",)
    assert (zero.result, zero.levels[0].comparator, zero.levels[0].value) == (Result.NEGATIVE, "<", Decimal("0.340022"))
    assert (seen.levels[0].value, seen.line) == (Decimal("3.85"), 4)


def test_copies_per_microgram_are_taken_where_a_column_has_them(write):
    path = write("plate.csv", QUANTASOFT + ",Copies/µg", quantasoft("A01", "S1", "CAR19", "20", 250, 15000) + ",183945")
    assert formats.read(path).records[0].levels == (Printed("copies_per_ug", Decimal(183945), "copies/µg", "183945"),)


def test_a_row_that_merges_wells_of_the_file_is_not_counted_again(write):
    rows = [quantasoft(well, "S1", "PML::RARA", "2", 25, 15000) + "," for well in ("A01", "A02")]
    merged = quantasoft("M01", "S1", "PML::RARA", "2", 50, 30000) + ',"(A01,A02)"'
    reading = formats.read(write("plate.csv", QUANTASOFT + ",MergedWells", *rows, merged))
    assert len(reading.records) == 2
    assert reading.info.notes == ("left out: 1 rows that merge wells of this file",)


def test_a_merged_row_alone_is_read(write):
    merged = quantasoft("M01", "S1", "PML::RARA", "2", 50, 30000) + ',"(A01,A02)"'
    assert formats.read(write("plate.csv", QUANTASOFT + ",MergedWells", merged)).records[0].counts.partitions == 30000


DAMAGED = {
    "plate.csv": (
        QUANTASOFT,
        quantasoft("A01", "S1", "PML::RARA", "2", 25, 15000),
        quantasoft("A01", "S1", "ABL1", "600", 6000, 15000),
    ),
    "summary.csv": (SUMMARY_DYES, SUMMARY, "run7,,S1,A1,1/1,PASS,20419,NPM1 mut,1.2,11,900,ABL1,1200,9237,1300,10688"),
    "q.csv": ("sep=,", QIACUITY, "A1,S1,Sample,P9,mix,PML::RARA,86.32,4.60%,25485,1778,23707,53.5"),
    "aq.csv": (ABSOLUTE_Q, "r,5/19/2023,A,P1,G,S1,B1,20449,VIC,CAR,3.85,,,1.1,34"),
}


@pytest.mark.parametrize("name", DAMAGED)
@given(data=st.data())
def test_a_damaged_plate_is_read_refused_or_one_sentence(tmp_path_factory, name, data):
    text = "\n".join(DAMAGED[name]) + "\n"
    at = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(at + 1, len(text)))
    text = text[:at] + data.draw(st.sampled_from([",", "x", "9", "-", "", "\n", ";", '"', "."])) + text[at + 1 : end]
    path = tmp_path_factory.mktemp("plate") / name
    path.write_text(text)
    try:
        formats.read(path)
    except FormatError as error:
        assert str(error).startswith(name)
