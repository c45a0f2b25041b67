"""What a VCF allele changes: trimmed, left-aligned, and as an edit that needs no anchor base.

A VCF may write the same change in several ways. Here it becomes an :class:`Edit`: the bases ``start`` to ``end`` are replaced by
``inserted``. With the sequence of the genome at hand (:func:`left_align`) the result equals ``bcftools norm -f``; without it, a change
can be moved left only through bases that the record itself, or the references, show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from moltrack import resources
from moltrack.errors import InputError

_BASES = re.compile(r"[ACGTNacgtnRYSWKMBDHVryswkmbdhv]+")
_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")


class Fetch(Protocol):
    """Reads reference sequence: chromosome without ``chr``, start and end 0-based half-open."""

    def __call__(self, chrom: str, start: int, end: int, /) -> str: ...


def is_explicit(ref: str, alt: str) -> bool:
    """True for alleles spelled in bases; False for ``<DEL>``, ``*``, ``.`` and breakends.

    One of them may be "": MAF and ANNOVAR write insertions and deletions without the base before.
    """
    return bool(_BASES.fullmatch(ref + alt))


def reverse_complement(sequence: str) -> str:
    """The sequence of the other strand."""
    return sequence.upper().translate(_COMPLEMENT)[::-1]


# --- VCF alleles ------------------------------------------------------------------------------------------------------


def trim(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The shortest VCF form of an allele: shared bases removed from the right, then from the left, one base kept.

    Removing from the right first puts an insertion or deletion as far left as the record itself shows.
    """
    ref, alt = ref.upper(), alt.upper()
    if ref == alt:
        return pos, ref, alt
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    return pos, ref, alt


def left_align(chrom: str, pos: int, ref: str, alt: str, fetch: Fetch) -> tuple[int, str, str]:
    """The left-aligned, shortest VCF form of an allele, as ``bcftools norm -f`` writes it.

    Symbolic alleles come back unchanged.

    Raises
    ------
    InputError
        REF is not what the sequence holds there: another build, or a damaged file.

    Source: Tan, Bioinformatics 2015;31:2202 (algorithm 1).
    """
    if not ref or not alt or not is_explicit(ref, alt):
        return pos, ref, alt
    ref, alt = ref.upper(), alt.upper()
    shown = fetch(chrom, pos - 1, pos - 1 + len(ref)).upper()
    if shown != ref:
        raise InputError(
            f"REF '{ref}' at {chrom}:{pos} is not what the sequence holds there ('{shown}').",
            advice="Is the FASTA of the same build as the file?",
        )
    if ref == alt:
        return pos, ref, alt
    while ref[-1] == alt[-1]:
        if min(len(ref), len(alt)) > 1:
            ref, alt = ref[:-1], alt[:-1]
        elif pos > 1:
            before = fetch(chrom, pos - 2, pos - 1).upper()
            ref, alt, pos = before + ref[:-1], before + alt[:-1], pos - 1
        else:
            break
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    return pos, ref, alt


def open_fasta(path: Path) -> Fetch:
    """Reads sequence from an indexed FASTA, whose names may have ``chr`` or not.

    Raises
    ------
    InputError
        The file or its index cannot be read, or it lacks a chromosome that is asked for.
    """
    import pysam

    try:
        fasta = pysam.FastaFile(str(path))
    except (OSError, ValueError):
        raise InputError(
            f"'{path.name}' cannot be read as an indexed FASTA.", advice=f"Run: samtools faidx {path.name}"
        ) from None
    names = set(fasta.references)

    def fetch(chrom: str, start: int, end: int, /) -> str:
        name = next((n for n in (chrom, f"chr{chrom}", "chrM" if chrom == "MT" else "") if n in names), None)
        if name is None:
            raise InputError(f"'{path.name}' has no chromosome {chrom}.", advice="Use the FASTA of the file's build.")
        return str(fasta.fetch(name, max(start, 0), end))

    return fetch


# --- edits ------------------------------------------------------------------------------------------------------------


class Edit(NamedTuple):
    """The bases ``start`` to ``end`` (0-based half-open) of a chromosome are replaced by ``inserted``.

    ``deleted`` is what they were, "" when not known (a deletion typed as HGVS); it is no part of the identity.
    """

    chrom: str
    start: int
    end: int
    inserted: str
    deleted: str = ""

    @property
    def name(self) -> str:
        """The change in the manner of HGVS g.: ``2:25234373C>T``, ``5:171410539_171410540insTCTG``, ``17:100_102del``."""
        first, last = self.start + 1, self.end
        if self.start == self.end:
            return f"{self.chrom}:{self.start}_{self.start + 1}ins{self.inserted}"
        span = f"{self.chrom}:{first}" + (f"_{last}" if last > first else "")
        if len(self.deleted) == len(self.inserted) == 1:
            return f"{span}{self.deleted}>{self.inserted}"
        return f"{span}del" + (f"ins{self.inserted}" if self.inserted else "")

    @property
    def net(self) -> int:
        """Bases gained (positive) or lost (negative)."""
        return len(self.inserted) - (self.end - self.start)


def edit_of(chrom: str, pos: int, ref: str, alt: str) -> Edit | None:
    """The edit that a VCF allele is, as far left as the record shows; None for symbolic alleles and for REF = ALT."""
    if not is_explicit(ref, alt):
        return None
    ref, alt = ref.upper(), alt.upper()
    if ref == alt:
        return None
    start = pos - 1
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return Edit(chrom, start, start + len(ref), alt, ref)


def vcf_alleles(edit: Edit, base_before: str) -> tuple[int, str, str]:
    """The VCF form of an edit; ``base_before`` is the base left of it, needed by insertions and deletions."""
    if edit.deleted and edit.inserted:
        return edit.start + 1, edit.deleted, edit.inserted
    return edit.start, base_before + edit.deleted, base_before + edit.inserted


BaseAt = Callable[[int], str]


def shift_left(edit: Edit, base_at: BaseAt) -> Edit:
    """An insertion or deletion moved left as far as ``base_at`` (0-based position -> base, "" = unknown) tells."""
    if bool(edit.inserted) == bool(edit.end > edit.start):
        return edit
    moving = edit.inserted or edit.deleted or "".join(base_at(i) for i in range(edit.start, edit.end))
    if len(moving) != max(len(edit.inserted), edit.end - edit.start):
        return edit
    start = edit.start
    while start > 0 and (before := base_at(start - 1)) and before == moving[-1]:
        moving, start = before + moving[:-1], start - 1
    moved = start - edit.start
    if edit.inserted:
        return edit._replace(start=start, end=start, inserted=moving)
    return edit._replace(start=start, end=edit.end + moved, deleted=moving)


def shift_right(edit: Edit, base_at: BaseAt) -> Edit:
    """An insertion or deletion moved right as far as ``base_at`` tells (HGVS puts it there on the plus strand)."""
    if bool(edit.inserted) == bool(edit.end > edit.start):
        return edit
    moving = edit.inserted or edit.deleted or "".join(base_at(i) for i in range(edit.start, edit.end))
    if len(moving) != max(len(edit.inserted), edit.end - edit.start):
        return edit
    end = edit.end
    while (after := base_at(end)) and after == moving[0]:
        moving, end = moving[1:] + after, end + 1
    moved = end - edit.end
    if edit.inserted:
        return edit._replace(start=end, end=end, inserted=moving)
    return edit._replace(start=edit.start + moved, end=end, deleted=moving)


@cache
def _known_bases(build: str) -> dict[str, dict[int, str]]:
    """Reference bases that the tables state: the FLT3 amplicon, REF of the hotspots, what their duplications repeat."""
    known: dict[str, dict[int, str]] = {}

    def put(chrom: str, start: int, sequence: str) -> None:
        known.setdefault(chrom, {}).update({start + i: base for i, base in enumerate(sequence)})

    amplicon = resources.flt3_amplicon()
    chrom, start, _ = amplicon.spans[build]
    put(chrom, start, reverse_complement(amplicon.sequence))
    for hotspot in resources.hotspots():
        allele = hotspot.alleles[build]
        put(allele.chrom, allele.pos - 1, allele.ref)
        edit = edit_of(allele.chrom, allele.pos, allele.ref, allele.alt) if allele.alt else None
        repeated = _repeated(build, hotspot, edit) if edit else 0
        if edit and repeated:
            unit = edit.inserted or edit.deleted
            put(edit.chrom, edit.start, "".join(unit[i % len(unit)] for i in range(repeated)))
    return known


def _repeated(build: str, hotspot: resources.Hotspot, edit: Edit) -> int:
    """Bases after a left-aligned insertion or deletion that repeat it, as the 3' position of its HGVS name tells."""
    ends = re.fullmatch(r"c\.(?:\d+_)?(\d+)(?:dup|del)", hotspot.hgvs_c)
    transcript = resources.transcript(hotspot.transcript) if ends else None
    if transcript is None or ends is None:
        return 0
    if transcript.strand == "-":
        return len(edit.inserted)
    last = transcript.position(build, ends[1])
    return last - edit.start if last else 0


def known_base(build: str, chrom: str) -> BaseAt:
    """Reference bases as far as the references state them: 0-based position -> base, "" where they do not."""
    bases = _known_bases(build).get(chrom, {}) if build in resources.BUILDS else {}
    return lambda position: bases.get(position, "")


def settle(build: str, edit: Edit, fetch: Fetch | None = None) -> tuple[Edit, str]:
    """An edit as far left as can be known, and a note that says how far that is ("" = all the way).

    Parameters
    ----------
    fetch
        The genome's sequence; without it only the record's own bases and those of the references are used.
    """
    if bool(edit.inserted) == bool(edit.end > edit.start):
        return edit, ""
    if fetch is not None:
        return shift_left(edit, lambda i: fetch(edit.chrom, i, i + 1).upper()), ""
    base_at = known_base(build, edit.chrom)
    settled = shift_left(edit, base_at)
    if base_at(settled.start - 1):
        return settled, ""
    return settled, "left-aligned only as far as the record shows: no FASTA"


# --- MNVs -------------------------------------------------------------------------------------------------------------


def split_mnv(edit: Edit) -> tuple[Edit, ...]:
    """The single substitutions that an MNV consists of; the edit itself when it is none."""
    if edit.net or len(edit.deleted) < 2:
        return (edit,)
    return tuple(
        Edit(edit.chrom, edit.start + i, edit.start + i + 1, new, old)
        for i, (old, new) in enumerate(zip(edit.deleted, edit.inserted, strict=True))
        if old != new
    )


def mnv_parts(edits: Iterable[Edit]) -> dict[Edit, tuple[Edit, ...]]:
    """MNVs of which all single substitutions occur among the edits too, with these."""
    present = set(edits)
    several = sorted(edit for edit in present if len(edit.deleted) > 1)
    return {
        edit: parts for edit in several if len(parts := split_mnv(edit)) > 1 and all(part in present for part in parts)
    }
