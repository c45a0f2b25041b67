"""QuantStudio and CFX Maestro."""

from __future__ import annotations

from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Printed, Result, Technique

HEAD = (
    "* Block Type = 96-Well Block (0.2mL)",
    "* Experiment Type = Standard Curve",
    "",
    "[Sample Setup]",
    "Well\tWell Position",
    "",
    "[Results]",
)
COLUMNS = "Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tQuantity\tCT"
CFX = ",Well,Fluor,Target,Content,Sample,Biological Set Name,Cq,Cq Mean,Cq Std. Dev,Starting Quantity (SQ)"


def well(
    number: int, sample: str, target: str, ct: str, quantity: str = "", task: str = "UNKNOWN", omit: str = "false"
) -> str:
    return f"{number}\tA{number}\t{omit}\t{sample}\t{target}\t{task}\t{quantity}\t{ct}"


def quantstudio(write, *wells: str, end: str = "\n"):
    return write("run.txt", *HEAD, COLUMNS, *wells, "", "Analysis Type = Singleplex", end=end)


def test_copies_of_target_over_mean_copies_of_the_control_gene(write):
    path = quantstudio(
        write,
        well(1, "S1", "PML-RARA bcr1", "30.1", "120"),
        well(2, "S1", "PML-RARA bcr1", "30.3", "100"),
        well(3, "S1", "ABL1", "24.0", "39,000.000"),
        well(4, "S1", "ABL1", "24.1", "41,000.000"),
    )
    one, two = formats.read(path).records
    assert one.levels == (
        Printed("normalized_copies", Decimal("0.003"), "ratio", one.levels[0].text, denominator="ABL1"),
    )
    assert two.levels[0].value == Decimal("0.0025")
    assert (one.counts.copies, one.counts.control_copies, one.technique) == (120, 40000, Technique.QPCR)
    assert dict(one.extra)["Ct"] == "30.1"


def test_undetermined_is_negative_below_three_copies(write):
    # 3 / 30000 copies of ABL1
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "PML-RARA", "Undetermined"), well(2, "S1", "ABL1", "24", "30000"))
    ).records
    assert call.result is Result.NEGATIVE
    assert (call.levels[0].comparator, call.levels[0].value) == ("<", Decimal("0.0001"))
    assert (call.counts.copies, dict(call.extra)["Ct"]) == (0, "undetermined")


@pytest.mark.parametrize(
    ("ct", "result"), [("39.99", Result.POSITIVE), ("40.0", Result.NEGATIVE), ("41.2", Result.NEGATIVE)]
)
def test_detected_means_a_ct_below_40(write, ct, result):
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "PML-RARA", ct, "1"), well(2, "S1", "ABL1", "24", "30000"))
    ).records
    assert call.result is result


def test_a_negative_needs_ten_thousand_copies_of_abl1(write):
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "PML-RARA", "Undetermined"), well(2, "S1", "ABL1", "29", "9000"))
    ).records
    assert (call.result, call.notes) == (Result.NOT_EVALUABLE, ("9000 copies of ABL1, fewer than 10000",))


def test_a_positive_counts_with_few_copies_of_abl1_and_says_so(write):
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "PML-RARA", "31", "90"), well(2, "S1", "ABL1", "29", "9000"))
    ).records
    assert (call.result, call.levels[0].value) == (Result.POSITIVE, Decimal("0.01"))
    assert call.notes == ("9000 copies of ABL1, fewer than 10000",)


def test_a_control_gene_that_failed_leaves_nothing_to_say(write):
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "PML-RARA", "Undetermined"), well(2, "S1", "ABL1", "Undetermined"))
    ).records
    assert (call.result, call.notes) == (Result.NOT_EVALUABLE, ("ABL1 did not amplify",))


def test_a_ct_without_standard_curve_is_no_level(write):
    [call] = formats.read(quantstudio(write, well(1, "S1", "PML-RARA", "31"), well(2, "S1", "ABL1", "24"))).records
    assert (call.result, call.levels) == (Result.POSITIVE, ())
    assert call.notes == ("no quantity: without a standard curve a Ct is no level",)


def test_a_positive_no_template_control_names_plate_and_well(write):
    path = quantstudio(write, well(1, "S1", "PML-RARA", "31", "90"), well(2, "NTC", "PML-RARA", "36.2", task="NTC"))
    with pytest.raises(
        FormatError,
        match=r"^run\.txt:10: the no-template control in well A2 of plate 'run' is positive for PML-RARA \(Ct 36\.2\)",
    ):
        formats.read(path)


def test_standards_are_left_out_and_omitted_wells_are_refused(write):
    path = quantstudio(
        write,
        well(1, "S1", "PML-RARA", "31", "90"),
        well(2, "", "PML-RARA", "20", "1000000", "STANDARD"),
        well(3, "S1", "PML-RARA", "31", "90", omit="true"),
    )
    reading = formats.read(path)
    assert len(reading.records) == 1
    assert reading.info.notes == ("left out: 1 wells of standard",)
    assert [(r.line, r.reason) for r in reading.refused] == [(11, "well A3 was omitted by the laboratory.")]


def test_windows_line_ends_and_a_cyrillic_ct_are_read(write):
    path = write("run.txt", *HEAD, COLUMNS.replace("CT", "Cт"), well(1, "S1", "PML-RARA", "31", "90"), end="\r\n")
    assert dict(formats.read(path).records[0].extra)["Ct"] == "31"


@pytest.mark.parametrize(
    "line",
    [
        "* Block Type = 96-Well",
        "* Instrument Type = QuantStudio(TM) 7 Flex System",
        "* Quantification Cycle Method = Ct",
    ],
)
def test_an_export_is_known_by_any_line_of_its_setup(write, line):
    path = write(
        "run.txt", "* Chemistry = TAQMAN", line, "", "[Results]", COLUMNS, well(1, "S1", "PML-RARA", "31", "90")
    )
    assert formats.read(path).format.name == "quantstudio"


def test_columns_of_design_and_analysis(write):
    """Sample and Target for Sample Name and Target Name, Cq for CT; Target stands twice."""
    columns = "Well\tWell Position\tOmit\tSample\tTarget\tTask\tQuantity\tCq\tTarget"
    rows = (well(1, "S1", "PML-RARA", "31", "90") + "\tPML-RARA", well(2, "S1", "ABL1", "24", "30000") + "\tABL1")
    [call] = formats.read(write("run.txt", *HEAD, columns, *rows)).records
    assert (call.sample, call.levels[0].value) == ("S1", Decimal("0.003"))


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_results_of_design_and_analysis_stand_below_its_setup(write, delimiter):
    lines = (
        "# File Name: run.eds", "# Instrument Type: QuantStudio™ 7 Pro System", "# Block Type: 384-Well Block", "# Quantification Cycle Method: CT",
        delimiter.join(('"Well"', '"Well Position"', '"Omit"', '"Sample"', '"Target"', '"Task"', '"Quantity"', '"Cq"', '"Amp Status"')),
        delimiter.join(('"1"', '"A1"', '"false"', '"S1"', '"PML-RARA"', '"UNKNOWN"', '"90"', '"31.2"', '"AMP"')),
        delimiter.join(('"2"', '"A2"', '"false"', '"S1"', '"ABL1"', '"UNKNOWN"', '"30000"', '"24"', '"AMP"')),
        delimiter.join(('"3"', '"A3"', '"false"', '"NTC"', '"PML-RARA"', '"NTC"', '""', '"UNDETERMINED"', '"NO_AMP"')),
    )  # fmt: skip
    reading = formats.read(write("run.csv", *lines))
    [call] = reading.records
    assert (reading.format.name, call.line, call.sample) == ("quantstudio", 6, "S1")
    assert (call.levels[0].value, dict(call.extra)["Ct"], dict(call.extra)["Amp Status"]) == (
        Decimal("0.003"),
        "31.2",
        "AMP",
    )


def test_car_copies_per_microgram_by_qpcr(write):
    """60 / 30000 copies of ALB x 303,030 genomes/µg = 606 copies/µg."""
    [call] = formats.read(
        quantstudio(write, well(1, "S1", "CAR", "31", "60"), well(2, "S1", "ALB", "24", "30000"))
    ).records
    assert [(level.quantity, level.value) for level in call.levels] == [
        ("normalized_copies", Decimal("0.002")),
        ("copies_per_ug", Decimal("606.060")),
    ]


def test_allele_burden_from_mutant_and_wild_type(write):
    """JAK2 V617F 300 and 100 copies against a mean of 600 wild-type copies."""
    rows = (
        well(1, "S1", "JAK2 V617F", "28", "300"),
        well(2, "S1", "JAK2 V617F", "29", "100"),
        well(3, "S1", "JAK2 wt", "27", "500"),
        well(4, "S1", "JAK2 wt", "27", "700"),
    )
    one, two = formats.read(quantstudio(write, *rows)).records
    assert [(level.quantity, level.value, level.unit) for level in one.levels] == [
        ("vaf", Decimal("0.333333"), "fraction")
    ]
    assert (one.counts.alt, one.counts.depth, one.counts.control_copies) == (300, 900, None)
    assert two.levels[0].value == Decimal("0.142857")


def test_a_missing_mutant_is_below_three_copies_of_the_wild_type(write):
    # 3 / (3 + 2997)
    rows = (well(1, "S1", "JAK2 V617F", "Undetermined"), well(2, "S1", "JAK2 wt", "27", "2997"))
    [call] = formats.read(quantstudio(write, *rows)).records
    assert (call.result, call.levels[0].comparator, call.levels[0].value) == (Result.NEGATIVE, "<", Decimal("0.001"))


def test_wild_type_that_failed_leaves_nothing_to_say(write):
    rows = (well(1, "S1", "JAK2 V617F", "Undetermined"), well(2, "S1", "JAK2 wt", "Undetermined"))
    [call] = formats.read(quantstudio(write, *rows)).records
    assert (call.result, call.notes) == (Result.NOT_EVALUABLE, ("JAK2 wt did not amplify",))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(well(1, "S1", "PML-RARA", ""), id="empty"),
        pytest.param("\t".join(well(1, "S1", "PML-RARA", "31", "9").split("\t")[:-1]), id="cut"),
    ],
)
def test_no_cycle_is_not_undetermined(write, row):
    reading = formats.read(quantstudio(write, row, well(2, "S1", "PML-RARA", "31", "90")))
    assert [(r.line, r.reason) for r in reading.refused] == [(9, "well A1 holds no cycle.")]


def test_an_unclosed_quote_is_named_with_its_line(write):
    with pytest.raises(FormatError, match=r"^run\.txt:9: cannot be read as a table"):
        formats.read(quantstudio(write, well(1, '"S1', "PML-RARA", "31")))


def test_genotypes_are_refused(write):
    path = write(
        "run.txt",
        HEAD[0],
        "* Experiment Type = Genotyping",
        "",
        "[Results]",
        "Well\tWell Position\tSNP Assay Name\tCall",
        "1\tA1\tX\tHet",
    )
    with pytest.raises(FormatError, match="is a genotyping run"):
        formats.read(path)


def test_export_without_results_says_so(write):
    with pytest.raises(FormatError, match=r"holds no block \[Results\]"):
        formats.read(write("run.txt", *HEAD[:5]))


def test_control_genes_alone_are_no_result(write):
    with pytest.raises(FormatError, match="measures control genes only"):
        formats.read(quantstudio(write, well(1, "S1", "ABL1", "24", "30000")))


def test_workbook_is_read_from_its_sheet_of_results(tmp_path):
    book = openpyxl.Workbook()
    setup = book.active
    setup.title = "Sample Setup"
    results = book.create_sheet("Results")
    for sheet in (setup, results):
        sheet.append(["Block Type", "384-Well Block"])
        sheet.append([])
        sheet.append(COLUMNS.split("\t"))
    results.append([1, "A1", "false", "S1", "PML-RARA", "UNKNOWN", 90, 31.5])
    results.append([2, "A2", "false", "S1", "ABL1", "UNKNOWN", 30000, 24])
    path = tmp_path / "run.xlsx"
    book.save(path)
    [call] = formats.read(path).records
    assert (call.line, call.levels[0].value, dict(call.extra)["Ct"]) == (4, Decimal("0.003"), "31.5")


def test_cfx_reads_cq_and_starting_quantity(write):
    path = write(
        "cfx.csv",
        CFX,
        ",A01,FAM,RUNX1-RUNX1T1,Unkn,S1,,30.5,30.5,0,60",
        ",A02,FAM,ABL1,Unkn,S1,,24,24,0,30000",
        ",A03,FAM,RUNX1-RUNX1T1,NTC,,,NaN,NaN,0,NaN",
    )
    reading = formats.read(path)
    [call] = reading.records
    assert (call.levels[0].value, call.finding.gene5) == (Decimal("0.002"), "RUNX1")
    assert reading.info.notes[0] == "left out: 1 wells of no-template control"


def test_cfx_well_without_target_is_refused(write):
    reading = formats.read(write("cfx.csv", CFX, ",A01,FAM,,Unkn,S1,,30.5,30.5,0,NaN"))
    assert [(r.line, r.reason) for r in reading.refused] == [(2, "well A01 names no target.")]


@given(st.data())
def test_a_damaged_export_is_read_refused_or_one_sentence(tmp_path_factory, data):
    text = (
        "\n".join([*HEAD, COLUMNS, well(1, "S1", "PML-RARA", "31", "90"), well(2, "S1", "ABL1", "24", "30000")]) + "\n"
    )
    at = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(at + 1, len(text)))
    text = text[:at] + data.draw(st.sampled_from(["\t", "x", "9", "-", "", "\n", "[", "."])) + text[at + 1 : end]
    path = tmp_path_factory.mktemp("run") / "run.txt"
    path.write_text(text)
    try:
        formats.read(path)
    except FormatError as error:
        assert str(error).startswith("run.txt")
