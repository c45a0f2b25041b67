"""A string cut into clones and remarks, each clone with what it inherits.

Clones are found by their beginning (``46,XX``, ``47,idem``), because the sign between them may be ``/``, ``;``, a line break, a
space, or nothing.

Source: ISCN 2020, chapters 4.1 (clones, chimerism ``//``), 8.1 (ploidy levels) and 11.1 (``idem``, ``sl``, ``sdl``, ``cp``, ``inc``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from moltrack.iscn.items import Body, read_body
from moltrack.iscn.records import Clone, Event, Part
from moltrack.iscn.remarks import BEGIN, IN_PARENTHESES
from moltrack.iscn.split import split_outside

_REFERENCE = r"(?:idem|sdl\s*\d*|sl\s*\d*)(?:\s*x\s*\d)?(?![a-z])"
_HEAD = re.compile(
    r"(?:(?<![\w(?+.:;>-])|(?<=[\])xyc][;.:]))(?:(?P<mosaic>mos|chi)\b\.?\s*)?(?:[~<>]|ca\.?|approx\.?)?\s*(?P<low>\d{2,3})\s*(?:(?:[~-]|to|bis)\s*(?P<high>\d{2,3})\s*|\(\s*\d{2,3}\s*[~-]\s*\d{2,3}\s*\)\s*)?"
    r"(?:[<(]\s*(?P<ploidy>\d)\s*n\s*[+-]?\s*[±]?\s*[>)]\s*)?[,.;:\s]*"
    rf"(?:(?P<sex>x\s*,\s*y(?![\w(?])|x\s*,\s*(?P<perhaps>\?\s*[xy])(?![\w(])|[xy]{{1,8}}(?P<constitutional>\??c)?|u)(?:(?![a-bd-z0-9()])|(?=(?:t|der|del|inv|ins|add|dup|i|dic|idic)\())|(?P<reference>{_REFERENCE})|(?<=[,.;:])\s*(?=[+-]))"
)
_REFERENCE_HEAD = re.compile(rf"\s*{_REFERENCE}")
_NAMES = r"t|del|inv|ins|add|dup|der|dic|i|iso|idic|r"
_SLIPS = (
    (re.compile(rf"\(\s*({_NAMES})\s*[:;]\s*(?=[\dxy?])"), r"\1("),  # der(7)(t:7;12)(...)
    (
        re.compile(rf"(?<![a-z])({_NAMES})\s*((?:\d{{1,2}}|[xy])(?:;(?:\d{{1,2}}|[xy]))*)\s*\((?=\s*[pq])"),
        r"\1(\2)(",
    ),  # inv16(p13q22)
    (re.compile(r"([+-])\s*\(\s*(\d{1,2}|[xy])\s*\)"), r"\1\2"),  # +(8)
    (re.compile(r"(?<=\s)(\d{1,3})\s*/\s*(\d{1,3})\s*$"), r"[\1/\2]"),  # 46,XX 20/20
)
#: Words behind the count of a clone: a comment, not an abnormality.
_TAIL = re.compile(r"(?<=\])(?=[^\[\]]*[^\W\d]{4})(?![^\[\]]*(?:idem|dmin|\d\(|[a-z]\())[^\[\]]*$")
_BETWEEN = " \t\n/;,.:|&\"'"


@dataclass
class Cut:
    """A string taken apart: clones, words beside them, problems met.

    ``mosaic`` = constitutional (``mos``, ``chi``); ``unread`` = what stands where a clone should is none that is understood.
    """

    clones: list[Clone] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    mosaic: bool = False
    unread: bool = False


def cut(text: str) -> Cut:
    """The clones of a cleaned string and the words beside them."""
    found = Cut()
    text = text.lstrip(" .,;:'\"")  # a report's punctuation before the first clone
    lower = text.lower()
    if len(lower) != len(text):
        text = lower  # a letter whose small form is longer
    heads = list(_HEAD.finditer(lower))
    heads = [head for head in heads if 20 <= int(head["low"]) <= 400]
    start = heads[0].start() if heads else len(text)
    donor = text[:start].rstrip().endswith("//")
    found.mosaic = any(head["mosaic"] for head in heads)
    _note(text[:start], found)
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        body = text[head.end() : end]
        _clone(head, body, donor, found)
        donor = donor or "//" in body
    return found


def _note(words: str, found: Cut) -> None:
    words = words.strip(_BETWEEN)
    if words:
        found.remarks.append(words)


def _clone(head: re.Match[str], body: str, donor: bool, found: Cut) -> None:
    if "(" in body:
        for words in IN_PARENTHESES.findall(body.lower()):
            found.remarks.append(words.strip("() "))
        body = IN_PARENTHESES.sub(" ", body.lower()) if IN_PARENTHESES.search(body.lower()) else body
    lower = body.lower()
    begins = [match.start() for match in (BEGIN.search(lower), _TAIL.search(lower)) if match]
    beside = ""
    if begins:
        body, beside = body[: min(begins)], body[min(begins) :]
    for slip, right in _SLIPS:
        body = slip.sub(right, body.lower())
    pieces = split_outside(body, "/") if body.count("(") == body.count(")") else re.split(r"/(?![^\[]*\])", body)
    _add(head, pieces[0].lower(), donor, found)
    for piece in pieces[1:]:
        if _REFERENCE_HEAD.match(piece.lower()):
            _add(None, piece.lower(), donor, found)
        elif re.search(r"\w{2}", piece):
            found.problems.append(f"'{piece.strip(_BETWEEN)}' is not understood as a clone")
            found.unread = True
            _note(piece, found)
    _note(beside, found)


def _add(head: re.Match[str] | None, text: str, donor: bool, found: Cut) -> None:
    body = read_body(text.strip())
    number = len(found.clones) + 1
    low = int(head["low"]) if head else None
    high = int(head["high"]) if head and head["high"] else low
    if low is not None and high is not None and low > high:
        low, high = high, low
    reference = (re.sub(r"\s", "", head["reference"]) if head and head["reference"] else "") or body.reference
    times = 1
    if match := re.fullmatch(r"(\w+?)x(\d)", reference):
        times = int(match[2])
    stem = _stem(reference.split("x")[0], donor, number, found) if reference else None
    own = body.events
    if head and head["perhaps"]:
        # 50,X,?X,+8: whether a second sex chromosome is there or lost.
        own = (Event("loss", "-", (Part("", (head["perhaps"][-1].upper(),)),), uncertain=True, in_question=True), *own)
        found.problems.append(f"the second sex chromosome of clone {number} is questionable")
    inherited = (
        tuple(
            replace(event, copies=event.copies * times, copies_max=event.copies_max * times, cells=None)
            for event in stem.events
        )
        if stem
        else ()
    )
    sex = re.sub(r"\?.*|[^xy]", "", head["sex"]).upper() if head and head["sex"] else ""
    if not sex and stem:
        sex = _left("".join(sorted(stem.sex * times)), own, {event.key for event in inherited})
    printed = int(head["ploidy"]) if head and head["ploidy"] else None
    ploidy = printed or (
        max(1, ((low + high) // 2 + 11) // 23) if low is not None and high is not None else stem.ploidy if stem else 2
    )
    events, own_problems = _resolved(inherited, own)
    found.problems.extend(own_problems)
    found.clones.append(
        Clone(
            number=number,
            modal=low,
            modal_max=high,
            ploidy=ploidy,
            sex=sex,
            own=own,
            events=events,
            reference=reference,
            ploidy_printed=printed is not None,
            cells=body.cells,
            composite=body.composite,
            incomplete=body.incomplete or (stem.incomplete if stem else bool(reference)),
            donor=donor,
        )
    )
    _report(body, found)


def _left(sex: str, own: tuple[Event, ...], inherited: set[str]) -> str:
    """The normal sex chromosomes that stay when a clone of this complement loses or rearranges some of its own."""
    for event in own:
        if event.sign == "+" or f"+{event.body}" in inherited or event.kind in ("var", "unknown"):
            continue
        for chrom in event.parts[0].chromosomes if event.parts else ():
            if chrom in sex:
                sex = sex.replace(chrom, "", 1)
    return sex


def _report(body: Body, found: Cut) -> None:
    for event in body.events:
        if event.kind == "unknown":
            found.problems.append(f"'{event.label}' is not understood")


def _stem(reference: str, donor: bool, number: int, found: Cut) -> Clone | None:
    """The clone referred to: ``idem`` and ``sl`` the first, ``sdl``/``sdl1`` the second, ``sdl2`` the third ..."""
    side = [clone for clone in found.clones if clone.donor == donor]
    digits = re.sub(r"\D", "", reference)
    position = (
        int(digits or 1)
        if reference.startswith("sdl")
        else int(digits) - 1
        if digits and reference.startswith("sl")
        else 0
    )
    if 0 <= position < len(side):
        return side[position]
    found.problems.append(f"clone {number} refers to '{reference}', which is not there")
    return side[0] if side else None


def _resolved(inherited: tuple[Event, ...], own: tuple[Event, ...]) -> tuple[tuple[Event, ...], list[str]]:
    """Inherited and own events together: an own loss takes away an inherited gain, what is printed twice is there twice."""
    net: dict[str, Event] = {event.key: event for event in inherited}
    given = set(net)
    problems: list[str] = []
    for event in own:
        opposite = {"+": "-", "-": "+"}.get(event.sign, "") + event.body
        if event.sign and opposite in given and (event.kind in ("gain", "loss") or event.sign == "-"):
            _take(net, given, opposite, event.copies)
        elif event.sign == "-" and event.kind != "loss" and (lost_key := _named(event, net, given)):
            lost = net[lost_key].parts[0].chromosomes if net[lost_key].parts and not net[lost_key].sign else ()
            if net[lost_key].kind in ("t", "ins") and len(lost) > 1:
                problems.append(f"'{event}' is read as its absence: which chromosomes are lost with it is not said")
                lost = ()
            _take(net, given, lost_key, event.copies)
            for chrom in (chrom for chrom in lost if chrom != "?"):
                _put(net, Event("loss", "-", (Part("", (chrom,)),)))
        else:
            if event.sign == "-" and event.kind not in ("loss", "unknown"):
                problems.append(f"'{event}' is lost, but no clone before has it")
            _put(net, event)
    return tuple(net.values()), problems


def _named(event: Event, net: dict[str, Event], given: set[str]) -> str:
    """The inherited abnormality that ``-der(9)`` takes away: the one so called, or the only one that begins so.

    ``-mar3`` takes away one of ``+3mar``.
    """
    if event.body in given:
        return event.body
    together = f"+{event.kind}"
    if not event.parts and together in given and event.label.isdigit() and int(event.label) <= net[together].copies_max:
        return together
    begins = [key for key in given if key.lstrip("+").startswith(event.body)]
    return begins[0] if len(begins) == 1 and event.parts else ""


def _take(net: dict[str, Event], given: set[str], key: str, copies: int) -> None:
    left = net[key].copies - copies
    if left > 0:
        net[key] = replace(net[key], copies=left, copies_max=max(left, net[key].copies_max - copies))
    else:
        del net[key]
        given.discard(key)


def _put(net: dict[str, Event], event: Event) -> None:
    before = net.get(event.key)
    if before is None:
        net[event.key] = event
    else:
        net[event.key] = replace(
            before,
            copies=before.copies + event.copies,
            copies_max=before.copies_max + event.copies_max,
            uncertain=before.uncertain and event.uncertain,
            in_question=before.in_question and event.in_question,
            constitutional=before.constitutional and event.constitutional,
        )
