"""Digital PCR: wells with counted partitions as calls, one per target and well."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median

from moltrack.formats.pcr.blanks import Blank, blanks_of, key_of
from moltrack.formats.pcr.poisson import COPIES_MISSED, copies_from_partitions, ratio_limits, volume_of_partition
from moltrack.formats.pcr.targets import finding_of, marker_quantity
from moltrack.formats.pcr.wells import (
    Partners,
    Role,
    Well,
    copies_per_ug,
    few_copies,
    file_info,
    limits_of,
    partners_of,
    rounded,
    targets_of,
)
from moltrack.model import Call, Counts, Printed, Record, Refused, Result, Technique


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
        A no-template control is contaminated, or there is no well of a sample.
    """
    blanks = blanks_of(path, wells)
    targets = targets_of(wells)
    said = [f"{target}: {blank}" for (_, target), blank in blanks.items()]
    yield file_info(path, tool, wells, targets, refused, left_out, said)
    volume = _volume(wells) or volume
    for well in targets:
        yield _call(well, partners_of(well, wells), _abl1_copies(well, wells), volume, blanks.get(key_of(well)))
    yield from refused


def _abl1_copies(well: Well, wells: Iterable[Well]) -> float | None:
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


def _call(well: Well, partners: Partners, abl1_copies: float | None, volume: float, blank: Blank | None) -> Call:
    finding = finding_of(well.target)
    share = marker_quantity(finding)
    wild_type = _mean_copies(partners.wild_type)
    control = _mean_copies(w for w in partners.control if w.amplified)
    found = well.amplified
    result = Result.NOT_EVALUABLE if found is None else Result.POSITIVE if found else Result.NEGATIVE
    notes: list[str] = []
    if well.no_call:
        notes.append("the instrument made no call")
    if well.positives and well.positives == well.partitions:
        notes.append("every partition is positive: there may be more copies than stated")
    if blank is not None:
        notes.append(str(blank))
        if doubt := _like_blank(well, blank):
            result = Result.NOT_EVALUABLE
            notes.append(doubt)
    if failed := _failed(partners, result):
        result = Result.NOT_EVALUABLE
        notes.append(f"{failed} did not amplify")
    elif few := few_copies(abl1_copies, partners.gene):
        notes.append(few)
        result = Result.NOT_EVALUABLE if result is Result.NEGATIVE else result
    levels: list[Printed] = []
    if result is Result.POSITIVE:
        levels = _levels(well, partners, share)
    elif result is Result.NEGATIVE:
        levels = _bounds(well, wild_type, control, partners.gene, share, volume)
    levels += copies_per_ug(well, levels) if result is not Result.NOT_EVALUABLE else []
    if not levels and result is Result.POSITIVE and well.concentration is not None:
        text = f"{well.concentration}"
        levels.append(Printed("analyte", well.concentration, "copies/µL", text, denominator="reaction"))
    copies = well.copies
    total = None if wild_type is None or copies is None else copies + wild_type
    return Call(
        finding,
        well.line,
        result=result,
        levels=tuple(levels),
        counts=Counts(
            alt=copies if total is not None else None,
            depth=total,
            copies=copies,
            control_copies=control or None,
            positive_partitions=well.positives,
            partitions=well.partitions,
        ),
        limits=limits_of(levels),
        sample=well.sample,
        technique=Technique.DPCR,
        notes=tuple(notes),
        extra=(("well", well.name), *_intervals(well, partners, share), *well.extra),
    )


def _like_blank(well: Well, blank: Blank) -> str:
    """What is said of a positive well that shows no more than the no-template controls might; "" for every other."""
    if not well.positives or not well.partitions or well.positives > (limit := blank.limit(well.partitions)):
        return ""
    return f"{well.positives} positive partitions, the limit of blank is {limit}"


def _failed(partners: Partners, result: Result) -> str:
    """The denominator without which a well says nothing; a mutant may be there without its wild type, but not be missing."""
    if partners.control and not any(w.amplified for w in partners.control):
        return partners.control[0].target
    needs_wild_type = partners.wild_type and not partners.control and result is not Result.POSITIVE
    return partners.wild_type[0].target if needs_wild_type and not any(w.amplified for w in partners.wild_type) else ""


def _mean_copies(wells: Iterable[Well]) -> float | None:
    """Copies per reaction; None when no well counts any."""
    counted = [w.copies for w in wells if w.copies is not None and not w.no_call]
    return sum(counted) / len(counted) if counted else None


def _levels(well: Well, partners: Partners, share: str) -> list[Printed]:
    levels: list[Printed] = []
    mutant = well.concentration
    if partners.wild_type and well.fraction is not None:
        levels.append(Printed(share, well.fraction, "%", f"{well.fraction}"))
    elif mutant and (normal := _mean_concentration(partners.wild_type)) is not None:
        text = f"{mutant} / ({mutant} + {normal})"
        levels.append(Printed(share, rounded(mutant / (mutant + normal)), "fraction", text))
    if mutant and (control := _mean_concentration(w for w in partners.control if w.amplified)):
        text = f"{mutant} / {control}"
        levels.append(Printed("normalized_copies", rounded(mutant / control), "ratio", text, denominator=partners.gene))
    return levels


def _mean_concentration(wells: Iterable[Well]) -> Decimal | None:
    printed = [w.concentration for w in wells if w.concentration is not None and not w.no_call]
    return sum(printed, Decimal(0)) / len(printed) if printed else None


def _bounds(
    well: Well, wild_type: float | None, control: float | None, gene: str, share: str, volume: float
) -> list[Printed]:
    """What a well without a positive partition rules out: more than three copies (Poisson, 95 %)."""
    bounds: list[Printed] = []
    if wild_type:
        value = Decimal(COPIES_MISSED / (COPIES_MISSED + wild_type))
        bounds.append(Printed(share, rounded(value), "fraction", f"<3 copies / {wild_type:.0f}", "<"))
    if control:
        value = Decimal(COPIES_MISSED / control)
        bounds.append(Printed("normalized_copies", rounded(value), "ratio", f"<3 copies / {control:.0f}", "<", gene))
    if not bounds and well.partitions:
        value = Decimal(COPIES_MISSED / (well.partitions * volume))
        text = f"<3 copies / ({well.partitions} x {volume * 1000:.3g} nL)"
        bounds.append(Printed("analyte", rounded(value), "copies/µL", text, "<", "reaction"))
    return bounds


def _intervals(well: Well, partners: Partners, share: str) -> Iterator[tuple[str, str]]:
    """95 % limits of the copies, and of their share of the wild type or control gene of the same reaction."""
    if well.positives is None or not well.partitions:
        return
    copies = copies_from_partitions(well.positives, well.partitions)
    yield "copies, Poisson 95 %", f"{copies.low:.4g} to {copies.high:.4g}"
    for quantity, wells in ((share, partners.wild_type), ("normalized_copies", partners.control)):
        own = [w for w in wells if w.name == well.name and w.positives and w.partitions]
        if len(own) != 1 or not well.positives:
            continue
        limits = ratio_limits(copies, copies_from_partitions(own[0].positives or 0, own[0].partitions or 1))
        if wells is partners.wild_type:
            limits = _share(limits[0]), _share(limits[1])
        yield f"{quantity}, Poisson 95 %", f"{limits[0]:.4g} to {limits[1]:.4g}"


def _share(ratio: float) -> float:
    """Mutant / (mutant + wild type) from mutant / wild type."""
    return ratio / (1 + ratio) if math.isfinite(ratio) else 1.0
