"""From the text of one clone to its events: ``+8,del(5)(q13q31),der(16) t(11;16)(q11;p13),+2mar[5]``.

Items are recognised by their shape, not by the commas between them, because commas are forgotten (``XX+8``), doubled by dots, or
stand inside (``t(10;11)(p13,q14)``). What has no shape known to ISCN becomes an event of kind ``unknown`` with its words.

Source: ISCN 2016 and 2020, chapters 4, 6, 8, 9 and 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from moltrack.iscn.bands import chromosome
from moltrack.iscn.records import Event, Part

#: Spelling (lower case, without spaces) -> ISCN abbreviation.
KINDS = {
    "t": "t", "der": "der", "del": "del", "dup": "dup", "trp": "trp", "qdp": "qdp", "add": "add", "inv": "inv", "ins": "ins",
    "i": "i", "iso": "i", "idic": "idic", "isodic": "idic", "ider": "ider", "dic": "dic", "psudic": "dic", "psuidic": "idic",
    "tric": "dic", "r": "r", "rob": "rob", "rec": "rec", "tas": "tas", "fra": "fra", "hsr": "hsr", "upd": "upd", "fis": "fis",
    "dirins": "ins", "invins": "ins", "dirdup": "dup", "invdup": "dup", "invtrp": "trp", "trc": "dic", "neo": "neo",
    "rcp": "t", "var": "var", "mar": "mar", "dmin": "dmin", "tdic": "dic", "deletion": "del", "inversion": "inv",
}  # fmt: skip
_NAMES = sorted(KINDS, key=len, reverse=True)
_NAME = r"(?:psu ?i?dic|dir (?:ins|dup)|inv (?:ins|dup|trp)|" + "|".join(_NAMES) + ")"
_UNSEEN = r"mar|ma|dmin|dmins|dm|min|ace|r|der|hsr|ring|marker"

_COUNT = re.compile(
    r"\s*\[\s*(?P<cp>cp)?\s*~?(?P<cells>\d+)?\s*(?:\+\s*(?P<more>\d+)\s*|/\s*\d+\s*)?(?P<cp2>cp)?[^\]\d]*(?:\]|$)|\s*cp\s*\[\s*(?P<late>\d+)\s*\]"
    r"|\s*\[\s*(?P<vague>\d+\s*[~-]\s*\d+)\s*\]|\bcp\b(?P<alone>)(?=[\s.,]*$)"
)
_PAREN_COUNT = re.compile(r"\s*\(\s*(\d+)\s*\)\s*$")
_MARK = r"(?:\s*(?P<c>c)(?![a-z0-9]))?(?:\s*x\s*(?P<times>\d+)(?![\d;])(?:\s*[~-]\s*(?P<times_max>\d+))?)?(?:\s*(?P<c2>c)(?![a-z0-9]))?"
_WHOLE = re.compile(
    r"(?P<doubt>\?)?\s*(?P<sign>[+-])\s*(?P<doubt2>\?)?\s*(?:(?P<many>[2-4])\s*x\s*(?=[5-9]|1\d|2[0-2]|[xy]))?(?:chr)?(?P<chrom>2[0-2]|1\d|0?[1-9]|[xy])"
    r"(?P<doubt3>\?)?(?!\d|\s*[(~]|[abd-wyz;:]|c[a-z0-9]|\.\d|\s*-\s*\d+\s*(?:mar|r\b|dmin))" + _MARK
)
_UNSEEN_ITEM = re.compile(
    r"(?P<doubt>\?)?\s*(?P<sign>[+-]?)\s*(?P<doubt2>\?)?\s*(?:(?P<low>\d+)\s*(?:(?:[~-]>?|to|bis)\s*(?P<high>\d+))?\s*x?\s*)?"
    rf"(?P<name>{_UNSEEN})s?(?P<label>\d+[a-z]?)?(?:\s*-\s*(?P<last>\d+))?(?![\w(]|\s*\()" + _MARK
)
_NAMED = re.compile(
    rf"(?P<doubt>\?)?\s*(?P<sign>[+-]?)\s*(?P<doubt2>\?)?\s*(?:(?P<many>\d{{1,2}})\s*x?\s*)?(?P<doubt3>\?)?(?P<name>{_NAME})\s*(?=\()"
)
_CHAINED = re.compile(rf"\s*(?P<doubt>\?)?\s*(?P<name>{_NAME})\s*(?=\()")
_BARE = re.compile(
    rf"(?P<doubt>\?)?\s*(?P<sign>[+-]?)\s*(?P<name>{_NAME})[\s.]*(?P<body>(?:2[0-2]|1\d|[1-9]|[xy])(?:[pq][\d.]*)*"
    r"(?:\s*[;,/]\s*(?:2[0-2]|1\d|[1-9]|[xy])(?:[pq][\d.]*)*(?![\d\w(]))*)(?![\w(])" + _MARK
)
_ARM = re.compile(
    r"(?P<doubt>\?)?\s*(?P<sign>[+-]?)\s*(?P<chrom>2[0-2]|1\d|[1-9]|[xy])(?P<arm>[pq])(?P<band>\d[\d.]*)?(?P<end>[+-]|(?![\w(;]))(?!\w)"
    + _MARK
)
_VARIANT = re.compile(
    r"(?P<chrom>2[0-2]|1\d|[1-9]|[xy])(?:cen|[pq]\d*)+(?:h|stk|ss|s|ph)[a-z0-9+]*(?:-(?!\d))?|(?:2[0-2]|1\d|[1-9]|[xy])ph\b[+-]?|(?:2[0-2]|1\d|[1-9]|[xy])[pq]?(?:stk|ps|ss|h)[+-]?"
)
_REFERENCE = re.compile(r"(?:idem|sdl\s*\d*|sl\s*\d*)(?:\s*x\s*\d)?(?![a-z])")
_INCOMPLETE = re.compile(
    r"inc\b|inkomplett\w*|incomplete|u\.?\s?a\.?(?:\s+mit)?(?![a-z])|etc\b\.?|unter anderem(?:\s+mit)?"
)
_DOUBT = re.compile(r"\?(?=\s*(?:[,\[/]|$))")
_COUNTED_IN_WORDS = re.compile(
    r"in\s+(?P<cells>\d+)\s*(?:(?:/|of|von)\s*\d+\s*)?(?:cells?|zellen|metaphas\w*|mitos\w*)"
)
_FILLER = re.compile(r"(?:und|and|mit|with)\b")
_OR = re.compile(r"(?:or|oder)\b")
_GAP = re.compile(r"[\s,.;:'\"]+")
_WORDS = re.compile(r"[^,;\[/]+")
_SUFFIX = re.compile(
    r"\s*(?P<perhaps>\?c(?![a-z0-9]))?(?:\s*(?P<c>c)(?![a-z0-9]))?\s*(?:(?:dn|mat|pat|dmat|dpat|inh|var)\b)?(?:\s*x\s*(?P<times>\d+)(?![\d;])(?:\s*[~-]\s*(?P<times_max>\d+))?)?(?:\s*(?P<c2>c)(?![a-z0-9]))?"
)


@dataclass(frozen=True, slots=True)
class Body:
    """The items of one clone's text, its count, and the clone it refers to."""

    events: tuple[Event, ...]
    reference: str = ""
    cells: int | None = None
    composite: bool = False
    incomplete: bool = False


@lru_cache(maxsize=20_000)
def read_body(text: str) -> Body:
    """The items of a clone; ``text`` is lower case and begins behind the sex chromosomes."""
    events: list[Event] = []
    counts: list[tuple[int, bool, int | None]] = []  # events so far, composite, cells
    reference = ""
    incomplete = alternative = False
    at = 0
    while at < len(text):
        if gap := _GAP.match(text, at):
            at = gap.end()
        elif not alternative and (chunk := _CHUNK.match(text, at)) and (plain := _plain_item(chunk[0])):
            events.append(plain)
            at = chunk.end()
        elif count := _COUNT.match(text, at) or (_PAREN_COUNT.match(text, at) if events or not counts else None):
            counts.append(_counted(count, len(events)))
            at = count.end()
        elif marker := _INCOMPLETE.match(text, at):
            incomplete = True
            at = marker.end()
        elif stem := _REFERENCE.match(text, at):
            reference = re.sub(r"\s", "", stem[0])
            at = stem.end()
        elif either := _OR.match(text, at):
            alternative = bool(events)
            at = either.end()
        elif events and (doubt := _DOUBT.match(text, at)):
            events[-1] = replace(events[-1], uncertain=True, in_question=True)
            at = doubt.end()
        elif counted := _COUNTED_IN_WORDS.match(text, at):
            counts.append((len(events), False, int(counted["cells"])))
            at = counted.end()
        elif filler := _FILLER.match(text, at):
            at = filler.end()
        elif text[at] in "/[])":
            at += 1
        else:
            event, at = _item(text, at)
            if alternative:
                events[-1] = replace(events[-1], alternatives=(*events[-1].alternatives, event))
            else:
                events.append(event)
            alternative = False
    cells, composite = None, False
    if counts:
        _, composite, cells = counts.pop()
    for position, _, number in counts:
        if 0 < position <= len(events):
            events[position - 1] = replace(events[position - 1], cells=number)
    return Body(tuple(events), reference, cells, composite, incomplete)


#: What stands between commas and begins as an item does; nearly all items repeat from karyotype to karyotype.
_CHUNK = re.compile(r"(?:[+?-]|[a-z]+ ?\()[^,\[\]/]*(?=[,\[/]|$)")


@lru_cache(maxsize=50_000)
def _plain_item(text: str) -> Event | None:
    """The event that a whole text between commas is; None when it is more than one, or none."""
    if text.count("(") != text.count(")"):
        return None
    event, end = _item(text, 0)
    return event if event.kind != "unknown" and not text[end:].strip() else None


def _counted(match: re.Match[str], events: int) -> tuple[int, bool, int | None]:
    if match.re is _PAREN_COUNT:
        return events, False, int(match[1])
    number = match["cells"] or match["late"]
    composite = any(match[name] is not None for name in ("cp", "cp2", "late", "alone"))
    return events, composite, int(number) + int(match["more"] or 0) if number else None  # [5~20]: not known


def _item(text: str, at: int) -> tuple[Event, int]:
    if match := _VARIANT.match(text, at):
        return Event("var", label=match[0], constitutional=True), _after_c(text, match.end())
    if match := _UNSEEN_ITEM.match(text, at):
        return _unseen(match), match.end()
    if match := _NAMED.match(text, at):
        read = _rearranged(text, match)
        if read is not None:
            return read
    if match := _WHOLE.match(text, at):
        return _whole(match), match.end()
    if match := _ARM.match(text, at):
        return _short_arm(match), match.end()
    if match := _BARE.match(text, at):
        return _bare(match), match.end()
    words = _WORDS.match(text, at)
    assert words is not None  # separators were skipped
    return Event("unknown", label=words[0].strip()), words.end()


def _after_c(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1] == "c" and not text[at + 1 : at + 2].isalnum() else at


def _copies(match: re.Match[str], in_front: str | None = None) -> tuple[int, int]:
    low = int(in_front or match["times"] or 1)
    return low, max(low, int(match["times_max"] or low))


def _whole(match: re.Match[str]) -> Event:
    copies, most = _copies(match, match["many"])
    perhaps = bool(match["doubt3"])  # +21?c: perhaps inherited
    return Event(
        "gain" if match["sign"] == "+" else "loss",
        match["sign"],
        (Part("", (chromosome(match["chrom"]),)),),
        copies=copies,
        copies_max=most,
        uncertain=perhaps or bool(match["doubt"] or match["doubt2"]),
        in_question=perhaps or bool(match["doubt"]),
        constitutional=not perhaps and bool(match["c"] or match["c2"]),
    )


_UNSEEN_KINDS = {"marker": "mar", "ma": "mar", "dm": "dmin", "dmins": "dmin", "min": "dmin", "ring": "r"}


def _unseen(match: re.Match[str]) -> Event:
    low, most = int(match["low"] or 1), int(match["high"] or match["low"] or 1)
    if match["times"]:
        low, most = _copies(match)
    label = match["label"] or ""
    if match["last"] and label.isdigit() and int(match["last"]) > int(label):
        low = most = int(match["last"]) - int(label) + 1  # mar1-5: five markers
        label = f"{label}-{match['last']}"
    kind = _UNSEEN_KINDS.get(match["name"], match["name"])
    sign = match["sign"] or ("+" if kind in ("mar", "r") else "")
    return Event(
        kind,
        "" if kind in ("dmin", "hsr") and sign == "+" else sign,
        label=label,
        copies=min(low, most),
        copies_max=max(low, most),
        uncertain=bool(match["doubt"] or match["doubt2"]),
        in_question=bool(match["doubt"]),
        constitutional=bool(match["c"] or match["c2"]),
    )


#: What may be followed by what happened to it; behind anything else a comma was forgotten.
_COMPOUND = frozenset({"der", "ider", "rec", "dic", "idic", "r", "mar"})
#: An abnormal chromosome that is seen: a question mark before it doubts which one it is and how it came about.
_SEEN = frozenset({"der", "ider", "rec", "r", "mar"})


def _rearranged(text: str, match: re.Match[str]) -> tuple[Event, int] | None:
    parts: list[Part] = []
    uncertain = bool(match["doubt"] or match["doubt2"] or match["doubt3"])
    name, at = KINDS[match["name"].replace(" ", "")], match.end()
    in_question = bool(match["doubt"]) and not (name in _SEEN and not match["sign"])
    while True:
        groups, at = _groups(text, at)
        if groups:
            part = _part(name, groups)
            if part is None:
                return None
            parts.append(part)
        elif not parts:
            parts.append(Part(name, ("?",)))
        chained = _CHAINED.match(text, at) if parts[0].kind in _COMPOUND else None
        if chained is None:
            break
        uncertain |= bool(chained["doubt"])
        name, at = KINDS[chained["name"].replace(" ", "")], chained.end()
    suffix = _SUFFIX.match(text, at)
    assert suffix is not None  # every part of it is optional
    in_question |= bool(suffix["perhaps"])  # ?c: perhaps inherited
    copies, most = _copies(suffix, match["many"])
    event = Event(
        parts[0].kind,
        match["sign"],
        tuple(parts),
        copies=copies,
        copies_max=most,
        uncertain=uncertain or in_question,
        in_question=in_question,
        constitutional=bool(suffix["c"] or suffix["c2"]),
    )
    return event, suffix.end()


_GROUP_TEXT = re.compile(r"\s*\(\s*(?P<text>[^()\[\]]*?)\s*(?P<end>\)|(?=[(\[])|$)")
_LOST_OPENING = re.compile(r"(?P<text>\??[pq][\w.?~;-]*)\)")


#: Where the next item begins within a group that was not closed.
_NEXT_ITEM = re.compile(rf",\s*(?=[+?-]|\d+mar|mar|idem|inc|{_NAME}\s*$)|\s*$")


def _groups(text: str, at: int) -> tuple[list[str], int]:
    """The parentheses at this place, without them; a lost opening or closing one is supplied."""
    groups: list[str] = []
    while len(groups) < 2:
        if match := _GROUP_TEXT.match(text, at):
            content, end = match["text"], match.end()
            if match["end"] != ")":
                # The closing parenthesis is lost: the group ends before the next item, or the opening one was too many.
                if text[end : end + 1] == "(" and re.fullmatch(_NAME, content):
                    return groups, match.start("text")
                if text[end : end + 1] == "(" and not re.match(r"[\d?xypq]", content):
                    return groups, end
                cut = _NEXT_ITEM.search(content)
                if cut is not None:
                    content, end = content[: cut.start()], match.start("text") + cut.start()
            groups.append(content)
            at = end
        elif groups and (lost := _LOST_OPENING.match(text, at)):
            groups.append(lost["text"])
            at = lost.end()
        else:
            break
    return groups, at


_BANDS = r"[pq](?:\?|\d|\.\d|ter)*|cen"
_BAND = re.compile(
    rf"\??\s*(?:{_BANDS})(?:\s*(?:~|-(?!>)|or|/)\s*\??(?:{_BANDS}|[\d.?]+))*|\?"
)  # q22, q2?3, ?q31, q12~21, q22orq31
_CHROMOSOME = re.compile(r"(?P<chrom>\?|v(?:ar)?|mar\d*|\??(?:2[0-2]|1\d|0?[1-9]|[xy])\??)(?P<bands>\s*[pq?].*)?")


def _part(kind: str, groups: list[str]) -> Part | None:
    if any("->" in group or "::" in group for group in groups):
        return _detailed(kind, groups)
    chromosomes: list[str] = []
    bands: list[tuple[str, ...]] = []
    for piece in re.split(r"[;,:/]|(?<![pq]\d)(?<![pq]\d\d)\.", groups[0]):
        match = _CHROMOSOME.fullmatch(piece.strip())
        if match is None:
            return None
        name = match["chrom"]
        chromosomes.append(chromosome(name.strip("?")) or (name if name.startswith("mar") else "?"))
        own = _bands(match["bands"] or "")
        if own is None:
            return None
        bands.append(own)
    if len(groups) > 1:
        printed = _band_groups(groups[1], len(chromosomes), kind)
        if printed is None:
            return None
        bands = printed
    return Part(kind, tuple(chromosomes), tuple(bands) if any(bands) else ())


def _band_groups(text: str, number: int, kind: str) -> list[tuple[str, ...]] | None:
    """Bands per chromosome; a comma, dot or nothing may stand for the semicolon."""
    text = text.replace(" ", "")
    pieces = re.split(r"[;,:]|\.(?=[pq?])", text)
    found: list[tuple[str, ...]] = []
    arm = ""
    for piece in pieces:
        if piece[:1].isdigit() and arm:
            piece = arm + piece  # inv(3)(q21;26)
        elif piece.isdigit():
            piece = "?"  # a band without its arm
        bands = _bands(piece)
        if bands is None:
            return None
        arm = next((band.lstrip("?")[0] for band in bands if band.strip("?")), arm)
        found.append(bands)
    if number == 1:
        return [tuple(band for bands in found for band in bands)]
    if len(found) == 1 and len(found[0]) == number and kind != "ins":
        return [(band,) for band in found[0]]
    if len(found) > number:
        return None
    return found + [()] * (number - len(found))


def _bands(text: str) -> tuple[str, ...] | None:
    text = text.replace(" ", "")
    found = _BAND.findall(text)
    if "".join(found) != text:
        return None
    return tuple(_canonical_band(band) for band in found)


@lru_cache(maxsize=4096)
def _canonical_band(text: str) -> str:
    """``q131`` as ``q13.1``, ``q12-21`` as ``q12~q21``, ``q22/31`` as ``q22orq31``."""
    arm = next((sign for sign in text if sign in "pq"), "")
    pieces = re.split(r"(~|-|or|/)", text)
    out = ""
    for piece in pieces:
        if piece in ("~", "-"):
            out += "~"
        elif piece in ("or", "/"):
            out += "or"
        else:
            name = piece if piece[:1] in ("p", "q", "?", "c") else arm + piece
            name = (
                re.sub(r"^(\??[pq]\??\d\??\d\??)(\d)", r"\1.\2", name.rstrip("."))
                if "." not in name
                else name.rstrip(".")
            )
            out += name
    return out


def _detailed(kind: str, groups: list[str]) -> Part | None:
    head = groups[0]
    if "->" in head or "::" in head:
        return None
    names = [chromosome(piece.strip(" ?")) or "?" for piece in re.split(r"[;,]", head)]
    return Part(kind, tuple(names), detail=groups[1].replace(" ", ""))


def _short_arm(match: re.Match[str]) -> Event:
    """``5q-``, ``-5q``, ``1q+``: the short system of before ISCN 1995; a band alone is not an event."""
    sign = match["end"] or match["sign"]
    chrom, band = chromosome(match["chrom"]), match["arm"] + (match["band"] or "")
    if not sign:
        return Event("unknown", label=match[0].strip())
    kind = "del" if sign == "-" else ("add" if match["end"] else "dup")
    copies, most = _copies(match)
    return Event(
        kind,
        "",
        (Part(kind, (chrom,), ((band,),)),),
        copies=copies,
        copies_max=most,
        uncertain=bool(match["doubt"]),
        in_question=bool(match["doubt"]),
        constitutional=bool(match["c"] or match["c2"]),
    )


def _bare(match: re.Match[str]) -> Event:
    """``del 5q``, ``inv16``, ``t8;21``: without parentheses."""
    kind = KINDS[match["name"].replace(" ", "")]
    part = _part(kind, [match["body"].replace("/", ";")])
    if part is None:
        return Event("unknown", label=match[0].strip())
    copies, most = _copies(match)
    return Event(
        kind,
        match["sign"],
        (part,),
        copies=copies,
        copies_max=most,
        uncertain=bool(match["doubt"]),
        in_question=bool(match["doubt"]),
        constitutional=bool(match["c"] or match["c2"]),
    )


def walk(events: tuple[Event, ...]) -> Iterator[Event]:
    """All events, alternatives included."""
    for event in events:
        yield event
        yield from walk(event.alternatives)
