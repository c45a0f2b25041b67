"""Short ways to write down a patient for the tests of the analysis."""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.analysis import build_axis, build_series
from moltrack.model import (
    Assay,
    Counts,
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    PatientInfo,
    PatientRecords,
    Phase,
    SampleInfo,
    Series,
    Status,
    Technique,
    Time,
    Tissue,
)

NPM1 = Marker("NPM1", MarkerKind.SMALL_VARIANT, "NPM1 W288fs", ("NPM1",), ("NPM1",))


def sample(name: str, day: int | None = None, *, time: Time | None = None, phase: str = "") -> SampleInfo:
    when = time if time is not None else (Time.day(day) if day is not None else Time())
    return SampleInfo("P01", name, when, Tissue.BM, Phase.parse(phase) if phase else None)


def seen(name: str, level: float | None = None, **fields: object) -> Observation:
    return observation(name, Status.DETECTED, level, **fields)


def missed(name: str, lod: float | None = None, **fields: object) -> Observation:
    limits = () if lod is None else (Limit(LimitKind.LOD, lod, "declared"),)
    return observation(name, Status.NOT_DETECTED, None, **({"limits": limits} | fields))


def observation(name: str, status: Status, level: float | None = None, **fields: object) -> Observation:
    values: dict[str, object] = {
        "patient": "P01",
        "sample": name,
        "marker": "NPM1",
        "assay": "panel",
        "technique": Technique.DNA_SEQUENCING,
        "tissue": Tissue.BM,
        "status": status,
        "quantity": "vaf",
        "level": level,
    }
    return Observation(**(values | fields))  # type: ignore[arg-type]


def reads(alt: float, depth: float) -> Counts:
    return Counts(alt=alt, ref=depth - alt, depth=depth)


def event(name: str, day: int | None = None, type: str = "treatment", **fields: object) -> Event:
    start = fields.pop("start", Time.day(day) if day is not None else Time())
    return Event(EventType(type), name, start, **fields)  # type: ignore[arg-type]


def patient(
    samples: Sequence[SampleInfo],
    observations: Sequence[Observation] = (),
    events: Sequence[Event] = (),
    markers: Sequence[Marker] = (NPM1,),
    assays: Sequence[Assay] = (),
) -> PatientRecords:
    return PatientRecords(
        PatientInfo("P01"),
        samples=tuple(samples),
        observations=tuple(observations),
        events=tuple(events),
        markers=tuple(markers),
        assays=tuple(assays),
    )


def series_of(records: PatientRecords) -> tuple[Series, ...]:
    return build_series(records, build_axis(records))


def one_series(records: PatientRecords) -> Series:
    [series] = series_of(records)
    return series
