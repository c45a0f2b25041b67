"""Intake: a file and whose it is → records as printed, ready to land. Needs no store, so it can run on other processes or machines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

from moltrack import formats
from moltrack.digest import Digest, sha256_of
from moltrack.errors import ConflictError, FormatError, InputError
from moltrack.formats import ReadOptions
from moltrack.formats.files import is_file
from moltrack.formats.registry import Empty, Format, Reading, format_named
from moltrack.model import (
    Assay,
    Call,
    Coverage,
    CoverageScope,
    Event,
    Landing,
    LimitKind,
    PatientInfo,
    Phase,
    PrintedLimit,
    Run,
    RunRecords,
    SampleInfo,
    Source,
    Technique,
    Time,
    Tissue,
)
from moltrack.model.identifiers import clean
from moltrack.quantity import canonical_level, parse_printed

CallOrCoverage = TypeVar("CallOrCoverage", Call, Coverage)


@dataclass(frozen=True, slots=True)
class Target:
    """Whose file it is and how to read it: what the options of ``moltrack ingest`` say.

    ``covers`` names panels, genes, lesions or BED files that the run looked at; ``limits`` are declared for the whole run
    (``lod``: ``vaf=2%``). ``sample`` may stay "" for a table whose rows name their sample.
    """

    patient: str = ""
    sample: str = ""
    time: Time = Time()
    tissue: Tissue = Tissue.UNKNOWN
    phase: Phase | None = None
    label: str = ""
    assay: str = ""
    part: str = ""
    covers: tuple[str, ...] = ()
    limits: tuple[PrintedLimit, ...] = ()
    options: ReadOptions = field(default_factory=ReadOptions)


class TargetOptions(TypedDict, total=False):
    """What a command line, a manifest row or a notebook may say of a file, in words; all of it optional.

    ``date`` (``2021-05-12``, ``2021-05``) or ``day`` from the event ``anchor``, or ``order`` alone; ``lod``, ``loq`` and ``cutoff`` as
    ``vaf=2%``; ``covers`` names panels, genes, lesions, BED or depth files.
    """

    patient: str
    sample: str
    date: str
    day: str
    anchor: str
    order: int | None
    tissue: str
    phase: str
    label: str
    assay: str
    part: str
    covers: Sequence[str]
    lod: Sequence[str]
    loq: Sequence[str]
    cutoff: Sequence[str]
    options: ReadOptions


def make_target(**given: Unpack[TargetOptions]) -> Target:
    """A :class:`Target` from words.

    Raises
    ------
    InputError
        A word that is no date, tissue, phase, limit or identifier.
    TypeError
        A keyword that is none of :class:`TargetOptions`.
    """
    if unknown := given.keys() - TargetOptions.__annotations__.keys():
        raise TypeError(f"{min(unknown)!r} is none of {', '.join(TargetOptions.__annotations__)}")
    date, day, order = given.get("date", ""), given.get("day", ""), given.get("order")
    if date and day:
        raise InputError("a sample has a date or a day, not both.", advice="Give --date or --day.")
    time = Time(order=order)
    if date:
        time = Time.on(date, order=order)
    elif day:
        time = Time.days(day, anchor=given.get("anchor", ""), order=order)
    limits = [
        *(parse_limit(text, LimitKind.LOD) for text in given.get("lod", ())),
        *(parse_limit(text, LimitKind.LOQ) for text in given.get("loq", ())),
        *(parse_limit(text, LimitKind.CUTOFF) for text in given.get("cutoff", ())),
    ]
    patient, sample, phase = given.get("patient", ""), given.get("sample", ""), given.get("phase", "")
    return Target(
        patient=clean(patient, "patient") if patient else "",
        sample=clean(sample, "sample") if sample else "",
        time=time,
        tissue=parse_tissue(given.get("tissue", "")),
        phase=Phase.parse(phase) if phase else None,
        label=given.get("label", ""),
        assay=given.get("assay", ""),
        part=given.get("part", ""),
        covers=tuple(given.get("covers", ())),
        limits=tuple(limits),
        options=given.get("options", ReadOptions()),
    )


def parse_tissue(text: str) -> Tissue:
    """BM, PB, other, or "" for unknown."""
    if not text:
        return Tissue.UNKNOWN
    for tissue in Tissue:
        if text.strip().lower() == tissue.value.lower():
            return tissue
    raise InputError(f"'{text}' is not a tissue.", advice="Use BM, PB or other.")


def parse_limit(text: str, kind: LimitKind) -> PrintedLimit:
    """A declared limit from ``vaf=2%``, ``cell_fraction=1e-4``.

    Raises
    ------
    InputError
        No ``quantity=value``, an unknown quantity, or an impossible value.
    """
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"'{text}' is not a limit.", advice="Write quantity=value, for example vaf=2%.")
    printed = parse_printed(value, name.strip())
    level = canonical_level(printed)
    if level is None or level <= 0:
        raise InputError(f"'{text}' is not a limit: it must be above 0.")
    return PrintedLimit(kind, printed)


def prepare(path: Path, target: Target, *, replace_existing: bool = False, digest: Digest | None = None) -> Landing:
    """Read one file and attach it to its patient and sample. Touches no store; may run in another process.

    ``digest`` is the file's, when it has been begun already.

    Raises
    ------
    FormatError, InputError, ConflictError
        The file cannot be read, does not say whose it is, or contradicts the options.
    """
    reading = formats.read(path, target.options, digest)
    _refuse_unclear_empty(reading, target)
    patients: dict[str, PatientInfo] = {}
    samples: list[SampleInfo] = []
    events: list[Event] = []
    assays: list[Assay] = []
    runs: dict[tuple[str, str, str, str], list[Call | Coverage]] = {}

    for record in reading.records:
        if isinstance(record, Assay):
            assays.append(record)
        elif isinstance(record, PatientInfo):
            patients[record.patient] = record
        elif isinstance(record, SampleInfo):
            samples.append(
                replace(record, patient=_owner(record.patient, target.patient, "patient", path, record.line))
            )
        elif isinstance(record, Event):
            events.append(replace(record, patient=_owner(record.patient, target.patient, "patient", path, record.line)))
        elif isinstance(record, Call | Coverage):
            runs.setdefault(_run_key(record, reading, target), []).append(record)

    if not runs and _needs_run(reading, target):
        key = (
            clean(target.patient, "patient"),
            clean(target.sample, "sample"),
            target.assay or _default_assay(reading.format, reading),
            target.part,
        )
        runs[key] = []
    if target.sample and target.patient:
        samples.append(_described(target))
    elif target.time != Time() or target.tissue is not Tissue.UNKNOWN or target.phase:
        raise InputError(
            "a time, tissue or phase is given, but not of which sample.",
            path=path,
            advice="Give patient and sample with it, or leave it out where the rows say it.",
        )
    samples.extend(
        SampleInfo(patient=patient, sample=sample)
        for patient, sample, _, _ in runs
        if (patient, sample) not in {(s.patient, s.sample) for s in samples}
    )
    for patient in {*(s.patient for s in samples), *(e.patient for e in events), *(key[0] for key in runs)}:
        patients.setdefault(patient, PatientInfo(patient))
    refuse_future(samples, events, path)

    declared = tuple(_declared_coverage(target, reading.info.build))
    landed_runs = tuple(
        RunRecords(
            Run(
                *key,
                technique=_technique_of(records, reading.format),
                tool=reading.info.tool or reading.format.name,
                tool_version=reading.info.tool_version,
                build=reading.info.build,
                file=path.name,
                sha256=reading.sha256,
                format=reading.format.name,
            ),
            calls=tuple(_with_limits(r, target) for r in records if isinstance(r, Call)),
            coverage=tuple(_with_limits(r, target) for r in records if isinstance(r, Coverage)) + declared,
        )
        for key, records in runs.items()
    )
    return Landing(
        Source(
            reading.sha256,
            path.name,
            reading.format.name,
            options_text(target),
            size=path.stat().st_size,
            tool=reading.info.tool,
            tool_version=reading.info.tool_version,
        ),
        patients=tuple(patients.values()),
        samples=tuple(samples),
        events=tuple(events),
        assays=tuple(assays),
        runs=landed_runs,
        refused=reading.refused,
        notes=reading.info.notes,
        replace=replace_existing,
    )


def options_text(target: Target) -> str:
    """The options that shape a reading as canonical JSON: two ingests are the same when file and this text are."""
    options = target.options
    said = {
        "patient": target.patient,
        "sample": target.sample,
        "assay": target.assay,
        "part": target.part,
        "covers": [_cover_text(name) for name in target.covers],
        "limits": [f"{limit.kind} {limit.value.quantity}={limit.value.text}" for limit in target.limits],
        "input_format": options.input_format,
        "tumor_sample": options.tumor_sample,
        "build": options.build,
        "fasta": Path(options.fasta).name if options.fasta else "",
        "genes": Path(options.genes).name if os.sep in options.genes else options.genes,
        "unit": options.unit,
        "decimal": options.decimal or "",
    }
    return json.dumps({name: value for name, value in said.items() if value}, sort_keys=True, ensure_ascii=False)


def _cover_text(name: str) -> str:
    """A BED by its name and content, wherever it lies; a panel, gene or lesion by its name."""
    return f"{Path(name).name} ({sha256_of(Path(name))[:12]})" if _is_bed(name) else name


def _default_assay(form: Format, reading: Reading) -> str:
    return (reading.info.tool or form.name).strip().lower().replace(" ", "_")


def _owner(stated: str, option: str, what: str, path: Path, line: int) -> str:
    if stated and option and clean(stated, what) != clean(option, what):
        raise ConflictError(
            f"the row is of {what} '{stated}', but --{what} says '{option}'.",
            path=path,
            line=line,
            advice=f"Leave --{what} out, or correct the file.",
        )
    chosen = stated or option
    if not chosen:
        raise InputError(
            f"the {what} is not known.",
            path=path,
            line=line or None,
            advice=f"Give --{what}; in a manifest, fill in its column '{what}'.",
        )
    return clean(chosen, what)


def _run_key(record: Call | Coverage, reading: Reading, target: Target) -> tuple[str, str, str, str]:
    # In our own tables a sample column names the laboratory's sample; in a caller's file it is a name of the sequencing
    # run, which --sample replaces when the file holds one sample.
    sample, patient = record.sample, record.patient
    if not reading.format.template and target.sample and sample and len(_file_samples(reading)) == 1:
        sample = ""
    return (
        _owner(patient, target.patient, "patient", reading.path, record.line),
        _owner(sample, target.sample, "sample", reading.path, record.line),
        record.assay or target.assay or _default_assay(reading.format, reading),
        target.part,
    )


def _technique_of(records: Sequence[Call | Coverage], form: Format) -> Technique:
    """The technique that all rows of a run share, else the format's: a row that states another one keeps it."""
    stated = {record.technique or form.technique for record in records}
    return stated.pop() if len(stated) == 1 else form.technique


def _file_samples(reading: Reading) -> set[str]:
    return {r.sample for r in reading.records if isinstance(r, Call | Coverage) and r.sample}


def _needs_run(reading: Reading, target: Target) -> bool:
    """A caller's file without records is a run that found nothing; a table of samples or events is no run."""
    described = any(isinstance(r, SampleInfo | PatientInfo | Event | Assay) for r in reading.records)
    return not described and reading.format.family != "clinical" and bool(target.patient or target.sample)


def _refuse_unclear_empty(reading: Reading, target: Target) -> None:
    if reading.refused and not reading.records:
        first = reading.refused[0]
        raise FormatError(
            f"has no usable row; of {len(reading.refused)} the first {first.reason}", path=reading.path, line=first.line
        )
    has_rows = bool(reading.records) or bool(reading.refused)
    if not has_rows and reading.info.header_only and reading.format.empty is Empty.ASK and not target.covers:
        raise FormatError(
            "holds a header and no rows.",
            path=reading.path,
            advice="If the test ran and found nothing, say what it looked at with --covers; otherwise do not ingest it.",
        )
    if not has_rows and reading.format.family == "clinical":
        raise FormatError("holds a header and no rows.", path=reading.path, advice="Fill in at least one row.")


def _described(target: Target) -> SampleInfo:
    return SampleInfo(
        patient=clean(target.patient, "patient"),
        sample=clean(target.sample, "sample"),
        time=target.time,
        tissue=target.tissue,
        phase=target.phase,
        label=target.label,
    )


def refuse_future(samples: Iterable[SampleInfo], events: Iterable[Event], path: Path | None = None) -> None:
    """Refuse a sample, or an event that is not planned, dated after today."""
    today = date.today()
    for sample in samples:
        if sample.time.first is not None and sample.time.first > today:
            raise InputError(
                f"sample '{sample.sample}' is dated {sample.time}, which lies in the future.",
                path=path,
                line=sample.line or None,
            )
    for event in events:
        if event.start.first is not None and event.start.first > today and not event.planned:
            raise InputError(
                f"event '{event.name}' is dated {event.start}, which lies in the future.",
                path=path,
                line=event.line or None,
                advice="Mark it as planned.",
            )


def _with_limits(record: CallOrCoverage, target: Target) -> CallOrCoverage:
    """Limits declared for the run stand beside those the row itself prints."""
    if not target.limits:
        return record
    own = {(limit.kind, limit.value.quantity) for limit in record.limits}
    added = tuple(limit for limit in target.limits if (limit.kind, limit.value.quantity) not in own)
    return replace(record, limits=record.limits + added)


def _declared_coverage(target: Target, build: str) -> Iterator[Coverage]:
    """What ``--covers`` says the run looked at; a BED or depth file is of the build of the file that it goes with."""
    from moltrack import resources

    options = replace(target.options, build=target.options.build or build)
    for name in target.covers:
        if _is_bed(name):
            yield from (_with_limits(item, target) for item in _regions_in(Path(name), options))
            continue
        scope = _scope_of(name)
        if scope is CoverageScope.GENE:
            name = resources.gene_symbol(name) or name
        yield Coverage(scope, line=0, name=name, limits=target.limits, note="declared with --covers")


def _regions_in(path: Path, options: ReadOptions) -> Iterator[Coverage]:
    """Regions of a BED, or of a depth file with their depths; each says which file it stands in."""
    try:
        form = formats.detect(path)
    except FormatError:
        form = format_named("bed")  # what is wrong with it is said by line
    if not form.is_coverage:
        raise FormatError(
            f"is of the format {form.name}.",
            path=path,
            advice="--covers takes a BED or a depth file (mosdepth, samtools depth).",
        )
    reading = formats.read(path, replace(options, input_format=form.name))
    for row in reading.refused:
        raise FormatError(row.reason, path=path, line=row.line)
    for record in reading.records:
        if isinstance(record, Coverage):
            note = f"declared by {path.name}" if form.name == "bed" else record.note
            yield replace(record, note=note, file=path.name, sha256=reading.sha256)


def _is_bed(name: str) -> bool:
    """True where ``--covers`` names a file rather than a panel, a gene or a lesion."""
    return Path(name).suffix in {".bed", ".gz"} or is_file(Path(name))


def _scope_of(name: str) -> CoverageScope:
    from moltrack import resources

    if name in resources.panels():
        return CoverageScope.PANEL
    if name in resources.lesions() or name == "fusions":
        return CoverageScope.LESION
    if name == "copy_number":
        return CoverageScope.GENOME_COPY_NUMBER
    if resources.gene_symbol(name):
        return CoverageScope.GENE
    known = ", ".join(sorted(resources.panels()))
    raise InputError(
        f"'{name}' is neither a BED file, a panel ({known}), a lesion nor a gene.",
        advice="See 'moltrack assay --help' for what can be covered.",
    )
