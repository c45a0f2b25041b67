"""Quantitative PCR: wells with threshold cycles as calls, one per target and well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.pcr.poisson import COPIES_MISSED
from moltrack.formats.pcr.targets import finding_of, marker_quantity
from moltrack.formats.pcr.wells import (
    Partners,
    Role,
    Well,
    contaminated,
    copies_per_ug,
    few_copies,
    file_info,
    limits_of,
    partners_of,
    rounded,
    targets_of,
)
from moltrack.model import Adequacy, Call, Counts, Printed, Record, Refused, Result, Technique

#: A transcript counts as amplified when its cycle lies below this: van Dongen and EAC convention, kept by the ELN-MRD
#: working party (Schuurhuis, Blood 2018;131:1275; Heuser, Blood 2021;138:2753).
CT_LIMIT = Decimal(40)


def qpcr_records(path: Path, tool: str, wells: Sequence[Well], refused: Sequence[Refused]) -> Iterator[Record]:
    """Calls of a quantitative PCR plate, one per replicate.

    Raises
    ------
    FormatError
        A no-template control is positive, or there is no well of a sample, or none of a target.
    """
    for well in wells:
        if well.role is Role.NO_TEMPLATE and _is_below_limit(well):
            raise contaminated(path, well, f"Ct {well.ct}")
    targets = targets_of(wells)
    if not targets and any(w.role is Role.SAMPLE for w in wells):
        raise FormatError("measures control genes only.", path=path, advice="Export the wells of the target with them.")
    yield file_info(path, tool, wells, targets, refused)
    for well in targets:
        yield _call(well, partners_of(well, wells))
    yield from refused


def _is_below_limit(well: Well) -> bool:
    return well.ct is not None and well.ct < CT_LIMIT


def _call(well: Well, partners: Partners) -> Call:
    notes: list[str] = []
    control, wild_type = _mean_quantity(partners.control), _mean_quantity(partners.wild_type)
    result = Result.NOT_EVALUABLE if well.no_call else Result.POSITIVE if _is_below_limit(well) else Result.NEGATIVE
    if partners.control and not any(map(_is_amplified, partners.control)):
        result = Result.NOT_EVALUABLE
        notes.append(f"{partners.gene} did not amplify")
    elif _needs_wild_type(partners, result) and not any(map(_is_amplified, partners.wild_type)):
        result = Result.NOT_EVALUABLE
        notes.append(f"{partners.wild_type[0].target} did not amplify")
    if few := few_copies(control, partners.gene):
        notes.append(few)
        result = Result.NOT_EVALUABLE if result is Result.NEGATIVE else result
    levels = list(_levels(well, partners, result, control, wild_type))
    if result is Result.POSITIVE and well.quantity is None:
        notes.append("no quantity: without a standard curve a Ct is no level")
    copies = Decimal(0) if result is Result.NEGATIVE else well.quantity
    total = None if copies is None or wild_type is None else copies + wild_type
    return Call(
        finding_of(well.target),
        well.line,
        result=result,
        levels=tuple(levels),
        counts=Counts(
            alt=float(copies) if copies is not None and total is not None else None,
            depth=float(total) if total is not None else None,
            copies=float(copies) if copies is not None else None,
            control_copies=float(control) if control is not None else None,
        ),
        limits=limits_of(levels),
        sample=well.sample,
        technique=Technique.QPCR,
        notes=tuple(notes),
        extra=(("well", well.name), ("Ct", f"{well.ct}" if well.ct is not None else "undetermined"), *well.extra),
        adequacy=Adequacy(cycles=() if well.no_call else (float(well.ct) if well.ct is not None else None,)),
    )


def _needs_wild_type(partners: Partners, result: Result) -> bool:
    """A mutant may be there without its wild type, but not be missing without it (or a control gene)."""
    return bool(partners.wild_type) and not partners.control and result is Result.NEGATIVE


def _is_amplified(well: Well) -> bool:
    return _is_below_limit(well) and not well.no_call


def _mean_quantity(wells: Iterable[Well]) -> Decimal | None:
    """Mean copies of the wells that amplified; None without a standard curve."""
    quantities = [w.quantity for w in wells if _is_amplified(w) and w.quantity]
    return sum(quantities, Decimal(0)) / len(quantities) if quantities else None


def _levels(
    well: Well, partners: Partners, result: Result, control: Decimal | None, wild_type: Decimal | None
) -> Iterator[Printed]:
    """Shares of the wild type and of the control gene; of a miss the share that three copies would be."""
    share, copies = marker_quantity(finding_of(well.target)), well.quantity
    missed = Decimal(COPIES_MISSED)
    ratios: list[Printed] = []
    if result is Result.POSITIVE and copies is not None:
        if wild_type is not None:
            text = f"{copies} / ({copies} + {rounded(wild_type)})"
            yield Printed(share, rounded(copies / (copies + wild_type)), "fraction", text)
        if control is not None:
            text = f"{copies} / {rounded(control)}"
            ratios = [Printed("normalized_copies", rounded(copies / control), "ratio", text, denominator=partners.gene)]
    elif result is Result.NEGATIVE:
        if wild_type is not None:
            text = f"<3 copies / {rounded(wild_type)}"
            yield Printed(share, rounded(missed / (missed + wild_type)), "fraction", text, "<")
        if control is not None:
            text = f"<3 copies / {rounded(control)}"
            ratios = [Printed("normalized_copies", rounded(missed / control), "ratio", text, "<", partners.gene)]
    yield from ratios
    if result is not Result.NOT_EVALUABLE and not (result is Result.NEGATIVE and well.per_ug is not None):
        yield from copies_per_ug(well, ratios)
