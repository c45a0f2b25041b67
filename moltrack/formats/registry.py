"""The formats that moltrack reads: one module each, found by looking through this package.

A module under ``formats/<family>/`` defines one or more :class:`Format` values at its top level; nothing else needs to be
told. Formats are recognised by content (:meth:`Format.sniff`), never by file name alone.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path

from moltrack.digest import Digest
from moltrack.errors import FormatError, InputError, UnknownError
from moltrack.formats.files import LIMITS, Head, Limits
from moltrack.model import COUNT_NAMES, Call, FileInfo, Record, Refused, Technique
from moltrack.quantity import canonical_level


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file, as the user said; a reader uses what concerns it. These options are part of a run's identity.

    ``genes`` names a gene set of the references (``myeloid``, ``all``) or a file of symbols; ``tumor_sample`` the sample
    column that is the patient's; ``unit`` settles a unit the file does not state (SEG); ``decimal`` the decimal sign of its
    numbers.
    """

    input_format: str = ""
    tumor_sample: str = ""
    build: str = ""
    fasta: str = ""
    genes: str = "myeloid"
    unit: str = ""
    decimal: str | None = None
    limits: Limits = LIMITS


class Sniff(int, Enum):
    """How sure a format is that a file is its own. The surest wins; two equally sure ones are an error that asks."""

    NO = 0
    GENERIC = 1
    LIKELY = 2
    CERTAIN = 3


class Empty(StrEnum):
    """What a file without records means: ``NEGATIVE`` = run, nothing found; ``ASK`` = the user must say."""

    NEGATIVE = "negative"
    ASK = "ask"


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    name
        What ``--input-format`` takes and the default assay is called.
    title, versions, columns_source
        For ``moltrack formats``: what it is, versions seen, where the meaning of its columns was read.
    sniff, read
        ``read`` yields records in the order of the file, :class:`~moltrack.model.FileInfo` first when it has something to
        say, and :class:`~moltrack.model.Refused` for rows it cannot use.
    technique
        Of the default assay.
    template
        For a table of ours: the template's text with its legend (comment lines), else "".
    refuses
        For a format that is recognised only to be refused, without ``read``: the one true sentence.
    is_coverage
        It says where a run looked and holds no calls: what ``--covers`` takes.
    """

    name: str
    title: str
    family: str
    technique: Technique
    sniff: Callable[[Head], Sniff]
    read: Callable[[Path, ReadOptions], Iterator[Record]] = lambda path, options: iter(())
    versions: str = ""
    columns_source: str = ""
    empty: Empty = Empty.NEGATIVE
    template: str = ""
    refuses: str = ""
    is_coverage: bool = False


@dataclass(frozen=True)
class Reading:
    """A file, read: its format, digest, what it says of itself, its records and the rows that could not be used."""

    path: Path
    sha256: str
    format: Format
    info: FileInfo
    records: tuple[Record, ...]
    refused: tuple[Refused, ...] = field(default=())


def all_formats() -> dict[str, Format]:
    """Every registered format by name, sorted."""
    return _formats(None)


#: The modules that know a VCF; for one no other is loaded, which takes as long as reading a small file.
VCF_READERS = ("fusions.vcf", "itd.callers", "itd.flt3_itd_ext", "itd.km", "variants.structural", "variants.vcf")


@cache
def _formats(modules: tuple[str, ...] | None) -> dict[str, Format]:
    """Formats of some modules of this package, None = all."""
    package = "moltrack.formats."
    if modules is None:
        path = importlib.import_module("moltrack.formats").__path__
        modules = tuple(info.name.removeprefix(package) for info in pkgutil.walk_packages(path, package))
    found: dict[str, Format] = {}
    for name in modules:
        module = importlib.import_module(package + name)
        for value in list(vars(module).values()):
            candidates = value if isinstance(value, tuple) else (value,)
            for candidate in candidates:
                if isinstance(candidate, Format) and found.setdefault(candidate.name, candidate) is not candidate:
                    raise AssertionError(f"two formats are called {candidate.name}")
    return dict(sorted(found.items()))


def format_named(name: str) -> Format:
    try:
        return all_formats()[name]
    except KeyError:
        raise UnknownError(f"'{name}' is not a format.", advice="See 'moltrack formats' for the list.") from None


def detect(path: Path) -> Format:
    """The format of a file by its content.

    Raises
    ------
    FormatError
        No format knows the file, or two claim it equally.
    """
    head = Head.of(path)
    candidates = _formats(VCF_READERS) if head.is_vcf or head.is_bcf else all_formats()
    try:
        scores = {form: form.sniff(head) for form in candidates.values()}
    except ValueError as error:
        raise _too_long(error, path) from None
    best = max(scores.values(), default=Sniff.NO)
    winners = [form for form, score in scores.items() if score == best]
    if best is Sniff.NO:
        if not (head.is_bcf or head.text.isprintable() or head.text.strip()):
            raise FormatError("is a binary file of no known format.", path=path)
        raise FormatError(
            "is not a file that moltrack knows.",
            path=path,
            advice="See 'moltrack formats'; force one with --input-format, or fill in a template ('moltrack formats --template measurements').",
        )
    if len(winners) > 1:
        names = ", ".join(form.name for form in winners)
        raise FormatError(f"could be any of {names}.", path=path, advice="Say which with --input-format.")
    return winners[0]


def read(path: Path | str, options: ReadOptions = ReadOptions(), digest: Digest | None = None) -> Reading:
    """Read a file whose format is told by its content, or forced by ``options.input_format``.

    Parameters
    ----------
    digest
        The file's, when it has been begun already; otherwise it is taken while the file is read.

    Returns
    -------
    Reading
        All records exactly as printed, each with its line.

    Raises
    ------
    FormatError
        Not a known format, or not what its format promises (file and line are named).
    """
    path = Path(path)
    digest = digest or Digest(path)
    form = format_named(options.input_format) if options.input_format else detect(path)
    if form.refuses:
        raise FormatError(form.refuses, path=path)
    info, records, refused = _read(form, path, options)
    return Reading(path, digest.result(), form, info, records, refused)


def _read(form: Format, path: Path, options: ReadOptions) -> tuple[FileInfo, tuple[Record, ...], tuple[Refused, ...]]:
    info = FileInfo()
    records: list[Record] = []
    refused: list[Refused] = []
    try:
        for record in form.read(path, options):
            if isinstance(record, FileInfo):
                info = record
            elif isinstance(record, Refused):
                refused.append(record)
            else:
                if isinstance(record, Call):
                    _check_levels(record, path)
                    _check_counts(record, path)
                records.append(record)
    except InputError as error:
        if error.path is None:
            raise FormatError(error.message, path=path, line=error.line, advice=error.advice) from None
        raise
    except ValueError as error:
        raise _too_long(error, path) from None
    return info, tuple(records), tuple(refused)


def _check_levels(call: Call, path: Path) -> None:
    """Refuse a level that its quantity cannot have (a VAF over 1, a negative ratio), whatever the format."""
    for printed in (*call.levels, *(limit.value for limit in call.limits)):
        try:
            canonical_level(printed)
        except InputError as error:
            raise FormatError(error.message, path=path, line=call.line or None, advice=error.advice) from None


def _too_long(error: ValueError, path: Path) -> Exception:
    # Python refuses to turn thousands of digits into an integer, wherever a reader does so.
    if "integer string conversion" in str(error):
        return FormatError("holds a number of thousands of digits.", path=path)
    return error


#: Counts that a database can hold: 64 bits with a sign.
_MOST = 2**63 - 1


def _check_counts(call: Call, path: Path) -> None:
    """Refuse a count beyond what can be stored, whatever the format."""
    for name, number in zip(COUNT_NAMES, call.counts.values(), strict=True):
        if number is not None and not abs(number) <= _MOST:
            what = name.replace("_", " ")
            raise FormatError(f"states an impossible number ({what}).", path=path, line=call.line or None)
