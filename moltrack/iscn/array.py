"""Array and sequencing copy number in ISCN: ``arr``, ``sseq``, ``rsa``.

Understood: ``arr[hg19] 7q32.1q32.2(129,199,327-129,813,738)x8``, ``arr[GRCh38] 5q14.3q33.3(88000000_158000000)×1``,
``arr 17p13.3p11.2x1``, ``arr(1-22)x2,(X,Y)x1``, ``arr 1-22(...)x2``, ``x9~10``, ``x2 hmz``, ``hmz`` alone, ``mos``, a mosaic
fraction as ``[0.3]`` or ``[30%]``, ``x1,...`` after a whole chromosome (``8x3``).

Source: ISCN 2016 and 2020, chapter 14 (microarrays), 16 (sequencing).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from moltrack.iscn.bands import AUTOSOMES, chromosome, interval
from moltrack.iscn.clean import without_long_numbers
from moltrack.iscn.split import split_outside
from moltrack.model import Change, CopyNumber


@dataclass(frozen=True, slots=True)
class ArraySegment:
    """A stretch of one chromosome with its copies.

    ``start`` (0-based) and ``end`` (exclusive) when coordinates are printed; ``band_from`` and ``band_to`` without the chromosome,
    "" = the whole chromosome. ``copies`` to ``copies_max`` per cell, None = not printed; ``loh`` True for ``hmz``;
    ``fraction`` of cells when printed (0 to 1); ``mosaic`` True when ``mos`` or a fraction says so; ``note`` keeps ``dn``, ``mat`` ...
    """

    chrom: str
    band_from: str = ""
    band_to: str = ""
    start: int | None = None
    end: int | None = None
    copies: int | None = None
    copies_max: int | None = None
    loh: bool = False
    mosaic: bool = False
    fraction: Decimal | None = None
    note: str = ""

    def change(self, sex: str = "") -> Change:
        """Gain, loss, cnLOH or normal against the expected copies.

        Two are expected, of X and Y those of ``sex`` (``male``, ``female``); without it one or two X and up to one Y are UNKNOWN. A
        range that reaches from normal to a change is a change (mosaic).
        """
        if self.copies is None:
            return Change.CN_LOH if self.loh else Change.UNKNOWN
        low, high = self.copies, self.copies_max if self.copies_max is not None else self.copies
        expected = expected_copies(self.chrom, sex)
        if expected is None:
            least, most = (1, 2) if self.chrom == "X" else (0, 1)
            return Change.GAIN if high > most else Change.LOSS if low < least else Change.UNKNOWN
        if high > expected and low >= expected:
            return Change.GAIN
        if low < expected and high <= expected:
            return Change.LOSS
        if low == high == expected:
            return Change.CN_LOH if self.loh else Change.NORMAL
        return Change.UNKNOWN


@dataclass(frozen=True, slots=True)
class ArrayResult:
    """An array or sequencing string as read.

    ``build`` is ``GRCh37``, ``GRCh38`` or ""; ``method`` ``arr``, ``sseq`` or ``rsa``. ``normal`` is True when all autosomes are
    stated with two copies and nothing else than sex chromosomes follows. ``problems`` names what could not be understood.
    """

    text: str
    method: str
    build: str
    segments: tuple[ArraySegment, ...]
    normal: bool = False
    problems: tuple[str, ...] = ()

    def findings(self, sex: str = "") -> tuple[CopyNumber, ...]:
        """The segments as copy-number findings of the model, in the order of the string."""
        return tuple(
            CopyNumber(
                change=segment.change(sex),
                build=self.build if segment.start is not None else "",
                chrom=segment.chrom,
                start=segment.start,
                end=segment.end,
                band_start=segment.band_from,
                band_end=segment.band_to,
                total=float(segment.copies)
                if segment.copies is not None and segment.copies == segment.copies_max
                else None,
                minor=0.0 if segment.loh and segment.copies == segment.copies_max == 2 else None,
                nomenclature=self.text.strip(),
            )
            for segment in self.segments
        )


_HEAD = re.compile(
    r"^[\s.,;]*(?P<mos>mos\s+)?(?P<method>arr|sseq|rsa)\b\s*(?P<kind>cgh|snp|wg|oligo)?\s*(?:\[\s*(?P<build>[^\]]*)\])?\s*",
    re.IGNORECASE,
)
_BUILDS = {
    "hg19": "GRCh37",
    "grch37": "GRCh37",
    "b37": "GRCh37",
    "hg37": "GRCh37",
    "hg38": "GRCh38",
    "grch38": "GRCh38",
}
_PLACE = re.compile(
    r"^(?:chr)?(?P<chrom>[1-9]|1\d|2[0-2]|X|Y)(?P<bands>(?:[pq](?:ter|\d{1,2}(?:\.\d{1,3})?)?|cen)*)(?=\W|x\s*\d|hmz|htz|mos|$)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"^\(?(?P<list>(?:\s*(?:[1-9]|1\d|2[0-2]|X|Y)(?:\s*[-~]\s*(?:1\d|2[0-2]|[1-9]))?\s*,?)+)\)?\s*(?=x\s*\d|hmz|\[)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"^\(\s*(?:chr\w+:)?(?P<start>\d[\d,.\s']*?)\s*(?:_|-|–|\.\.)\s*(?P<end>\d[\d,.\s']*?)\s*(?:bp)?\s*\)",
    re.IGNORECASE,
)
_COPIES = re.compile(r"x\s*(?P<low>\d+)(?:\s*[~-]\s*(?P<high>\d+))?", re.IGNORECASE)
_BAND = re.compile(r"[pq](?:ter|\d{1,2}(?:\.\d{1,3})?)?|cen")
_OLD_LIST = re.compile(r"^(?P<list>[\dXY,\s-]*-[\dXY,\s-]*)\([^()]*\)\s*(?=x)", re.IGNORECASE)  # until ISCN 2009
_LOH = frozenset({"hmz", "roh", "loh", "cnloh", "cn-loh", "upd", "aupd"})
_MOSAIC = frozenset({"mos", "mosaic"})
_FRACTION = re.compile(r"\[\s*(?:(?P<cells>\d+)\s*/\s*(?P<all>\d+)|(?P<number>[\d.,]+)\s*(?P<percent>%?))\s*\]")


def parse_array(text: str) -> ArrayResult:
    """An ``arr`` (``sseq``, ``rsa``) string as segments with their copies.

    Returns
    -------
    ArrayResult
        Always; what could not be read stands in ``problems`` with its words.

    Units
        Coordinates are printed 1-based and inclusive, and returned 0-based half-open.
    """
    cleaned = " ".join(without_long_numbers(text).replace("×", "x").replace("\u00a0", " ").split())
    head = _HEAD.match(cleaned)
    method = head["method"].lower() if head else "arr"
    printed_build = (head["build"] or "").strip() if head else ""
    build = _BUILDS.get(re.sub(r"[^a-z0-9]", "", printed_build.lower())[:6].rstrip("p"), "")
    problems: list[str] = []
    if printed_build and not build:
        problems.append(f"'{printed_build}' is not a build that is known")
    body = cleaned[head.end() :] if head else cleaned
    segments: list[ArraySegment] = []
    for part in _parts(body):
        read = _segments(part, bool(head and head["mos"]))
        if read is None:
            problems.append(f"'{part}' is not understood")
        else:
            segments.extend(read)
    if not segments and not problems:
        problems.append(f"no chromosome found in '{text.strip()}'")
    return ArrayResult(text, method, build, tuple(segments), _is_normal(segments), tuple(problems))


def _is_normal(segments: list[ArraySegment]) -> bool:
    autosomes = [segment for segment in segments if segment.chrom in AUTOSOMES]
    return (
        {segment.chrom for segment in autosomes} == set(AUTOSOMES)
        and all(not segment.band_from and segment.change("male") is Change.NORMAL for segment in autosomes)
        and all(segment.change() is Change.UNKNOWN for segment in segments if segment.chrom not in AUTOSOMES)
    )


def _parts(body: str) -> list[str]:
    """Comma-separated results; a list of chromosomes without parentheses (``1-22,Xx2``) stays in one piece."""
    parts: list[str] = []
    waiting = ""
    for piece in split_outside(body, ",;"):
        piece = piece.strip(" .")
        if not piece:
            continue
        if re.fullmatch(r"(?:\d{1,2}|X|Y)(?:\s*-\s*\d{1,2})?", piece, re.IGNORECASE):
            waiting += piece + ","
            continue
        parts.append(waiting + piece)
        waiting = ""
    return [*parts, waiting] if waiting else parts


def _segments(part: str, mosaic: bool) -> list[ArraySegment] | None:
    if whole := (_OLD_LIST.match(part) or _WHOLE.match(part)):
        chromosomes = _chromosomes(whole["list"])
        stated = _stated(part[whole.end() :], mosaic)
        return [replace(stated, chrom=name) for name in chromosomes] if chromosomes and stated else None
    place = _PLACE.match(part)
    if place is None:
        return None
    bands = _BAND.findall(place["bands"].lower())
    rest = part[place.end() :].strip()
    start = end = None
    if span := _SPAN.match(rest):
        # Positions count from 1; a start at 0 is that of programs that count from 0, and of the same base.
        start, end = max(int(re.sub(r"\D", "", span["start"])) - 1, 0), int(re.sub(r"\D", "", span["end"]))
        if not 0 <= start < end:
            return None
        rest = rest[span.end() :]
    stated = _stated(rest, mosaic)
    if stated is None or len(bands) > 2:
        return None
    bands.sort(key=interval)
    first, last = (bands[0], bands[-1]) if bands else ("", "")
    return [replace(stated, chrom=chromosome(place["chrom"]), band_from=first, band_to=last, start=start, end=end)]


def _chromosomes(text: str) -> list[str]:
    found: list[str] = []
    for item in text.split(","):
        name = item.strip()
        if not name:
            continue
        low, dash, high = (piece.strip() for piece in name.replace("~", "-").partition("-"))
        if dash:
            if chromosome(low) not in AUTOSOMES or chromosome(high) not in AUTOSOMES:
                return []
            found.extend(AUTOSOMES[int(low) - 1 : int(high)])
        elif chromosome(name):
            found.append(chromosome(name))
        else:
            return []
    return found


def _stated(text: str, mosaic: bool) -> ArraySegment | None:
    """What is said of a place behind it: copies, loss of heterozygosity, mosaicism; None when neither of the first two."""
    rest = text
    low = high = None
    fraction = None
    if copies := _COPIES.search(rest):
        low, high = sorted((int(copies["low"]), int(copies["high"] or copies["low"])))
        rest = rest[: copies.start()] + " " + rest[copies.end() :]
    if printed := _FRACTION.search(rest):
        fraction = _fraction(printed)
        if fraction is None:
            return None
        rest = rest[: printed.start()] + " " + rest[printed.end() :]
    words = rest.replace("(", " ").replace(")", " ").split()
    loh = any(word.lower() in _LOH for word in words)
    mosaic = mosaic or fraction is not None or any(word.lower() in _MOSAIC for word in words)
    note = " ".join(word for word in words if word.lower() not in _LOH | _MOSAIC)
    if low is None and not loh:
        return None
    return ArraySegment("", copies=low, copies_max=high, loh=loh, mosaic=mosaic, fraction=fraction, note=note)


def _fraction(match: re.Match[str]) -> Decimal | None:
    if match["cells"]:
        return Decimal(match["cells"]) / Decimal(match["all"]) if 0 < int(match["all"]) >= int(match["cells"]) else None
    number = match["number"].replace(",", ".")
    if number.count(".") > 1 or not number.strip("."):
        return None
    value = Decimal(number) / (100 if match["percent"] else 1)
    return value if 0 <= value <= 1 else None


def expected_copies(chrom: str, sex: str = "") -> int | None:
    """Copies of a chromosome in a normal cell: two; of X and Y by ``sex`` (``male``, ``female``), None when it is not known."""
    if chrom in AUTOSOMES:
        return 2
    if sex == "female":
        return 2 if chrom == "X" else 0
    return 1 if sex == "male" else None
