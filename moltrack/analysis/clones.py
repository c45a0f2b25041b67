"""The clones of a patient as a whole: what came when, what moves together, how many cells a VAF stands for, pooled levels."""

from __future__ import annotations

from collections.abc import Sequence

from moltrack import resources
from moltrack.analysis.clearance import clearance_status
from moltrack.analysis.evolution import (
    ONE_COPY,
    SHARED_SAMPLES,
    ZYGOSITIES,
    appearance,
    cell_fraction_from_vaf,
    moving_together,
)
from moltrack.analysis.pooled import pooled_levels
from moltrack.model import (
    Axis,
    CellShare,
    CloneMarker,
    Clones,
    Marker,
    MarkerKind,
    PatientRecords,
    Point,
    Pooled,
    Series,
    Status,
    Technique,
    Tissue,
)

_MALE = {"m", "male"}
#: Genes of clonal haematopoiesis that are left out of MRD by sequencing (Heuser, Blood 2021;138:2753).
AGE_RELATED = frozenset({"DNMT3A", "TET2", "ASXL1"})


def clones_of(records: PatientRecords, axis: Axis, series: Sequence[Series]) -> Clones:
    """Markers in the order of their first detection, those that move together, and the pooled level of each panel."""
    # A clone of an ITD and an isoform of a fusion are parts of the marker that is followed.
    clonal = {m.id for m in records.markers if m.tracked and not m.parent and m.is_clonal}
    measured = [one for one in series if one.marker in clonal]
    groups = moving_together(measured)
    number = {one.marker: index for index, group in reversed(list(enumerate(groups, start=1))) for one in group}
    markers = [
        found
        for marker in records.markers
        if marker.id in clonal
        and (found := _marker(marker, [one for one in measured if one.marker == marker.id], records, axis, number))
    ]
    return Clones(
        markers=tuple(sorted(markers, key=lambda found: (found.first_order, found.label))),
        groups=tuple(groups),
        reason="" if groups else _no_group(measured),
        pooled=_pooled(measured, records.markers),
    )


def _marker(
    marker: Marker, series: Sequence[Series], records: PatientRecords, axis: Axis, number: dict[str, int]
) -> CloneMarker | None:
    """A marker that was detected at least once."""
    detected = [point for one in series for point in one.points if point.status is Status.DETECTED]
    if not detected:
        return None
    first = min(detected, key=lambda point: point.order)
    came = appearance(marker, records, axis)
    how = "present" if came is None else came.how
    statuses = [clearance_status(one, axis)[0] for one in series]
    known = [status for status in statuses if status]
    measured, quantity = _last_level(series)
    return CloneMarker(
        marker=marker.id,
        label=marker.label,
        first_sample=first.sample,
        first_order=first.order,
        first=how,
        status=known[0] if len(set(known)) == 1 else ("not_cleared" if "not_cleared" in known else "; ".join(known)),
        group=number.get(marker.id, 0),
        quantity=quantity,
        level=measured.level if measured is not None else None,
        sample=measured.sample if measured is not None else "",
        shares=_shares(marker, measured, quantity, records),
        note=_copies_note(marker, records) if quantity == "vaf" else "",
    )


def _last_level(series: Sequence[Series]) -> tuple[Point | None, str]:
    """The last level that says something of cells: a VAF, else a share of cells."""
    for quantity in ("vaf", "cell_fraction"):
        points = [p for one in series if one.quantity == quantity for p in one.points]
        points = [point for point in points if point.status is Status.DETECTED and point.level]
        if points:
            return max(points, key=lambda point: point.order), quantity
    return None, ""


def _shares(marker: Marker, point: Point | None, quantity: str, records: PatientRecords) -> tuple[CellShare, ...]:
    if point is None or point.level is None or quantity != "vaf" or point.level > 1:
        return ()
    genes = [gene for name in marker.genes if (gene := resources.gene(name)) is not None]
    is_single = any(gene.chrom in {"X", "Y"} for gene in genes) and records.patient.sex.lower() in _MALE
    return tuple(
        CellShare(way.name, None if share is None else min(share, 1.0), way.formula)
        for way in ((ONE_COPY,) if is_single else ZYGOSITIES)
        for share in [cell_fraction_from_vaf(point.level, way)]
    )


def _copies_note(marker: Marker, records: PatientRecords) -> str:
    """Gains and losses found at the gene: which of the ways they make likely is for the reader."""
    changed = [
        other
        for other in records.markers
        if other.kind is MarkerKind.COPY_NUMBER and other.tracked and set(other.genes) & set(marker.genes)
    ]
    seen = {item.marker for item in records.observations if item.status is Status.DETECTED}
    names = ", ".join(other.label for other in changed if other.id in seen)
    return f"found at the same gene: {names}" if names else ""


def _no_group(series: Sequence[Series]) -> str:
    enough = [one for one in series if sum(bool(point.level) for point in one.points) >= SHARED_SAMPLES]
    if len({one.marker for one in enough}) < 2:
        return f"no two markers have {SHARED_SAMPLES} measured samples"
    return "no two markers of one quantity and tissue keep their ratio within their errors"


def _pooled(series: Sequence[Series], markers: Sequence[Marker]) -> tuple[Pooled, ...]:
    """Pooled levels of every assay and tissue with at least two variants whose reads are counted.

    Variants count that the first sample showed, outside the genes of clonal haematopoiesis: what came later says nothing of
    clearance, and what stays in remission would hide it.
    """
    age_related = {marker.id for marker in markers if set(marker.genes) & AGE_RELATED}
    panels: dict[tuple[str, Tissue], list[Series]] = {}
    for one in series:
        evaluable = [point for point in one.points if point.status is not Status.NOT_EVALUABLE]
        at_first = bool(evaluable) and evaluable[0].status is Status.DETECTED
        of_panel = one.quantity == "vaf" and one.technique is Technique.DNA_SEQUENCING
        if of_panel and at_first and one.marker not in age_related:
            panels.setdefault((one.assay, one.tissue), []).append(one)
    found = [level for members in panels.values() for level in pooled_levels(members)]
    several = {(item.assay, item.tissue) for item in found if len(item.tested) > 1}
    return tuple(item for item in found if (item.assay, item.tissue) in several)
