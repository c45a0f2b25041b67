"""Predicates of one result: its status, limits and cutoff, and whether another technique contradicts it."""

from __future__ import annotations

from moltrack.model import LimitKind, Observation, Status
from moltrack.quantity import format_level
from moltrack.rules.flags.registry import NO, Found, Names, predicate, unknown, yes, yes_if
from moltrack.rules.flags.subjects import OfObservation

#: The mark of a level that follows from another of the same result.
_COMPUTED = "computed_from_ar"


@predicate()
def is_not_detected(on: OfObservation) -> Found:
    """The marker is not detected."""
    if on.item.status is Status.NOT_EVALUABLE:
        return unknown(f"an evaluable result of {on.marker.label} in sample {on.sample}")
    return yes(on.pair) if on.item.status is Status.NOT_DETECTED else NO


@predicate()
def is_a_result(on: OfObservation) -> Found:
    """There is a result, whatever it says."""
    return yes(on.pair)


@predicate()
def is_by_technique(on: OfObservation, techniques: Names) -> Found:
    """The result is by one of these techniques."""
    return yes_if(on.item.technique in techniques)


@predicate()
def is_of_quantity(on: OfObservation, quantities: Names) -> Found:
    """The result is of one of these quantities."""
    return yes_if(on.item.quantity in quantities)


@predicate()
def is_marked(on: OfObservation, marks: Names) -> Found:
    """The result carries one of these marks."""
    return yes(on.pair) if marks & set(on.item.flags) else NO


# --- limits and cutoffs -----------------------------------------------------------------------------------------------


@predicate()
def limit_is_stated(on: OfObservation) -> Found:
    """A limit, or the count that one follows from, is stated."""
    counts = on.item.counts
    return yes_if(bool(on.item.limits or counts.depth or counts.cells_total))


@predicate("level")
def cutoff_is_undeclared(on: OfObservation) -> Found:
    """The result has a level, but the laboratory's cutoff for it is not declared."""
    if "cutoff_unknown" not in on.item.flags or on.item.level is None:
        return NO
    return yes(on.pair, level=f"{on.item.level * 100:.3g} %")


@predicate("low", "high")
def is_above_usual_cutoffs(on: OfObservation, usual_cutoff_low: float, usual_cutoff_high: float) -> Found:
    """The level lies above the range of usual cutoffs; within or below it may be background."""
    shown = {"low": f"{usual_cutoff_low * 100:g}%", "high": f"{usual_cutoff_high * 100:g}%"}
    if on.item.level is None:
        return unknown(f"level of {on.marker.label} in sample {on.sample}", **shown)
    if on.item.level > usual_cutoff_high:
        return yes(**shown)
    return unknown(f"cutoff of assay {on.item.assay}", **shown)


# --- techniques beside each other -------------------------------------------------------------------------------------


@predicate("shown", "threshold")
def flow_is_below_threshold(on: OfObservation, mfc_positive: float) -> Found:
    """Flow MRD is not detected, or below its threshold."""
    item, threshold = on.item, f"{mfc_positive * 100:g} %"
    if item.status is Status.NOT_DETECTED:
        return yes(on.pair, shown=item.printed or "not detected", threshold=threshold)
    if item.status is Status.NOT_EVALUABLE or item.level is None:
        return unknown(f"level of {on.marker.label} in sample {on.sample}")
    return yes(on.pair, shown=item.printed, threshold=threshold) if item.level < mfc_positive else NO


@predicate("others")
def disease_is_seen_otherwise(on: OfObservation, clearly_positive: float, disease: Names, not_followed: Names) -> Found:
    """Another technique clearly shows a marker of disease in the same sample."""
    tested = [
        pair
        for pair in on.found
        if pair[0].kind in disease
        and not pair[0].parent
        and not_followed.isdisjoint(pair[0].genes)
        and _COMPUTED not in pair[1].flags
    ]
    others = [
        (marker, item)
        for marker, item in tested
        if item.status is Status.DETECTED and (item.level is None or item.level >= clearly_positive)
    ]
    if others:
        names = (f"{marker.label} {item.printed or 'detected'}" for marker, item in others)
        return yes(*others, others=", ".join(names))
    return NO if tested else unknown(f"a molecular test of sample {on.sample}")


@predicate("hits", "limit")
def another_assay_sees_it(on: OfObservation) -> Found:
    """Another assay detects the marker in the same sample, above the limit of this one."""
    hits = [
        (marker, item)
        for marker, item in on.found
        if marker.id == on.marker.id and item.assay != on.item.assay and item.status is Status.DETECTED
    ]
    limit = _bound(on.item)
    comparable = [pair for pair in hits if pair[1].quantity == on.item.quantity and pair[1].level is not None]
    if limit is not None:
        above = [pair for pair in comparable if pair[1].level is not None and pair[1].level > limit]
        if above:
            shown = (f"{format_level(item.level or 0, item.quantity)} by {item.technique}" for _, item in above)
            return yes(*above, hits=", ".join(dict.fromkeys(shown)), limit=format_level(limit, on.item.quantity))
        if len(comparable) == len(hits):
            return NO
    return unknown(f"limit of {on.marker.label} by assay {on.item.assay} on one scale with the others") if hits else NO


def _bound(item: Observation) -> float | None:
    cutoff = item.limit(LimitKind.CUTOFF)
    return cutoff if cutoff is not None else item.limit(LimitKind.LOD)


@predicate("by_caller", "by_counts")
def caller_differs(on: OfObservation, caller_difference: float, caller_share: float) -> Found:
    """The caller's own fraction differs from that of its counts, by more than this and by more than this share."""
    caller, level = on.item.caller_level, on.item.level
    if caller is None or not level:
        return unknown(f"the caller's level and its counts of {on.marker.label} in sample {on.sample}")
    difference = abs(caller - level)
    if difference > caller_difference and difference > caller_share * level:
        return yes(on.pair, by_caller=f"{caller:.3g}", by_counts=f"{level:.3g}")
    return NO
