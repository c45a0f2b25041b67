"""ITD, variants, reported, samples, patients, events and the assay sheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import (
    Assay,
    Call,
    Counts,
    Event,
    EventType,
    Itd,
    LimitKind,
    PatientInfo,
    Printed,
    PrintedLimit,
    Record,
    Reported,
    Result,
    SampleInfo,
    SmallVariant,
    Technique,
    Time,
)

Write = Callable[..., Path]


def one(path: Path) -> Record:
    [record] = [record for record in read(path).records if not isinstance(record, SampleInfo)]
    return record


def call_of(path: Path) -> Call:
    record = one(path)
    assert isinstance(record, Call)
    return record


# --- ITD --------------------------------------------------------------------------------------------------------------


def test_itd_clone(write: Write) -> None:
    path = write("t.csv", "patient,sample,gene,length,allelic_ratio,lod,domain", "P1,S1,FLT3,36,0.594,0.01,JM")
    assert call_of(path) == Call(
        finding=Itd("FLT3", length=36, in_frame=True, domain="JM"),
        line=2,
        levels=(Printed("allelic_ratio", Decimal("0.594"), "", "0.594"),),
        limits=(PrintedLimit(LimitKind.LOD, Printed("allelic_ratio", Decimal("0.01"), "", "0.01")),),
        patient="P1",
        sample="S1",
        technique=Technique.FRAGMENT_ANALYSIS,
    )


def test_itd_row_without_length_is_the_sum_of_clones(write: Write) -> None:
    finding = call_of(write("t.csv", "sample,allelic_ratio", "S1,59.4%")).finding
    assert finding == Itd("FLT3", aggregate=True)


def test_itd_row_marked_as_sum_has_no_length(write: Write) -> None:
    finding = call_of(write("t.csv", "sample,gene,length,allelic_ratio,sum", "S1,FLT3,36,0.6,yes")).finding
    assert finding == Itd("FLT3", aggregate=True)


def test_itd_ratio_from_peak_areas(write: Write) -> None:
    call = call_of(write("t.csv", "sample,length,area_mutant,area_wild_type", "S1,36,24800,40000"))
    # 24800 / 40000 = 0.62
    assert call.levels == (Printed("allelic_ratio", Decimal("0.62"), "ratio", "24800/40000"),)
    assert call.formula == "area_mutant / area_wild_type"


def test_itd_without_wild_type_peak_is_a_fraction_of_one(write: Write) -> None:
    call = call_of(write("t.csv", "sample,length,area_mutant,area_wild_type", "S1,36,24800,0"))
    assert [(level.quantity, level.value) for level in call.levels] == [("vaf", Decimal(1))]


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        pytest.param(
            "sample,length,mutant_fraction",
            "S1,36,1.2",
            "An allelic ratio may exceed 1, a VAF may not",
            id="ratio-given-as-fraction",
        ),
        pytest.param("sample,length,allelic_ratio", "S1,36,-0.1", "not a possible allelic ratio", id="negative"),
        # AR 0.5 is VAF 1/3
        pytest.param(
            "sample,length,allelic_ratio,mutant_fraction",
            "S1,36,0.5,0.5",
            "the allelic ratio gives 0.3333",
            id="the-same-twice",
        ),
        pytest.param(
            "sample,length,allelic_ratio,area_mutant,area_wild_type",
            "S1,36,0.9,50,100",
            "the peak areas give 0.5",
            id="areas-disagree",
        ),
        pytest.param(
            "sample,length,area_mutant,area_wild_type", "S1,36,50,", "gives one of two peak areas", id="one-area"
        ),
        pytest.param("sample,length,area_mutant,area_wild_type", "S1,36,0,0", "nothing was amplified", id="no-area"),
        pytest.param(
            "sample,length,allelic_ratio,pos", "S1,36,0.5,28608260", "without its genome build", id="no-build"
        ),
        pytest.param("sample,gene,length,allelic_ratio", "S1,FLT9,36,0.5", "not a gene that is known", id="gene"),
        pytest.param("sample,length,allelic_ratio", "S1,1,0.5", "at least 3 bases", id="length"),
    ],
)
def test_itd_that_cannot_be_is_refused(write: Write, header: str, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^t\.csv:2: .*{message}"):
        read(write("t.csv", header, row))


def test_itd_positive_without_level(write: Write) -> None:
    call = call_of(write("t.csv", "sample,gene,allelic_ratio,result", "S1,FLT3,,positive"))
    assert (call.result, call.levels) == (Result.POSITIVE, ())


# --- variants, reported -----------------------------------------------------------------------------------------------


def test_variant_as_a_laboratory_types_it(write: Write) -> None:
    path = write(
        "t.csv",
        "sample;Gen;c.;p.;VAF (%);Coverage;alt_reads;Klasse",
        "S1;ASXL1;NM_015338.6:c.1934dup;(Gly646TrpfsTer12);6;500;30;5",
    )
    call = call_of(path)
    assert call.finding == SmallVariant(
        gene="ASXL1", transcript="NM_015338.6", hgvs_c="c.1934dup", hgvs_p="p.Gly646TrpfsTer12"
    )
    assert call.levels == (Printed("vaf", Decimal(6), "%", "6"),)
    assert call.counts == Counts(alt=30, ref=470, depth=500)
    assert call.classification == "pathogenic"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("S1,ASXL1,c.1934dup,160 %,,", "not a possible variant allele fraction"),
        ("S1,XYZ9,c.1934dup,6 %,,", "'XYZ9', which is not a gene that is known"),
        ("S1,ASXL1,c.1934dup,6 %,awful,", "column 'class' holds 'awful'"),
        ("S1,ASXL1,c.1934dup,,,", "names a variant without VAF or result"),
    ],
)
def test_wrong_variant_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("t.csv", "sample,gene,hgvs_c,vaf,class,result", row))


def test_reported_conclusion(write: Write) -> None:
    call = call_of(write("t.csv", "sample,topic,conclusion,technique", "S1,karyotype,complex,SNP array"))
    assert (call.finding, call.technique) == (Reported("karyotype", "complex"), Technique.ARRAY)


def test_none_is_a_conclusion_and_no_empty_cell(write: Write) -> None:
    call = call_of(write("t.csv", "sample,topic,conclusion", "S1,extramedullary disease,none"))
    assert call.finding == Reported("extramedullary disease", "none")


def test_an_empty_conclusion_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:2: column 'conclusion' is empty"):
        read(write("t.csv", "sample,topic,conclusion", "S1,extramedullary disease,-"))


# --- samples, patients, events ----------------------------------------------------------------------------------------


def test_sample_with_aliases(write: Write) -> None:
    [info] = read(write("t.csv", "patient,sample,order,aliases,note", "P1,S1,1,H21-77 | X9,first")).records
    assert info == SampleInfo("P1", "S1", Time(order=1), aliases=("H21-77", "X9"), note="first", line=2)


def test_sample_twice_names_the_first_line(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:3: describes sample 'S1' again \(first on line 2\)"):
        read(write("t.csv", "patient,sample,date", "P1,S1,2021-05", "P1,S1,2021-06"))


def test_patient(write: Write) -> None:
    record = one(write("t.csv", "patient;Geschlecht;Alter;hma", "P1;weiblich;17;nein"))
    assert record == PatientInfo("P1", sex="F", age=17.0, hma_pretreated=False, line=2)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("P1,?,17", "column 'sex' holds"),
        ("P1,F,200", "expected a number from 0 to 130"),
        (",F,17", "column 'patient' is empty"),
    ],
)
def test_wrong_patient_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("t.csv", "patient,sex,age", row))


EVENT_HEADER = "patient,type,name,date,end_date,day,end_day,from,order,drugs,planned,anchor_event"


def test_event_with_relative_days(write: Write) -> None:
    record = one(write("t.csv", EVENT_HEADER, "P1,treatment,FLU,,,-5,-3,infusion,2,fludarabine + cyclophosphamide,,"))
    assert record == Event(
        EventType.TREATMENT,
        "FLU",
        Time(day_first=-5, day_last=-5, anchor="infusion", order=2),
        Time(day_first=-3, day_last=-3, anchor="infusion"),
        patient="P1",
        drugs=("fludarabine", "cyclophosphamide"),
        line=2,
    )


def test_anchor_event(write: Write) -> None:
    record = one(write("t.csv", EVENT_HEADER, "P1,infusion,CAR-T,,,0,,,,,,yes"))
    assert isinstance(record, Event)
    assert record.is_anchor


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("P1,party,x,2021-05-12,,,,,,,,", "column 'type' holds 'party'"),
        ("P1,treatment,x,2021-05-12,2021-05-01,,,,,,,", "before it begins"),
        ("P1,treatment,x,2021-05-12,,,3,,,,,", "on another scale than its start"),
        ("P1,treatment,,2021-05-12,,,,,,,,", "column 'name' is empty"),
    ],
)
def test_wrong_event_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("t.csv", EVENT_HEADER, row))


def test_future_event_must_be_planned(write: Write) -> None:
    tomorrow = date.today() + timedelta(days=1)
    with pytest.raises(FormatError, match="lies in the future"):
        read(write("t.csv", EVENT_HEADER, f"P1,transplant,HSCT,{tomorrow},,,,,,,,"))
    assert read(write("t.csv", EVENT_HEADER, f"P1,transplant,HSCT,{tomorrow},,,,,,,yes,")).records


# --- assay sheet ------------------------------------------------------------------------------------------------------

SHEET = (
    "assays:",
    "  - id: fish_tp53",
    "    technique: FISH",
    "    covers: [minus17_abn17p]",
    "    cutoff: cell_fraction=5 %",
    "    lod: [cell_fraction=1 %]",
)


def test_assay_sheet(write: Write) -> None:
    assert one(write("assays.yaml", *SHEET)) == Assay(
        "fish_tp53",
        technique=Technique.FISH,
        covers=("minus17_abn17p",),
        limits=(
            PrintedLimit(LimitKind.CUTOFF, Printed("cell_fraction", Decimal(5), "%", "5 %")),
            PrintedLimit(LimitKind.LOD, Printed("cell_fraction", Decimal(1), "%", "1 %")),
        ),
        line=2,
    )


def test_an_assay_sheet_takes_the_regions_of_a_bed_beside_it(write: Write, tmp_path: Path) -> None:
    (tmp_path / "beds").mkdir()
    (tmp_path / "beds" / "panel.bed").write_text("track name=panel\nchr17\t7668421\t7687490\tTP53\nchrX\t10\t20\n")
    sheet = write("assays.yaml", "assays:", "  - id: a", "    build: GRCh38", "    covers: [beds/panel.bed, FLT3_ITD]")
    assert one(sheet).covers == ("region:GRCh38:17:7668422-7687490", "region:GRCh38:X:11-20", "FLT3_ITD")


@pytest.mark.parametrize("rows", ["", "17\tx\t9\n"], ids=["empty", "no-number"])
def test_a_bed_of_an_assay_sheet_that_cannot_be_read_is_named(write: Write, tmp_path: Path, rows: str) -> None:
    (tmp_path / "panel.bed").write_text(rows)
    sheet = write("assays.yaml", "assays:", "  - id: a", "    build: GRCh38", "    covers: [panel.bed]")
    with pytest.raises(FormatError, match=r"^panel\.bed:"):
        read(sheet)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(
            (*SHEET, "  - id: fish_tp53"), r":7: declares assay 'fish_tp53' again \(first on line 2\)", id="twice"
        ),
        pytest.param((*SHEET, "    colour: red"), r":2: field 'colour': .*The fields are id,", id="unknown-field"),
        pytest.param(
            ("assays:", "  - id: a", "    lod: 2 %"),
            r":2: assay 'a': '2 %' is not a limit",
            id="limit-without-quantity",
        ),
        pytest.param(("assays:", "  - id: a", "    technique: magic"), r":2: field 'technique'", id="technique"),
        pytest.param(
            ("assays:", "  - id: a", "    same_as: b"),
            r":2: assay 'a': same_as and factor go together",
            id="same-as-without-factor",
        ),
        pytest.param(
            ("assays:", "  - id: a", "    covers: [panel.bed]"),
            r":2: assay 'a': covers names the BED file 'panel\.bed', but the assay has no genome build\. Add 'build: GRCh38'",
            id="bed-without-build",
        ),
        pytest.param(
            ("assays:", "  - id: a", "    build: GRCh38", "    covers: [panel.bed]"),
            r":2: assay 'a': covers names the BED file 'panel\.bed', which is not there\. .* with --covers",
            id="no-such-bed",
        ),
        pytest.param(("assays:", "  - id: [a"), r"is not YAML", id="no-yaml"),
        pytest.param(("assays: 3",), r"it needs one list 'assays'", id="no-list"),
        pytest.param(("assays:", "  - !!python/object/apply:os.system ['true']"), r"is not YAML", id="unsafe-yaml"),
    ],
)
def test_wrong_sheet_names_its_line(write: Write, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("assays.yaml", *lines))
