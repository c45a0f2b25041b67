"""Wells of a PCR plate: what each is for, which belong together, and what is the same for digital and quantitative PCR.

A level needs a denominator: the control gene in the same well, else in the sample's other wells (normalized copies); the
wild-type assay (variant allele fraction); micrograms of DNA. Without one a concentration is an analyte and a Ct no level at
all: cycles cannot be compared between plates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.pcr.poisson import copies_from_partitions
from moltrack.formats.pcr.targets import CONTROL_GENES, GENOMIC_CONTROLS, control_gene, is_transgene, is_wild_type
from moltrack.model import FileInfo, LimitKind, Printed, PrintedLimit, Refused

#: ABL1 copies that a reaction must hold for a negative to count (Heuser, Blood 2021;138:2753).
ADEQUATE_ABL1 = 10_000
#: Copies of a single-copy gene in 1 µg of human DNA: 1 / 3.3 pg, the mass of a haploid genome (Dolezel, Cytometry A 2003;51:127).
GENOMES_PER_UG = 303_030


class Role(StrEnum):
    """What a well is for."""

    SAMPLE = "sample"
    NO_TEMPLATE = "no-template control"
    NO_TRANSCRIPTION = "control without reverse transcription"
    POSITIVE_CONTROL = "positive control"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Well:
    """One target in one well, as printed.

    ``concentration`` in copies/µL of reaction; ``quantity`` in copies (qPCR, from a standard curve); ``fraction`` in percent;
    ``per_ug`` in copies/µg DNA; ``ct`` None = undetermined; ``no_call`` = the instrument gave up on the well;
    ``is_reference`` = the file names the target as the reference.
    """

    line: int
    name: str
    sample: str
    target: str
    role: Role = Role.SAMPLE
    concentration: Decimal | None = None
    positives: int | None = None
    partitions: int | None = None
    fraction: Decimal | None = None
    per_ug: Decimal | None = None
    ct: Decimal | None = None
    quantity: Decimal | None = None
    no_call: bool = False
    is_reference: bool = False
    plate: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def control(self) -> str:
        """The control gene it measures; "" for a target."""
        return control_gene(self.target) or (self.target if self.is_reference else "")

    @property
    def copies(self) -> float | None:
        """Copies in the analysed volume (digital PCR) or in the reaction (qPCR)."""
        if self.quantity is not None:
            return float(self.quantity)
        if self.positives is None or not self.partitions:
            return None
        return copies_from_partitions(self.positives, self.partitions).copies

    @property
    def amplified(self) -> bool | None:
        """Whether the target is there; None when the well does not tell."""
        if self.no_call:
            return None
        if self.positives is not None:
            return self.positives > 0
        if self.concentration is not None:
            return self.concentration > 0
        return None


_NO_TEMPLATE = re.compile(
    r"^(ntc|nc|no[ -]?template|non[ -]?template|neg(ative)?[ _-]?(ctrl|control)|blank|wasser|water|h2o)(?![a-z])",
    re.IGNORECASE,
)
_NO_TRANSCRIPTION = re.compile(r"^(nrt|no[ -]?rt|minus[ -]?rt|-[ ]?rt|rt[ ]?(minus|-))(?![a-z])", re.IGNORECASE)
_POSITIVE_CONTROL = re.compile(
    r"^(pos(itive)?[ _-]?(ctrl|control)|control|pc([ _]|$)|inter plate calibrator)", re.IGNORECASE
)
_STANDARD = re.compile(r"^(std|standard)", re.IGNORECASE)


def role_of(kind: str, sample: str) -> Role:
    """The role of a well by what the instrument calls it, else by the sample's name (``NTC``, ``H2O``)."""
    for text in (kind, sample):
        if _NO_TEMPLATE.match(text.strip()):
            return Role.NO_TEMPLATE
        if _NO_TRANSCRIPTION.match(text.strip()):
            return Role.NO_TRANSCRIPTION
    if _STANDARD.match(kind.strip()):
        return Role.STANDARD
    if _POSITIVE_CONTROL.match(kind.strip()):
        return Role.POSITIVE_CONTROL
    return Role.SAMPLE


def contaminated(path: Path, well: Well, seen: str) -> FormatError:
    """The refusal of a plate for one of its no-template controls, to be raised."""
    return FormatError(
        f"the no-template control in well {well.name} of plate '{well.plate or path.stem}' is positive for {well.target or 'its target'} ({seen}).",
        path=path,
        line=well.line,
        advice="Nothing of the plate was read: repeat the run, or remove the well if it is mislabelled.",
    )


def file_info(
    path: Path,
    tool: str,
    wells: Sequence[Well],
    targets: Sequence[Well],
    refused: Sequence[Refused],
    left_out: str = "",
    said: Iterable[str] = (),
) -> FileInfo:
    """What a plate holds, what of it is no result, and what else is ``said`` of it.

    Raises
    ------
    FormatError
        No well of a sample.
    """
    samples = [w for w in wells if w.role is Role.SAMPLE]
    others = {role: sum(w.role is role for w in wells) for role in Role if role is not Role.SAMPLE}
    counted = [f"{count} wells of {role}" for role, count in others.items() if count]
    if not samples and not refused:
        raise FormatError(f"holds no well of a sample ({', '.join(counted) or 'no well at all'}).", path=path)
    counted += [left_out] if left_out else []
    notes = [f"left out: {', '.join(counted)}"] if counted else []
    if denominators := len(samples) - len(targets):
        notes.append(f"{denominators} wells of control genes or wild type serve as denominators")
    return FileInfo(
        tool=tool,
        samples=tuple(dict.fromkeys(w.sample for w in samples if w.sample)),
        rows=len(wells) + len(refused),
        kept=len(targets),
        notes=(*notes, *said),
    )


def targets_of(wells: Iterable[Well]) -> list[Well]:
    """Wells of samples that measure neither a control gene nor a wild type."""
    return [w for w in wells if w.role is Role.SAMPLE and not w.control and not is_wild_type(w.target)]


@dataclass(frozen=True, slots=True)
class Partners:
    """Wells that a target is related to: those of the wild type, and those of one control gene (the usual one first)."""

    wild_type: tuple[Well, ...] = ()
    control: tuple[Well, ...] = ()

    @property
    def gene(self) -> str:
        """The control gene; "" without one."""
        return self.control[0].control if self.control else ""


def partners_of(well: Well, wells: Iterable[Well]) -> Partners:
    """The wells of the same reaction, else those of the same sample; wells without a sample have none but their own."""
    near = [w for w in wells if w.role is Role.SAMPLE and w.sample == well.sample and (w.sample or w.name == well.name)]
    wild_type = _own(well, [w for w in near if is_wild_type(w.target) and not w.control])
    control = _own(well, [w for w in near if w.control])
    rank = {gene: number for number, gene in enumerate(CONTROL_GENES)}
    best = min((w.control for w in control), key=lambda gene: rank.get(gene, len(rank)), default="")
    return Partners(tuple(wild_type), tuple(w for w in control if w.control == best))


def _own(well: Well, partners: list[Well]) -> list[Well]:
    return [w for w in partners if w.name == well.name] or partners


def few_copies(copies: float | Decimal | None, gene: str) -> str:
    """What is said of a control gene that was amplified too rarely for a negative; "" when it was not."""
    if gene != "ABL1" or copies is None or copies >= ADEQUATE_ABL1:
        return ""
    return f"{copies:.0f} copies of ABL1, fewer than {ADEQUATE_ABL1}"


def copies_per_ug(well: Well, levels: Iterable[Printed]) -> list[Printed]:
    """Copies per µg of DNA: as printed, or those of a transgene whose level is a share of a gene that each genome holds once."""
    if well.per_ug is not None:
        return [Printed("copies_per_ug", well.per_ug, "copies/µg", f"{well.per_ug}")] if well.per_ug else []
    return [
        Printed(
            "copies_per_ug",
            rounded(level.value * GENOMES_PER_UG),
            "copies/µg",
            f"{level.text} x {GENOMES_PER_UG} genomes/µg",
            level.comparator,
        )
        for level in levels
        if level.quantity == "normalized_copies"
        and level.value is not None
        and level.denominator in GENOMIC_CONTROLS
        and is_transgene(well.target)
    ]


def limits_of(levels: Iterable[Printed]) -> tuple[PrintedLimit, ...]:
    """The limits of detection that negatives state: their levels are written as "less than"."""
    return tuple(
        PrintedLimit(
            LimitKind.LOD,
            Printed(level.quantity, level.value, level.unit, level.text.lstrip("<"), denominator=level.denominator),
        )
        for level in levels
        if level.comparator == "<"
    )


def rounded(value: Decimal) -> Decimal:
    """Six significant digits: more than any PCR carries."""
    return Context(prec=6).plus(value)
