"""What files state and what is made of it: calls, coverage, events, samples; markers and observations.

A reader of ``moltrack.formats`` yields records of the first half, exactly as printed, each with its line.
``moltrack.normalize`` derives the second half from them. All are immutable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import TypeAlias

from moltrack.errors import InputError
from moltrack.model.findings import CLONAL_KINDS, Finding, MarkerKind
from moltrack.model.numbers import make_floats
from moltrack.model.time import Time


class Tissue(StrEnum):
    """The specimen. Two tissues of one day are two samples; ``UNKNOWN`` is a value of its own, never a guess."""

    BM = "BM"
    PB = "PB"
    OTHER = "other"
    UNKNOWN = "unknown"


class Technique(StrEnum):
    """How something was measured. A series never mixes two."""

    DNA_SEQUENCING = "DNA sequencing"
    RNA_SEQUENCING = "RNA sequencing"
    FRAGMENT_ANALYSIS = "fragment analysis"
    QPCR = "qPCR"
    DPCR = "digital PCR"
    FISH = "FISH"
    ARRAY = "array"
    KARYOTYPE = "karyotype"
    FLOW = "flow cytometry"
    MORPHOLOGY = "morphology"
    LABORATORY = "laboratory"
    REPORTED = "reported"
    UNKNOWN = "unknown"


class PhaseKind(StrEnum):
    """The protocol's name for a point in time: given or unknown, never inferred from dates."""

    DIAGNOSIS = "diagnosis"
    PRE_TREATMENT = "pre_treatment"
    AFTER_CYCLE = "after_cycle"
    END_OF_TREATMENT = "end_of_treatment"
    PRE_HCT = "pre_hct"
    POST_HCT = "post_hct"
    FOLLOW_UP = "follow_up"
    RELAPSE = "relapse"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase; ``cycle`` is set for ``after_cycle`` alone."""

    kind: PhaseKind
    cycle: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}({self.cycle})" if self.cycle is not None else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> Phase:
        """``diagnosis``, ``relapse``, ``after_cycle(2)`` ... as a phase."""
        match = re.fullmatch(r"([a-z_ -]+?)\s*(?:\(\s*(\d{1,4})\s*\)|(\d{1,4}))?", text.strip().lower())
        name = match.group(1).replace(" ", "_").replace("-", "_") if match else ""
        if match is None or name not in set(PhaseKind):
            raise InputError(
                f"'{text}' is not a phase.",
                advice=f"Use one of {', '.join(PhaseKind)}; after_cycle takes a number: after_cycle(2).",
            )
        number = match.group(2) or match.group(3)
        kind = PhaseKind(name)
        if (kind is PhaseKind.AFTER_CYCLE) != (number is not None):
            raise InputError(f"'{text}' is not a phase.", advice="after_cycle takes a number, the other phases none.")
        return cls(kind, int(number) if number else None)


# --- as printed -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """A level as the file prints it.

    ``quantity`` is a name of ``moltrack.quantity.QUANTITIES``; ``value`` the number exactly as written (percent stays
    percent); ``unit`` how to read it (``%``, ``fraction``, ``copies/µg`` ...); ``comparator`` is "", ``<``, ``<=``,
    ``>``, ``>=`` or ``~``; ``denominator`` what it is a share of (``CD45+``, ``nuclei``, ``ABL1``), "" = not stated;
    ``text`` the cell itself. ``value`` is None for a value without a number ("positive").
    """

    quantity: str
    value: Decimal | None
    unit: str
    text: str
    comparator: str = ""
    denominator: str = ""


class LimitKind(StrEnum):
    """Three limits, never mixed."""

    CUTOFF = "cutoff"
    LOD = "lod"
    LOQ = "loq"


@dataclass(frozen=True, slots=True)
class PrintedLimit:
    """A limit as declared in a file, an option or an assay."""

    kind: LimitKind
    value: Printed


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers behind a level; None = not printed.

    ``alt``, ``ref``, ``depth`` in reads (molecules when the tool counts those); ``junction_reads`` (split) and
    ``spanning_reads`` (pairs) for fusions; ``cells`` of ``cells_total`` (nuclei, metaphases); ``copies`` of the target and
    ``control_copies``; ``positive_partitions`` of ``partitions`` (dPCR); ``events`` of ``events_total`` (flow).
    """

    alt: float | None = None
    ref: float | None = None
    depth: float | None = None
    junction_reads: float | None = None
    spanning_reads: float | None = None
    cells: float | None = None
    cells_total: float | None = None
    copies: float | None = None
    control_copies: float | None = None
    positive_partitions: float | None = None
    partitions: float | None = None
    events: float | None = None
    events_total: float | None = None

    def __post_init__(self) -> None:
        make_floats(self, zip(COUNT_NAMES, self.values(), strict=True))

    def values(self) -> tuple[float | None, ...]:
        """All numbers, in the order of :data:`COUNT_NAMES`."""
        numbers: tuple[float | None, ...] = _count_values(self)
        return numbers


COUNT_NAMES = tuple(item.name for item in fields(Counts))
_count_values = attrgetter(*COUNT_NAMES)


@dataclass(frozen=True, slots=True)
class Adequacy:
    """What tells whether a result by PCR or flow is good enough for a miss to count; None = not stated.

    ``cycles`` are the threshold cycles of the replicates, None for one that did not amplify; ``first_pull`` says whether the marrow was the
    first pull; ``age_days`` lie between sampling and measurement; ``compartment_cells`` are viable cells of the blast compartment.
    """

    cycles: tuple[float | None, ...] = ()
    first_pull: bool | None = None
    age_days: float | None = None
    compartment_cells: float | None = None

    def __post_init__(self) -> None:
        make_floats(self, (("age_days", self.age_days), ("compartment_cells", self.compartment_cells)))


class Result(StrEnum):
    """The file's own word on a row. It wins over a comparison with a limit."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NOT_EVALUABLE = "not evaluable"


@dataclass(frozen=True, slots=True)
class Call:
    """What a row of a file states, before anything is made of it.

    ``filters`` is empty for PASS or ``.``; ``result`` None when the file gives no yes/no; ``caller_level`` the tool's
    own fraction where ``levels`` hold the one from counts; ``caller`` names the tool when one file merges several;
    ``patient``, ``sample``, ``assay``, ``time``, ``tissue`` are set when the row itself says so; ``classification`` is
    the laboratory's class of the variant; ``extra`` keeps further printed cells as name-value pairs.
    """

    finding: Finding
    line: int
    result: Result | None = None
    levels: tuple[Printed, ...] = ()
    counts: Counts = Counts()
    limits: tuple[PrintedLimit, ...] = ()
    filters: tuple[str, ...] = ()
    caller_level: Printed | None = None
    formula: str = ""
    caller: str = ""
    patient: str = ""
    sample: str = ""
    assay: str = ""
    technique: Technique | None = None
    classification: str = ""
    notes: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    adequacy: Adequacy = Adequacy()


class CoverageScope(StrEnum):
    """What kind of thing was looked at."""

    REGION = "region"
    POSITION = "position"
    GENE = "gene"
    LESION = "lesion"
    PANEL = "panel"
    METAPHASES = "metaphases"
    GENOME_COPY_NUMBER = "genome copy number"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a run looked at, and how deep: the only evidence of absence.

    ``scope`` and ``name`` say what: a gene symbol, a lesion id, a panel id, a measured property; a region or position
    uses ``build``, ``chrom``, ``start``, ``end`` (0-based half-open); METAPHASES uses ``counts.cells_total``.
    ``ref`` / ``alt`` narrow a position to one allele (forced calls). ``limit`` is the level below which this run is
    blind, when declared; from ``counts.depth`` one can be computed. ``evaluable`` False = looked at and failed. ``file`` and
    ``sha256`` are set where another file than the run's own says so (a BED of declared regions); ``line`` is then a line of it.
    """

    scope: CoverageScope
    line: int
    name: str = ""
    build: str = ""
    chrom: str = ""
    start: int | None = None
    end: int | None = None
    ref: str = ""
    alt: str = ""
    counts: Counts = Counts()
    limits: tuple[PrintedLimit, ...] = ()
    evaluable: bool = True
    patient: str = ""
    sample: str = ""
    assay: str = ""
    technique: Technique | None = None
    note: str = ""
    file: str = ""
    sha256: str = ""


class EventType(StrEnum):
    TREATMENT = "treatment"
    INFUSION = "infusion"
    TRANSPLANT = "transplant"
    RESPONSE = "response"
    TOXICITY = "toxicity"
    TRANSFUSION = "transfusion"
    GROWTH_FACTOR = "growth_factor"
    RELAPSE = "relapse"
    DEATH = "death"
    LAST_CONTACT = "last_contact"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the patient; ``end`` None = a point in time (or an open end, as ``name`` says)."""

    type: EventType
    name: str
    start: Time = Time()
    end: Time | None = None
    patient: str = ""
    drugs: tuple[str, ...] = ()
    dose: str = ""
    unit: str = ""
    grade: str = ""
    scale: str = ""
    recorded_by: str = ""
    is_anchor: bool = False
    planned: bool = False
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SampleInfo:
    """A sample as a file or an option describes it; "" and None = not stated, never a contradiction."""

    patient: str
    sample: str
    time: Time = Time()
    tissue: Tissue = Tissue.UNKNOWN
    phase: Phase | None = None
    label: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class PatientInfo:
    """A patient; every field but ``patient`` may be unknown.

    ``age`` in completed years at diagnosis; ``donor`` "" = not known (``related``, ``unrelated``, a donor id ...);
    ``prior_therapy`` and ``prior_disease`` free text, ``hma_pretreated`` True/False/None.
    """

    patient: str
    sex: str = ""
    age: float | None = None
    diagnosis: str = ""
    prior_disease: str = ""
    prior_therapy: str = ""
    hma_pretreated: bool | None = None
    constitutional: str = ""
    donor: str = ""
    note: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        make_floats(self, (("age", self.age),))


@dataclass(frozen=True, slots=True)
class Assay:
    """An entry of an assay sheet: a technique with what it covers and its limits.

    ``covers`` lists genes, lesion ids, ``panel:NAME`` or BED file names; ``same_as`` joins two assays into one series,
    only together with ``factor`` (level here x factor = level there). ``detected_k_of_n`` is the replicate rule
    (``"2/3"``; "" = any). ``valid_allelic_ratio`` True: the laboratory validated this assay's AR against fragment analysis.
    """

    id: str
    technique: Technique = Technique.UNKNOWN
    tissue: Tissue = Tissue.UNKNOWN
    quantity: str = ""
    denominator: str = ""
    covers: tuple[str, ...] = ()
    limits: tuple[PrintedLimit, ...] = ()
    same_as: str = ""
    factor: Decimal | None = None
    detected_k_of_n: str = ""
    valid_allelic_ratio: bool = False
    version: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What a file says about itself; a reader yields it first."""

    tool: str = ""
    tool_version: str = ""
    build: str = ""
    build_evidence: str = ""
    samples: tuple[str, ...] = ()
    tumor_sample: str = ""
    tumor_evidence: str = ""
    header_only: bool = False
    rows: int | None = None
    kept: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be used: listed, counted, never dropped silently."""

    line: int
    reason: str


Record: TypeAlias = Call | Coverage | Event | SampleInfo | PatientInfo | Assay | FileInfo | Refused


class OverrideAction(StrEnum):
    TRACK = "track"
    UNTRACK = "untrack"
    CLASSIFY = "classify"
    JOIN = "join"
    SPLIT = "split"
    VOID = "void"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Override:
    """A user's decision, kept, listed and reversible.

    ``target`` is a marker id (for VOID an observation, ``SAMPLE/ASSAY/MARKER``); ``value`` the class, the other marker
    id of a JOIN, or the name that an ALIAS shows. ``by`` and ``reason`` are required.
    """

    action: OverrideAction
    patient: str
    target: str
    value: str
    reason: str
    by: str
    revoked: bool = False


# --- stored context of calls ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number comes from: a file's name and digest, and its line (0 = the file as a whole)."""

    file: str
    line: int
    sha256: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Run:
    """One assay's use on one sample: what calls and coverage belong to.

    ``part`` tells apart files of one assay (Strelka SNV and indel). ``format`` and ``tool_version`` are those of the file.
    """

    patient: str
    sample: str
    assay: str
    part: str = ""
    technique: Technique = Technique.UNKNOWN
    tool: str = ""
    tool_version: str = ""
    build: str = ""
    file: str = ""
    sha256: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A run with all that its file states: the input of ``normalize``."""

    run: Run
    calls: tuple[Call, ...] = ()
    coverage: tuple[Coverage, ...] = ()


# --- derived ----------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """What a run says of a marker. No observation at all means: not tested."""

    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in the canonical unit of its quantity, with where it comes from (``declared``, ``from depth 812`` ...)."""

    kind: LimitKind
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Marker:
    """What is followed over time.

    ``id`` is stable and printable ("FLT3-ITD", "RUNX1::SKAP2", "small variant by smallest key"); ``genes`` by HGNC symbol;
    ``lesions`` ids of ``references/lesions.yaml``; ``parent`` the aggregate that an ITD clone or a fusion isoform belongs to;
    ``tracked`` False = kept, hidden and counted; ``why`` the reason for that; ``classification`` pathogenic,
    likely_pathogenic, uncertain, likely_benign, benign or "" ; ``joined`` says why calls of different spelling were joined.
    """

    id: str
    kind: MarkerKind
    label: str
    genes: tuple[str, ...] = ()
    lesions: tuple[str, ...] = ()
    parent: str = ""
    tracked: bool = True
    why: str = ""
    classification: str = ""
    joined: tuple[str, ...] = ()
    finding: Finding | None = None
    flags: tuple[str, ...] = ()

    @property
    def is_clonal(self) -> bool:
        """True when it comes and goes with a clone. A karyotype as a whole, or that it is normal, does not."""
        return self.kind in CLONAL_KINDS and self.id != "karyotype" and "normal_karyotype" not in self.lesions


@dataclass(frozen=True, slots=True)
class Observation:
    """One marker, one quantity, in one run of one sample.

    ``level`` in the canonical unit of ``quantity`` (None: detected without a level; for not_detected the printed value
    below a cutoff, if there is one). ``quantity`` "" = a detection or a miss without a scale. ``printed`` is the value as
    the file wrote it; ``caller_level`` the tool's own fraction when ours is from counts. ``text`` holds the conclusion of a
    reported result or a karyotype string. ``replicates`` counts the rows that were combined.
    """

    patient: str
    sample: str
    marker: str
    assay: str
    technique: Technique
    tissue: Tissue
    status: Status
    part: str = ""
    quantity: str = ""
    denominator: str = ""
    level: float | None = None
    comparator: str = ""
    printed: str = ""
    formula: str = ""
    counts: Counts = Counts()
    limits: tuple[Limit, ...] = ()
    caller_level: float | None = None
    text: str = ""
    filters: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    replicates: int = 1
    tool: str = ""
    tool_version: str = ""
    origins: tuple[Origin, ...] = ()
    adequacy: Adequacy = Adequacy()

    def limit(self, kind: LimitKind) -> float | None:
        """The limit of that kind, canonical; None = unknown, not zero."""
        return next((limit.value for limit in self.limits if limit.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Normalized:
    """What ``normalize`` makes of one patient. ``messages`` are sentences for the user (joins, builds kept apart ...)."""

    markers: tuple[Marker, ...] = ()
    observations: tuple[Observation, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientRecords:
    """Everything the store knows of one patient: the input of a timeline."""

    patient: PatientInfo
    samples: tuple[SampleInfo, ...] = ()
    events: tuple[Event, ...] = ()
    markers: tuple[Marker, ...] = ()
    observations: tuple[Observation, ...] = ()
    overrides: tuple[Override, ...] = ()
    assays: tuple[Assay, ...] = ()
    runs: tuple[Run, ...] = ()
    messages: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PatientInput:
    """Everything that ``normalize`` reads: calls and coverage as printed, with their context and the user's overrides."""

    patient: PatientInfo
    samples: tuple[SampleInfo, ...] = ()
    events: tuple[Event, ...] = ()
    assays: tuple[Assay, ...] = ()
    runs: tuple[RunRecords, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. ``options`` is the canonical JSON text of everything that shaped the reading."""

    sha256: str
    name: str
    format: str
    options: str
    size: int = 0
    tool: str = ""
    tool_version: str = ""


@dataclass(frozen=True, slots=True)
class Landing:
    """One source with all that it states, to be written in one transaction. ``replace`` supersedes an earlier reading.

    ``notes`` are sentences about the reading, for the user: what was left out, which sheet was read.
    """

    source: Source
    patients: tuple[PatientInfo, ...] = ()
    samples: tuple[SampleInfo, ...] = ()
    events: tuple[Event, ...] = ()
    assays: tuple[Assay, ...] = ()
    runs: tuple[RunRecords, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    replace: bool = False
