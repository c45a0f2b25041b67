"""Which markers and techniques MRD is read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from moltrack.errors import UnknownError
from moltrack.model import Marker, MarkerKind, Series, Technique
from moltrack.timeline.patient import Timeline
from moltrack.timeline.trial.subjects import Subject

#: What is measured beside the leukemia, or of its mass: responses are read from it, MRD is not.
NO_MRD = frozenset(
    {MarkerKind.ANALYTE, MarkerKind.CHIMERISM, MarkerKind.ANTIGEN, MarkerKind.REPORTED, MarkerKind.BLASTS}
)
#: Kinds of markers that MRD is read from unless others are asked for; expression has a normal background in health.
MRD_KINDS = frozenset(
    {
        MarkerKind.SMALL_VARIANT,
        MarkerKind.ITD,
        MarkerKind.FUSION,
        MarkerKind.STRUCTURAL_VARIANT,
        MarkerKind.FLOW,
    }
)
#: Techniques for MRD (Heuser, Blood 2021;138:2753): flow, PCR, sequencing.
MRD_TECHNIQUES = frozenset(
    {Technique.DNA_SEQUENCING, Technique.RNA_SEQUENCING, Technique.QPCR, Technique.DPCR, Technique.FLOW}
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Markers (id, label, gene or lesion) and techniques that endpoints are computed on; nothing named = all of MRD."""

    markers: tuple[str, ...] = ()
    techniques: frozenset[Technique] = field(default=frozenset())

    def __bool__(self) -> bool:
        return bool(self.markers or self.techniques)

    def takes(self, marker: Marker, technique: Technique) -> bool:
        named = not self.markers or any(is_named(marker, name) for name in self.markers)
        return named and (not self.techniques or technique in self.techniques)


def is_named(marker: Marker, name: str) -> bool:
    """Whether a name is the marker's id, label, gene or lesion, in any case."""
    return name.lower() in {text.lower() for text in (marker.id, marker.label, *marker.genes, *marker.lesions)}


def selected(line: Timeline, selection: Selection) -> Timeline:
    """The patient with the MRD markers of a selection alone; what responses are read from stays."""
    if not selection:
        return line
    markers = line.markers
    kept = tuple(
        item
        for item in line.records.observations
        if markers[item.marker].kind in NO_MRD or selection.takes(markers[item.marker], item.technique)
    )
    return Timeline(replace(line.records, observations=kept), since=line.since)


def mrd_series(line: Timeline, selection: Selection) -> tuple[Series, ...]:
    """The series that MRD is read from: of the selection, else of MRD's kinds of markers and techniques; no cell products."""
    from moltrack.analysis.product import is_cell_product

    def is_taken(series: Series) -> bool:
        marker = line.markers[series.marker]
        if marker.kind in NO_MRD or is_cell_product(series, line.records):
            return False
        if selection:
            return selection.takes(marker, series.technique)
        return marker.kind in MRD_KINDS and series.technique in MRD_TECHNIQUES

    return tuple(series for series in line.all_series if is_taken(series))


def check_selection(found: Sequence[Subject], selection: Selection) -> None:
    """Refuse a marker that no patient has."""
    for name in selection.markers:
        if not any(is_named(marker, name) for subject in found for marker in subject.line.records.markers):
            raise UnknownError(
                f"'{name}' is not a marker of any patient.", advice="See 'moltrack marker list PATIENT'."
            )
