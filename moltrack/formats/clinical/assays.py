"""The assay sheet: what each assay covers and its limits, as YAML.

::

    assays:
      - id: flt3_itd
        technique: fragment analysis
        covers: [FLT3_ITD]
        lod: allelic_ratio=1 %
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head, is_file, read_text
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.variants.depth import read_bed
from moltrack.model import Assay, Coverage, FileInfo, LimitKind, PrintedLimit, Record, Refused, Technique, Tissue
from moltrack.quantity import QUANTITIES, canonical_level, parse_printed

BUILDS = ("GRCh37", "GRCh38")

FIELDS = {
    "id": "name of the assay, as used in tables, manifests and --assay",
    "technique": f"one of: {', '.join(Technique)}",
    "tissue": "BM, PB or other, when it is made for one only",
    "quantity": f"what its level is: {', '.join(QUANTITIES)}",
    "denominator": "what the level is a share of, or the control gene",
    "covers": "what every run of it looks at: genes, lesion ids (FLT3_ITD, t_8_21 ...), panel:NAME, fusions, copy_number, a measured name, "
    "or a BED file (its path from the sheet; read with the sheet, so ingest that with --replace when the BED has changed)",
    "build": "GRCh37 or GRCh38: the genome build of the BED",
    "lod": "limit of detection, quantity=value: vaf=2 %  (several: a list)",
    "loq": "limit of quantification, likewise",
    "cutoff": "highest value that negatives show (of digital PCR the limit of blank), likewise: cell_fraction=5 %",
    "same_as": "another assay whose series this one continues; needs factor",
    "factor": "level here x factor = level there",
    "detected_k_of_n": "replicates needed for detected: 2/3; empty = any",
    "valid_allelic_ratio": "true = its allelic ratio is validated against fragment analysis",
    "version": "version of the assay",
    "note": "shown with its series",
}

TEMPLATE = "\n".join(
    (
        "#moltrack: assays",
        "# Assay sheet. A limit that is not declared is unknown, never zero.",
        *(f"# {name}: {meaning}" for name, meaning in FIELDS.items()),
        "assays: []",
        "# assays:",
        "#   - id: fish_tp53",
        "#     technique: FISH",
        "#     covers: [minus17_abn17p]",
        "#     cutoff: cell_fraction=5 %",
        "",
    )
)


def read_assays(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one :class:`~moltrack.model.Assay` per entry.

    Raises
    ------
    FormatError
        Not YAML, an unknown field, an assay twice, or a value that cannot be; the line is named.
    """
    entries = _entries(path, read_text(path, limits=options.limits))
    yield FileInfo(header_only=not entries, rows=len(entries), kept=len(entries))
    lines: dict[str, int] = {}
    for entry, line in entries:
        assay = _assay(path, entry, line)
        if assay.id in lines:
            raise FormatError(
                f"declares assay '{assay.id}' again (first on line {lines[assay.id]}).", path=path, line=line
            )
        lines[assay.id] = line
        yield assay


def _entries(path: Path, text: str) -> list[tuple[dict[str, Any], int]]:
    """The entries of ``assays:`` with the line that each begins on."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", "") or "cannot be read"
        raise FormatError(f"is not YAML ({problem}).", path=path, line=mark.line + 1 if mark else None) from None
    except ValueError as error:  # a date that no calendar has
        raise FormatError(f"cannot be read ({error}).", path=path) from None
    except RecursionError:
        raise FormatError("is nested too deeply.", path=path) from None
    if not isinstance(content, dict) or set(content) != {"assays"} or not isinstance(content["assays"], list):
        raise FormatError(
            "is not an assay sheet: it needs one list 'assays'.",
            path=path,
            line=1,
            advice="See 'moltrack formats --template assays'.",
        )
    assert isinstance(node, yaml.MappingNode)
    sequence = node.value[0][1]
    lines = [item.start_mark.line + 1 for item in sequence.value]
    entries = []
    for entry, line in zip(content["assays"], lines, strict=True):
        if not isinstance(entry, dict):
            raise FormatError(f"holds '{entry}' where an assay with its fields is expected.", path=path, line=line)
        entries.append((entry, line))
    return entries


def _assay(path: Path, entry: dict[str, Any], line: int) -> Assay:
    from pydantic import ValidationError

    try:
        sheet = _model().model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        known = f" The fields are {', '.join(FIELDS)}." if first["type"] == "extra_forbidden" else ""
        raise FormatError(f"field '{field}': {first['msg'].lower()}.{known}", path=path, line=line) from None
    try:
        limits = tuple(
            _limit(text, kind)
            for kind, texts in (
                (LimitKind.CUTOFF, sheet.cutoff),
                (LimitKind.LOD, sheet.lod),
                (LimitKind.LOQ, sheet.loq),
            )
            for text in texts
        )
    except InputError as error:
        raise FormatError(f"assay '{sheet.id}': {error.message}", path=path, line=line, advice=error.advice) from None
    if bool(sheet.same_as) != (sheet.factor is not None):
        raise FormatError(
            f"assay '{sheet.id}': same_as and factor go together.",
            path=path,
            line=line,
            advice="Levels of two assays are joined only with a stated factor.",
        )
    return Assay(
        id=sheet.id,
        technique=sheet.technique,
        tissue=sheet.tissue,
        quantity=sheet.quantity,
        denominator=sheet.denominator,
        covers=tuple(name for text in sheet.covers for name in _covered(path, sheet, text, line)),
        limits=limits,
        same_as=sheet.same_as,
        factor=sheet.factor,
        detected_k_of_n=sheet.detected_k_of_n,
        valid_allelic_ratio=sheet.valid_allelic_ratio,
        version=sheet.version,
        note=sheet.note,
        line=line,
    )


def _covered(path: Path, sheet: Any, text: str, line: int) -> Iterator[str]:
    """What an entry of ``covers`` names: itself, or the regions of a BED as ``region:GRCh38:17:7668422-7687490`` (1-based)."""
    if not _names_bed(path, text):
        yield text
        return
    what = f"assay '{sheet.id}': covers names the BED file '{text}', "
    if sheet.build not in BUILDS:
        raise FormatError(
            f"{what}but the assay has no genome build.", path=path, line=line, advice="Add 'build: GRCh38' (or GRCh37)."
        )
    bed = path.parent / text
    if not is_file(bed):
        raise FormatError(
            f"{what}which is not there.",
            path=path,
            line=line,
            advice="Write its path as seen from the sheet, or name it with --covers when a file of the assay is ingested.",
        )
    regions = 0
    for record in read_bed(bed, ReadOptions(build=sheet.build, genes="all")):
        if isinstance(record, Refused):
            raise FormatError(record.reason, path=bed, line=record.line)
        if isinstance(record, Coverage) and record.start is not None:
            regions += 1
            yield f"region:{sheet.build}:{record.chrom}:{record.start + 1}-{record.end}"
    if not regions:
        raise FormatError("holds no region.", path=bed)


def _names_bed(path: Path, text: str) -> bool:
    """True for a name that ends like a BED, or is that of a file beside the sheet; ``CD34+/CD38-`` is a measured name."""
    return text.lower().endswith((".bed", ".bed.gz")) or ("." in text and is_file(path.parent / text))


def _limit(text: str, kind: LimitKind) -> PrintedLimit:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"'{text}' is not a limit.", advice="Write quantity=value, for example vaf=2 %.")
    printed = parse_printed(value, name.strip())
    level = canonical_level(printed)
    if level is None or level <= 0 or printed.comparator:
        raise InputError(f"'{text}' is not a limit: it must be a number above 0.")
    return PrintedLimit(kind, printed)


def _model() -> Any:
    """The form of an entry, built when a sheet is read: pydantic takes a while to load."""
    from pydantic import BaseModel, ConfigDict, Field, field_validator

    class Sheet(BaseModel):
        model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

        id: str = Field(min_length=1, max_length=120)
        technique: Technique = Technique.UNKNOWN
        tissue: Tissue = Tissue.UNKNOWN
        quantity: str = ""
        denominator: str = ""
        covers: list[str] = []
        build: str = ""
        lod: list[str] = []
        loq: list[str] = []
        cutoff: list[str] = []
        same_as: str = ""
        factor: Decimal | None = Field(default=None, gt=0)
        detected_k_of_n: str = Field(default="", pattern=r"^(|\d+\s*(/|of)\s*\d+)$")
        valid_allelic_ratio: bool = False
        version: str = ""
        note: str = ""

        @field_validator("covers", "lod", "loq", "cutoff", mode="before")
        @classmethod
        def one_or_many(cls, value: object) -> object:
            return [value] if isinstance(value, str) else value

        @field_validator("quantity")
        @classmethod
        def known_quantity(cls, value: str) -> str:
            if value and value not in QUANTITIES:
                raise ValueError(f"'{value}' is not one of {', '.join(QUANTITIES)}")
            return value

    return Sheet


def sniff_assays(head: Head) -> Sniff:
    first = head.lines[0].strip().lower() if head.lines else ""
    if first == "#moltrack: assays":
        return Sniff.CERTAIN
    begin = next((line for line in head.lines if line.strip() and not line.startswith(("#", "---"))), "")
    return Sniff.CERTAIN if begin.startswith("assays:") else Sniff.NO


ASSAYS = Format(
    name="assays",
    title="Assay sheet: what assays cover, their limits (YAML)",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_assays,
    read=read_assays,
    versions="as its template",
    columns_source="moltrack's own sheet",
    empty=Empty.ASK,
    template=TEMPLATE,
)
