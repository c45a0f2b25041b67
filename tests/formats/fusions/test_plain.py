"""Our own table of fusions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.formats.fusions.plain import FUSIONS
from moltrack.model import Breakpoint, Call, LimitKind, Printed, Result, SampleInfo, Technique

HEADER = "patient,sample,fusion,breakpoint5,breakpoint3,build,junction_reads,spanning_reads,level,unit,denominator,result,technique,note"


def row(**cells: str) -> str:
    values = {"patient": "P1", "sample": "S1", "fusion": "RUNX1::RUNX1T1"} | cells
    return ",".join(values.get(name, "") for name in HEADER.split(","))


def test_a_row_by_hand(write):
    text = row(
        breakpoint5="chr21:34859474:-",
        breakpoint3="8:92017363",
        build="hg38",
        junction_reads="5",
        level="1.5",
        unit="FFPM",
        note="seen twice",
    )
    [call] = formats.read(write("fusions.csv", HEADER, text)).records
    assert (call.patient, call.sample, call.finding.build) == ("P1", "S1", "GRCh38")
    assert call.finding.breakpoint5 == Breakpoint("21", 34859474, "-")
    assert call.levels == (
        Printed("junction_reads", Decimal(5), "reads", "5"),
        Printed("ffpm", Decimal("1.5"), "FFPM", "1.5"),
    )
    assert (call.result, call.notes) == (Result.POSITIVE, ("seen twice",))


def test_example_row_of_the_template(write):
    *legend, example = FUSIONS.template.rstrip("\n").split("\n")
    sample, call = formats.read(write("any.csv", *legend, example.removeprefix("# "))).records
    assert isinstance(sample, SampleInfo)
    assert isinstance(call, Call)
    assert (call.sample, call.finding.gene5, call.finding.gene3, call.finding.build) == (
        "S1",
        "RUNX1",
        "RUNX1T1",
        "GRCh38",
    )
    assert [(level.quantity, level.text) for level in call.levels] == [("junction_reads", "412"), ("ffpm", "21.4")]


def test_the_older_template_is_still_read(write):
    """Its legend began with ``##`` and it did not name itself."""
    reading = formats.read(write("f.csv", "## Fusions, one row per junction", HEADER, row(result="negative")))
    assert (reading.format.name, reading.records[0].result) == ("fusions", Result.NEGATIVE)


def test_date_and_tissue_describe_the_sample(write):
    info, call = formats.read(
        write("f.csv", "sample,fusion,result,lod,level,unit,date,tissue", "S1,CBFB::MYH11,negative,0.01,,%,2021-05,BM")
    ).records
    assert (info.sample, str(info.time), str(info.tissue)) == ("S1", "2021-05", "BM")
    assert [(limit.kind, limit.value.value) for limit in call.limits] == [(LimitKind.LOD, Decimal("0.01"))]


def test_german_words_and_a_spreadsheets_separators(write):
    [call] = formats.read(
        write("f.csv", "Probennummer;Fusionsgen;Befund;Wert;Einheit;Kontrollgen", "S1;BCR::ABL1;positiv;0,5;%;ABL1")
    ).records
    assert (call.result, call.levels[0].value, call.levels[0].denominator) == (Result.POSITIVE, Decimal("0.5"), "ABL1")


def test_unclear_word_is_listed_with_its_line(write):
    reading = formats.read(write("f.csv", HEADER, row(result="n.d."), row(result="negative")))
    assert [(r.line, r.reason) for r in reading.refused] == [
        (2, "column 'result' holds 'n.d.': write 'not detected' or 'not done'.")
    ]


def test_a_row_that_states_nothing_was_not_tested(write):
    assert formats.read(write("f.csv", HEADER, row(), row(sample="S2", result="-", level="-"))).records == ()


def test_reads_win_over_a_level_below_its_limit(write):
    [call] = formats.read(write("f.csv", HEADER, row(junction_reads="3", level="<0.1", unit="FFPM"))).records
    assert call.result is Result.POSITIVE


@pytest.mark.parametrize(
    ("cells", "quantity", "unit"),
    [
        pytest.param({"level": "3.0 %"}, "fusion_fraction", "%", id="percent-in-cell"),
        pytest.param({"level": "0.03", "unit": "fraction"}, "fusion_fraction", "fraction", id="fraction"),
        pytest.param(
            {"level": "0.5", "unit": "%", "denominator": "ABL1"}, "normalized_copies", "%", id="percent-of-control-gene"
        ),
        pytest.param(
            {"level": "120", "unit": "copies per 1e4", "denominator": "ABL1"},
            "normalized_copies",
            "copies per 1e4",
            id="per-ten-thousand",
        ),
    ],
)
def test_unit_and_control_gene_say_what_the_level_is(write, cells, quantity, unit):
    [call] = formats.read(write("fusions.csv", HEADER, row(**cells))).records
    assert (call.levels[0].quantity, call.levels[0].unit) == (quantity, unit)


def test_below_a_limit_keeps_the_comparator(write):
    [call] = formats.read(
        write("fusions.csv", HEADER, row(level="<0.001", unit="%", denominator="ABL1", technique="qPCR"))
    ).records
    assert (call.levels[0].comparator, call.result, call.technique) == ("<", Result.NEGATIVE, Technique.QPCR)


def test_other_spellings_of_columns_are_understood(write):
    [call] = formats.read(
        write("f.tsv", "Sample ID\t5' gene\t3' gene\tSplit reads\tStatus", "S1\tPML\tRARA\t4\tdetected")
    ).records
    assert (call.sample, call.finding.gene5, call.finding.gene3, call.counts.junction_reads) == ("S1", "PML", "RARA", 4)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        pytest.param(
            {"breakpoint5": "21:34859474"},
            "gives a breakpoint, but neither reads, nor a level, nor a result",
            id="nothing-said",
        ),
        pytest.param({"fusion": "RUNX1", "result": "positive"}, "'RUNX1', not a pair of genes", id="one-gene"),
        pytest.param({"fusion": "", "result": "positive"}, "column 'fusion' is empty", id="no-gene"),
        pytest.param({"level": "3"}, "holds '3', which has no unit", id="no-unit"),
        pytest.param({"result": "maybe"}, "column 'result' holds 'maybe'", id="result-unclear"),
        pytest.param({"result": "positive", "build": "hg17"}, "column 'build' holds 'hg17'", id="unknown-build"),
        pytest.param({"result": "positive", "breakpoint5": "21q22"}, "'21q22', not a position", id="band-for-position"),
        pytest.param(
            {"result": "positive", "technique": "magic"}, "column 'technique' holds 'magic'", id="unknown-technique"
        ),
        pytest.param({"junction_reads": "-3"}, "holds '-3'", id="negative-reads"),
    ],
)
def test_a_bad_row_names_file_and_line(write, cells, message):
    with pytest.raises(FormatError, match=r"^fusions\.csv:2: ") as caught:
        formats.read(write("fusions.csv", HEADER, row(**cells)))
    assert message in str(caught.value)


def test_the_identical_row_twice_names_both_lines(write):
    with pytest.raises(FormatError, match=r"^fusions\.csv:3: is the same row as line 2"):
        formats.read(write("fusions.csv", HEADER, row(result="positive"), row(result="positive")))
