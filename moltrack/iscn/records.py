"""What a karyotype string says: events, clones, and the string as a whole. All immutable; ``str`` gives canonical ISCN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from moltrack.iscn.array import ArrayResult
from moltrack.iscn.ish import Ish
from moltrack.model import Imbalance


@dataclass(frozen=True, slots=True)
class Part:
    """One rearrangement: ``t(7;12)(q22;p13)`` is ("t", ("7", "12"), (("q22",), ("p13",))).

    ``chromosomes`` may hold ``?``; ``bands`` has one tuple per chromosome, empty when no band is printed; ``detail`` is the
    composition of the detailed system (``pter->q13::...``).
    """

    kind: str
    chromosomes: tuple[str, ...]
    bands: tuple[tuple[str, ...], ...] = ()
    detail: str = ""

    def __str__(self) -> str:
        text = f"{self.kind}({';'.join(self.chromosomes)})"
        if self.detail:
            return f"{text}({self.detail})"
        return text + (f"({';'.join(''.join(bands) for bands in self.bands)})" if any(self.bands) else "")

    def bands_of(self, chrom: str) -> tuple[str, ...]:
        """All bands printed for a chromosome."""
        if not self.bands:
            return ()
        return tuple(
            band for name, bands in zip(self.chromosomes, self.bands, strict=True) if name == chrom for band in bands
        )


@dataclass(frozen=True)  # without slots: body and key are computed once
class Event:
    """One abnormality as printed.

    Attributes
    ----------
    kind
        ``gain`` and ``loss`` of a whole chromosome; ``mar``, ``r``, ``dmin`` ... without a known chromosome; ``var`` for a variant
        of heterochromatin; ``unknown`` for words that were not understood (``label``); else the ISCN abbreviation of the first part
        (``t``, ``del``, ``der`` ...).
    sign
        ``+`` or ``-`` in front, else "".
    parts
        The rearrangements: one, or for a derivative chromosome itself and what happened to it.
    label
        Number of a marker (``1`` in ``mar1``), or the words of kind ``var`` and ``unknown``.
    copies, copies_max
        How many, a range when printed so.
    uncertain, in_question, constitutional
        A question mark at the whole event: what it is, is not sure; before its sign, whether it is there is not sure either (``+?8`` is
        a chromosome more, perhaps an 8; ``?+8`` perhaps none; ``?der(12)`` is an abnormal chromosome, perhaps of a 12). The suffix ``c``, or a known inherited variant.
    cells
        Cells with this event in a composite clone, when printed behind it.
    alternatives
        The other readings of ``... or ...``.
    """

    kind: str
    sign: str = ""
    parts: tuple[Part, ...] = ()
    label: str = ""
    copies: int = 1
    copies_max: int = 1
    uncertain: bool = False
    in_question: bool = False
    constitutional: bool = False
    cells: int | None = None
    alternatives: tuple[Event, ...] = ()

    @cached_property
    def body(self) -> str:
        """The abnormality without sign, copies and marks."""
        if self.kind in ("gain", "loss"):
            return self.parts[0].chromosomes[0]
        if self.parts:
            return "".join(map(str, self.parts))
        return self.label if self.kind in ("var", "unknown") else f"{self.kind}{self.label}"

    @cached_property
    def key(self) -> str:
        """What makes two printed events the same abnormality."""
        return f"{self.sign}{self.body}"

    @property
    def doubted_sign(self) -> str:
        """The sign with the question mark that belongs to it."""
        if not self.uncertain:
            return self.sign
        return f"?{self.sign}" if self.in_question else f"{self.sign}?"

    @property
    def chromosomes(self) -> tuple[str, ...]:
        """Every chromosome named, once, in the order of the string."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.chromosomes))

    @property
    def bands(self) -> tuple[str, ...]:
        """Every band named, with its chromosome (``7q22``)."""
        found = (
            f"{chrom}{band}"
            for part in self.parts
            for chrom, bands in zip(part.chromosomes, part.bands, strict=False)
            for band in bands
        )
        return tuple(dict.fromkeys(found))

    def __str__(self) -> str:
        text = self.doubted_sign
        copies = str(self.copies) if self.copies == self.copies_max else f"{self.copies}~{self.copies_max}"
        counted_in_front = self.kind in ("mar", "dmin", "r", "ace", "der") and not self.parts
        if counted_in_front and copies != "1":
            text += copies
        text += self.body
        if self.constitutional and self.kind != "var":
            text += "c"
        if copies != "1" and not counted_in_front:
            text += f"x{copies}"
        if self.cells is not None:
            text += f"[{self.cells}]"
        return " or ".join([text, *map(str, self.alternatives)])


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone: as printed (``own``), and with what it inherits from the clone it refers to (``events``).

    Attributes
    ----------
    number
        1-based position in the string.
    modal, modal_max
        Number of chromosomes, a range when printed so; None when not printed.
    ploidy
        Sets of chromosomes that gains and losses are relative to: printed (``<3n>``) or the nearest by ISCN (58 to 80 = 3).
    sex
        Normal sex chromosomes (``XY``), inherited with ``idem``.
    own, events
        Abnormalities printed for this clone; all that its cells carry.
    reference
        ``idem``, ``sl`` or ``sdl1`` as printed, with ``x2`` for a doubled clone, else "".
    cells, composite
        Cells analysed with this clone; ``cp`` means that no single cell need carry every event.
    incomplete
        ``inc`` or words to that effect: there is more than is written.
    donor
        Behind ``//``: cells of the donor after a transplant.
    """

    number: int
    modal: int | None
    modal_max: int | None
    ploidy: int
    sex: str
    own: tuple[Event, ...]
    events: tuple[Event, ...]
    reference: str = ""
    ploidy_printed: bool = False
    cells: int | None = None
    composite: bool = False
    incomplete: bool = False
    donor: bool = False

    def __str__(self) -> str:
        return self._text(self.reference or self.sex, self.own)

    def written_out(self) -> str:
        """The clone with everything it inherits, without ``idem``."""
        return self._text(self.sex, self.events)

    def _text(self, second: str, events: tuple[Event, ...]) -> str:
        modal = "" if self.modal is None else str(self.modal)
        if self.modal_max != self.modal:
            modal += f"~{self.modal_max}"
        if self.ploidy_printed:
            modal += f"<{self.ploidy}n>"
        text = ",".join(filter(None, [modal, second, *map(str, events), "inc" if self.incomplete else ""]))
        if self.composite:
            return f"{text}[cp{self.cells if self.cells is not None else ''}]"
        return text + (f"[{self.cells}]" if self.cells is not None else "")

    @property
    def abnormal(self) -> tuple[Event, ...]:
        """Acquired events: neither constitutional nor a normal variant."""
        return tuple(event for event in self.events if not event.constitutional)


@dataclass(frozen=True, slots=True)
class Remark:
    """Words beside the karyotype: what another technique found, or a comment.

    ``technique`` is ``FISH``, ``PCR``, ``array`` or ""; ``lesions`` are those it states as present.
    """

    text: str
    technique: str = ""
    lesions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Counted:
    """One abnormality of the count: ``iscn2024`` and ``chun2010`` say how often it counts under each convention."""

    text: str
    iscn2024: int
    chun2010: int


@dataclass(frozen=True, slots=True)
class Finding:
    """An abnormality of the sample: one event over all clones that carry it.

    Attributes
    ----------
    event
        As printed in the first clone that carries it.
    clones
        1-based numbers.
    cells, upper_bound
        Cells that carry it, None when a clone has no count; True when a composite clone makes it an upper bound.
    imbalances
        Gains and losses by arm and band.
    lesions, possible
        Flags that it fulfils; flags that it leaves open.
    clonal
        False when too few cells show it to be a clone by ISCN (gain or structural: 2, loss: 3).
    replaces
        For ``+der(7)``: the printed loss that it explains (``-7``).
    explained
        For a loss: a derivative stands for it in every clone.
    """

    event: Event
    clones: tuple[int, ...]
    cells: int | None
    upper_bound: bool
    imbalances: tuple[Imbalance, ...]
    lesions: tuple[str, ...]
    possible: tuple[str, ...]
    clonal: bool
    donor: bool = False
    replaces: tuple[str, ...] = ()
    explained: bool = False


@dataclass(frozen=True, slots=True)
class ParsedKaryotype:
    """A karyotype string, read.

    Attributes
    ----------
    text
        As given.
    clones, findings
        What is written clone by clone; abnormalities over all clones, constitutional ones included.
    flags
        Answer by flag name: True, False, or None when the string does not tell.
    counted
        The abnormalities counted for "complex", with their weight by convention.
    remarks, fish, arrays
        Words beside the karyotype; ``ish`` and ``arr`` parts in the same string.
    metaphases
        Cells of all clones together; None when no clone carries a count.
    mosaic
        Printed with ``mos`` or ``chi``: the clones are constitutional.
    problems
        One sentence for each thing that was not understood or contradicts itself.
    """

    text: str
    clones: tuple[Clone, ...] = ()
    findings: tuple[Finding, ...] = ()
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    counted: tuple[Counted, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fish: tuple[Ish, ...] = ()
    arrays: tuple[ArrayResult, ...] = ()
    metaphases: int | None = None
    mosaic: bool = False
    problems: tuple[str, ...] = ()

    @property
    def abnormality_count(self) -> dict[str, int]:
        """Number of abnormalities by convention: ``iscn2024`` and ``chun2010``."""
        return {
            "iscn2024": sum(item.iscn2024 for item in self.counted),
            "chun2010": sum(item.chun2010 for item in self.counted),
        }

    def __str__(self) -> str:
        return self._joined([str(clone) for clone in self.clones])

    def written_out(self) -> str:
        """Canonical ISCN with every ``idem`` written out."""
        return self._joined([clone.written_out() for clone in self.clones])

    def _joined(self, clones: list[str]) -> str:
        text = "mos " if self.mosaic else ""
        donor = False
        for clone, printed in zip(self.clones, clones, strict=True):
            text += ("//" if clone.donor and not donor else "/" if clone.number > 1 else "") + printed
            donor = clone.donor
        return " ".join([text, *(str(remark) for remark in self.remarks)]).strip()
