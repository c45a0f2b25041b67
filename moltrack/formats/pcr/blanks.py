"""No-template controls of a digital PCR plate: what they show, and what a sample must show to be more than that.

A single false-positive partition is common, and no contamination. False positives of blanks are Poisson distributed; the limit of
blank is the count that 95 % of them do not exceed (CLSI EP17-A2; Tzonev, Methods Mol Biol 2018;1768:25). The rule:

- a control with :data:`CONTAMINATED` positive partitions or more would be called positive itself: the plate is refused;
- with fewer the plate is kept, the results of the target say so, and a sample with no more positive partitions than the limit of
  blank of the plate's own controls is not evaluable. Water is the mildest of blanks, so nothing counts as absent by it.

A limit of blank that the laboratory has measured for its assay is the assay's ``cutoff``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from moltrack.formats.pcr.poisson import limit_of_blank
from moltrack.formats.pcr.wells import Role, Well, contaminated

#: Positive partitions of one no-template control that are a contamination (convention): three copies are the least that a
#: reaction detects with 95 % probability (Bustin, Clin Chem 2009;55:611), and two the limit of blank of an assay with one false
#: positive in two wells, P(X <= 2) = 98.6 %.
CONTAMINATED = 3


@dataclass(frozen=True, slots=True)
class Blank:
    """The no-template controls of a target that are positive within the rule, pooled with those that are not."""

    positives: int
    partitions: int
    wells: tuple[str, ...]

    def limit(self, partitions: int) -> int:
        """Positive partitions that as many partitions without template may show: the limit of blank."""
        return limit_of_blank(self.positives / self.partitions * partitions)

    def __str__(self) -> str:
        return (
            f"no-template control ({', '.join(self.wells)}): {self.positives} of {self.partitions} partitions positive"
        )


#: Plate and target of a well.
_Key: TypeAlias = tuple[str, str]


def key_of(well: Well) -> _Key:
    return well.plate, well.target


def blanks_of(path: Path, wells: Iterable[Well]) -> dict[_Key, Blank]:
    """The blank of each plate and target whose no-template controls are not free of positive partitions.

    Raises
    ------
    FormatError
        A no-template control is contaminated, or is positive and does not count its partitions; plate, well and target are named.
    """
    controls: dict[_Key, list[Well]] = {}
    for well in wells:
        if well.role is not Role.NO_TEMPLATE or well.no_call:
            continue
        if well.positives is None or not well.partitions:
            if well.amplified:
                raise contaminated(path, well, f"{well.concentration} copies/µL")
            continue
        if well.positives >= CONTAMINATED:
            raise contaminated(path, well, f"{well.positives} of {well.partitions} partitions")
        controls.setdefault(key_of(well), []).append(well)
    return {key: _pooled(own) for key, own in controls.items() if any(well.positives for well in own)}


def _pooled(wells: list[Well]) -> Blank:
    return Blank(
        sum(well.positives or 0 for well in wells),
        sum(well.partitions or 0 for well in wells),
        tuple(dict.fromkeys(well.name for well in wells)),
    )
