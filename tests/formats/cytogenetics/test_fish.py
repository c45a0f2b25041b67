"""FISH: the table of ours, nuc ish strings, and TCGA's parallel lists."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import (
    Call,
    Change,
    CopyNumber,
    Counts,
    Coverage,
    Fusion,
    LimitKind,
    Printed,
    PrintedLimit,
    Result,
    Technique,
)

Write = Callable[..., Path]


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


def finding(write: Write, probe: str, event: str) -> object:
    [call] = calls(write("fish.csv", "sample,probe,event,percent", f'S1,"{probe}","{event}",72'))
    return call.finding


def test_deletion_with_cutoff_and_nuclei(write: Write) -> None:
    path = write(
        "fish.csv",
        "patient,sample,probe,event,percent,cells,cells_total,cutoff,pattern,assay",
        "P1,S1,TP53/D17Z1,deletion,72,144,200,5,1R2G,fish",
    )
    assert calls(path) == [
        Call(
            CopyNumber(Change.LOSS, gene="TP53", probe="TP53/D17Z1"),
            2,
            levels=(Printed("cell_fraction", Decimal(72), "%", "72", "", "nuclei"),),
            counts=Counts(cells=144, cells_total=200),
            limits=(PrintedLimit(LimitKind.CUTOFF, Printed("cell_fraction", Decimal(5), "%", "5")),),
            patient="P1",
            sample="S1",
            assay="fish",
            technique=Technique.FISH,
            extra=(("pattern", "1R2G"),),
        )
    ]


@pytest.mark.parametrize(
    ("probe", "event", "expected"),
    [
        ("TP53", "deletion", CopyNumber(Change.LOSS, gene="TP53", probe="TP53")),
        ("TP53", "Verlust", CopyNumber(Change.LOSS, gene="TP53", probe="TP53")),
        (
            "D7S486/D7Z1",
            "deletion",
            CopyNumber(
                Change.LOSS,
                chrom="7",
                band_start="q31.2",
                band_end="q31.2",
                probe="D7S486",
                nomenclature="nuc ish(D7S486x1,D7Z1x2)",
            ),
        ),
        (
            "D5S630/EGR1",
            "deletion",
            CopyNumber(Change.LOSS, chrom="5", band_start="q31.2", band_end="q31.2", probe="EGR1"),
        ),
        (
            "7q31",
            "deletion",
            CopyNumber(
                Change.LOSS, chrom="7", band_start="q31", band_end="q31", probe="7q31", nomenclature="7q31 loss"
            ),
        ),
        ("D7S486/D7Z1", "monosomy", CopyNumber(Change.LOSS, chrom="7", probe="D7S486/D7Z1", nomenclature="monosomy 7")),
        ("D8Z2/MYC", "trisomy", CopyNumber(Change.GAIN, chrom="8", probe="D8Z2/MYC", nomenclature="trisomy 8")),
        (
            "TP53",
            "del(17p)",
            CopyNumber(Change.LOSS, chrom="17", band_start="p", band_end="p", probe="TP53", nomenclature="del(17p)"),
        ),
        ("+8", "", CopyNumber(Change.GAIN, chrom="8", probe="+8", nomenclature="+8")),
        ("BCR/ABL1", "", Fusion("BCR", "ABL1", ordered=False)),
        ("PML-RAR", "fusion", Fusion("PML", "RAR", ordered=False)),
        ("TEL-AML 1", "", Fusion("TEL", "AML1", ordered=False)),
        ("KMT2A", "", Fusion("KMT2A", "", ordered=False, rearranged_only=True)),
        ("MLL", "break-apart", Fusion("MLL", "", ordered=False, rearranged_only=True)),
        ("KMT2A break-apart", "", Fusion("KMT2A", "", ordered=False, rearranged_only=True)),
        ("MLL BAP", "", Fusion("MLL", "", ordered=False, rearranged_only=True)),
        ("11q23 (KMT2A)", "", Fusion("KMT2A", "", ordered=False, rearranged_only=True)),
        ("BCR/ABL1/ASS1", "", Fusion("BCR", "ABL1", ordered=False)),
        ("LSI TP53 (17p13)/CEP 17", "deletion", CopyNumber(Change.LOSS, gene="TP53", probe="TP53/CEP 17")),
        ("CBF-Beta", "", Fusion("CBFB", "", ordered=False, rearranged_only=True)),
    ],
)
def test_what_a_probe_shows(write: Write, probe: str, event: str, expected: object) -> None:
    assert finding(write, probe, event) == expected


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ("TP53/D17Z1", CopyNumber(Change.LOSS, gene="TP53", probe="TP53/D17Z1")),
        ("D17Z1/TP53", CopyNumber(Change.LOSS, gene="TP53", probe="D17Z1/TP53")),
        (
            "D5S630/EGR1",
            CopyNumber(Change.LOSS, chrom="5", band_start="q31.2", band_end="q31.2", probe="EGR1"),
        ),
        (
            "D20S108/20qter",
            CopyNumber(Change.LOSS, chrom="20", band_start="q12", band_end="q12", probe="D20S108"),
        ),
        ("D20S108", CopyNumber(Change.LOSS, chrom="20", band_start="q12", band_end="q12", probe="D20S108")),
        *(
            (name, CopyNumber(Change.LOSS, chrom="5", band_start="q31.2", band_end="q31.2", probe="EGR1"))
            for name in ("EGR1/D5S23", '"EGR1/D5S23,D5S721"', '"Vysis LSI EGR1 (5q31)/D5S23, D5S721 (5p15.2)"')
        ),
        ("CSF1R/D5S23", CopyNumber(Change.LOSS, gene="CSF1R", probe="CSF1R/D5S23")),
    ],
)
def test_a_target_with_its_control_is_made_to_show_the_loss(write: Write, probe: str, expected: object) -> None:
    [call] = calls(write("fish.csv", "sample,probe,percent", f"S1,{probe},72"))
    name = probe.strip('"')
    assert call.finding == expected
    assert call.notes == (f"event not stated: the loss that {name} is made to show",)


def test_the_centromere_of_8_is_made_to_show_its_gain(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,percent", "S1,CEP 8,72"))
    assert call.finding == CopyNumber(Change.GAIN, chrom="8", probe="D8Z2")
    assert call.notes == ("event not stated: the gain that CEP 8 is made to show",)


def test_a_set_for_two_losses_does_not_tell_which(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,percent,cutoff", "S1,D7S486/CEP7,40,5"))
    assert call.finding == CopyNumber(Change.LOSS, chrom="7", band_start="q31.2", band_end="q31.2", probe="D7S486")
    assert call.notes == ("event not stated: the loss that D7S486/CEP7 is made to show, not told which",)


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ("-7 or del(7q)", CopyNumber(Change.LOSS, probe="-7 or del(7q)", nomenclature="-7 or del(7q)")),
        ("-7/7q-", CopyNumber(Change.LOSS, probe="-7/7q-", nomenclature="-7/7q-")),
        (
            "-5/5q-",
            CopyNumber(Change.LOSS, chrom="5", band_start="q", band_end="q", probe="-5/5q-", nomenclature="-5/5q-"),
        ),
        (
            "20q-",
            CopyNumber(
                Change.LOSS, chrom="20", band_start="q", band_end="q", probe="del(20q)", nomenclature="del(20q)"
            ),
        ),
    ],
)
def test_monosomy_or_deletion_is_no_deletion(write: Write, probe: str, expected: CopyNumber) -> None:
    """Either is -5/del(5q); that it is del(7q) and not -7 nobody said."""
    [call] = calls(write("fish.csv", "sample,probe,percent", f"S1,{probe},40"))
    assert call.finding == expected


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("S1,D7S486/CEP7,3,5,", id="below-its-cutoff"),
        pytest.param("S1,D7S486/CEP7,,,negative", id="negative"),
    ],
)
def test_a_set_for_two_losses_excludes_both_when_nothing_is_lost(write: Write, row: str) -> None:
    records = read(write("fish.csv", "sample,probe,percent,cutoff,result", row)).records
    assert [record.name for record in records if isinstance(record, Coverage)] == ["minus7", "del7q"]


@pytest.mark.parametrize("probe", ["MECOM", "KMT2A (MLL)", "XL MLL plus", "NUP98", "RARA", "PDGFRB"])
def test_a_break_apart_probe_needs_no_event(write: Write, probe: str) -> None:
    [call] = calls(write("fish.csv", "sample,probe,percent", f"S1,{probe},72"))
    assert (call.finding.gene3, call.finding.rearranged_only) == ("", True)


def test_a_probe_named_by_its_maker_is_kept_as_printed(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,percent,pattern", "S1,LSI TP53 (17p13)/CEP 17,72,1R2G"))
    assert call.finding == CopyNumber(Change.LOSS, gene="TP53", probe="TP53/CEP 17")
    assert call.extra == (("pattern", "1R2G"), ("probe", "LSI TP53 (17p13)/CEP 17"))


def test_signals_say_what_was_counted(write: Write) -> None:
    row = 'S1,D7S486/D7Z1,40,"nuc ish(D7Z1x1,D7S486x1)[80/200]"'
    [call] = calls(write("fish.csv", "sample,probe,percent,nuc_ish", row))
    assert (call.finding.nomenclature, call.levels[0].text, call.notes) == ("-7", "40", ())


@pytest.mark.parametrize(
    ("probe", "events"),
    [
        pytest.param("D20S108/CEP8", "deletion, monosomy, gain or trisomy", id="loss-and-gain"),
        pytest.param("D8Z2/MYC", "deletion, monosomy, gain or trisomy", id="two-targets"),
        pytest.param("TP53", "deletion, monosomy, gain or trisomy", id="no-control"),
        pytest.param("13q14", "deletion, monosomy, gain or trisomy", id="band"),
        pytest.param("CEP7", "monosomy or trisomy", id="centromere"),
        pytest.param("ATM/TP53", "deletion, gain, amplification, fusion or break-apart", id="pair-that-is-no-fusion"),
        pytest.param("CSF3R", "deletion, gain, amplification, fusion or break-apart", id="no-set"),
    ],
)
def test_a_probe_that_shows_several_events_asks_for_the_column(write: Write, probe: str, events: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(write("fish.csv", "sample,probe,percent", f"S1,{probe},72"))
    assert f"does not say what was counted with the probe '{probe}'. Fill in the column 'event': {events}." in str(
        caught.value
    )


def test_percent_column_needs_no_sign_and_is_never_a_fraction(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,event,percent", "S1,TP53,deletion,0.72"))
    assert (call.levels[0].value, call.levels[0].unit) == (Decimal("0.72"), "%")


def test_level_from_nuclei(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,event,cells,cells_total", "S1,TP53,deletion,144,200"))
    assert call.levels == (Printed("cell_fraction", Decimal("0.72"), "fraction", "144/200", "", "nuclei"),)


def test_value_below_its_cutoff_keeps_value_and_limit(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,event,percent,cutoff", "S1,TP53,deletion,4,5"))
    assert (call.result, call.levels[0].text, call.limits[0].value.text) == (None, "4", "5")


def test_word_of_the_laboratory_stands_beside_the_value(write: Write) -> None:
    [call] = calls(write("fish.csv", "sample,probe,event,percent,result", "S1,TP53,deletion,9,negative"))
    assert (call.result, call.levels[0].text) == (Result.NEGATIVE, "9")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("S1,TP53,deletion,172,,", "not a possible fraction of cells", id="over-100"),
        pytest.param("S1,TP53,deletion,72,10,200", "states 72 but counts 10/200", id="counts-disagree"),
        pytest.param("S1,TP53,deletion,,201,200", "counts 201 of 200 nuclei", id="more-than-all"),
        pytest.param("S1,TP53,deletion,,0,0", "scored 0 nuclei", id="none-scored"),
        pytest.param("S1,TP53,,72,,", "does not say what was counted with the probe 'TP53'", id="no-event"),
        pytest.param("S1,XYZ9,deletion,72,,", "'XYZ9', which is neither a gene nor a probe", id="unknown-probe"),
        pytest.param("S1,TP53,vanished,72,,", "column 'event' holds 'vanished'", id="unknown-event"),
        pytest.param("S1,TP53,fusion,72,,", "not a pair of known genes", id="no-pair"),
    ],
)
def test_wrong_row_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^fish\.csv:2: .*{message}"):
        read(write("fish.csv", "sample,probe,event,percent,cells,cells_total", row))


# --- nuc ish ----------------------------------------------------------------------------------------------------------


def from_string(write: Write, text: str) -> list[Call]:
    return calls(write("fish.csv", "sample,nuc_ish", f'S1,"{text}"'))


@pytest.mark.parametrize(
    ("text", "expected", "level"),
    [
        (
            "nuc ish(TP53x1,D17Z1x2)[144/200]",
            CopyNumber(Change.LOSS, gene="TP53", probe="TP53", nomenclature="nuc ish(TP53x1,D17Z1x2)"),
            "0.72",
        ),
        (
            "nuc ish(TP53x1,D17Z1x1)[44/200]",
            CopyNumber(Change.LOSS, chrom="17", probe="TP53/D17Z1", nomenclature="-17"),
            "0.22",
        ),
        (
            "nuc ish(D7Z1x2,D7S486x1)[50/200]",
            CopyNumber(
                Change.LOSS,
                chrom="7",
                band_start="q31.2",
                band_end="q31.2",
                probe="D7S486",
                nomenclature="nuc ish(D7Z1x2,D7S486x1)",
            ),
            "0.25",
        ),
        (
            "nuc ish(D8Z2x3,MYCx3)[40/200]",
            CopyNumber(Change.GAIN, chrom="8", probe="D8Z2/MYC", nomenclature="+8"),
            "0.2",
        ),
        ("nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[174/200]", Fusion("ABL1", "BCR", ordered=False), "0.87"),
        (
            "nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[90/200]",
            Fusion("KMT2A", "", ordered=False, rearranged_only=True),
            "0.45",
        ),
        (
            "nuc ish(5'ETV6x1,3'ETV6x2)(5'ETV6 con3'ETV6x1)[110/200]",
            Fusion("ETV6", "", ordered=False, rearranged_only=True),
            "0.55",
        ),
    ],
)
def test_pattern_of_signals(write: Write, text: str, expected: object, level: str) -> None:
    [call] = from_string(write, text)
    assert call.finding == expected
    assert call.levels[0].value == Decimal(level)


def test_normal_signals_are_evidence_of_absence(write: Write) -> None:
    [record] = read(write("fish.csv", "sample,nuc_ish", 'S1,"nuc ish(TP53x2,D17Z1x2)[200]"')).records
    assert isinstance(record, Coverage)
    assert (record.name, record.counts.cells_total) == ("minus17_abn17p", 200)


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("ish t(9;22)(q34;q11.2)(ABL1+,BCR+)", {"BCR", "ABL1"}),
        ("ish inv(16)(p13.1)(MYH11+)(q22)(CBFB+)[10]", {"CBFB", "MYH11"}),
    ],
)
def test_a_rearrangement_seen_on_metaphases_is_no_normal_result(write: Write, text: str, genes: set[str]) -> None:
    [call] = read(write("fish.csv", "sample,nuc_ish", f'S1,"{text}"')).records
    assert {call.finding.gene5, call.finding.gene3} == genes


def test_a_metaphase_result_without_a_known_meaning_is_refused(write: Write) -> None:
    [refused] = read(write("fish.csv", "sample,nuc_ish", 'S1,"ish t(1;5)(p22;q31)(EGR1+)"')).refused
    assert refused.reason == "ish: what 't(1;5)(p22;q31)' means is not known; write the probe and what was seen."


def test_string_that_is_not_understood_is_named(write: Write) -> None:
    [refused] = read(write("fish.csv", "sample,nuc_ish", 'S1,"nuc ish (something)"')).refused
    assert refused.line == 2
    assert refused.reason.startswith("nuc ish: ")


# --- TCGA -------------------------------------------------------------------------------------------------------------

BIOTAB = "bcr_patient_barcode\tfluorescence_in_situ_hybridization_abnormal_result_indicator\tFISH_test_component\tFISH_test_component_percentage_value"


def test_parallel_lists_become_one_call_each(write: Write) -> None:
    path = write("clin.tsv", BIOTAB, "TCGA-1\tYES\tBCR-ABL|MLL|+8\t0|91|0")
    assert [(call.finding, call.result, call.levels[0].text) for call in calls(path)] == [
        (Fusion("BCR", "ABL", ordered=False), None, "0"),
        (Fusion("MLL", "", ordered=False, rearranged_only=True), Result.POSITIVE, "91"),
        (CopyNumber(Change.GAIN, chrom="8", probe="+8", nomenclature="+8"), None, "0"),
    ]


def test_no_of_the_laboratory_is_negative_for_all(write: Write) -> None:
    path = write("clin.tsv", BIOTAB, "TCGA-1\tNO\tPML-RAR|MLL\t9|1")
    assert {call.result for call in calls(path)} == {Result.NEGATIVE}


def test_yes_is_not_shared_out_among_several(write: Write) -> None:
    path = write("clin.tsv", BIOTAB, "TCGA-1\tYES\tPML-RAR|CBF-Beta\t2|1")
    assert {call.result for call in calls(path)} == {None}


def test_component_without_name_is_refused(write: Write) -> None:
    reading = read(write("clin.tsv", BIOTAB, "TCGA-1\tYES\tOther\t99", "TCGA-2\tNO\tnull\tnull"))
    assert [row.line for row in reading.refused] == [2]
    assert not reading.records


def test_lists_of_different_length_are_an_error(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^clin\.tsv:2: lists 2 components but 1 percentages"):
        read(write("clin.tsv", BIOTAB, "TCGA-1\tYES\tMLL|+8\t3"))
