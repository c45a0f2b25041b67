"""What several sources state of one patient, sample or assay, as one record: a pure function of the statements.

A stated field fills an unknown one; two different stated values contradict each other. Times may be known more closely
in one source than in another (2021-05 and 2021-05-12): what both allow holds. Notes and aliases add up. The result does
not depend on the order of statements, only which of two values a message names first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from typing import Generic, TypeAlias, TypeVar

from moltrack.errors import ConflictError
from moltrack.model import Assay, Event, PatientInfo, SampleInfo, Time

Info = TypeVar("Info", PatientInfo, SampleInfo, Assay)
Scale = TypeVar("Scale", date, int)
Interval: TypeAlias = tuple[Scale, Scale] | None

_NOTE_SIGN = "; "


@dataclass(frozen=True, slots=True)
class Stated(Generic[Info]):
    """A record with where it was stated: a file's name, or "set by hand"."""

    record: Info
    origin: str

    @property
    def where(self) -> str:
        return f"{self.origin}:{self.record.line}" if self.record.line else self.origin


def merge(statements: Iterable[Stated[Info]]) -> Info:
    """The statements as one record, without a line.

    Raises
    ------
    ConflictError
        Two of them contradict each other; the message names both values and where they stand.
    """
    ordered = list(statements)
    merged = replace(ordered[0].record, line=0)
    told = {name: ordered[0] for name in _stated_fields(merged)}
    for stated in ordered[1:]:
        changes: dict[str, object] = {}
        for name in _stated_fields(stated.record):
            old, new = getattr(merged, name), getattr(stated.record, name)
            try:
                changes[name] = _together(name, old, new) if name in told else new
            except ValueError:
                raise _conflict(merged, name, told[name], stated) from None
            told[name] = stated if changes[name] != old else told.get(name, stated)
        merged = replace(merged, **changes)  # type: ignore[arg-type]
    if isinstance(merged, SampleInfo):
        merged = replace(merged, aliases=tuple(sorted(set(merged.aliases))))
    return merged


def contradicts(old: Stated[Info], new: Stated[Info]) -> bool:
    """Whether two statements cannot both hold."""
    try:
        merge([old, new])
    except ConflictError:
        return True
    return False


def is_bare(record: PatientInfo | SampleInfo | Assay) -> bool:
    """Whether the record says nothing but that its subject exists."""
    return not _stated_fields(record)


def merge_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events of all sources, each once, in the order of their times."""
    distinct = {replace(event, line=0) for event in events}
    return tuple(sorted(distinct, key=_event_key))


def _event_key(event: Event) -> tuple[object, ...]:
    start = event.start
    when = (start.first.toordinal() if start.first else 0, start.day_first or 0, start.order or 0)
    return (str(start.scale), *when, str(event.type), event.name, repr(event))


def _stated_fields(record: PatientInfo | SampleInfo | Assay) -> list[str]:
    identity = {"patient", "sample", "id", "line"}
    return [
        field.name
        for field in fields(record)
        if field.name not in identity and field.default is not MISSING and getattr(record, field.name) != field.default
    ]


def _together(name: str, old: object, new: object) -> object:
    if old == new:
        return old
    if isinstance(old, Time) and isinstance(new, Time):
        return merge_times(old, new)
    if name == "note":
        return _NOTE_SIGN.join(sorted({*str(old).split(_NOTE_SIGN), *str(new).split(_NOTE_SIGN)}))
    if name == "aliases":
        assert isinstance(old, tuple)
        assert isinstance(new, tuple)
        return tuple(sorted({*old, *new}))
    raise ValueError(name)


def merge_times(one: Time, other: Time) -> Time:
    """Both times as one: where their intervals meet.

    Raises
    ------
    ValueError
        They do not agree.
    """
    dates = _common(_dates(one), _dates(other))
    days = _common(_days(one), _days(other))
    anchors = {time.anchor for time in (one, other) if time.day_first is not None and time.anchor}
    orders = {time.order for time in (one, other) if time.order is not None}
    if len(anchors) > 1 or len(orders) > 1:
        raise ValueError("anchors or orders differ")
    first, last = dates or (None, None)
    day_first, day_last = days or (None, None)
    anchor = anchors.pop() if anchors else ""
    return Time(first, last, day_first, day_last, anchor, orders.pop() if orders else None)


def _dates(time: Time) -> Interval[date]:
    return None if time.first is None or time.last is None else (time.first, time.last)


def _days(time: Time) -> Interval[int]:
    return None if time.day_first is None or time.day_last is None else (time.day_first, time.day_last)


def _common(one: Interval[Scale], other: Interval[Scale]) -> Interval[Scale]:
    if one is None or other is None:
        return one or other
    low, high = max(one[0], other[0]), min(one[1], other[1])
    if low > high:
        raise ValueError("intervals do not meet")
    return low, high


def _conflict(record: Info, name: str, old: Stated[Info], new: Stated[Info]) -> ConflictError:
    subject, command = _subject(record)
    field = {"time": "date", "hma_pretreated": "HMA pretreatment"}.get(name, name.replace("_", " "))
    return ConflictError(
        f"{subject} has the {field} '{_shown(getattr(old.record, name))}' ({old.where}), "
        f"but {new.where} says '{_shown(getattr(new.record, name))}'.",
        advice=f"Correct the file, set the right value with '{command}', or supersede the old reading with --replace.",
    )


def _subject(record: PatientInfo | SampleInfo | Assay) -> tuple[str, str]:
    if isinstance(record, SampleInfo):
        return f"sample '{record.sample}' of patient {record.patient}", "moltrack sample set"
    if isinstance(record, PatientInfo):
        return f"patient {record.patient}", "moltrack patient set"
    return f"assay '{record.id}'", "moltrack assay add"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in value)
    if hasattr(value, "kind") and hasattr(value, "value") and hasattr(value.value, "text"):
        return f"{value.kind} {value.value.text}"  # a printed limit
    return str(value)
