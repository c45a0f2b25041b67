"""Junctions of structural variants: breakend ALT, symbolic alleles and long sequences as two joined sides.

A side's ``strand`` says which part of the chromosome is joined: ``+`` = what lies up to and with the position, ``-`` = from the
position on (as BEDPE writes it). A deletion joins ``+`` to ``-``, a tandem duplication ``-`` to ``+``, an inversion ``+`` to
``+`` or ``-`` to ``-``. Positions are those of the bases that are joined, so that all spellings of one event agree.

Source: VCF specification 4.5, section 5.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from moltrack.errors import FormatError
from moltrack.formats.variants.header import chromosome
from moltrack.model import Breakpoint

_BREAKEND = re.compile(
    r"(?P<lead>[ACGTN.]*)(?P<bracket>[\[\]])(?P<chrom>.+):(?P<pos>\d+)(?P=bracket)(?P<trail>[ACGTN.]*)", re.IGNORECASE
)
_SINGLE = re.compile(r"\.[ACGTN]+|[ACGTN]+\.", re.IGNORECASE)
_SEQUENCE = re.compile(r"[ACGTNRYSWKMBDHV]+", re.IGNORECASE)
_CONNECTION = {"3to5": ("+", "-"), "5to3": ("-", "+"), "3to3": ("+", "+"), "5to5": ("-", "-")}


@dataclass(frozen=True, slots=True)
class Junction:
    """Two joined sides. ``sv_type`` DEL, DUP, INV, INS, BND or CNV; ``length`` of what is lost, doubled or put in."""

    sv_type: str
    side1: Breakpoint
    side2: Breakpoint
    length: int | None = None
    inserted: str = ""

    @property
    def key(self) -> tuple[Breakpoint, Breakpoint]:
        return self.side1, self.side2

    @property
    def mirrored(self) -> tuple[Breakpoint, Breakpoint]:
        """The key of its mate, which tells the same junction from the other side."""
        return self.side2, self.side1


def is_single(alt: str) -> bool:
    """True for a breakend whose partner is not known (``ACGT.``)."""
    return _SINGLE.fullmatch(alt) is not None


def junction_of(chrom: str, pos: int, ref: str, alt: str, info: Mapping[str, str]) -> Junction:
    """The junction of one alternative allele.

    Raises
    ------
    FormatError
        Not an allele that joins anything, or a symbolic one without an end.
    """
    if match := _BREAKEND.fullmatch(alt):
        return _of_breakend(chrom, pos, match)
    if alt.startswith("<"):
        return _of_symbol(chrom, pos, alt, info)
    if not _SEQUENCE.fullmatch(ref):
        raise FormatError(f"REF holds '{ref[:40]}', expected bases.")
    if _SEQUENCE.fullmatch(alt):
        return _of_sequences(chrom, pos, ref, alt)
    raise FormatError(f"ALT holds '{alt[:40]}', which is no structural variant.")


def _of_breakend(chrom: str, pos: int, match: re.Match[str]) -> Junction:
    lead, trail = match["lead"], match["trail"]
    if bool(lead) == bool(trail):
        raise FormatError(f"ALT holds '{match[0][:40]}', which is no breakend.")
    here = Breakpoint(chrom, pos, "+" if lead else "-")
    there = Breakpoint(
        chromosome(match["chrom"].strip("<>")), int(match["pos"]), "-" if match["bracket"] == "[" else "+"
    )
    inserted = lead[1:] if lead else trail[:-1]
    return classified(here, there, inserted.strip("."))


def classified(one: Breakpoint, two: Breakpoint, inserted: str = "") -> Junction:
    """The junction with the kind of event that its sides make."""
    if one.chrom != two.chrom:
        return Junction("BND", one, two, inserted=inserted)
    low, high = sorted((one, two), key=lambda side: side.pos)
    length: int | None = high.pos - low.pos
    if low.strand == high.strand:
        kind = "INV"
    elif low.strand == "+":
        kind, length = (
            ("INS", len(inserted)) if high.pos - low.pos <= 1 and inserted else ("DEL", high.pos - low.pos - 1)
        )
    else:
        kind, length = "DUP", high.pos - low.pos + 1
    return Junction(kind, one, two, length, inserted)


def _of_symbol(chrom: str, pos: int, alt: str, info: Mapping[str, str]) -> Junction:
    kind = alt.strip("<>").split(":")[0].upper()
    kind = {"<TDUP>": "DUP", "<DUP:INT>": "CNV"}.get(alt.upper(), kind)  # TIDDIT; SVIM: the copy lies elsewhere
    if kind in {"BND", "TRA", "CTX"}:
        return _of_translocation(chrom, pos, info)
    if kind == "INS":
        sequence = info.get("SVINSSEQ") or info.get("SVISEQ") or info.get("SEQ") or ""
        length = (
            len(sequence)
            or _whole(info.get("SVLEN", ""))
            or _whole(info.get("SVINSLEN", ""))
            or _whole(info.get("INSLEN", ""))
        )
        return Junction("INS", Breakpoint(chrom, pos, "+"), Breakpoint(chrom, pos + 1, "-"), length, sequence)
    end = _whole(info.get("END", ""))
    length = _whole(info.get("SVLEN", ""))
    if end is None and length is not None:
        end = pos + length
    if end is None:
        raise FormatError(f"{alt} has neither END nor SVLEN.")
    if kind == "DEL":
        return Junction("DEL", Breakpoint(chrom, pos, "+"), Breakpoint(chrom, end + 1, "-"), end - pos)
    if kind == "DUP":
        return Junction("DUP", Breakpoint(chrom, pos + 1, "-"), Breakpoint(chrom, end, "+"), end - pos)
    if kind == "INV":
        strand = _inversion_strand(info)
        shift = 1 if strand == "-" else 0
        return Junction(
            "INV", Breakpoint(chrom, pos + shift, strand), Breakpoint(chrom, end + shift, strand), end - pos
        )
    if kind in {"CNV", "CN0", "CN1", "CN2", "CN3", "CN4"}:
        return Junction("CNV", Breakpoint(chrom, pos + 1), Breakpoint(chrom, end), end - pos)
    raise FormatError(f"ALT holds '{alt[:40]}', a symbol that is not known.")


def _of_translocation(chrom: str, pos: int, info: Mapping[str, str]) -> Junction:
    """DELLY before 0.8 and others: the partner stands in CHR2 and END (or POS2), the orientation in CT."""
    partner, end = info.get("CHR2", ""), _whole(info.get("POS2", "")) or _whole(info.get("END", ""))
    if not partner or end is None:
        raise FormatError("a translocation has no CHR2 with a position.")
    one, two = _CONNECTION.get(info.get("CT", ""), ("", ""))
    return Junction("BND", Breakpoint(chrom, pos, one), Breakpoint(chromosome(partner), end, two))


def _inversion_strand(info: Mapping[str, str]) -> str:
    """Which of an inversion's two junctions is meant; "" when both or not told."""
    if "INV3" in info or info.get("CT") == "3to3":
        return "+"
    if "INV5" in info or info.get("CT") == "5to5":
        return "-"
    strands = {part.split(":")[0] for part in info.get("STRANDS", "").split(",") if part}
    return {"++": "+", "--": "-"}.get(strands.pop(), "") if len(strands) == 1 else ""


def _of_sequences(chrom: str, pos: int, ref: str, alt: str) -> Junction:
    """A deletion or insertion that is spelled out; the bases common to both ends are taken off first."""
    ref, alt = ref.upper(), alt.upper()
    left = 0
    while left < min(len(ref), len(alt)) and ref[left] == alt[left]:
        left += 1
    lost, put_in = ref[left:], alt[left:]
    while lost and put_in and lost[-1] == put_in[-1]:
        lost, put_in = lost[:-1], put_in[:-1]
    first = pos + left  # first base that differs
    one, two = Breakpoint(chrom, first - 1, "+"), Breakpoint(chrom, first + len(lost), "-")
    if len(put_in) >= len(lost):
        return Junction("INS", one, two, len(put_in) - len(lost), put_in)
    return Junction("DEL", one, two, len(lost), put_in)


def _whole(text: str) -> int | None:
    text = text.split(",")[0].lstrip("-+")
    return int(text) if text.isdecimal() and int(text) > 0 else None
