"""What all tables of ours have in common: recognition, spelling, dirt, and what a cell means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, all_formats, read
from moltrack.formats.registry import detect
from moltrack.model import Call, Phase, PhaseKind, Result, SampleInfo, Time, Tissue

Write = Callable[..., Path]
HEADER = "sample,name,kind,value,unit,result"

#: Every table with a template that holds results.
OURS = tuple(name for name, form in all_formats().items() if form.template and not form.refuses)


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


def test_every_table_of_ours_has_a_template() -> None:
    assert set(OURS) == {
        "array", "assays", "events", "fish", "fusions", "itd", "karyotype", "measurements", "patients", "reported", "samples", "variants"
    }  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_template_names_itself_and_explains_every_column(name: str) -> None:
    lines = all_formats()[name].template.rstrip("\n").split("\n")
    assert lines[0] == f"#moltrack: {name}"
    if name != "assays":
        legend = {line[2:].partition(":")[0] for line in lines[1:-2]}
        assert set(lines[-2].split(",")) <= legend


@pytest.mark.parametrize("name", OURS)
def test_template_is_recognised_and_empty(write: Write, name: str) -> None:
    reading = read(write("any.txt", all_formats()[name].template.rstrip("\n")))
    assert reading.format.name == name
    assert reading.info.header_only
    assert reading.records == reading.refused == ()


def with_example(name: str) -> str:
    """The template with its example taken out of the comment, as its reader would do it."""
    template = all_formats()[name].template
    if name == "assays":
        return re.sub(r"^# (assays:|  )", r"\1", template.replace("assays: []\n", ""), flags=re.MULTILINE)
    *legend, example = template.rstrip("\n").split("\n")
    return "\n".join([*legend, example.removeprefix("# ")])


@pytest.mark.parametrize("name", OURS)
def test_example_of_template_can_be_read(write: Write, name: str) -> None:
    reading = read(write("filled.txt", with_example(name)))
    assert (reading.format.name, reading.refused) == (name, ())
    assert reading.records


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("sample,probe,percent", "fish"),
        ("Probennummer;Sonde;Prozent", "fish"),
        ("sample,arr", "array"),
        ("sample,gene,allelic_ratio", "itd"),
        ("sample,AR (%)", "itd"),
        ("sample,name,value,unit", "measurements"),
        ("Parameter;Messwert;Einheit", "measurements"),
        ("sample,topic,conclusion", "reported"),
        ("sample,gene,vaf", "variants"),
        ("Gen;VAF (%)", "variants"),
        ("patient,type,name,start", "events"),
        ("patient,sample,date,tissue", "samples"),
        ("patient,sex,age", "patients"),
    ],
)
def test_table_is_recognised_by_its_columns(write: Write, header: str, name: str) -> None:
    assert detect(write("unnamed.csv", header)).name == name


@pytest.mark.parametrize(
    ("delimiter", "end", "encoding"),
    [(";", "\r\n", "utf-8-sig"), ("\t", "\r", "utf-8"), (",", "\n", "latin-1"), (";", "\n", "utf-16")],
    ids=["semicolon-crlf-bom", "tab-cr", "comma-latin1", "semicolon-utf16"],
)
def test_any_delimiter_line_end_and_encoding(write: Write, delimiter: str, end: str, encoding: str) -> None:
    rows = (["Probennummer", "name", "kind", "value", "note"], ["S1", "MFC-MRD", "flow", "0.02 %", "größer"])
    [call] = calls(write("t.csv", *(delimiter.join(row) for row in rows), end=end, encoding=encoding))
    assert (call.sample, call.levels[0].text, call.notes) == ("S1", "0.02 %", ("größer",))


def test_workbook_reads_as_its_text_does(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (
        ["#moltrack: measurements"],
        ["sample", "name", "kind", "value", "unit"],
        ["S1", "CRP", "analyte", 12.5, "mg/L"],
    ):
        book.active.append(row)
    path = tmp_path / "values.xlsx"
    book.save(path)
    [call] = calls(path)
    assert (call.levels[0].text, call.levels[0].unit, call.line) == ("12.5", "mg/L", 3)


def test_percent_format_of_a_workbook_is_percent(tmp_path: Path) -> None:
    # A spreadsheet shows 72% and stores 0.72; in a column of percentages that would be 0.72 %.
    import openpyxl

    book = openpyxl.Workbook()
    for row in (
        ["sample", "probe", "event", "percent"],
        ["S1", "TP53", "deletion", 0.72],
        ["S2", "TP53", "deletion", 9],
    ):
        book.active.append(row)
    book.active["D2"].number_format = "0.0%"
    path = tmp_path / "fish.xlsx"
    book.save(path)
    assert [call.levels[0].text for call in calls(path)] == ["72%", "9"]
    assert [float(call.levels[0].value or 0) for call in calls(path)] == [72, 9]


@pytest.mark.parametrize("mark", ['"#moltrack: measurements";;', "#moltrack: measurements,,,", "sep=;"])
def test_template_that_went_through_a_spreadsheet(write: Write, mark: str) -> None:
    path = write("t.csv", mark, '"# name: what was measured; MFC-MRD ...";;', "sample;name;value", "S1;MFC;3 %")
    [call] = calls(path)
    assert (call.sample, call.line) == ("S1", 4)


def test_line_of_a_call_is_that_of_the_file(write: Write) -> None:
    path = write(
        "t.csv", "#moltrack: measurements", "# legend", HEADER, "# S0,blasts,blasts,1 %,,", "S1,blasts,blasts,2 %,,"
    )
    assert [call.line for call in calls(path)] == [5]


def test_decimal_comma_is_settled_by_the_column(write: Write) -> None:
    found = calls(write("t.csv", HEADER.replace(",", ";"), "S1;blasts;blasts;12,9;%;", "S2;blasts;blasts;0,5;%;"))
    assert [float(call.levels[0].value or 0) for call in found] == [12.9, 0.5]


def test_grouping_comma_alone_is_ambiguous(write: Write) -> None:
    path = write("t.csv", "sample;name;kind;value;unit", "S1;CRP;analyte;1,234;mg/L")
    with pytest.raises(FormatError, match=r"^t\.csv:2: column 'value' holds '1,234': .*ambiguous"):
        read(path)


def test_stated_decimal_sign_settles_it(write: Write) -> None:
    path = write("t.csv", "sample;name;kind;value;unit", "S1;CRP;analyte;1,234;mg/L")
    [call] = [record for record in read(path, ReadOptions(decimal=",")).records if isinstance(record, Call)]
    assert float(call.levels[0].value or 0) == 1.234


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("S1,blasts,blasts,120 %,,", "not a possible fraction of cells", id="over-100-percent"),
        pytest.param("S1,blasts,blasts,-1 %,,", "not a possible fraction of cells", id="negative"),
        pytest.param("S1,blasts,blasts,many,,", "column 'value' holds 'many'", id="no-number"),
        pytest.param("S1,blasts,blasts,5 %,,maybe", "column 'result' holds 'maybe'", id="no-result"),
        pytest.param(
            "S1,blasts,blasts,negative,,positive", "says negative as value and positive as result", id="contradiction"
        ),
        pytest.param("S1,blasts,blasts,5 %,,-", "may mean negative or not done", id="lone-minus"),
    ],
)
def test_wrong_cell_names_file_line_and_column(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^t\.csv:2: .*{message}"):
        read(write("t.csv", HEADER, row))


@pytest.mark.parametrize("value", ["", "-", "NA", "not done", "nicht untersucht"])
def test_empty_value_is_not_tested(write: Write, value: str) -> None:
    path = write("t.csv", HEADER, f"S1,blasts,blasts,{value},,", "S2,blasts,blasts,3 %,,")
    assert [call.sample for call in calls(path)] == ["S2"]


@pytest.mark.parametrize("value", ["n.d.", "nd", "N.D."])
def test_nd_is_refused_with_the_question(write: Write, value: str) -> None:
    reading = read(write("t.csv", HEADER, f"S1,blasts,blasts,{value},,"))
    assert [row.line for row in reading.refused] == [2]
    assert "write 'not detected' or 'not done'" in reading.refused[0].reason


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("positive", Result.POSITIVE),
        ("POS", Result.POSITIVE),
        ("nachgewiesen", Result.POSITIVE),
        ("+", Result.POSITIVE),
        ("not detected", Result.NEGATIVE),
        ("Nicht nachweisbar", Result.NEGATIVE),
        ("not evaluable", Result.NOT_EVALUABLE),
        ("nicht auswertbar", Result.NOT_EVALUABLE),
    ],
)
def test_result_words(write: Write, word: str, result: Result) -> None:
    [call] = calls(write("t.csv", HEADER, f"S1,blasts,blasts,,,{word}"))
    assert (call.result, call.levels) == (result, ())


def test_minus_is_negative_in_a_column_that_also_holds_plus(write: Write) -> None:
    found = calls(write("t.csv", HEADER, "S1,MFC,flow,,,+", "S2,MFC,flow,,,-"))
    assert [call.result for call in found] == [Result.POSITIVE, Result.NEGATIVE]


def test_less_than_is_negative_at_that_level(write: Write) -> None:
    [call] = calls(write("t.csv", HEADER, "S1,MFC,flow,<0.01 %,,"))
    assert (call.result, call.levels[0].comparator, call.levels[0].text) == (Result.NEGATIVE, "<", "<0.01 %")


def test_less_than_with_a_positive_result_is_a_detection(write: Write) -> None:
    [call] = calls(write("t.csv", HEADER, "S1,MFC,flow,<0.01 %,,positive"))
    assert (call.result, call.levels[0].comparator) == (Result.POSITIVE, "<")


def test_same_row_twice_names_both_lines(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:4: is the same row as line 2\."):
        read(write("t.csv", HEADER, "S1,blasts,blasts,5 %,,", "S2,blasts,blasts,5 %,,", "S1,blasts, blasts,5 %,,"))


def test_misspelt_column_is_an_error_and_not_passed_over(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:1: has the column 'cuttoff': is 'cutoff' meant\?"):
        read(write("t.csv", "sample,name,kind,value,cuttoff", "S1,MFC,flow,5 %,1 %"))


def test_foreign_column_is_kept_beside_the_call(write: Write) -> None:
    reading = read(
        write("t.csv", "#moltrack: measurements", "sample,name,kind,value,Befunder", "S1,MFC,flow,5 %,Dr. X")
    )
    assert reading.info.notes == ("columns not read: Befunder",)
    assert reading.records[0].extra == (("Befunder", "Dr. X"),)  # type: ignore[union-attr]


def test_column_under_two_spellings_is_an_error(write: Write) -> None:
    with pytest.raises(FormatError, match="has the column 'value' twice"):
        read(write("t.csv", "#moltrack: measurements", "sample,name,kind,value,Messwert", "S1,MFC,flow,5 %,6 %"))


# --- samples described by rows ----------------------------------------------------------------------------------------

DESCRIBED = "patient,sample,name,kind,value,date,day,from,order,tissue,phase,label"


def sample_of(path: Path) -> SampleInfo:
    [info] = [record for record in read(path).records if isinstance(record, SampleInfo)]
    return info


def test_rows_describe_their_sample_once(write: Write) -> None:
    path = write(
        "t.csv", DESCRIBED, "P1,S1,blasts,blasts,5 %,2021-05-12,,,,BM,diagnosis,first", "P1,S1,MFC,flow,4 %,,,,,,,"
    )
    assert sample_of(path) == SampleInfo(
        "P1", "S1", Time(date(2021, 5, 12), date(2021, 5, 12)), Tissue.BM, Phase(PhaseKind.DIAGNOSIS), "first", line=2
    )


def test_german_dates_of_a_table(write: Write) -> None:
    path = write("t.csv", DESCRIBED, "P1,S1,blasts,blasts,5 %,12.05.2021,,,,,,")
    assert sample_of(path).time == Time.on("2021-05-12")


def test_relative_day_keeps_its_anchor(write: Write) -> None:
    path = write("t.csv", DESCRIBED, "P1,S1,blasts,blasts,5 %,,-3..-1,infusion,2,Blut,,")
    assert sample_of(path).time == Time(day_first=-3, day_last=-1, anchor="infusion", order=2)
    assert sample_of(path).tissue is Tissue.PB


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        pytest.param("12/05/2021,,,,,,", "column 'date' holds '12/05/2021'", id="unreadable-date"),
        pytest.param("2021-02-30,,,,,,", "not a date of the calendar", id="no-such-day"),
        pytest.param("2021-05-12,3,,,,,", "states a date and a day", id="two-scales"),
        pytest.param(",,infusion,,,,", "states no day", id="anchor-alone"),
        pytest.param(",,,,hair,,", "column 'tissue' holds 'hair'", id="tissue"),
        pytest.param(",,,,,later,", "'later' is not a phase", id="phase"),
        pytest.param(",,,first,,,", "column 'order' holds 'first'", id="order"),
    ],
)
def test_wrong_description_is_refused(write: Write, cells: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^t\.csv:2: .*{message}"):
        read(write("t.csv", DESCRIBED, f"P1,S1,blasts,blasts,5 %,{cells}"))


def test_sample_in_the_future_is_refused(write: Write) -> None:
    tomorrow = date.today() + timedelta(days=1)
    with pytest.raises(FormatError, match=rf"is dated {tomorrow}, which lies in the future"):
        read(write("t.csv", DESCRIBED, f"P1,S1,blasts,blasts,5 %,{tomorrow},,,,,,"))


def test_two_rows_must_not_contradict_each_other_about_a_sample(write: Write) -> None:
    path = write("t.csv", DESCRIBED, "P1,S1,blasts,blasts,5 %,2021-05-12,,,,,,", "P1,S1,MFC,flow,4 %,2021-05-13,,,,,,")
    with pytest.raises(
        FormatError, match=r"^t\.csv:3: gives sample 'S1' the date '2021-05-13', but line 2 says '2021-05-12'"
    ):
        read(path)


def test_description_needs_a_sample(write: Write) -> None:
    with pytest.raises(FormatError, match="states date but no sample"):
        read(write("t.csv", DESCRIBED, "P1,,blasts,blasts,5 %,2021-05-12,,,,,,"))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param("sample,length,allelic_ratio,pos,build", "S1,36,0.5,28608260,{}", id="itd"),
        pytest.param("sample,gene,vaf,chrom,pos,ref,alt,build", "S1,FLT3,6 %,13,28018505,C,A,{}", id="variants"),
        pytest.param("sample,chrom,start,end,copies,build", "S1,17,1,1000,1,{}", id="array"),
        pytest.param(
            "sample,fusion,breakpoint5,build,result", "S1,RUNX1::RUNX1T1,21:34859474,{},positive", id="fusions"
        ),
    ],
)
def test_build_is_understood_as_laboratories_write_it(write: Write, header: str, row: str) -> None:
    for text, build in (("GRCh38", "GRCh38"), ("hg38", "GRCh38"), ("HG19", "GRCh37"), ("37", "GRCh37")):
        [call] = calls(write("a.csv", header, row.format(text)))
        assert call.finding.build == build
    with pytest.raises(FormatError, match=r"a\.csv:2: column 'build' holds 'T2T'. Write GRCh37 or GRCh38."):
        read(write("a.csv", header, row.format("T2T")))
