"""What an MRD guideline is asked with: one target by one method in one sample, and the samples before it.

**Units**: levels and limits are fractions 0-1: target copies / control copies (1 % = 1,000 per 10^5 ABL1), share of CD45+ cells, VAF. Days are
the patient's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moltrack.errors import InputError
from moltrack.model import Evidence, Tissue


class Target(StrEnum):
    """Target groups of the guidelines."""

    NPM1 = "NPM1"
    CBF = "CBF"
    PML_RARA = "PML::RARA"
    KMT2A = "KMT2A"
    FLT3_ITD = "FLT3-ITD"
    OTHER = "other"


class Method(StrEnum):
    QPCR = "qPCR"
    DPCR = "digital PCR"
    MFC = "MFC"
    NGS = "NGS"
    UHS_NGS = "UHS-NGS"
    FRAGMENT = "fragment analysis"


PCR = frozenset({Method.QPCR, Method.DPCR})

AFTER_CYCLE_2, END_OF_TREATMENT, PRE_HCT, POST_HCT, FOLLOW_UP = (
    "after_cycle_2",
    "end_of_treatment",
    "pre_hct",
    "post_hct",
    "follow_up",
)


@dataclass(frozen=True, slots=True)
class MrdPoint:
    """One sample's result.

    Attributes
    ----------
    time
        ``after_cycle_2``, ``end_of_treatment``, ``pre_hct``, ``follow_up``, ``post_hct``, another phase, or "" = not known.
    detected
        The laboratory's yes or no; None = follows from ``ct`` or from ``level``.
    ct
        Threshold cycles of the replicates, None for one without amplification.
    control_copies, events
        Copies of the control gene (ABL1); CD45+ cells acquired.
    covers_target
        False: the assay does not detect this patient's type (NPM1 type A assay, type B mutation).
    """

    tissue: Tissue
    time: str = ""
    detected: bool | None = None
    level: float | None = None
    day: float | None = None
    lod: float | None = None
    ct: tuple[float | None, ...] = ()
    control_copies: float | None = None
    events: float | None = None
    compartment_cells: float | None = None
    first_pull: bool | None = None
    age_days: float | None = None
    covers_target: bool | None = None
    sample: str = ""

    def __post_init__(self) -> None:
        if self.level is not None and self.level < 0:
            raise InputError(f"an MRD level of {self.level:g} is not possible.")


@dataclass(frozen=True, slots=True)
class NgsGene:
    """One variant of a sequencing panel: VAF now and at diagnosis, limit of detection at its site."""

    gene: str
    level: float | None = None
    detected: bool | None = None
    lod: float | None = None
    baseline: float | None = None
    label: str = ""

    @property
    def is_detected(self) -> bool | None:
        return self.detected if self.detected is not None else None if self.level is None else self.level > 0

    @property
    def name(self) -> str:
        return self.label or self.gene


@dataclass(frozen=True, slots=True)
class MrdInputs:
    """A target by a method at one sample.

    ``earlier`` are the results of the same target, method and unit in remission before, in order of time, of any tissue. ``baseline`` is the level at
    diagnosis in the same tissue by the same assay. ``remission``: morphologic CR, CRh or CRi is established; None = the data do not tell;
    ``remission_source`` says by what. ``genes`` holds the variants when the method is a sequencing panel. ``after_hct``: after allogeneic
    transplantation. ``lesions`` are those of the marker, ``evidence`` the observation behind the result. ``carried``: the patient's disease was
    ever shown to carry the target; False = it was looked for before treatment and not found, None = nobody looked then.
    """

    target: Target
    method: Method
    point: MrdPoint
    earlier: tuple[MrdPoint, ...] = ()
    baseline: float | None = None
    remission: bool | None = None
    remission_source: str = ""
    genes: tuple[NgsGene, ...] = ()
    after_hct: bool = False
    label: str = ""
    lesions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    carried: bool | None = True
