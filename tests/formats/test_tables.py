"""Delimited tables: forgiving in spelling, strict in meaning."""

from __future__ import annotations

import gc
import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import FormatError
from moltrack.formats.files import Head, Limits, read_text
from moltrack.formats.tables import read_table

Write = Callable[..., Path]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"], ids=["tab", "comma", "semicolon"])
def test_line_ends_encodings_and_delimiters(write: Write, end: str, encoding: str, delimiter: str) -> None:
    path = write("t.csv", delimiter.join(["Gene", "VAF %"]), delimiter.join(["ÄB", "12"]), end=end, encoding=encoding)
    [row] = read_table(path, required=["gene", "vaf%"]).rows
    assert (row.text("gene"), row.count("VAF %"), row.line) == ("ÄB", 12, 2)


def test_a_quoted_cell_may_span_lines_and_its_row_is_where_it_begins(write: Write) -> None:
    path = write("t.csv", "id,text", 'a,"one', 'two"', "b,three")
    first, second = read_table(path).rows
    assert (first.line, first.text("text"), second.line) == (2, "one\ntwo", 4)


def test_lines_before_the_header_are_preamble(write: Write) -> None:
    table = read_table(write("t.tsv", "## made by a tool", "", "#gene\tvaf", "FLT3\t1"))
    assert (table.header, table.header_line, table.preamble) == (("gene", "vaf"), 3, ("## made by a tool", ""))


def test_missing_column_names_those_there_are(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:1: has no column 'vaf' \(its columns: gene, level\)"):
        read_table(write("t.csv", "gene,level", "FLT3,1"), required=["gene", "vaf"])


def test_a_row_longer_than_the_header_is_an_error(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^t\.csv:2: has 3 cells, but the header names 2"):
        read_table(write("t.csv", "gene,level", "FLT3,1,5"))


def test_bad_number_names_file_line_and_column(write: Write) -> None:
    [row] = read_table(write("t.csv", "gene,depth", "FLT3,high")).rows
    with pytest.raises(FormatError, match=r"^t\.csv:2: column 'depth' holds 'high': 'high' is not a number"):
        row.count("depth")


def test_number_out_of_bounds(write: Write) -> None:
    [row] = read_table(write("t.csv", "gene,vaf", "FLT3,688.76")).rows
    with pytest.raises(FormatError, match="expected a number from 0 to 100"):
        row.number("vaf", 0, 100)


def test_decimal_comma_is_settled_by_the_column(write: Write) -> None:
    first, second = read_table(write("t.csv", "gene;vaf", "FLT3;59,4", "NPM1;5"), numeric=["vaf"]).rows
    assert (first.number("vaf"), second.number("vaf")) == (Decimal("59.4"), 5)


@pytest.mark.parametrize("missing", ["", ".", "NA", "n/a", "-", "NaN", "null", "[Not Available]"])
def test_missing_values_are_missing(write: Write, missing: str) -> None:
    [row] = read_table(write("t.tsv", "gene\tvaf", f"FLT3\t{missing}")).rows
    assert row.number("vaf") is None


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["gene", "vaf"])
    book.active.append(["FLT3", 12])
    book.save(tmp_path / "t.xlsx")
    [row] = read_table(tmp_path / "t.xlsx").rows
    assert (row.text("gene"), row.count("vaf"), row.line) == ("FLT3", 12, 2)


def test_truncated_gzip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"gene,vaf\n" + b"FLT3,1\n" * 20000)[:-20])
    with pytest.raises(FormatError, match=r"^t\.csv\.gz: is a truncated gzip file"):
        read_table(path)


def test_decompression_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a" * 3_000_000))
    with pytest.raises(FormatError, match="unpacks to more than"):
        read_text(path, limits=Limits(text_bytes=1_000_000))


def test_binary_junk_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match="is a binary file of no known format"):
        read_table(path)


@pytest.mark.parametrize(
    ("lines", "begin"),
    [
        pytest.param(["id,text", "a,ok", 'b,"open', "c,3", "d,4"], 3, id="to-the-end"),
        pytest.param(["id,text", 'a,"open', "b,2", 'c,"closed"'], 2, id="to-the-next-quoted-cell"),
        pytest.param(["id,text", "a,1", 'b,"open'], 3, id="in-the-last-row"),
        pytest.param(['id,"text', "a,1"], 1, id="in-the-header"),
        pytest.param(["id,text", 'a,"open', *["b," + "x" * 200] * 1000], 2, id="past-the-longest-cell"),
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_row(write: Write, lines: list[str], begin: int) -> None:
    with pytest.raises(FormatError, match=rf'^t\.csv:{begin}: holds a quote \("\) that is not closed'):
        read_table(write("t.csv", *lines))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param('5" needle', '5" needle', id="inches"),
        pytest.param('"CD34" positive', "CD34 positive", id="quoted-word-first"),
        pytest.param('"a ""b"" c"', 'a "b" c', id="doubled"),
    ],
)
def test_quotes_within_a_row_are_read(write: Write, cell: str, text: str) -> None:
    rows = read_table(write("t.csv", "id,text,n", f"a,{cell},1", "b,,2")).rows
    assert [(row.text("text"), row.count("n")) for row in rows] == [(text, 1), ("", 2)]


def test_a_line_beyond_the_limit_is_refused(write: Write) -> None:
    path = write("t.csv", "gene,vaf", "FLT3," + "1" * 200)
    with pytest.raises(FormatError, match=r"^t\.csv: has a line of more than 100 characters"):
        read_table(path, limits=Limits(line_chars=100))


def test_a_file_beyond_the_limit_says_how_to_raise_it(write: Write) -> None:
    path = write("t.csv", "gene,vaf", *["FLT3,1"] * 200)
    with pytest.raises(FormatError, match=r"^t\.csv: holds more than 1,000 bytes\. Raise the limit \(--max-bytes\)"):
        read_table(path, limits=Limits(text_bytes=1000))
    assert len(read_table(path, limits=Limits(text_bytes=2000)).rows) == 200


def workbook(path: Path, sheet: str) -> Path:
    """A workbook whose only sheet holds this XML."""
    import zipfile

    from openpyxl import Workbook

    Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def test_a_sheet_that_states_a_huge_size_is_read_for_what_it_holds(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1"><v>7</v></c></row><row r="2"><c r="A2"><v>8</v></c></row>'
    sheet = SHEET.format(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')
    assert [row.raw("7") for row in read_table(workbook(tmp_path / "t.xlsx", sheet)).rows] == ["8"]


def test_a_workbook_of_many_wide_rows_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 200))
    path = workbook(tmp_path / "t.xlsx", SHEET.format(f"<sheetData>{rows}</sheetData>"))
    with pytest.raises(FormatError, match=r"^t\.xlsx: unpacks to more than 1,000,000 bytes"):
        read_table(path, limits=Limits(text_bytes=1_000_000))


def test_a_zip_bomb_in_a_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", SHEET.format(" " * 3_000_000))
    assert path.stat().st_size < 50_000
    with pytest.raises(FormatError, match=r"^t\.xlsx: unpacks to more than 1,000,000 bytes"):
        read_table(path, limits=Limits(text_bytes=1_000_000))


def test_xml_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    sheet = f'<!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>' + SHEET.format(
        '<sheetData><row r="1"><c r="A1" t="str"><v>&a11;</v></c></row></sheetData>'
    )
    with pytest.raises(FormatError, match=r"^t\.xlsx: is not a readable Excel workbook"):
        read_table(workbook(tmp_path / "t.xlsx", sheet))
    gc.collect()  # a file that was left open would be told here


def test_a_column_title_beyond_measure_is_no_header(write: Write) -> None:
    path = write("t.csv", "x" * 200_000, "1")
    assert Head.of(path).header == ()
    with pytest.raises(FormatError, match="cannot be read as a table"):
        read_table(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "t.csv"
    path.write_bytes(data)
    try:
        read_table(path)
    except FormatError as error:
        assert "t.csv" in str(error)
