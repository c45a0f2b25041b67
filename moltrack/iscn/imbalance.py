"""What an abnormality gains and loses, by chromosome, arm and band.

An abnormal chromosome is a list of segments. Without a sign it stands in place of the chromosomes it is named after; what they
hold less what it holds is lost, what it holds more is gained. With ``+`` it is there in addition.

Source: the definitions of ISCN 2020, chapter 9 (structurally altered chromosomes): a terminal deletion loses from the band to the
end of the arm; ``add`` replaces the segment beyond the band; an isochromosome doubles the arm named and loses the other;
in ``t(a;b;c)`` the end of a goes to b, that of b to c, that of c to a; ``dic`` and ``der(a;b)`` replace one chromosome each of a and b.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from moltrack.iscn.bands import ACROCENTRIC, Position, arm_of, exists, interval, is_last, names
from moltrack.iscn.records import Event, Part
from moltrack.model import Change, Imbalance

#: Abnormalities that move nothing in or out.
BALANCED = frozenset({"t", "inv", "ins", "tas", "fra", "upd", "fis", "hsr", "var", "rec", "neo"})


@dataclass(frozen=True, slots=True)
class Effect:
    """Gains and losses of an event, and those it leaves open (a place without bands; change UNKNOWN = either)."""

    imbalances: tuple[Imbalance, ...] = ()
    unknown: tuple[Imbalance, ...] = ()


@dataclass
class _Pieces:
    """Segments with their number, and the bands that name their ends."""

    segments: list[tuple[str, Position, Position, int]] = field(default_factory=list)
    labels: dict[tuple[str, Position], str] = field(default_factory=dict)
    unknown: list[Imbalance] = field(default_factory=list)

    def leave_open(self, chrom: str, arm: str = "", change: Change = Change.UNKNOWN) -> None:
        self.unknown.append(Imbalance(change, chrom, arm))

    def add(self, chrom: str, low: Position, high: Position, number: int = 1) -> None:
        if chrom != "?" and low < high:
            self.segments.append((chrom, low, high, number))

    def cut(self, chrom: str, band: str) -> tuple[Position, str]:
        """Where a break lies, seen from the centromere, and in which arm; the break's band belongs to what is cut off."""
        low, high = interval(band)
        arm = arm_of(names(band)[0])
        at = high if arm == "p" else low
        self.labels.setdefault((chrom, at), names(band)[0])
        return at, arm

    def span(self, chrom: str, first: str, last: str) -> tuple[Position, Position]:
        """From one band to another, both included."""
        (low, high), (low2, high2) = interval(first), interval(last)
        if (low2, high2) < (low, high):
            first, last = last, first
        start, end = min(low, low2), max(high, high2)
        self.labels[chrom, start], self.labels[chrom, end] = names(first)[0], names(last)[0]
        return start, end

    def beyond(self, chrom: str, band: str) -> tuple[Position, Position]:
        """From a break to the end of its arm."""
        at, arm = self.cut(chrom, band)
        return (-1.0, at) if arm == "p" else (at, 1.0)


@lru_cache(maxsize=20_000)
def effect_of(event: Event, balanced: frozenset[str] = frozenset()) -> Effect:
    """Gains and losses of one copy of an event.

    ``balanced`` names translocations all of whose derivatives the cell has: what one of them lacks is on another.
    """
    if event.kind in ("gain", "loss"):
        change = Change.GAIN if event.sign == "+" else Change.LOSS
        return Effect((Imbalance(change, event.parts[0].chromosomes[0]),))
    if not event.parts or event.kind in BALANCED or event.kind in ("mar", "dmin", "unknown"):
        return Effect()
    nonsense = [
        chrom
        for part in event.parts
        for chrom, bands in zip(part.chromosomes, part.bands, strict=False)
        for band in bands
        if chrom != "?" and not exists(chrom, band)
    ]
    if nonsense or event.sign == "-":
        return Effect(
            unknown=tuple(
                Imbalance(Change.UNKNOWN, chrom) for chrom in dict.fromkeys(nonsense or event.parts[0].chromosomes)
            )
        )
    parts = tuple(part for part in event.parts if str(part) not in balanced)
    if len(parts) == 1 < len(event.parts):
        return Effect()
    pieces = _Pieces()
    _compose(parts, pieces)
    if event.sign != "+":
        for chrom in dict.fromkeys(event.parts[0].chromosomes):
            pieces.add(chrom, -1.0, 1.0, -1)
    vague = {place.chrom for place in pieces.unknown if place.change is Change.UNKNOWN}
    changes = tuple(change for change in _changes(pieces) if change.chrom not in vague)
    return Effect(changes, tuple(dict.fromkeys(pieces.unknown)))


def _compose(parts: tuple[Part, ...], pieces: _Pieces) -> None:
    """The segments of an abnormal chromosome."""
    first = parts[0]
    home = [chrom for chrom in dict.fromkeys(first.chromosomes) if chrom != "?"]
    if first.kind in ("der", "rec", "ider") and len(first.chromosomes) == 1 and not first.detail:
        if len(parts) == 1 and first.kind != "ider":
            _whole_unknown(home, pieces)
            return
        for chrom in home:
            pieces.add(chrom, -1.0, 1.0)
        for part in parts[1:]:
            _apply(part, home, pieces)
        if first.kind == "ider":
            _double_arm(first, pieces)
        return
    if first.kind == "der" and len(first.chromosomes) > 1 and not first.bands and not first.detail:
        if len(parts) == 1:
            _whole_unknown(home, pieces)
            return
        parts = parts[1:]
    for chrom in home:
        pieces.add(chrom, -1.0, 1.0)
    for part in parts:
        _apply(part, home, pieces)


def _whole_unknown(home: list[str], pieces: _Pieces) -> None:
    for chrom in home:
        pieces.add(chrom, -1.0, 1.0)
        pieces.leave_open(chrom)


def _apply(part: Part, home: list[str], pieces: _Pieces) -> None:
    """Change the segments as one rearrangement says."""
    if part.detail:
        _detailed(part, home, pieces)
        return
    bands = [tuple(band for band in own if names(band)) for own in part.bands] or [()] * len(part.chromosomes)
    pairs = list(zip(part.chromosomes, bands, strict=True))
    if part.kind == "t":
        _translocated(pairs, home, pieces)
    elif part.kind == "ins":
        _inserted(pairs, home, pieces)
    elif part.kind in ("dic", "der", "rob", "trc"):
        for chrom, own in pairs:
            _join(chrom, own, pieces)
    else:
        chrom, own = pairs[0]
        if chrom != "?" and part.kind in _SINGLE:
            if own:
                _SINGLE[part.kind](chrom, own, pieces)
            else:
                pieces.leave_open(chrom)


def _remove(pieces: _Pieces, chrom: str, low: Position, high: Position) -> None:
    pieces.add(chrom, low, high, -1)


def _deleted(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    if len(bands) == 1 or bands[-1].endswith("ter"):
        _remove(pieces, chrom, *pieces.beyond(chrom, bands[0]))
    else:
        _remove(pieces, chrom, *pieces.span(chrom, bands[0], bands[-1]))


def _added(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    if is_last(chrom, bands[0]):
        pieces.leave_open(chrom, arm_of(names(bands[0])[0]), Change.LOSS)
    else:
        _remove(pieces, chrom, *pieces.beyond(chrom, bands[0]))


def _duplicated(number: int, chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    low, high = pieces.span(chrom, bands[0], bands[-1]) if len(bands) > 1 else interval(bands[0])
    pieces.labels.setdefault((chrom, low), names(bands[0])[0])
    pieces.labels.setdefault((chrom, high), names(bands[-1])[0])
    pieces.add(chrom, low, high, number)


def _isochromosome(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    arm = arm_of(names(bands[0])[0])
    doubled, lost = ((-1.0, 0.0), (0.0, 1.0)) if arm == "p" else ((0.0, 1.0), (-1.0, 0.0))
    pieces.add(chrom, *doubled)
    _remove(pieces, chrom, *lost)


def _isodicentric(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    low, high = pieces.beyond(chrom, bands[0])
    _remove(pieces, chrom, low, high)
    pieces.add(chrom, *((high, 1.0) if low == -1.0 else (-1.0, low)))


def _ring(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    for band in bands:
        if names(band)[0] in ("p", "q") or is_last(chrom, band):
            pieces.leave_open(chrom, arm_of(names(band)[0]), Change.LOSS)
        else:
            _remove(pieces, chrom, *pieces.beyond(chrom, band))


_SINGLE = {
    "del": _deleted,
    "add": _added,
    "dup": lambda chrom, bands, pieces: _duplicated(1, chrom, bands, pieces),
    "trp": lambda chrom, bands, pieces: _duplicated(2, chrom, bands, pieces),
    "qdp": lambda chrom, bands, pieces: _duplicated(3, chrom, bands, pieces),
    "i": _isochromosome,
    "idic": _isodicentric,
    "r": _ring,
}


def _join(chrom: str, bands: tuple[str, ...], pieces: _Pieces) -> None:
    """One side of a dicentric or whole-arm derivative: p10 and q10 name the arm that stays, other bands the break."""
    if chrom == "?":
        return
    if not bands:
        pieces.leave_open(chrom)
    elif interval(bands[0]) == (0.0, 0.0):
        arm = arm_of(names(bands[0])[0])
        if arm:
            _remove(pieces, chrom, *((-1.0, 0.0) if arm == "q" else (0.0, 1.0)))
        else:
            pieces.leave_open(chrom)
    else:
        _remove(pieces, chrom, *pieces.beyond(chrom, bands[0]))


def _translocated(pairs: list[tuple[str, tuple[str, ...]]], home: list[str], pieces: _Pieces) -> None:
    order = [chrom for chrom, _ in pairs]
    inside = [index for index, chrom in enumerate(order) if chrom in home]
    # A translocation that does not name the centromere's chromosome breaks a segment that an earlier one brought.
    target = inside[0] if inside else 0
    chrom, bands = pairs[target]
    if chrom != "?":
        if not bands:
            pieces.leave_open(chrom)
        elif inside and interval(bands[0]) == (0.0, 0.0) and (arm := arm_of(names(bands[0])[0])):
            # A whole-arm translocation names the arms that are joined: der(7)t(1;7)(q10;p10) is 1q and 7p (ISCN 2020, 9.2.3).
            _remove(pieces, chrom, *((-1.0, 0.0) if arm == "q" else (0.0, 1.0)))
        elif inside:
            _remove(pieces, chrom, *pieces.beyond(chrom, bands[0]))
    donor, donor_bands = pairs[target - 1]
    if donor != "?":
        if donor_bands:
            low, high = pieces.beyond(donor, donor_bands[0])
            pieces.add(donor, low, high)
        else:
            pieces.leave_open(donor, change=Change.GAIN)


def _inserted(pairs: list[tuple[str, tuple[str, ...]]], home: list[str], pieces: _Pieces) -> None:
    if len(pairs) < 2:
        return
    (receiver, _), (giver, bands) = pairs[0], pairs[1]
    if giver == "?" or receiver == giver:
        return
    if len(bands) < 2:
        pieces.leave_open(giver)
        return
    low, high = pieces.span(giver, bands[0], bands[-1])
    if receiver in home or (receiver == "?" and giver not in home):
        pieces.add(giver, low, high)
    if giver in home and receiver not in home:
        _remove(pieces, giver, low, high)


def _double_arm(first: Part, pieces: _Pieces) -> None:
    """An isoderivative: the arm named, with what is attached to it, twice; the other arm lost."""
    chrom = first.chromosomes[0]
    arm = next((arm_of(names(band)[0]) for band in first.bands_of(chrom) if names(band)), "")
    if not arm:
        pieces.leave_open(chrom)
        return
    kept: list[tuple[str, Position, Position, int]] = []
    for name, low, high, number in pieces.segments:
        if name == chrom:
            low, high = (max(low, 0.0), high) if arm == "q" else (low, min(high, 0.0))
        if low < high:
            kept += [(name, low, high, number)] * 2
    pieces.segments[:] = kept


def _detailed(part: Part, home: list[str], pieces: _Pieces) -> None:
    """``der(9)(pter->q13::16q12->16qter)``: the segments as written."""
    segments: list[tuple[str, Position, Position]] = []
    chrom = part.chromosomes[0]
    for piece in part.detail.split("::"):
        ends: list[tuple[str, str]] = []
        for end in piece.split("->"):
            digits = end.rstrip("?")
            cut = next((index for index, sign in enumerate(digits) if sign in "pqc"), None)
            if cut is None or "/" in digits or "?" in digits:
                ends = []
                break
            chrom = digits[:cut].upper() or chrom
            ends.append((chrom, digits[cut:]))
        if len(ends) != 2 or ends[0][0] != ends[1][0]:
            for name in home:
                pieces.leave_open(name)
            return
        low, high = pieces.span(chrom, ends[0][1], ends[1][1])
        segments.append((chrom, low, high))
    for name in home:
        _remove(pieces, name, -1.0, 1.0)
    for name, low, high in segments:
        pieces.add(name, low, high)


def _changes(pieces: _Pieces) -> tuple[Imbalance, ...]:
    """The sum of all segments, as gains and losses by arm."""
    found: list[Imbalance] = []
    for chrom in dict.fromkeys(segment[0] for segment in pieces.segments):
        own = [segment for segment in pieces.segments if segment[0] == chrom]
        cuts = sorted({-1.0, 0.0, 1.0, *(low for _, low, _, _ in own), *(high for _, _, high, _ in own)})
        runs: list[tuple[Position, Position, int]] = []
        for low, high in pairwise(cuts):
            number = sum(count for _, start, end, count in own if start <= low and high <= end)
            if runs and runs[-1][2] == number and low != 0.0:
                runs[-1] = (runs[-1][0], high, number)
            else:
                runs.append((low, high, number))
        if len(runs) == 2 and runs[0][2] == runs[1][2] != 0:
            found.append(Imbalance(_change(runs[0][2]), chrom))
            continue
        for low, high, number in runs:
            if number and not (chrom in ACROCENTRIC and high <= 0.0):
                found.append(_imbalance(chrom, low, high, number, pieces))
    return tuple(found)


def _change(number: int) -> Change:
    return Change.LOSS if number < 0 else Change.GAIN


def _imbalance(chrom: str, low: Position, high: Position, number: int, pieces: _Pieces) -> Imbalance:
    arm = "p" if high <= 0.0 else "q"
    whole = (low, high) in ((-1.0, 0.0), (0.0, 1.0))
    if whole:
        return Imbalance(_change(number), chrom, arm)
    ends = {-1.0: "pter", 0.0: f"{arm}10", 1.0: "qter"}
    first, last = (ends.get(at) or pieces.labels.get((chrom, at), "") for at in (low, high))
    return Imbalance(_change(number), chrom, arm, first, last)
