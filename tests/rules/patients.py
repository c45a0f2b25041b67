"""Small patients made by hand: markers, observations and samples in a line each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from moltrack.model import (
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    Origin,
    PatientInfo,
    PatientRecords,
    Phase,
    SampleInfo,
    SmallVariant,
    Status,
    Technique,
    Time,
    Tissue,
)


def sample(name: str, day: int, phase: str = "") -> SampleInfo:
    return SampleInfo("P", name, Time.day(day, anchor="start"), Tissue.BM, Phase.parse(phase) if phase else None)


def variant(gene: str, change: str = "", **more: Any) -> Marker:
    """A pathogenic small variant of a gene."""
    label = f"{gene} {change}".strip()
    finding = SmallVariant(gene=gene, hgvs_p=change)
    values = {"genes": (gene,), "lesions": (gene,), "finding": finding} | more
    return Marker(label, MarkerKind.SMALL_VARIANT, label, **values)


def lesion(name: str, kind: MarkerKind = MarkerKind.FUSION, **more: Any) -> Marker:
    return Marker(name, kind, name, **({"lesions": (name,)} | more))


def seen(marker: Marker, sample: str, level: float | None = None, **more: Any) -> Observation:
    """A detection; give ``status`` for anything else."""
    values: dict[str, Any] = {
        "technique": Technique.DNA_SEQUENCING,
        "tissue": Tissue.BM,
        "status": Status.DETECTED,
        "quantity": "vaf" if level is not None else "",
        "level": level,
        "printed": "" if level is None else f"{level * 100:g} %",
        "origins": (Origin("calls.vcf", 12, "ab"),),
    } | more
    return Observation(patient="P", sample=sample, marker=marker.id, assay=values.pop("assay", "panel"), **values)


def missed(marker: Marker, sample: str, **more: Any) -> Observation:
    return seen(marker, sample, **({"status": Status.NOT_DETECTED} | more))


def lod(value: float) -> tuple[Limit, ...]:
    return (Limit(LimitKind.LOD, value, "declared"),)


def drug(name: str, day: int, *drugs: str) -> Event:
    return Event(EventType.TREATMENT, name, Time.day(day, anchor="start"), drugs=drugs)


def patient(
    *pairs: tuple[Marker, Observation],
    samples: tuple[SampleInfo, ...] = (),
    events: tuple[Event, ...] = (),
    **info: Any,
) -> PatientRecords:
    start = Event(EventType.NOTE, "start", Time.day(0, anchor="start"), is_anchor=True)
    markers = tuple(dict.fromkeys(marker for marker, _ in pairs))
    return PatientRecords(
        PatientInfo("P", **info),
        samples or (sample("D", 0, "diagnosis"),),
        (start, *events),
        markers,
        tuple(item for _, item in pairs),
    )


def turned(records: PatientRecords) -> PatientRecords:
    """The same patient, everything in the opposite order and every observation twice."""
    return replace(
        records, markers=records.markers[::-1], observations=records.observations[::-1] + records.observations
    )
