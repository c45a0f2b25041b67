"""Hand-made records: what a reader would have yielded, in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moltrack.model import (
    Assay,
    Call,
    Coverage,
    CoverageScope,
    Finding,
    LimitKind,
    Marker,
    Normalized,
    Observation,
    Override,
    OverrideAction,
    PatientInfo,
    PatientInput,
    Printed,
    PrintedLimit,
    Run,
    RunRecords,
    SampleInfo,
    SmallVariant,
    Technique,
    Time,
    Tissue,
)
from moltrack.normalize import normalize
from moltrack.quantity import parse_printed

DNA, RNA, FISH, ARRAY = Technique.DNA_SEQUENCING, Technique.RNA_SEQUENCING, Technique.FISH, Technique.ARRAY
KARYOTYPE = Technique.KARYOTYPE

#: Named classes and hotspots: pathogenic without anybody's word.
NPM1 = SmallVariant(gene="NPM1", transcript="NM_002520.7", hgvs_c="c.860_863dup", hgvs_p="p.Trp288CysfsTer12")
IDH2 = SmallVariant(gene="IDH2", transcript="NM_002168.4", hgvs_c="c.419G>A", hgvs_p="p.Arg140Gln")
#: Of no class.
TET2 = SmallVariant(gene="TET2", transcript="NM_001127208.3", hgvs_c="c.100C>T", hgvs_p="p.Leu34Phe")


def level(text: str, quantity: str = "vaf", unit: str = "", denominator: str = "") -> Printed:
    return parse_printed(text, quantity, unit=unit, denominator=denominator)


def limit(kind: str, text: str, quantity: str = "vaf") -> PrintedLimit:
    return PrintedLimit(LimitKind(kind), level(text, quantity))


def call(finding: Finding, *levels: Printed, line: int = 2, **more: Any) -> Call:
    return Call(finding, line, levels=levels, **more)


def covers(scope: CoverageScope, name: str = "", line: int = 0, **more: Any) -> Coverage:
    return Coverage(scope, line, name=name, **more)


def run(
    sample: str = "S1",
    assay: str = "panel",
    calls: Iterable[Call] = (),
    coverage: Iterable[Coverage] = (),
    technique: Technique = DNA,
    part: str = "",
    build: str = "GRCh38",
) -> RunRecords:
    name = f"{sample}_{assay}{part}.txt"
    about = Run("P1", sample, assay, part, technique, tool=assay, build=build, file=name, sha256="0" * 64)
    return RunRecords(about, tuple(calls), tuple(coverage))


def patient(
    *runs: RunRecords, assays: Iterable[Assay] = (), overrides: Iterable[Override] = (), sex: str = ""
) -> PatientInput:
    """Samples in the order of their names: S1 is the first."""
    names = sorted({item.run.sample for item in runs})
    samples = tuple(SampleInfo("P1", name, Time(order=i), Tissue.BM) for i, name in enumerate(names, start=1))
    return PatientInput(PatientInfo("P1", sex=sex), samples, (), tuple(assays), runs, tuple(overrides))


def normalized(*runs: RunRecords, **more: Any) -> Normalized:
    return normalize(patient(*runs, **more))


def override(action: str, target: str, value: str = "", revoked: bool = False) -> Override:
    return Override(OverrideAction(action), "P1", target, value, "because", "Ada", revoked)


def marker(result: Normalized, name: str) -> Marker:
    """The marker of that id or label."""
    [found] = [item for item in result.markers if name in {item.id, item.label}]
    return found


def of(result: Normalized, name: str, sample: str = "S1", **wanted: Any) -> Observation:
    """The only observation of a marker in a sample with these attributes."""
    chosen = marker(result, name).id
    found = [
        item
        for item in result.observations
        if (item.marker, item.sample) == (chosen, sample) and all(getattr(item, k) == v for k, v in wanted.items())
    ]
    assert len(found) == 1, f"{len(found)} observations of {name} in {sample}"
    return found[0]


def lesion(result: Normalized, name: str, sample: str = "S1") -> set[str]:
    """Statuses of all observations that speak about a lesion in a sample."""
    ids = {item.id for item in result.markers if name in item.lesions}
    return {str(item.status) for item in result.observations if item.marker in ids and item.sample == sample}
