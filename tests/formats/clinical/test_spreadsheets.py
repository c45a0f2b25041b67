"""Tables of ours as German, French and US laboratories fill them: titles, units in headers, workbooks, mixed units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.formats.registry import detect
from moltrack.model import Call, Event, Itd, Result, SampleInfo, SmallVariant, Time
from moltrack.quantity import canonical_level

Write = Callable[..., Path]


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


def workbook(
    path: Path, rows: list[list[Any]], formats: dict[str, str] | None = None, **sheets: list[list[Any]]
) -> Path:
    """A workbook of a first sheet and further ones; ``formats`` are number formats of cells of the first."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    for name, content in sheets.items():
        page = book.create_sheet(name)
        for row in content:
            page.append(row)
    book.save(path)
    return path


# --- headers ----------------------------------------------------------------------------------------------------------


def test_titles_and_empty_lines_above_the_header(write: Write) -> None:
    path = write("t.csv", "Labor Musterstadt;;;", ";;;", "Stand;01.01.2022;;", "Probe-ID;Datum;Untersuchung;Wert", "S1;12.05.2021;Blasten;72 %")  # fmt: skip
    reading = read(path)
    [info, call] = reading.records
    assert isinstance(info, SampleInfo)
    assert isinstance(call, Call)
    assert (reading.format.name, info.time, call.line) == ("measurements", Time.on("2021-05-12"), 5)
    assert reading.info.notes == ("lines above the header not read: Labor Musterstadt;;;; Stand;01.01.2022;;",)


def test_a_unit_in_the_header_is_that_of_its_cells(write: Write) -> None:
    path = write("t.csv", "sample,name,value [mg/L],LOD (mg/L)", "S1,CRP,12.5,0.6")
    [call] = calls(path)
    assert (call.levels[0].unit, call.limits[0].value.unit) == ("mg/L", "mg/L")


def test_a_percentage_in_the_header_of_a_limit(write: Write) -> None:
    path = write("t.csv", "sample;name;Wert;Nachweisgrenze (%)", "S1;MFC-MRD;0,025 %;0,01")
    [call] = calls(path)
    assert canonical_level(call.limits[0].value) == 1e-4


def test_the_header_states_how_dates_are_written(write: Write) -> None:
    path = write("t.csv", "patient,sample,date (MM/DD/YYYY),tissue (BM/PB)", "P1,S1,5/12/2021,PB")
    [info] = read(path).records
    assert isinstance(info, SampleInfo)
    assert info.time == Time.on("2021-05-12")


def test_the_unit_of_a_dose_in_its_header(write: Write) -> None:
    [event] = read(write("t.csv", "patient,type,name,date,dose (mg/m2)", "P1,treatment,Ara-C,2021-05-12,200")).records
    assert isinstance(event, Event)
    assert (event.dose, event.unit) == ("200", "mg/m2")


def test_a_hint_that_changes_what_a_number_means_is_no_name_of_its_column(write: Write) -> None:
    reading = read(write("t.csv", "#moltrack: patients", "patient,sex,age (months)", "P1,F,540"))
    assert reading.info.notes == ("columns not read: age (months)",)


@pytest.mark.parametrize("row", ["S1;MFC-MRD;0,5;%", "S1;MFC-MRD;0,5;;;x"], ids=["unit-beside", "far-right"])
def test_a_cell_under_no_name_is_refused(write: Write, row: str) -> None:
    path = write("t.csv", "sample;name;Wert;;;", row)
    with pytest.raises(FormatError, match=r"^t\.csv:2: holds '.' in column [46], which has no name\. Name the column"):
        read(path)


def test_empty_columns_and_rows_are_nothing(write: Write) -> None:
    assert len(calls(write("t.csv", "sample;name;Wert;;", "S1;MFC-MRD;0,5 %;;", ";;;;"))) == 1


def test_a_result_column_with_numbers_is_the_value(write: Write) -> None:
    path = write("t.csv", "Specimen,Test,Result,Units,Flag", "S1,WBC,45.2,10^9/L,H", "S2,Hemoglobin,8.1,g/dL,", "S3,WBC,Not detected,,")  # fmt: skip
    assert [(c.result, *(printed.text for printed in c.levels)) for c in calls(path)] == [
        (None, "45.2"),
        (None, "8.1"),
        (Result.NEGATIVE,),
    ]


def test_a_result_column_with_words_stays_one(write: Write) -> None:
    assert [c.result for c in calls(write("t.csv", "sample,test,result", "S1,MFC-MRD,Positive"))] == [Result.POSITIVE]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_limit_without_unit_is_in_that_of_the_value(write: Write) -> None:
    [call] = calls(write("t.csv", "sample;name;value;lod", "S1;MFC-MRD;<0,01 %;0,01"))
    assert canonical_level(call.limits[0].value) == 1e-4
    [variant] = calls(write("v.csv", "sample,gene,hgvs_p,vaf,lod", "S1,IDH2,p.R140Q,41 %,0.5"))
    assert canonical_level(variant.limits[0].value) == 0.005
    [itd] = calls(write("i.csv", "sample,length,allelic_ratio,lod", "S1,36,59 %,1"))
    assert canonical_level(itd.limits[0].value) == 0.01


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        (
            "sample;name;value;unit",
            ["S1;MFC-MRD;0,5;%", "S2;MFC-MRD;0,02;"],
            r":3: column 'value' holds '0,02' without a unit, but line 2 is in percent\. Write %",
        ),
        (
            "sample;name;value;lod",
            ["S1;MFC-MRD;0,5 %;0,01", "S2;MFC-MRD;nicht nachweisbar;0,01"],
            r":3: column 'lod' holds '0,01' without a unit, but line 2 is in percent",
        ),
        ("sample;gene;vaf", ["S1;IDH2;41 %", "S2;IDH2;0,4"], r":3: column 'vaf' holds '0,4' without a unit"),
    ],
    ids=["value", "limit", "vaf"],
)
def test_a_number_without_unit_among_percentages_is_asked(
    write: Write, header: str, rows: list[str], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("t.csv", header, *rows))


def test_numbers_that_are_no_percentage_stand_beside_some(write: Write) -> None:
    path = write("t.csv", "sample,name,value", "S1,MFC-MRD,0.5 %", "S2,MFC-MRD,2.5e-4", "S3,MFC-MRD,0", "S4,MFC-MRD,1/1000", "S5,other blasts,0.2")  # fmt: skip
    assert [canonical_level(c.levels[0]) for c in calls(path)] == [0.005, 2.5e-4, 0, 0.001, 0.2]


def test_points_between_groups_are_ambiguous_where_semicolons_part_cells(write: Write) -> None:
    header = "sample;name;kind;quantity;value"
    with pytest.raises(FormatError, match=r"'183\.945' is ambiguous: the point may group thousands"):
        read(write("t.csv", header, "S1;CAR;analyte;copies_per_ug;183.945"))
    found = calls(write("u.csv", header, "S1;CAR;analyte;copies_per_ug;183.945", "S2;CAR;analyte;copies_per_ug;1.183.945"))  # fmt: skip
    assert [canonical_level(c.levels[0]) for c in found] == [183_945, 1_183_945]


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("<LOD", Result.NEGATIVE),
        ("unter der Nachweisgrenze", Result.NEGATIVE),
        ("négatif", Result.NEGATIVE),
        ("positif", Result.POSITIVE),
        ("schwach positiv", Result.POSITIVE),
        ("QNS", Result.NOT_EVALUABLE),
    ],
)
def test_words_of_laboratories(write: Write, word: str, result: Result) -> None:
    [call] = calls(write("t.csv", "sample,name,value", f"S1,MFC-MRD,{word}"))
    assert call.result is result


@pytest.mark.parametrize("word", ["n.b.", "n.n."])
def test_abbreviations_with_two_meanings_are_refused(write: Write, word: str) -> None:
    reading = read(write("t.csv", "sample,name,value", f"S1,MFC-MRD,{word}", "S2,MFC-MRD,1 %"))
    assert [row.line for row in reading.refused] == [2]


def test_a_count_has_no_decimals(write: Write) -> None:
    path = write("v.csv", "sample;gene;c.;p.;VAF (%);Tiefe", "S1;DNMT3A;c.2645G>A;p.(Arg882His);45,1;2.310", "S2;DNMT3A;c.2645G>A;;45,1;980")  # fmt: skip
    one, two = calls(path)
    assert (one.counts.depth, two.counts.depth) == (2310, 980)
    assert isinstance(one.finding, SmallVariant)
    assert one.finding.hgvs_p == "p.Arg882His"


@pytest.mark.parametrize("name", ["ITD", "p.(ITD)", "FLT3-ITD", "internal tandem duplication"])
def test_a_duplication_in_a_list_of_variants(write: Write, name: str) -> None:
    [call] = calls(write("v.csv", "sample,gene,hgvs_p,vaf", f"S1,FLT3,{name},12 %"))
    assert call.finding == Itd("FLT3", aggregate=True)


@pytest.mark.parametrize(
    ("conclusion", "result"),
    [
        ("negativ", Result.NEGATIVE),
        ("unauffällig", Result.NEGATIVE),
        ("positiv", Result.POSITIVE),
        ("nicht auswertbar", Result.NOT_EVALUABLE),
        ("komplex", None),
    ],
)
def test_a_conclusion_that_is_a_result(write: Write, conclusion: str, result: Result | None) -> None:
    [call] = calls(write("r.csv", "sample,topic,conclusion", f"S1,MRD,{conclusion}"))
    assert call.result is result


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("Erstdiagnose", "diagnosis"),
        ("nach Zyklus 2", "after_cycle(2)"),
        ("nach 2. Zyklus", "after_cycle(2)"),
        ("Rezidiv", "relapse"),
        ("suivi", "follow_up"),
    ],
)
def test_phases_as_tables_call_them(write: Write, word: str, phase: str) -> None:
    [info] = read(write("s.csv", "patient,sample,date,phase", f"P1,S1,2021-05-12,{word}")).records
    assert isinstance(info, SampleInfo)
    assert str(info.phase) == phase


@pytest.mark.parametrize(("word", "kind"), [("Therapie", "treatment"), ("Rezidiv", "relapse"), ("HSCT", "transplant")])
def test_types_of_events_as_tables_call_them(write: Write, word: str, kind: str) -> None:
    [event] = read(write("e.csv", "patient,type,name,date", f"P1,{word},x,2021-05-12")).records
    assert isinstance(event, Event)
    assert event.type == kind


def test_a_redcap_export_is_refused_with_what_to_do(write: Write) -> None:
    with pytest.raises(
        FormatError, match=r"is a REDCap export .* templates patients, samples, events and measurements"
    ):
        read(write("r.csv", "record_id,redcap_event_name,sample_date,npm1", "1,diagnosis_arm_1,2021-05-12,120.4"))


def test_the_record_of_a_project_is_a_patient(write: Write) -> None:
    assert detect(write("p.csv", "record_id,sex,age", "1,Female,54")).name == "patients"


# --- workbooks --------------------------------------------------------------------------------------------------------

HEADER = ["sample", "name", "value"]


def test_stored_numbers_beside_texts_with_a_decimal_comma(tmp_path: Path) -> None:
    rows = [HEADER, ["S1", "MFC-MRD", 0.00025], ["S2", "MFC-MRD", "<0,01 %"]]
    found = calls(workbook(tmp_path / "t.xlsx", rows, {"C2": "0.000%"}))
    assert [canonical_level(c.levels[0]) for c in found] == [2.5e-4, 1e-4]
    found = calls(workbook(tmp_path / "u.xlsx", [HEADER, ["S1", "CRP", 12.5], ["S2", "CRP", "<0,6"]]))
    assert [float(c.levels[0].value or 0) for c in found] == [12.5, 0.6]


def test_an_empty_column_shifts_no_percent_format(tmp_path: Path) -> None:
    rows = [["sample", None, None, "name", "value (%)"], ["S1", None, None, "MFC-MRD", 0.005]]
    [call] = calls(workbook(tmp_path / "t.xlsx", rows, {"E2": "0.0%"}))
    assert canonical_level(call.levels[0]) == 0.005


def test_a_hidden_first_sheet_is_passed_over(tmp_path: Path) -> None:
    import openpyxl

    path = workbook(tmp_path / "t.xlsx", [["lists for menus"]], Daten=[["MRD"], [], HEADER, ["S1", "MFC-MRD", "1 %"]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    assert (detect(path).name, [c.line for c in calls(path)]) == ("measurements", [4])


def test_a_second_sheet_of_results_is_not_left_out_in_silence(tmp_path: Path) -> None:
    row = ["S1", "MFC-MRD", "1 %"]
    with pytest.raises(FormatError, match=r"^t\.xlsx: holds a table 'measurements' on the sheet 'B' too"):
        read(workbook(tmp_path / "t.xlsx", [HEADER, row], B=[HEADER, row]))
    notes = read(workbook(tmp_path / "u.xlsx", [HEADER, row], Legende=[["% = percent"]])).info.notes
    assert notes == ("sheets not read: Legende",)


def test_a_formula_without_result_is_no_empty_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["S1", "MFC-MRD", "=1/1000"]])
    with pytest.raises(
        FormatError, match=r"^t\.xlsx:2: the cell C2 holds a formula without its result\. Open and save"
    ):
        read(path)


def test_dates_of_a_workbook(tmp_path: Path) -> None:
    rows = [["patient", "sample", "date"], ["P1", "S1", datetime(2021, 5, 12)], ["P1", "S2", date(2021, 6, 1)], ["P1", "S3", "13.07.2021"]]  # fmt: skip
    found = read(workbook(tmp_path / "t.xlsx", rows)).records
    assert [str(info.time) for info in found if isinstance(info, SampleInfo)] == ["2021-05-12", "2021-06-01", "2021-07-13"]  # fmt: skip
    with pytest.raises(FormatError, match=r"'44328', the day number of a spreadsheet"):
        read(workbook(tmp_path / "u.xlsx", [["patient", "sample", "date"], ["P1", "S1", 44328]]))


def test_a_header_of_two_lines_in_its_cell(tmp_path: Path) -> None:
    [call] = calls(workbook(tmp_path / "t.xlsx", [["sample", "name", "value\n[mg/L]"], ["S1", "CRP", 12.5]]))
    assert call.levels[0].unit == "mg/L"
