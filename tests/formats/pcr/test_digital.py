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
        quantasoft("A01", "S1", "ABL1", "600", 6000, 15000, kind="Ch2Unknown"),
    )
    [call] = formats.read(path).records
    # 3 / 7662.38 copies of ABL1
    assert call.result is Result.NEGATIVE
    assert (call.levels[0].comparator, call.levels[0].value) == ("<", Decimal("0.000391523"))
    assert (call.limits[0].kind, call.limits[0].value.value) == (LimitKind.LOD, Decimal("0.000391523"))


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


def test_absolute_q_averages_are_left_out_and_zero_has_a_bound(write):
    # 3 copies / (20413 chambers x 0.432 nL) = 0.3402 copies/µL
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
    assert (zero.result, zero.levels[0].comparator, zero.levels[0].value) == (Result.NEGATIVE, "<", Decimal("0.340197"))
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


@given(st.data())
def test_a_damaged_plate_is_read_refused_or_one_sentence(tmp_path_factory, data):
    lines = [
        QUANTASOFT,
        quantasoft("A01", "S1", "PML::RARA", "2", 25, 15000),
        quantasoft("A01", "S1", "ABL1", "600", 6000, 15000),
    ]
    text = "\n".join(lines) + "\n"
    at = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(at + 1, len(text)))
    text = text[:at] + data.draw(st.sampled_from([",", "x", "9", "-", "", "\n", ";", '"', "."])) + text[at + 1 : end]
    path = tmp_path_factory.mktemp("plate") / "plate.csv"
    path.write_text(text)
    try:
        formats.read(path)
    except FormatError as error:
        assert str(error).startswith("plate.csv")
