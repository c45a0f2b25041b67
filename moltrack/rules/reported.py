"""Conclusions without their finding ("complex", "TP53 mutated"): shown beside a predicate, read only where a rule file names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from moltrack.model import Evidence, Marker, MarkerKind, Observation, PatientRecords, Status, Truth
from moltrack.rules.predicates import is_predicate

#: What a reported karyotype may conclude, and the predicates that it answers.
KARYOTYPE = (
    (re.compile(r"\b(?:not|non|no)[ -]*complex", re.IGNORECASE), "complex", Truth.NO),
    (re.compile(r"\bcomplex", re.IGNORECASE), "complex", Truth.YES),
    (re.compile(r"\bmonosomal", re.IGNORECASE), "monosomal", Truth.YES),
    (re.compile(r"\bnormal", re.IGNORECASE), "complex", Truth.NO),
    (re.compile(r"\bnormal", re.IGNORECASE), "monosomal", Truth.NO),
)


def reported(
    records: PatientRecords, samples: Sequence[str]
) -> tuple[dict[str, Truth], dict[str, tuple[Evidence, ...]]]:
    """What was concluded of each predicate in these samples, and by which report; reports that disagree answer UNKNOWN."""
    markers = {marker.id: marker for marker in records.markers if marker.kind is MarkerKind.REPORTED}
    answers: dict[str, Truth] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    read = [o for o in records.observations if o.sample in samples and o.marker in markers]
    for item in sorted(dict.fromkeys(read), key=repr):
        marker = markers[item.marker]
        if item.status is Status.NOT_EVALUABLE:
            continue
        for name, answer in _conclusions(marker, item):
            answers[name] = answer if answers.get(name, answer) is answer else Truth.UNKNOWN
            text = f"reported only: {item.text or item.status} ({item.technique})"
            source = Evidence(text, item.sample, marker.id, ", ".join(map(str, item.origins)))
            evidence[name] = (*evidence.get(name, ()), source)
    return answers, evidence


def _conclusions(marker: Marker, item: Observation) -> Iterator[tuple[str, Truth]]:
    topic = marker.label.removesuffix("(as reported)").strip()
    if topic.lower() == "karyotype":
        told: set[str] = set()
        for pattern, name, answer in KARYOTYPE:
            if pattern.search(item.text) and name not in told:
                told.add(name)
                yield name, answer
    elif is_predicate(topic):
        yield topic, Truth.YES if item.status is Status.DETECTED else Truth.NO
