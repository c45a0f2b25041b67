"""The longitudinal table: its column contract, and an observation as a row of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moltrack.model import LimitKind, Marker, Observation, Phase, PlacedSample, Verdict

#: Version of the column contract below; it changes when a column is renamed, removed or changes its meaning.
TABLE_VERSION = 2

#: The columns of :meth:`Timeline.table`, in order, with what they hold.
TABLE_COLUMNS: dict[str, str] = {
    "patient": "patient id",
    "sample": "sample id",
    "order": "place of the sample in the patient's sequence, from 1",
    "time": "when the sample was taken, as known: a date, a month, 'day 17 from ...', '#3'",
    "day": "days from the patient's day 0; empty when it cannot be linked",
    "tissue": "BM, PB, other, unknown",
    "phase": "phase as given, else empty",
    "marker": "marker id",
    "label": "marker for people",
    "kind": "kind of marker",
    "genes": "HGNC symbols, ';'-joined",
    "lesions": "lesion ids, ';'-joined",
    "tracked": "True = followed as a marker; False = kept and hidden",
    "quantity": "what the level is; empty = a result without a scale",
    "denominator": "what it is a share of, as stated",
    "status": "detected, not_detected, not_evaluable; no row = not tested",
    "level": "canonical level (fractions 0-1); empty = none",
    "comparator": "'', <, <=, >, >=, ~ as printed",
    "printed": "value as the file prints it",
    "cutoff": "highest value of negatives, canonical",
    "lod": "limit of detection, canonical",
    "loq": "limit of quantification, canonical",
    "alt": "reads (molecules) with the marker",
    "ref": "reads without it",
    "depth": "reads in all",
    "cells": "cells (nuclei, metaphases) with the marker",
    "cells_total": "cells looked at",
    "copies": "target copies",
    "control_copies": "control gene copies",
    "assay": "assay id",
    "technique": "technique",
    "tool": "program or table that stated it",
    "tool_version": "its version",
    "filters": "FILTER entries other than PASS, ';'-joined",
    "flags": "flags and notes, ';'-joined",
    "caller_level": "the caller's own fraction, when ours is from counts",
    "formula": "how the level was made; empty = as printed",
    "replicates": "rows combined",
    "text": "conclusion or karyotype as reported",
    "file": "file names, ';'-joined",
    "line": "lines in them, ';'-joined",
    "sha256": "digests of the files, ';'-joined",
    "risk": "ELN 2022 risk of the patient at diagnosis (F favorable, I intermediate, A adverse), the same at every sample: it is not judged anew later",
    "response": "ELN 2022 response computed at the sample; empty where no marrow was assessed, or before treatment",
    "response_recorded": "responses and relapses recorded at the sample, ';'-joined",
    "mrd": "ELN-MRD 2021 status of every target and method of the sample, ';'-joined; 'no status' = level only",
}

#: Columns that are judged from all that is known of the patient; a view of the database cannot hold them.
COMPUTED_COLUMNS = ("risk", "response", "response_recorded", "mrd")


def table_row(
    item: Observation, marker: Marker, sample: PlacedSample | None, judged: Mapping[str, str]
) -> dict[str, Any]:
    """One observation with the keys of :data:`TABLE_COLUMNS`; ``judged`` holds the :data:`COMPUTED_COLUMNS` of its sample."""
    phase: Phase | None = sample.info.phase if sample else None
    counts = item.counts
    return {
        "patient": item.patient,
        "sample": item.sample,
        "order": sample.order if sample else None,
        "time": str(sample.info.time) if sample else "",
        "day": sample.day if sample else None,
        "tissue": str(item.tissue),
        "phase": str(phase) if phase else "",
        "marker": marker.id,
        "label": marker.label,
        "kind": str(marker.kind),
        "genes": ";".join(marker.genes),
        "lesions": ";".join(marker.lesions),
        "tracked": marker.tracked,
        "quantity": item.quantity,
        "denominator": item.denominator,
        "status": str(item.status),
        "level": item.level,
        "comparator": item.comparator,
        "printed": item.printed,
        "cutoff": item.limit(LimitKind.CUTOFF),
        "lod": item.limit(LimitKind.LOD),
        "loq": item.limit(LimitKind.LOQ),
        "alt": counts.alt,
        "ref": counts.ref,
        "depth": counts.depth,
        "cells": counts.cells,
        "cells_total": counts.cells_total,
        "copies": counts.copies,
        "control_copies": counts.control_copies,
        "assay": item.assay,
        "technique": str(item.technique),
        "tool": item.tool,
        "tool_version": item.tool_version,
        "filters": ";".join(item.filters),
        "flags": ";".join(item.flags),
        "caller_level": item.caller_level,
        "formula": item.formula,
        "replicates": item.replicates,
        "text": item.text,
        "file": ";".join(origin.file for origin in item.origins),
        "line": ";".join(str(origin.line) for origin in item.origins),
        "sha256": ";".join(dict.fromkeys(origin.sha256 for origin in item.origins)),
        **{name: judged.get(name, "") for name in COMPUTED_COLUMNS},
    }


def verdict_words(verdict: Verdict) -> str:
    """A verdict as a cell: its category or ``NA{...}``; of MRD with target, method and tissue before it."""
    text = verdict.text if verdict.applicable else "no status"
    return f"{verdict.about}: {text}" if verdict.about else text


def cell_text(row: dict[str, Any]) -> str:
    """A table row as one cell for people: the level, ``detected``, ``not detected (< 2 %)``, ``not evaluable``."""
    from moltrack.quantity import format_level

    status, level, quantity = row["status"], row["level"], row["quantity"]
    if row["kind"] == "reported" and row["text"]:
        return str(row["text"])
    if status == "not_evaluable":
        return "not evaluable"
    shown = "" if level is None else (format_level(level, quantity) if quantity != "analyte" else row["printed"])
    if status == "not_detected":
        bound = row["cutoff"] if row["cutoff"] is not None else row["lod"]
        limit = format_level(bound, quantity) if bound is not None and quantity and quantity != "analyte" else ""
        detail = f"{shown}; < {limit}" if shown and limit else shown or (f"< {limit}" if limit else "limit unknown")
        return f"not detected ({detail})"
    if row["text"] and not shown:
        return str(row["text"])
    return f"{row['comparator']}{shown}" if shown else "detected"
