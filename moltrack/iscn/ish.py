"""FISH results in ISCN: ``nuc ish`` (nuclei) and ``ish`` (metaphases).

Understood: one or several probes with their copies, fusion and split signals (``con``, ``sep``), amplified, diminished or moved
signals (``amp``, ``dim``, ``enh``, ``mv``), cells as ``[144/200]``, ``[200]`` or without brackets, several results separated by
commas, clones separated by ``/``, band first as until ISCN 2009 (``nuc ish 9q34(ABLX2)``), capital X or a multiplication sign.

Source: ISCN 2016 and 2020, chapter 13 (in situ hybridization).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from moltrack.iscn.clean import without_long_numbers
from moltrack.iscn.split import split_outside


@dataclass(frozen=True, slots=True)
class Signal:
    """One probe, or a pair of probes seen together or apart, and how often.

    ``probes`` holds one name, or the names that ``relation`` joins: ``con`` (fused) or ``sep`` (split). ``copies`` to ``copies_max``
    is the number of signals per cell (equal unless a range is printed; None = not printed, ``copies_max`` None with ``copies`` set =
    open end); ``present`` is the ``+`` or ``-`` of metaphase results. ``mark`` is ``amp``, ``dim``, ``enh``, ``mv`` or "".
    ``location`` is the chromosome with band when printed (``17p13``).
    """

    probes: tuple[str, ...]
    copies: int | None = None
    copies_max: int | None = None
    relation: str = ""
    present: bool | None = None
    mark: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One signal pattern and the cells that show it: ``cells`` of ``cells_total``, None when not printed.

    ``clone`` is 1-based; ``event`` the ISCN abnormality that a metaphase result is printed on (``t(9;22)``), else "".
    """

    signals: tuple[Signal, ...]
    cells: int | None = None
    cells_total: int | None = None
    clone: int = 1
    event: str = ""


@dataclass(frozen=True, slots=True)
class Ish:
    """A FISH string as read. ``nuclear`` is True for ``nuc ish``; ``problems`` names what could not be understood."""

    text: str
    nuclear: bool
    patterns: tuple[Pattern, ...]
    problems: tuple[str, ...] = ()


_HEAD = re.compile(r"^[\s.,;]*(?P<nuc>nuc[\s.]*)?ish\b[\s:]*", re.IGNORECASE)
_CELLS = re.compile(r"\[\s*(?:cp\s*)?(?P<of>\d+)(?:\s*/\s*(?P<all>\d+))?\s*\]\s*$")
_BARE_CELLS = re.compile(r"(?<=[\s)])(\d+\s*/\s*\d+)(?=[\s,;.]|$)")
_COPIES = re.compile(r"\s*x\s*(?P<low>\d+)\s*(?:(?P<range>[~-]|to)\s*(?P<high>\d+))?(?P<open>\+)?\s*$", re.IGNORECASE)
_JOIN = re.compile(r"\s+(con|sep)\s*|(?<=\w)(con|sep)(?=[35]['′])", re.IGNORECASE)
_MARK = re.compile(r"\s+(amp|dim|enh|mv|st)\b", re.IGNORECASE)
_PROBE = re.compile(r"[35]?'?[A-Za-z0-9][A-Za-z0-9/_.:-]*(?:\s*\([A-Za-z0-9]+\))?")
_ABNORMALITIES = frozenset(
    {"t", "del", "der", "+der", "inv", "ins", "dup", "trp", "add", "r", "i", "dic", "idic", "hsr"}
)
_LOCATION = re.compile(r"^(?P<place>(?:[1-9]|1\d|2[0-2]|X|Y)(?:[pq][\w.]*|cen)?)\s*$", re.IGNORECASE)
_FIVE_PRIME = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "′": "'", "×": "x", "\u00a0": " "})


def parse_ish(text: str) -> Ish:
    """A ``nuc ish`` or ``ish`` string as signal patterns with their cells.

    Returns
    -------
    Ish
        Always; what could not be read stands in ``problems`` with its words.

    Units
        ``copies`` in signals per cell, ``cells`` in nuclei or metaphases.
    """
    cleaned = " ".join(without_long_numbers(text).translate(_FIVE_PRIME).replace("â€²", "'").split())
    head = _HEAD.match(cleaned)
    nuclear = bool(head and head["nuc"]) or (head is None and "ish" not in cleaned.lower())
    body = cleaned[head.end() :] if head else cleaned
    # A repeated "nuc ish" begins the next result of the same sample.
    body = re.sub(r"[\s.,;]*\b(?:nuc[\s.]*)?ish\b[\s:]*", ",", body, flags=re.IGNORECASE).strip(" ,.;")
    body = re.sub(r"\[\s*(\d+)\s*/\s*(\d+)\s*\]", r"[\1/\2]", body)
    body = _BARE_CELLS.sub(r"[\1]", body)
    patterns: list[Pattern] = []
    problems: list[str] = []
    for number, clone in enumerate(split_outside(body, "/"), start=1):
        for part in _results(clone):
            pattern = _pattern(part, number, problems)
            if pattern is not None:
                patterns.append(pattern)
    if not patterns and not problems:
        problems.append(f"no probe found in '{text.strip()}'")
    return Ish(text, nuclear, tuple(patterns), tuple(problems))


def _results(clone: str) -> list[str]:
    """The comma-separated results of a clone; probes share the cells that follow (``(ABL1x3),(BCRx3)[174/200]``, until ISCN 2009)."""
    results: list[str] = []
    waiting: list[str] = []
    for part in (part.strip() for part in split_outside(clone, ",;") if part.strip()):
        waiting.append(part)
        if _CELLS.search(part):
            results.append("".join(waiting))
            waiting = []
    return results + waiting


def _pattern(part: str, clone: int, problems: list[str]) -> Pattern | None:
    text = part
    cells = total = None
    if match := _CELLS.search(text):
        cells = int(match["of"])
        total = int(match["all"] or cells)
        text = text[: match.start()].strip()
        if cells > total:
            problems.append(f"{cells} of {total} cells in '{part}' is impossible")
            cells = total = None
    signals: list[Signal] = []
    event = place = ""
    rest = text
    while rest:
        if rest[0] != "(":
            cut = rest.find("(")
            lead, rest = (rest, "") if cut < 0 else (rest[:cut], rest[cut:])
            if location := _LOCATION.match(lead.strip()):
                place = location["place"]
            elif lead.strip() in _ABNORMALITIES:
                # The bands or chromosomes of the abnormality itself; what follows in parentheses are its probes.
                group, rest = _group(rest)
                event += lead.strip() + group
            elif lead.strip() and not signals and (read := _signals(lead, place)) is not None:
                signals.extend(read)
            elif lead.strip():
                problems.append(f"'{lead.strip()}' is not understood in '{part}'")
            continue
        group, rest = _group(rest)
        shared = re.match(r"\s*x\s*\d+(?:\s*[~-]\s*\d+)?", rest, re.IGNORECASE)
        if shared:
            rest = rest[shared.end() :].lstrip()
        if event and not re.search(r"[+-]\s*$|[x+-]\s*[,;)]|x\d|[A-Z]{2}", group) and not shared:
            event += group  # the bands of the abnormality
            continue
        read = _signals(group[1:-1], place, shared[0] if shared else "")
        if read is None:
            problems.append(f"'{group}' is not understood in '{part}'")
        else:
            signals.extend(read)
    if not signals:
        if not event and text and not any(part in problem for problem in problems):
            problems.append(f"no probe found in '{part}'")
        return Pattern((), cells, total, clone, event) if event else None
    return Pattern(tuple(signals), cells, total, clone, event)


def _group(text: str) -> tuple[str, str]:
    """The leading parenthesis with its partner, and what follows; a missing partner is supplied at the end."""
    depth = 0
    for index, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[: index + 1], text[index + 1 :].strip()
    return text + ")", ""


def _signals(text: str, place: str, shared: str = "") -> list[Signal] | None:
    signals: list[Signal] = []
    following = shared
    for item in reversed(split_outside(text, ",;")):
        signal = _signal(item.strip(), place, following)
        if signal is None:
            return None
        signals.append(signal)
        if not shared and (number := _COPIES.search(item)):
            following = number[0]  # D5S23,D5S721x2: the copies of both
    return signals[::-1]


def _signal(item: str, place: str, shared: str) -> Signal | None:
    copies: int | None = None
    copies_max: int | None = None
    present = None
    if number := _COPIES.search(item) or (_COPIES.search(shared) if shared else None):
        copies = int(number["low"])
        copies_max = None if number["open"] else int(number["high"] or copies)
        item = item[: number.start()] if number.string is item else item
    elif item.endswith(("+", "-")):
        present = item.endswith("+")
        copies = None
        item = item.rstrip("+-")
    mark = ""
    if marked := _MARK.search(item):
        mark = marked[1].lower()
        item = item[: marked.start()] + item[marked.end() :]
    parts = [piece.strip() for piece in _JOIN.split(item) if piece and piece.strip()]
    names = tuple(re.sub(r"(?<=') ", "", piece) for piece in parts if piece.lower() not in ("con", "sep"))
    relation = next((piece.lower() for piece in parts if piece.lower() in ("con", "sep")), "")
    if copies is None and present is None and not relation:
        return None
    if not names or not all(_PROBE.fullmatch(name) for name in names) or (len(names) > 1) != bool(relation):
        return None
    return Signal(names, copies, copies_max, relation, present, mark, place)
