"""Which named lesions an event is: by its breakpoints for translocations, by what it loses or gains for the rest.

Source: Döhner, Blood 2022;140:1345, Table 6 (lesions and their bands); older names of the same bands as the editions of ISCN print
them (9p22 for 9p21.3, 6p23 for 6p22.3, 15q22 to 15q24, 17q11 to 17q22).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from moltrack.iscn.bands import arm_of, names, overlaps
from moltrack.iscn.imbalance import effect_of
from moltrack.iscn.records import Event, Part
from moltrack.model import Change, Imbalance

#: Lesions of two breakpoints: flag -> chromosome and the bands accepted, twice.
PAIRS: dict[str, tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]]] = {
    "t_8_21": (("8", ("q22", "q21.3")), ("21", ("q22.1", "q22.2"))),
    "inv16_t16_16": (("16", ("p13.1",)), ("16", ("q22",))),
    "t_15_17": (("15", ("q22", "q23", "q24")), ("17", ("q11.2", "q12", "q21", "q22"))),
    "t_6_9": (("6", ("p22.3", "p23")), ("9", ("q34",))),
    "inv3_t3_3": (("3", ("q21",)), ("3", ("q26.2",))),
    "t_9_22": (("9", ("q34",)), ("22", ("q11",))),
    "t_9_11": (("9", ("p21", "p22")), ("11", ("q23.3",))),
    "t_8_16": (("8", ("p11",)), ("16", ("p13.3",))),
}
#: Lesions of one breakpoint with any partner.
KMT2A = ("11", "q23.3")
MECOM = ("3", "q26.2")

#: Flags that follow from a gain or loss: change, chromosome, arm ("" = the chromosome as a whole).
LOSSES = {
    "minus5_5q": ("5", "q"),
    "minus17_abn17p": ("17", "p"),
    "del9q": ("9", "q"),
    "del7q": ("7", "q"),
    "minus20_20q": ("20", "q"),
}
WHOLE_LOSSES = {"minus7": "7", "minusY": "Y"}
WHOLE_GAINS = {"plus13": "13", "plus21": "21", "plus22": "22"}
#: Loss of a part of the arm only: loss of the whole chromosome is another lesion.
PARTIAL = frozenset({"del9q", "del7q"})

LESIONS = (
    *PAIRS,
    "t_v_11q23_other",
    "kmt2a_r_partner_unknown",
    "mecom_other",
    *LOSSES,
    *WHOLE_LOSSES,
    "plus8_8q",
    *WHOLE_GAINS,
)

_MOVING = frozenset({"t", "ins", "inv", "der", "ider", "dic", "rec", "fis", "tas", "idic", "i", "add", "r", "del"})


@dataclass(frozen=True, slots=True)
class Lesions:
    """Flags that an event fulfils, flags that it leaves open, and what was assumed (sentences)."""

    present: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    assumed: tuple[str, ...] = ()


@lru_cache(maxsize=20_000)
def lesions_of(event: Event, balanced: frozenset[str] = frozenset()) -> Lesions:
    """The named lesions of an acquired event; of alternatives, those that hold for each.

    ``balanced`` as in :func:`~moltrack.iscn.imbalance.effect_of`.
    """
    if event.constitutional or event.kind == "unknown":
        return Lesions()
    present: set[str] = set()
    possible: set[str] = set()
    assumed: list[str] = []
    for part in event.parts:
        _breakpoints(part, present, possible, assumed)
    _imbalanced(event, balanced, present, possible)
    if event.uncertain:
        present, possible = set(), present | possible
    for other in event.alternatives:
        read = lesions_of(other)
        possible |= (present ^ read.present) | read.possible
        present &= read.present
    return Lesions(frozenset(present), frozenset(possible - present), tuple(assumed))


def _breakpoints(part: Part, present: set[str], possible: set[str], assumed: list[str]) -> None:
    if part.kind in ("t", "ins", "inv"):
        found = set()
        for flag, sides in PAIRS.items():
            verdict = _is_pair(part, flag, sides)
            if verdict is True:
                found.add(flag)
                if not any(part.bands):
                    assumed.append(f"{part} is printed without bands and read as the usual rearrangement")
            elif verdict is None:
                possible.add(flag)
        present |= found
        if not found & {"t_9_11"}:
            _open_partner(part, KMT2A, "t_v_11q23_other", present, possible)
        if not found & {"inv3_t3_3"}:
            _open_partner(part, MECOM, "mecom_other", present, possible)
    elif part.kind in ("add", "dic"):
        # The partner, or whether the gene is broken at all, is not known.
        if _touches(part, KMT2A):
            possible |= {"t_v_11q23_other", "t_9_11", "kmt2a_r_partner_unknown"}
        if _touches(part, MECOM):
            possible |= {"mecom_other"}


def _is_pair(part: Part, flag: str, sides: tuple[tuple[str, tuple[str, ...]], ...]) -> bool | None:
    """True when the breakpoints lie in both bands; None when a band of the right chromosomes is not printed."""
    (first, first_bands), (second, second_bands) = sides
    if part.kind == "inv" or len(part.chromosomes) == 1:
        if first != second or part.chromosomes != (first,):
            return False
    elif first == second:
        if part.chromosomes.count(first) < 2:
            return False
    elif not {first, second} <= set(part.chromosomes):
        return False
    if not any(part.bands):
        return len(part.chromosomes) <= 2
    if first == second:
        own = part.bands_of(first)
        return _any(own, first_bands) and _any(own, second_bands)
    verdicts = [
        _any(own, bands) if (own := tuple(band for band in part.bands_of(chrom) if names(band))) else None
        for chrom, bands in ((first, first_bands), (second, second_bands))
    ]
    if False in verdicts:
        return False
    return True if any(verdicts) else None


def _any(printed: tuple[str, ...], accepted: tuple[str, ...]) -> bool:
    return any(overlaps(name, band) for shown in printed for name in names(shown) for band in accepted)


def _touches(part: Part, place: tuple[str, str]) -> bool:
    return _any(part.bands_of(place[0]), (place[1],))


def _open_partner(part: Part, place: tuple[str, str], flag: str, present: set[str], possible: set[str]) -> None:
    """A rearrangement of one locus with any other: present with a named partner, open without one or with a doubtful band."""
    chrom, band = place
    if chrom not in part.chromosomes:
        return
    partners = [name for name in part.chromosomes if name != chrom]
    own = part.bands_of(chrom)
    if not any(names(shown) for shown in own):
        if part.kind != "inv" and (len(part.chromosomes) > 1):
            possible.add(flag)
        return
    if not _touches(part, place):
        return
    certain = any("?" not in shown and overlaps(shown, band) for shown in own)
    is_kmt2a = flag == "t_v_11q23_other"
    if is_kmt2a and part.kind == "inv":
        possible.add(flag)
    elif is_kmt2a and partners and set(partners) == {"?"}:
        (present if certain else possible).add("kmt2a_r_partner_unknown")
        possible.update((flag, "t_9_11"))
    else:
        (present if certain else possible).add(flag)


def _imbalanced(event: Event, balanced: frozenset[str], present: set[str], possible: set[str]) -> None:
    effect = effect_of(event, balanced)
    for change in effect.imbalances:
        _judge(event, change, present)
    for change in effect.unknown:
        for either in (Change.GAIN, Change.LOSS) if change.change is Change.UNKNOWN else (change.change,):
            _judge(event, Imbalance(either, change.chrom, change.arm), possible, open_end=True)
    if event.sign != "+" and "minus17_abn17p" not in present and _breaks_17p(event):
        present.add("minus17_abn17p")
    if "del7q" in present and any(part.kind == "add" and "7" in part.chromosomes for part in event.parts):
        # add(7)(q..) is a lesion of its own beside del(7q): what was added may be 7q itself.
        present.discard("del7q")
        possible.add("del7q")


def _judge(event: Event, change: Imbalance, found: set[str], *, open_end: bool = False) -> None:
    whole = event.kind in ("gain", "loss")
    if change.change is Change.LOSS:
        for flag, (chrom, arm) in LOSSES.items():
            if change.chrom == chrom and change.arm in ("", arm) and not (whole and flag in PARTIAL):
                found.add(flag)
        for flag, chrom in WHOLE_LOSSES.items():
            if change.chrom == chrom and whole:
                found.add(flag)
        return
    if change.chrom == "8" and change.arm in ("", "q"):
        found.add("plus8_8q")
    for flag, chrom in WHOLE_GAINS.items():
        # Acrocentric: the long arm is the chromosome (+13, i(13)(q10)).
        if (
            change.chrom == chrom
            and change.arm in ("", "q")
            and not change.band_from
            and not (open_end and event.sign != "+")
        ):
            found.add(flag)


def _breaks_17p(event: Event) -> bool:
    """abn(17p) at its word: any break in 17p, balanced ones included; a mere gain is not meant."""
    return any(
        part.kind in _MOVING
        and any(arm_of(name) == "p" for shown in part.bands_of("17") for name in names(shown) if name not in ("p10",))
        for part in event.parts
    )
