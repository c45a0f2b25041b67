"""Bytes to text: compression, encodings, line ends and limits, once for all readers.

Files come from outside: sizes and line lengths are bounded (:class:`Limits`), a damaged gzip is an error with one sentence,
and a binary file is told apart from text. Understood: gzip and bgzip, UTF-8 with or without BOM, UTF-16 with BOM,
Windows-1252; LF, CRLF and lone CR; the first sheet of an XLSX workbook.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from moltrack.errors import FormatError

if TYPE_CHECKING:
    from openpyxl import Workbook

HEAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a text file from outside may be.

    ``text_bytes`` after decompression for formats that are read whole; ``line_chars`` of one line; ``ratio`` of
    decompressed to compressed size above which a file counts as a decompression bomb. VCFs are streamed and have no
    bound on their size, only on the line.
    """

    text_bytes: int = 512 * 1024 * 1024
    line_chars: int = 16 * 1024 * 1024
    ratio: int = 1000


LIMITS = Limits()


def is_file(path: Path) -> bool:
    """True when there is such a file; a name that none can have (too long, with NUL) is no file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def open_checked(path: Path) -> io.BufferedReader:
    """The file opened for reading bytes.

    Raises
    ------
    FormatError
        It does not exist, is a folder, a pipe or a device, or cannot be read.
    """
    try:
        if path.is_dir():
            raise FormatError("is a folder, not a file.", path=path, advice="Name the files in it.")
        if path.exists() and not path.is_file():  # a file is looked at more than once
            raise FormatError(
                "is a pipe or a device, not a file.", path=path, advice="Write its content to a file first."
            )
        return path.open("rb")
    except FileNotFoundError:
        raise FormatError("does not exist.", path=path) from None
    except OSError as error:
        raise FormatError(f"cannot be read ({error.strerror}).", path=path) from None


def read_bytes(path: Path, limit: int | None = None, *, limits: Limits = LIMITS) -> bytes:
    """The decompressed content, all of it or its first ``limit`` bytes.

    Raises
    ------
    FormatError
        The file is truncated or damaged (gzip), larger than allowed, or cannot be read.
    """
    with open_checked(path) as raw:
        magic = raw.peek(2)[:2]
        if magic != b"\x1f\x8b":
            data = raw.read(limit if limit is not None else limits.text_bytes + 1)
        else:
            size = path.stat().st_size
            bound = min(limits.text_bytes, max(size * limits.ratio, 1 << 20))
            try:
                with gzip.GzipFile(fileobj=raw) as packed:
                    data = packed.read(limit if limit is not None else bound + 1)
            except EOFError:
                raise FormatError(
                    "is a truncated gzip file.", path=path, advice="Copy it again; its end is missing."
                ) from None
            except (OSError, zlib.error) as error:
                raise FormatError(f"is a damaged gzip file ({error}).", path=path, advice="Copy it again.") from None
            if limit is None and len(data) > bound:
                raise FormatError(
                    f"unpacks to more than {bound:,} bytes.",
                    path=path,
                    advice="Raise the limit (--max-bytes) if this is right.",
                )
    if limit is None and len(data) > limits.text_bytes:
        raise FormatError(
            f"holds more than {limits.text_bytes:,} bytes.",
            path=path,
            advice="Raise the limit (--max-bytes) if this is right.",
        )
    return data


def decode(data: bytes, path: Path, *, partial: bool = False) -> str:
    """Bytes as text with ``\\n`` line ends.

    UTF-8 first (BOM dropped), UTF-16 by its BOM, else Windows-1252. ``partial`` allows a character cut at the end.

    Raises
    ------
    FormatError
        The content is binary (NUL bytes in what is not UTF-16).
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    elif b"\x00" in data:
        raise FormatError("is a binary file of no known format.", path=path)
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if partial and error.start >= len(data) - 4:
                text = data[: error.start].decode("utf-8-sig")
            else:
                text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path, *, limits: Limits = LIMITS) -> str:
    """The whole file as text with ``\\n`` line ends; see :func:`decode`."""
    text = decode(read_bytes(path, limits=limits), path)
    longest = max((len(line) for line in text.split("\n")), default=0) if len(text) > limits.line_chars else 0
    if longest > limits.line_chars:
        raise FormatError(f"has a line of more than {limits.line_chars:,} characters.", path=path)
    return text


class StoredNumber(str):
    """The text of a cell that a workbook stores as a number: its decimal sign is a point, whatever texts beside it use."""

    __slots__ = ()


def xlsx_rows(path: Path, sheet: str = "", *, limits: Limits = LIMITS) -> list[list[str]]:
    """A sheet of a workbook (the first that is not hidden) as rows of text; dates as ISO dates, whole numbers without ``.0``.

    Raises
    ------
    FormatError
        Not a workbook, no such sheet, or a workbook that unpacks beyond the limit (a zip bomb).
    """
    import datetime
    import warnings

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > limits.text_bytes:
                raise FormatError(f"unpacks to more than {limits.text_bytes:,} bytes.", path=path)
    except (zipfile.BadZipFile, OSError):
        raise FormatError("is not a readable Excel workbook.", path=path) from None
    import openpyxl

    def shown(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return StoredNumber(value) if isinstance(value, float) else str(value)

    try:
        # The file is opened here, because openpyxl leaves it open when it gives up.
        with open_checked(path) as raw, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that it drops; only cell values matter here
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
            pages = {page.title: page for page in book.worksheets}
            if sheet and sheet not in pages:
                raise FormatError(f"has no sheet '{sheet}' (it has {', '.join(pages)}).", path=path)
            page = pages[sheet or visible_sheets(book)[0]]
            # The size that a sheet states of itself may be a lie, and the reader would fill it up with empty cells.
            page.reset_dimensions()
            rows, size = [], 0
            for row in page.iter_rows(values_only=True):
                rows.append([shown(cell) for cell in row])
                size += 8 * len(row) + sum(map(len, rows[-1]))  # 8: what an empty cell takes in memory
                if size > limits.text_bytes:
                    raise FormatError(f"unpacks to more than {limits.text_bytes:,} bytes.", path=path)
            book.close()
    except FormatError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on damaged workbooks
        raise FormatError(f"is not a readable Excel workbook ({type(error).__name__}).", path=path) from None
    return rows


def visible_sheets(book: Workbook) -> list[str]:
    """The names of a workbook's sheets of cells that are not hidden; of all of them where all are."""
    shown = [page.title for page in book.worksheets if page.sheet_state == "visible"]
    return shown or [page.title for page in book.worksheets]


#: How the name of a file begins that only this kind of zip archive holds.
_CONTENTS = {
    "xlsx": "xl/",
    "docx": "word/",
    "ods": "META-INF/manifest.xml",
    "rdml": "rdml_data.xml",
    "eds": "apldbio/",
}


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for telling its format.

    ``data`` are the first decompressed bytes, ``raw`` the first bytes as they lie on disk.
    """

    path: Path
    raw: bytes
    data: bytes

    @classmethod
    def of(cls, path: Path) -> Head:
        with open_checked(path) as handle:
            raw = handle.read(512)
        if not raw:
            raise FormatError(
                "is empty (0 bytes).",
                path=path,
                advice="If the tool writes an empty file when it finds nothing, say so with --input-format and --covers.",
            )
        return cls(path, raw, read_bytes(path, HEAD_BYTES))

    @cached_property
    def container(self) -> str:
        """What holds the content where it is no text: ``xlsx``, ``ods``, ``docx``, ``rdml``, ``eds``, ``zip``, ``ole``, ``pdf``; "" = text."""
        if self.raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            return "ole"
        if self.raw[:5] == b"%PDF-":
            return "pdf"
        if self.raw[:4] != b"PK\x03\x04":
            return ""
        try:
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError):
            return "xlsx"  # whoever reads it says what is wrong
        for kind, sign in _CONTENTS.items():
            if any(name.startswith(sign) for name in names):
                return kind
        return "zip"

    @property
    def is_xlsx(self) -> bool:
        return self.container == "xlsx"

    @property
    def is_bcf(self) -> bool:
        return self.data[:3] == b"BCF"

    @property
    def is_vcf(self) -> bool:
        """True when the first line says so; a VCF without that line is only known by its reader."""
        return self.data.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF")

    @cached_property
    def text(self) -> str:
        """The beginning as text; "" for BCF and other containers; for a workbook the first rows of its first sheet, tab-separated, a row per line."""
        if self.is_bcf or self.container not in {"", "xlsx"}:
            return ""
        if self.is_xlsx:
            return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in xlsx_rows(self.path)[:60])
        return decode(self.data, self.path, partial=True)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Cells of the first line that is neither blank nor a ``##`` comment, by the likeliest delimiter; a leading ``#`` dropped."""
        for line in self.lines:
            if line.strip() and not line.startswith("##"):
                return tuple(cell.strip().strip('"').lstrip("#").strip() for cell in split_line(line))
        return ()

    def has_columns(self, *names: str) -> bool:
        """True when the header holds all of these (case ignored)."""
        header = {cell.lower() for cell in self.header}
        return all(name.lower() in header for name in names)


def split_line(line: str) -> list[str]:
    """Cells of a header line by the delimiter that it holds most of: tab, then semicolon or comma."""
    import csv

    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:  # a cell of more than 131,072 characters heads no column
        return []


def delimiter_of(line: str) -> str:
    """Tab if there is one, else the more frequent of ``;`` and ``,``."""
    if "\t" in line:
        return "\t"
    return ";" if line.count(";") > line.count(",") else ","
