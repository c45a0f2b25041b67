"""Files that hold tables, but not as a text or a workbook that could be read: refused with what to do.

Source  magic numbers of the OLE compound file, PDF and ZIP; OpenDocument 1.2 part 3
"""

from __future__ import annotations

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique


def _format(name: str, title: str, kind: str, refuses: str) -> Format:
    def sniff(head: Head) -> Sniff:
        return Sniff.CERTAIN if head.container == kind else Sniff.NO

    return Format(
        name=name,
        title=title,
        family="containers",
        technique=Technique.UNKNOWN,
        sniff=sniff,
        versions="any",
        columns_source="its magic number",
        refuses=refuses,
    )


FORMATS = (
    _format(
        "xls",
        "Excel workbook before 2007, or protected by a password",
        "ole",
        "is a workbook in the old format of Excel (.xls), or one with a password; save it as .xlsx without password, or as CSV.",
    ),
    _format("ods", "OpenDocument spreadsheet", "ods", "is an OpenDocument spreadsheet; save it as .xlsx or CSV."),
    _format(
        "docx",
        "Word document",
        "docx",
        "is a Word document; copy its table to a workbook or CSV with the columns of a template.",
    ),
    _format(
        "pdf", "PDF", "pdf", "is a PDF; type its results into a template ('moltrack formats --template measurements')."
    ),
    _format("zip", "ZIP archive", "zip", "is a ZIP archive; unpack it and name the files in it."),
)
