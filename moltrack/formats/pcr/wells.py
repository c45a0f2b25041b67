"""Wells of a PCR plate as calls: target and control gene joined, no-template controls checked, replicates kept apart.

A level needs a denominator: the control gene in the same well, else in the sample's other wells (normalized copies); the
wild-type assay (variant allele fraction); micrograms of DNA. Without one a concentration is an analyte and a Ct no level at
all: cycles cannot be compared between plates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from pathlib import Path
from statistics import median

from moltrack.errors import FormatError
from moltrack.formats.pcr.poisson import COPIES_MISSED, copies_from_partitions, ratio_limits, volume_of_partition
from moltrack.formats.pcr.targets import (
    CONTROL_GENES,
    GENOMIC_CONTROLS,
    control_gene,
    finding_of,
    is_transgene,
    is_wild_type,
    marker_quantity,
)
from moltrack.model import (
    Adequacy,
    Call,
    Counts,
    FileInfo,
    LimitKind,
    Printed,
    PrintedLimit,
    Record,
    Refused,
    Result,
    Technique,
)

#: A transcript counts as amplified when its cycle lies below this: van Dongen and EAC convention, kept by the ELN-MRD
#: working party (Schuurhuis, Blood 2018;131:1275; Heuser, Blood 2021;138:2753).
CT_LIMIT = Decimal(40)
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


def dpcr_records(
    path: Path, tool: str, wells: Sequence[Well], refused: Sequence[Refused], *, volume: float, left_out: str = ""
) -> Iterator[Record]:
    """Calls of a digital PCR plate.

    Parameters
    ----------
    volume
        Of a partition in µL, for the bound of wells without a positive one where no well of the file tells it.
    left_out
        What the reader itself passed over, for the notes of the file.

    Raises
    ------
    FormatError
        A no-template control is positive, or there is no well of a sample.
    """
    _check_templates(path, wells, lambda well: bool(well.amplified))
    targets = [w for w in wells if w.role is Role.SAMPLE and not w.control and not is_wild_type(w.target)]
    yield _info(path, tool, wells, targets, refused, left_out)
    volume = _volume(wells) or volume
    for well in targets:
        yield _digital_call(well, _denominators(well, wells), _control_copies(well, wells), volume)
    yield from refused


def qpcr_records(path: Path, tool: str, wells: Sequence[Well], refused: Sequence[Refused]) -> Iterator[Record]:
    """Calls of a quantitative PCR plate, one per replicate.

    Raises
    ------
    FormatError
        A no-template control is positive, or there is no well of a sample.
    """
    _check_templates(path, wells, _is_below_limit)
    targets = [w for w in wells if w.role is Role.SAMPLE and not w.control]
    if not targets and any(w.role is Role.SAMPLE for w in wells):
        raise FormatError("measures control genes only.", path=path, advice="Export the wells of the target with them.")
    yield _info(path, tool, wells, targets, refused)
    for well in targets:
        yield _cycle_call(well, _denominators(well, wells))
    yield from refused


def _is_below_limit(well: Well) -> bool:
    return well.ct is not None and well.ct < CT_LIMIT


def _check_templates(path: Path, wells: Iterable[Well], is_positive: object) -> None:
    assert callable(is_positive)
    for well in wells:
        if well.role is Role.NO_TEMPLATE and is_positive(well):
            seen = (
                f"{well.positives} of {well.partitions} partitions" if well.positives is not None else f"Ct {well.ct}"
            )
            raise FormatError(
                f"the no-template control in well {well.name} of plate '{well.plate or path.stem}' is positive for {well.target or 'its target'} ({seen}).",
                path=path,
                line=well.line,
                advice="Nothing of the plate was read: repeat the run, or remove the well if it is mislabelled.",
            )


def _info(
    path: Path,
    tool: str,
    wells: Sequence[Well],
    targets: Sequence[Well],
    refused: Sequence[Refused],
    left_out: str = "",
) -> FileInfo:
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
        notes=tuple(notes),
    )


def _denominators(well: Well, wells: Sequence[Well]) -> list[Well]:
    """Wells of the control gene, or of the wild type, that belong to a target well: its own, else those of its sample."""
    partners = [
        w for w in wells if w.role is Role.SAMPLE and w.sample == well.sample and (w.control or is_wild_type(w.target))
    ]
    own = [w for w in partners if w.name == well.name]
    chosen = own or (partners if well.sample else [])
    wild_type = [w for w in chosen if is_wild_type(w.target)]
    if wild_type:
        return wild_type
    rank = {gene: number for number, gene in enumerate(CONTROL_GENES)}
    best = min((w.control for w in chosen), key=lambda gene: rank.get(gene, len(rank)), default="")
    return [w for w in chosen if w.control == best]


def _control_copies(well: Well, wells: Iterable[Well]) -> float | None:
    """Copies of ABL1 in all reactions of a well's sample; None when none of them measures it."""
    found = [
        w.copies
        for w in wells
        if w.role is Role.SAMPLE
        and w.control == "ABL1"
        and (w.sample == well.sample if well.sample else w.name == well.name)
    ]
    return sum(copies or 0.0 for copies in found) if found else None


def _volume(wells: Iterable[Well]) -> float | None:
    """The volume of a partition by the file's own concentrations (nanoplates differ); None when no well tells it."""
    volumes = [
        volume_of_partition(w.positives, w.partitions, float(w.concentration))
        for w in wells
        if w.positives and w.partitions and w.concentration and w.positives < w.partitions
    ]
    return median(volumes) if volumes else None


def _few_copies(copies: float | Decimal | None, gene: str) -> str:
    """What is said of a control gene that was amplified too rarely for a negative; "" when it was not."""
    if gene != "ABL1" or copies is None or copies >= ADEQUATE_ABL1:
        return ""
    return f"{copies:.0f} copies of ABL1, fewer than {ADEQUATE_ABL1}"


def _digital_call(well: Well, partners: Sequence[Well], abl1_copies: float | None, volume: float) -> Call:
    finding = finding_of(well.target)
    below = [w for w in partners if w.copies and not w.no_call]
    base = sum(w.copies or 0.0 for w in below) / len(below) if below else None
    wild_type = bool(partners) and is_wild_type(partners[0].target)
    denominator = "" if wild_type or not partners else partners[0].control
    found = well.amplified
    result = Result.NOT_EVALUABLE if found is None else Result.POSITIVE if found else Result.NEGATIVE
    notes: list[str] = []
    if well.no_call:
        notes.append("the instrument made no call")
    if well.positives and well.positives == well.partitions:
        notes.append("every partition is positive: there may be more copies than stated")
    if partners and base is None:
        result = Result.NOT_EVALUABLE
        notes.append(f"{partners[0].target} did not amplify")
    elif few := _few_copies(abl1_copies, denominator):
        notes.append(few)
        result = Result.NOT_EVALUABLE if result is Result.NEGATIVE else result
    levels: list[Printed] = []
    quantity = marker_quantity(finding) if wild_type else "normalized_copies"
    if result is Result.POSITIVE:
        levels = _digital_levels(well, partners, quantity, wild_type, denominator)
    elif result is Result.NEGATIVE:
        bound = _bound(well, base, quantity, wild_type, denominator, volume)
        levels = [] if bound is None else [bound]
    if well.per_ug is None:
        levels += _per_ug(well, levels)
    copies = well.copies
    total = (copies or 0.0) + base if wild_type and base is not None and copies is not None else None
    return Call(
        finding,
        well.line,
        result=result,
        levels=tuple(levels),
        counts=Counts(
            alt=copies if total is not None else None,
            depth=total,
            copies=copies,
            control_copies=None if wild_type else base,
            positive_partitions=well.positives,
            partitions=well.partitions,
        ),
        limits=_limits(levels),
        sample=well.sample,
        technique=Technique.DPCR,
        notes=tuple(notes),
        extra=(("well", well.name), *_intervals(well, partners, quantity, wild_type), *well.extra),
    )


def _per_ug(well: Well, levels: Iterable[Printed]) -> list[Printed]:
    """Copies of a transgene per µg of DNA, where its level is a share of a gene that every haploid genome holds once."""
    return [
        Printed(
            "copies_per_ug",
            _rounded(level.value * GENOMES_PER_UG),
            "copies/µg",
            f"{level.text} x {GENOMES_PER_UG} genomes/µg",
            level.comparator,
        )
        for level in levels
        if level.quantity == "normalized_copies"
        and level.unit == "ratio"
        and level.value is not None
        and level.denominator in GENOMIC_CONTROLS
        and is_transgene(well.target)
    ]


def _digital_levels(
    well: Well, partners: Sequence[Well], quantity: str, wild_type: bool, denominator: str
) -> list[Printed]:
    levels: list[Printed] = []
    if wild_type and well.fraction is not None:
        levels.append(Printed(quantity, well.fraction, "%", f"{well.fraction}"))
    elif well.concentration is not None and partners:
        others = [w.concentration for w in partners if w.concentration]
        if others:
            base = sum(others, Decimal(0)) / len(others)
            share = well.concentration / (well.concentration + base) if wild_type else well.concentration / base
            unit = "fraction" if wild_type else "ratio"
            text = (
                f"{well.concentration} / ({well.concentration} + {base})"
                if wild_type
                else f"{well.concentration} / {base}"
            )
            levels.append(Printed(quantity, _rounded(share), unit, text, denominator=denominator))
    if well.per_ug is not None:
        levels.append(Printed("copies_per_ug", well.per_ug, "copies/µg", f"{well.per_ug}"))
    if not levels and well.concentration is not None:
        levels.append(
            Printed("analyte", well.concentration, "copies/µL", f"{well.concentration}", denominator="reaction")
        )
    return levels


def _bound(
    well: Well, base: float | None, quantity: str, wild_type: bool, denominator: str, volume: float
) -> Printed | None:
    """What a well without a positive partition rules out: more than three copies (Poisson, 95 %)."""
    if base is not None:
        value = COPIES_MISSED / (COPIES_MISSED + base) if wild_type else COPIES_MISSED / base
        unit = "fraction" if wild_type else "ratio"
        return Printed(quantity, _rounded(Decimal(value)), unit, f"<3 copies / {base:.0f}", "<", denominator)
    if well.partitions:
        value = COPIES_MISSED / (well.partitions * volume)
        text = f"<3 copies / ({well.partitions} x {volume * 1000:.3g} nL)"
        return Printed("analyte", _rounded(Decimal(value)), "copies/µL", text, "<", "reaction")
    return None


def _limits(levels: Iterable[Printed]) -> tuple[PrintedLimit, ...]:
    """The limits of detection that negatives state: their levels are written as "less than"."""
    return tuple(PrintedLimit(LimitKind.LOD, _at(level)) for level in levels if level.comparator == "<")


def _at(bound: Printed) -> Printed:
    return Printed(bound.quantity, bound.value, bound.unit, bound.text.lstrip("<"), denominator=bound.denominator)


def _intervals(well: Well, partners: Sequence[Well], quantity: str, wild_type: bool) -> tuple[tuple[str, str], ...]:
    """95 % limits of the copies, and of their share of the control gene or wild type of the same reaction."""
    if well.positives is None or not well.partitions:
        return ()
    copies = copies_from_partitions(well.positives, well.partitions)
    found = [("copies, Poisson 95 %", f"{copies.low:.4g} to {copies.high:.4g}")]
    own = [w for w in partners if w.name == well.name and w.positives and w.partitions]
    if len(own) == 1 and well.positives:
        control = copies_from_partitions(own[0].positives or 0, own[0].partitions or 1)
        limits = ratio_limits(copies, control)
        low, high = (limit / (1 + limit) if wild_type and limit < math.inf else limit for limit in limits)
        found.append((f"{quantity}, Poisson 95 %", f"{low:.4g} to {high:.4g}"))
    return tuple(found)


def _cycle_call(well: Well, partners: Sequence[Well]) -> Call:
    notes: list[str] = []
    amplified = [w for w in partners if _is_below_limit(w) and not w.no_call]
    quantities = [w.quantity for w in amplified if w.quantity]
    base = sum(quantities, Decimal(0)) / len(quantities) if quantities else None
    gene = partners[0].control if partners else ""
    result = Result.NOT_EVALUABLE if well.no_call else Result.POSITIVE if _is_below_limit(well) else Result.NEGATIVE
    if partners and not amplified:
        result = Result.NOT_EVALUABLE
        notes.append(f"{gene} did not amplify")
    if few := _few_copies(base, gene):
        notes.append(few)
        result = Result.NOT_EVALUABLE if result is Result.NEGATIVE else result
    levels: list[Printed] = []
    if base is not None and result is Result.POSITIVE and well.quantity is not None:
        text = f"{well.quantity} / {_rounded(base)}"
        levels.append(Printed("normalized_copies", _rounded(well.quantity / base), "ratio", text, denominator=gene))
    elif base is not None and result is Result.NEGATIVE:
        bound = Printed(
            "normalized_copies",
            _rounded(Decimal(COPIES_MISSED) / base),
            "ratio",
            f"<3 copies / {_rounded(base)}",
            "<",
            gene,
        )
        levels.append(bound)
    if result is Result.POSITIVE and well.quantity is None:
        notes.append("no quantity: without a standard curve a Ct is no level")
    if well.per_ug is not None and result is Result.POSITIVE:
        levels.append(Printed("copies_per_ug", well.per_ug, "copies/µg", f"{well.per_ug}"))
    elif well.per_ug is None:
        levels += _per_ug(well, levels)
    copies = Decimal(0) if result is Result.NEGATIVE else well.quantity
    return Call(
        finding_of(well.target),
        well.line,
        result=result,
        levels=tuple(levels),
        counts=Counts(
            copies=float(copies) if copies is not None else None,
            control_copies=float(base) if base is not None else None,
        ),
        limits=_limits(levels),
        sample=well.sample,
        technique=Technique.QPCR,
        notes=tuple(notes),
        extra=(("well", well.name), ("Ct", f"{well.ct}" if well.ct is not None else "undetermined"), *well.extra),
        adequacy=Adequacy(cycles=() if well.no_call else (float(well.ct) if well.ct is not None else None,)),
    )


def _rounded(value: Decimal) -> Decimal:
    """Six significant digits: more than any PCR carries."""
    return Context(prec=6).plus(value)
