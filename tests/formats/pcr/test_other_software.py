"""Results of PCR software other than the usual: older and localised exports, and files that are refused with the reason."""

from __future__ import annotations

import zipfile
from decimal import Decimal

import openpyxl
import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Result

STEP_ONE = (
    '"Block Type","96fast"',
    '"Instrument Type","steponeplus"',
    "",
    '"Well","Sample Name","Target Name","Task","Reporter","Cт","Cт Mean","Quantity"',
    '"A1","S1","BCR-ABL1","UNKNOWN","FAM","31.2","31.1","120"',
    '"A2","S1","ABL1","UNKNOWN","FAM","24.1","24.1","40000"',
    '"A3","S2","BCR-ABL1","UNKNOWN","FAM","Undetermined","",""',
    '"A4","S2","ABL1","UNKNOWN","FAM","23.9","24.1","60000"',
    '"A5","STD1","BCR-ABL1","STANDARD","FAM","20.0","20","1000000"',
    '"A6","NTC","BCR-ABL1","NTC","FAM","Undetermined","",""',
)
SDS_2 = (
    "SDS 2.2.2\tAQ Results\t1.0",
    "Filename\tp",
    "",
    "Well\tSample Name\tDetector Name\tReporter\tTask\tCt\tQuantity\t",
    "1\tS1\tBCR-ABL1\tFAM\tUnknown\t31.2\t120\t",
    "2\tS1\tABL\tFAM\tUnknown\t24.1\t40000\t",
    "3\tS2\tBCR-ABL1\tFAM\tUnknown\tUndetermined\t\t",
    "4\tS2\tABL\tFAM\tUnknown\t23.9\t60000\t",
    "",
    "Slope\t-3.3",
)
SDS_1 = (
    "Applied Biosystems SDS v1.4",
    "",
    "Well,Sample Name,Detector,Task,Ct,StdDev Ct,Qty",
    "A1,S1,BCR-ABL1,Unknown,31.2,,120",
    "A2,S1,ABL1,Unknown,24.1,,40000",
    "A3,S2,BCR-ABL1,Unknown,Undet.,,",
    "A4,S2,ABL1,Unknown,23.9,,60000",
)


@pytest.mark.parametrize("lines", [STEP_ONE, SDS_2, SDS_1], ids=["StepOne", "SDS-2", "SDS-1"])
def test_older_cyclers_of_applied_biosystems(write, lines):
    reading = formats.read(write("results.txt", *lines))
    one, two = reading.records
    assert (reading.format.name, reading.refused) == ("quantstudio", ())
    assert (one.sample, one.levels[0].value, one.levels[0].denominator) == ("S1", Decimal("0.003"), "ABL1")
    # 3 / 60000 copies of ABL1
    assert (two.sample, two.result, two.levels[0].value) == ("S2", Result.NEGATIVE, Decimal("0.00005"))


def test_cfx_of_a_german_computer(write):
    header = ";Well;Fluor;Target;Content;Sample;Cq;Starting Quantity (SQ)"
    path = write(
        "c.csv", header, ";A01;FAM;CBFB-MYH11;Unkn-1;S1;28,40;1,25e+003", ";A02;FAM;ABL1;Unkn-1;S1;23,10;2,5e+004"
    )
    [call] = formats.read(path).records
    assert call.levels[0].value == Decimal("0.05")


CFX = ["Well", "Fluor", "Target", "Content", "Sample", "Cq", "Starting Quantity (SQ)"]


def test_cfx_below_the_information_about_the_run(write):
    rows = ["A01,FAM,CBFB-MYH11,Unkn,S1,28.4,1250", "A02,FAM,ABL1,Unkn,S1,23.1,25000"]
    [call] = formats.read(write("c.csv", "File Name,x.pcrd", "Created By User,admin", "", ",".join(CFX), *rows)).records
    assert (call.line, call.levels[0].value) == (5, Decimal("0.05"))


def test_cfx_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "0"
    for row in (
        [None, *CFX],
        [None, "A01", "FAM", "CBFB-MYH11", "Unkn", "S1", 28.4, 1250.5],
        [None, "A02", "FAM", "ABL1", "Unkn", "S1", 23.1, 25000],
    ):
        book.active.append(row)
    book.create_sheet("Run Information").append(["File Name", "x.pcrd"])
    book.save(tmp_path / "c.xlsx")
    [call] = formats.read(tmp_path / "c.xlsx").records
    assert call.levels[0].value == Decimal("0.05002")


def test_qiacuity_with_another_delimiter(write):
    path = write(
        "q.csv",
        "sep=;",
        ";Sample/NTC/Control;Reaction Mix;Target;Conc. [copies/µL];CI (95%);Partitions (valid);Partitions (positive);Partitions (negative)",
        "A1;S1;mix;NPM1 mut A;0,25;40%;25000;6;24994",
        "A1;S1;mix;NPM1 wt;99,75;2,5%;25000;2000;23000",
        encoding="cp1252",
    )
    [call] = formats.read(path).records
    assert call.levels[0].value == Decimal("0.0025")


@pytest.mark.parametrize(
    "lines",
    [
        (
            "Run,Date,Instrument,Plate,Group,Name,Well,Total,Dye,Target,Conc. cp/uL,SD,CV%,95%CI,Positives",
            "r,d,i,p,g,S1,A1,20408,FAM,NPM1 mut,5,,,0,0",
            "r,d,i,p,g,S1,B1,20408,FAM,NPM1 mut,4.85,,,0,42",
        ),
        (
            "Well,ExptType,Experiment,Sample,TargetType,Target,Status,Concentration,Positives,Negatives,AcceptedDroplets,Ratio,FractionalAbundance",
            "A01,AQ,E,S1,Ch1Unknown,NPM1 mut,OK,5,0,15000,15000,,",
            "B01,AQ,E,S1,Ch1Unknown,NPM1 mut,OK,1.5,19,14981,15000,,",
        ),
    ],
    ids=["absolute-q", "quantasoft"],
)
def test_a_concentration_without_a_positive_partition_is_refused(write, lines):
    reading = formats.read(write("p.csv", *lines))
    assert [call.line for call in reading.records] == [3]
    assert [(row.line, "states 5 copies/µL without a positive" in row.reason) for row in reading.refused] == [(2, True)]


# --- refused with the reason -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            (
                "Experiment: NPM1  Selected Filter: FAM (465-510)",
                "Include\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus",
                "True\t255\tA1\tP1\t27.23\t1.2E3\t0\t",
            ),
            "is a LightCycler analysis of one filter, which names no target",
        ),
        (
            ('"Quantitation Report"', "", '"No.","Colour","Name","Type","Ct","Given Conc (Copies)"', '"1","Red","P1","Unknown","27.31",""'),
            "is a Rotor-Gene analysis of one channel, which names no target",
        ),
        (("Chamber ID,Chamber Name,Number of analyzable droplets,Concentration", "1,S1,24000,12"), "is a table of chambers of Crystal Miner"),
        (('<?xml version="1.0"?>', '<rdml version="1.2" xmlns="http://www.rdml.org">', "</rdml>"), "is RDML, which holds amplification curves"),
    ],
    ids=["lightcycler", "rotor-gene", "crystal-miner", "rdml"],
)  # fmt: skip
def test_text_of_other_instruments(write, lines, message):
    with pytest.raises(FormatError, match=message):
        formats.read(write("x.csv", *lines))


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("rdml_data.xml", "is RDML"),
        ("apldbio/sds/experiment.xml", r"is the experiment file of an Applied Biosystems instrument \(\.eds\)"),
        ("META-INF/manifest.xml", "is an OpenDocument spreadsheet; save it as"),
        ("word/document.xml", "is a Word document"),
        ("results/a.vcf", "is a ZIP archive; unpack it"),
    ],
)
def test_archives_are_told_by_what_they_hold(tmp_path, member, message):
    with zipfile.ZipFile(tmp_path / "x.dat", "w") as archive:
        archive.writestr(member, "<x/>")
    with pytest.raises(FormatError, match=message):
        formats.read(tmp_path / "x.dat")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"old format of Excel \(\.xls\), or one with a password; save it as \.xlsx"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF; type its results into a template"),
    ],
    ids=["xls", "pdf"],
)  # fmt: skip
def test_documents_that_hold_no_readable_table(tmp_path, data, message):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(FormatError, match=message):
        formats.read(tmp_path / "x")
