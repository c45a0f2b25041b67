"""The clones of a patient in words and two tables: order of first detection, what moves together, shares of cells, pooled levels."""

from __future__ import annotations

from dataclasses import dataclass

from moltrack.model import CloneMarker, Clones, PatientView, Pooled, Series, Tissue
from moltrack.quantity import format_level
from moltrack.report.words import short_quantity, status_words

_FIRST = {
    "present": "in the first sample",
    "emerging": "emerging: an earlier sample was negative below this level",
    "first_seen": "first seen: no earlier sample was tested for it",
    "undecided": "not detected before, but no earlier limit is known to lie below its level",
}


@dataclass(frozen=True, slots=True)
class CloneRow:
    """A marker with the cells that it stands for; ``ways`` are (zygosity, formula, share)."""

    label: str
    sample: str
    first: str
    status: str
    group: str
    cells: str
    ways: tuple[tuple[str, str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class PooledRow:
    panel: str
    sample: str
    level: str
    interval: str
    limit: str
    how: str
    variants: str
    missing: str


@dataclass(frozen=True, slots=True)
class ClonePage:
    sentences: tuple[str, ...]
    rows: tuple[CloneRow, ...]
    pooled: tuple[PooledRow, ...]


def clone_page(view: PatientView) -> ClonePage | None:
    """What the section says; None when no marker of a clone was ever detected."""
    return clones_in_words(view.clones) if view.clones.markers else None


def clones_in_words(clones: Clones) -> ClonePage:
    """Sentences on the order and the groups of markers, a row per marker, a row per panel and sample."""
    return ClonePage(
        sentences=tuple(_sentences(clones)),
        rows=tuple(_row(marker) for marker in clones.markers),
        pooled=tuple(_pooled_row(level) for level in clones.pooled),
    )


def _sentences(clones: Clones) -> list[str]:
    at: dict[str, list[str]] = {}
    for marker in clones.markers:
        at.setdefault(marker.first_sample, []).append(marker.label)
    order = "; then ".join(f"{', '.join(labels)} (sample {sample})" for sample, labels in at.items())
    sentences = [f"First detected: {order}."]
    for index, group in enumerate(clones.groups, start=1):
        sentences.append(f"Group {index} moves together: {_group_words(group)}.")
    if not clones.groups and len(clones.markers) > 1:
        sentences.append(f"No groups of markers that move together: {clones.reason}.")
    return sentences


def _group_words(group: tuple[Series, ...]) -> str:
    labels = list(dict.fromkeys(one.label for one in group))
    where = "" if group[0].tissue is Tissue.UNKNOWN else f", {group[0].tissue}"
    return f"{', '.join(labels)} ({short_quantity(group[0].quantity)}{where})"


def _row(marker: CloneMarker) -> CloneRow:
    known = [share.share for share in marker.shares if share.share is not None]
    if marker.quantity == "cell_fraction" and marker.level is not None:
        cells = f"{_percent(marker.level)} of cells, as measured"
    elif not known:
        cells = "" if not marker.shares else "no copy number listed gives this VAF"
    else:
        likely = marker.shares[0]
        first = "" if likely.share is None else f"{_percent(likely.share)} if {likely.zygosity}"
        span = f"{_percent(min(known))} to {_percent(max(known))} over all" if len(known) > 1 else ""
        cells = "; ".join(filter(None, [first, span]))
    return CloneRow(
        label=marker.label,
        sample=marker.first_sample,
        first=_FIRST.get(marker.first, marker.first),
        status=status_words(marker.status),
        group=str(marker.group or ""),
        cells=f"{cells} (sample {marker.sample})" if cells and marker.sample else cells,
        ways=tuple(
            (share.zygosity, share.formula, "not possible" if share.share is None else _percent(share.share))
            for share in marker.shares
        ),
        note=marker.note,
    )


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _pooled_row(found: Pooled) -> PooledRow:
    tissue = "" if found.tissue is Tissue.UNKNOWN else f", {found.tissue}"
    low, high = (
        "" if bound is None else format_level(bound, "vaf") for bound in (found.interval.low, found.interval.high)
    )
    weights = f"{found.alt:,.0f} mutant of {found.depth:,.0f} reads"
    return PooledRow(
        panel=f"{found.assay}{tissue}",
        sample=found.sample,
        level=format_level(found.level, "vaf"),
        interval=f"{low} to {high}",
        limit=format_level(found.limit.value, "vaf"),
        how=f"{weights}; interval {found.interval.method}; limit {found.limit.source}",
        variants=", ".join(found.tested),
        missing=", ".join(found.missing),
    )
