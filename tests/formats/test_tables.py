"""Delimited tables: forgiving in spelling, strict in meaning."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import FormatError
from moltrack.formats.files import Limits, read_text
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


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "t.csv"
    path.write_bytes(data)
    try:
        read_table(path)
    except FormatError as error:
        assert "t.csv" in str(error)
