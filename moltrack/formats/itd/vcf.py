"""VCFs of ITD callers, read by key and not by declaration: their headers declare under INFO what they use under FORMAT, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.itd.calls import chromosome
from moltrack.formats.registry import ReadOptions

#: No count or length of a real file is larger.
LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class VcfRow:
    """A record: one alternative allele as written, INFO flags as "", FORMAT values of the sample that is read."""

    path: Path
    line: int
    chrom: str
    pos: int
    id: str
    ref: str
    alt: str
    filter: str
    info: Mapping[str, str]
    sample: Mapping[str, str] = field(default_factory=dict)

    def error(self, message: str) -> FormatError:
        return FormatError(message, path=self.path, line=self.line)

    def value(self, key: str) -> str:
        """The FORMAT value, else the INFO value; "" when neither is there or says nothing."""
        text = self.sample.get(key) or self.info.get(key, "")
        return "" if text in {".", "NA", "nan"} else text

    def number(self, key: str, low: float = 0, high: float = LARGEST) -> Decimal | None:
        """A number of FORMAT or INFO within bounds; None when missing."""
        text = self.value(key)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise self.error(f"{key} holds '{text}', expected a number.") from None
        if not number.is_finite() or not low <= number <= high:
            raise self.error(f"{key} holds '{text}', expected a number from {low:g} to {high:g}.")
        return number

    def whole(self, key: str) -> int | None:
        number = self.number(key)
        return None if number is None else int(number)

    @property
    def filters(self) -> tuple[str, ...]:
        return () if self.filter in {".", "PASS", ""} else tuple(self.filter.split(";"))


@dataclass(frozen=True, slots=True)
class Vcf:
    """A small VCF read whole: its ``##`` lines, the name of the sample that is read ("" = none), its records."""

    meta: tuple[str, ...]
    sample: str
    rows: tuple[VcfRow, ...]

    def meta_value(self, key: str) -> str:
        """``source`` of ``##source=...``; "" when the line is missing."""
        return next((line.split("=", 1)[1] for line in self.meta if line.lower().startswith(f"##{key.lower()}=")), "")


def read_small_vcf(path: Path, options: ReadOptions) -> Vcf:
    """A VCF of a caller of one locus, whole.

    Raises
    ------
    FormatError
        No ``#CHROM`` line, a record with fewer than 8 columns, a position that is not a number, or several samples of which the
        tumour is not named.
    """
    meta: list[str] = []
    columns: list[str] = []
    rows: list[VcfRow] = []
    column = 9
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if not line.strip():
            continue
        if line.startswith("##"):
            meta.append(line)
        elif line.startswith("#"):
            columns = [cell.strip() for cell in line.lstrip("#").split("\t")]
            column = _tumor_column(path, number, columns[9:], options.tumor_sample) + 9
        else:
            rows.append(_row(path, number, line, column))
    if not columns:
        raise FormatError("has no #CHROM line.", path=path)
    return Vcf(tuple(meta), columns[column] if len(columns) > column else "", tuple(rows))


def _tumor_column(path: Path, number: int, samples: list[str], wanted: str) -> int:
    """Which of the sample columns is read: the one named, or the only one."""
    listed = ", ".join(samples)
    if wanted and samples and wanted not in samples:
        raise FormatError(f"has no sample '{wanted}' (its samples: {listed}).", path=path, line=number)
    if len(samples) > 1 and not wanted:
        raise FormatError(
            f"has {len(samples)} sample columns ({listed}) and does not say which is the tumour.",
            path=path,
            line=number,
            advice="Name it with --tumor-sample.",
        )
    return samples.index(wanted) if wanted and samples else 0


def _row(path: Path, number: int, line: str, column: int) -> VcfRow:
    cells = line.split("\t")
    if len(cells) < 8:
        raise FormatError(f"has {len(cells)} columns, a VCF record has at least 8.", path=path, line=number)
    if not cells[1].isdecimal():
        raise FormatError(f"POS holds '{cells[1]}', expected a number.", path=path, line=number)
    info = dict(_pairs(cells[7]))
    sample = dict(zip(cells[8].split(":"), cells[column].split(":"), strict=False)) if len(cells) > column else {}
    return VcfRow(
        path, number, chromosome(cells[0]), int(cells[1]), cells[2], cells[3].upper(), cells[4], cells[6], info, sample
    )


def _pairs(info: str) -> Iterator[tuple[str, str]]:
    for item in info.split(";"):
        key, _, value = item.partition("=")
        yield key, value


def meta_lines(head: Head) -> tuple[str, ...]:
    """The ``##`` lines of a VCF's beginning; empty when it is no VCF."""
    if head.is_bcf or head.is_xlsx or not head.text.startswith("##"):
        return ()
    return tuple(line for line in head.lines if line.startswith("##"))


def info_ids(head: Head) -> frozenset[str]:
    """INFO keys that a VCF's header declares."""
    return frozenset(
        line.split("ID=", 1)[1].split(",", 1)[0] for line in meta_lines(head) if line.startswith("##INFO=<ID=")
    )
