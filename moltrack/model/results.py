"""What analysis and rules conclude: series with their reductions, and verdicts with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from moltrack.model.records import (
    Event,
    Limit,
    Observation,
    PatientRecords,
    SampleInfo,
    Status,
    Technique,
    Tissue,
)


class Truth(StrEnum):
    """Three-valued answer of a predicate (Kleene's strong logic)."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval or a one-sided bound; ``low`` or ``high`` None = open on that side.

    ``method`` names it ("Clopper-Pearson 95 %", "delta 95 %", "bound from LOD").
    """

    low: float | None
    high: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Point:
    """One sample's place in a series.

    ``day`` is the position on the patient's axis (days from day 0; the middle of an interval), ``day_low``/``day_high`` its
    bounds; None when the time cannot be linked: the point then has only its ``order``. ``level`` is canonical, None for a
    detection without level and for a miss; ``bound`` the limit that a miss or a value below LOQ is drawn at.
    """

    sample: str
    order: int
    day: float | None
    day_low: float | None
    day_high: float | None
    status: Status
    level: float | None
    bound: Limit | None
    interval: Interval | None
    observation: Observation


@dataclass(frozen=True, slots=True)
class Series:
    """Marker x quantity (with its denominator) x assay x tissue: the only thing reductions are computed on."""

    marker: str
    label: str
    quantity: str
    denominator: str
    assay: str
    technique: Technique
    tissue: Tissue
    points: tuple[Point, ...]
    flags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Marker, quantity and technique, as a legend prints them."""
        parts = [self.label, self.quantity or "result", self.assay]
        if self.tissue is not Tissue.UNKNOWN:
            parts.append(str(self.tissue))
        return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Reduction:
    """log10(baseline / level) of one point against the baseline of its series.

    ``comparator`` "≥" when the point is a miss (the reduction is at least this), "" when both are quantified.
    ``log10`` None = not assessable, ``reason`` says why. ``percent_of_baseline`` on the same footing ("≤" then).
    """

    sample: str
    log10: float | None
    comparator: str = ""
    interval: Interval | None = None
    percent_of_baseline: float | None = None
    reason: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation behind a predicate, printable: what, in which sample, from which file and line."""

    text: str
    sample: str = ""
    marker: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class PredicateTrace:
    """A predicate of a rule with its answer and why."""

    name: str
    question: str
    answer: Truth
    value: str = ""
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """A rule (row) of a rule file with its answer, its citation and the predicates it read, as a tree."""

    id: str
    title: str
    category: str
    answer: Truth
    citation: str = ""
    basis: str = "stated"
    operator: str = ""
    predicate: PredicateTrace | None = None
    parts: tuple[RuleTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule set says of one patient at one sample.

    ``category`` None = not assessable (or not applicable: see ``applicable``); then ``possible`` lists the categories and
    ``deciding`` the tests that would decide. ``as_observed`` is the category (or ``NA{...}``) if every untested lesion were
    absent: printed as "on what was tested", never as the guideline's result. ``basis`` is stated, derived or convention;
    ``convention`` the usual category where the text is silent and two rows were observed. ``target``, ``method`` and ``tissue``
    say what an MRD verdict is of ("NPM1 type A", "qPCR", "BM"); "" for the others. They stand in its ``title``, too.
    """

    ruleset: str
    version: str
    title: str
    sample: str
    category: str | None
    possible: tuple[str, ...] = ()
    as_observed: str = ""
    basis: str = ""
    convention: str = ""
    applicable: bool = True
    reason: str = ""
    deciding: tuple[str, ...] = ()
    rules: tuple[RuleTrace, ...] = ()
    predicates: tuple[PredicateTrace, ...] = ()
    flags: tuple[str, ...] = ()
    citation: str = ""
    overridden: tuple[str, ...] = ()
    guideline_note: str = ""
    target: str = ""
    method: str = ""
    tissue: str = ""

    @property
    def about(self) -> str:
        """``NPM1 type A by qPCR, BM``: what an MRD verdict is of; "" for the others."""
        return f"{self.target} by {self.method}, {self.tissue}" if self.target else ""

    @property
    def text(self) -> str:
        """``adverse``, ``NA{F,I,A}``, ``NA{F,A}; conv F`` or ``-`` in short."""
        if not self.applicable:
            return "-"
        if self.category is not None:
            return self.category
        text = "NA{" + ",".join(self.possible) + "}"
        return f"{text}; conv {self.convention}" if self.convention else text


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding about a patient that is not a category: ``id``, a sentence, the sample it stands at, its evidence.

    ``severity`` is ``info``, ``warning`` or ``alert``; ``answer`` UNKNOWN = could not be decided, with ``missing``.
    ``overridden`` names the thresholds behind it that a laboratory changed.
    """

    id: str
    text: str
    sample: str = ""
    marker: str = ""
    severity: str = "info"
    answer: Truth = Truth.YES
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    citation: str = ""
    overridden: tuple[str, ...] = ()


# --- a patient as a whole ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlacedSample:
    """A sample on the patient's axis: its order (1, 2 ...) always, its days from day 0 only when they can be linked."""

    info: SampleInfo
    order: int
    day: float | None
    day_low: float | None
    day_high: float | None


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event on the patient's axis; ``order`` lies between the orders of samples (2.5) when only the sequence is known."""

    event: Event
    order: float
    day: float | None
    day_low: float | None
    day_high: float | None
    end_day: float | None


@dataclass(frozen=True, slots=True)
class Axis:
    """The patient's time axis. Day 0 is ``anchor``; ``day0`` its date when known. Unlinked samples have only an order."""

    anchor: str
    day0: date | None
    samples: tuple[PlacedSample, ...]
    events: tuple[PlacedEvent, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A computed figure of a series: ``half_life``, ``doubling_time``, ``cmax``, ``tmax``, ``auc``, ``nadir`` ...

    ``value`` None = not assessable, ``reason`` says why. ``comparator`` "≥"/"≤" for a bound. ``warning`` stands beside the
    value ("two points carry no uncertainty"). ``method`` names the formula with its source, ``samples`` those whose results
    it is made from.
    """

    name: str
    value: float | None
    unit: str
    comparator: str = ""
    interval: Interval | None = None
    method: str = ""
    points: int = 0
    reason: str = ""
    warning: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clearance:
    """A series against its baseline. ``baseline_rule`` says which sample was taken and why; ``reason`` why there is none.

    ``reductions`` has one entry per point after the baseline, in the order of points. ``status`` is ``cleared`` (not detected
    in two consecutive samples), ``cleared_unconfirmed`` (in one, the last), ``not_cleared``, ``reappeared``,
    ``not_followed_up`` (the patient has a later sample, the series no result of it), ``no_later_sample`` (nothing to compare
    yet), ``limit_unknown`` (not detected, but nobody says down to what) or "" (never detected); ``status_reason`` says it
    in a sentence.
    """

    series: Series
    baseline: Point | None
    baseline_rule: str
    reason: str = ""
    reductions: tuple[Reduction, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    status: str = ""
    status_reason: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A marker that is first detected after the first sample, and what was looked at before.

    ``seen`` are its detections in ``sample``, ``earlier`` the samples before that did not show it. ``miss`` is the last of those
    whose ``limit`` lies below the new level, that of ``hit``; None when no limit is known to do so.
    """

    marker: str
    sample: str
    seen: tuple[Observation, ...]
    earlier: tuple[Observation, ...] = ()
    hit: Observation | None = None
    miss: Observation | None = None
    limit: Limit | None = None

    @property
    def how(self) -> str:
        """``emerging`` when an earlier sample would have shown it, ``first_seen`` when nobody had looked, else ``undecided``."""
        if self.miss is not None:
            return "emerging"
        return "undecided" if self.earlier else "first_seen"


@dataclass(frozen=True, slots=True)
class Course:
    """How a series went: ``status`` and ``reason`` are ``status`` and ``status_reason`` of :class:`Clearance`."""

    series: Series
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evolution:
    """How the clone changed: the markers that came after the first sample, and how each series went."""

    appearances: tuple[Appearance, ...] = ()
    courses: tuple[Course, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line that a guideline, or the laboratory's cutoff, draws on the series of a marker, quantity and assay.

    ``level`` is canonical. ``title`` names who draws it, ``meaning`` what it parts, ``citation`` where it is written;
    ``rule`` is the rule set with its version, "" for a cutoff.
    """

    marker: str
    quantity: str
    assay: str
    level: float
    title: str
    meaning: str
    citation: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CellShare:
    """The share of cells that a VAF stands for if mutated cells carry it in one way; None = that way cannot give the VAF."""

    zygosity: str
    share: float | None
    formula: str


@dataclass(frozen=True, slots=True)
class CloneMarker:
    """A marker of a clone: when it was first detected and how, what became of it, and the cells that it stands for.

    ``first`` is ``present`` (in the first sample), ``emerging``, ``first_seen`` (nobody had looked before) or ``undecided``;
    ``group`` numbers the markers that move together (0 = none); ``level`` is the last one measured, of ``quantity``, in
    ``sample``; ``shares`` what a VAF allows by zygosity; ``note`` what else bears on that.
    """

    marker: str
    label: str
    first_sample: str
    first_order: int
    first: str
    status: str
    group: int = 0
    quantity: str = ""
    level: float | None = None
    sample: str = ""
    shares: tuple[CellShare, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pooled:
    """All tracked variants of one assay and tissue in one sample together; the weight of a variant is its depth.

    ``detected`` is a test of all reads against the background, None when no background was stated; ``p`` its probability;
    ``limit`` the level that would be called with 95 % power; ``tested`` and ``missing`` name the markers.
    """

    sample: str
    order: int
    day: float | None
    alt: float
    depth: float
    level: float
    interval: Interval
    limit: Limit
    tested: tuple[str, ...]
    missing: tuple[str, ...]
    p: float | None = None
    detected: bool | None = None
    assay: str = ""
    tissue: Tissue = Tissue.UNKNOWN


@dataclass(frozen=True, slots=True)
class Clones:
    """How the clones of a patient change: markers in the order of their first detection, those that move together, pooled levels.

    ``groups`` holds the series of each group; ``reason`` says why there is none.
    """

    markers: tuple[CloneMarker, ...] = ()
    groups: tuple[tuple[Series, ...], ...] = ()
    reason: str = ""
    pooled: tuple[Pooled, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a page is made from; printed on each page. ``stamp`` is the only part that differs between equal reports."""

    program_version: str
    rule_versions: tuple[str, ...] = ()
    audit_head: str = ""
    stamp: str = ""
    reviewed_by: str = ""
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PatientView:
    """All that a report or an export needs of one patient: the union of store, analysis and rules.

    ``table`` holds one mapping per observation with the columns of ``Timeline.table()``; ``missing`` sentences of what is not
    known and would decide something; ``risk``, ``response``, ``mrd`` verdicts in the order of samples; ``thresholds`` the
    lines of guidelines and cutoffs on the series.
    """

    records: PatientRecords
    axis: Axis
    clearances: tuple[Clearance, ...] = ()
    risk: tuple[Verdict, ...] = ()
    response: tuple[Verdict, ...] = ()
    mrd: tuple[Verdict, ...] = ()
    flags: tuple[Flag, ...] = ()
    missing: tuple[str, ...] = ()
    table: tuple[Mapping[str, object], ...] = ()
    provenance: Provenance = Provenance("")
    thresholds: tuple[Threshold, ...] = ()
    clones: Clones = Clones()
