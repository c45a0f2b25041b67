"""A karyotype string as a whole: clones, abnormalities over all clones, flags, counts.

A flag is True when the string states the lesion, False when it is read completely and does not, and None when it does not tell:
no karyotype, words that were not understood, ``inc``, a question mark, ``or``, too few cells to be a clone, or only in donor cells.

Source: Döhner, Blood 2022;140:1345 (lesions, complex, hyperdiploid exception); Breems, J Clin Oncol 2008;26:4791 (monosomal);
ISCN 2020, 11.1.1 (a clone: two cells with the same gain or structural change, three with the same loss).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from moltrack.iscn.array import ArrayResult, parse_array
from moltrack.iscn.bands import AUTOSOMES, names
from moltrack.iscn.clean import cleaned
from moltrack.iscn.clones import cut
from moltrack.iscn.counting import counted
from moltrack.iscn.imbalance import effect_of
from moltrack.iscn.ish import Ish, parse_ish
from moltrack.iscn.lesions import LESIONS, lesions_of
from moltrack.iscn.records import Clone, Counted, Event, Finding, ParsedKaryotype, Part, Remark
from moltrack.iscn.remarks import read_remark

FLAGS = (*LESIONS, "complex", "monosomal", "hyperdiploid", "normal_karyotype")

#: Lesions that define a class of their own in both editions of the recommendations: with one of them three abnormalities are not
#: a "complex karyotype".
CLASS_DEFINING = (
    "t_8_21",
    "inv16_t16_16",
    "t_15_17",
    "t_6_9",
    "inv3_t3_3",
    "t_9_22",
    "t_9_11",
    "t_v_11q23_other",
    "kmt2a_r_partner_unknown",
)

#: Pericentric inversions found in healthy people: chromosome -> bands of the short and of the long arm.
_VARIANT_INVERSIONS = {"9": ({"p11", "p12"}, {"q12", "q13"}), "Y": ({"p11", "p11.2"}, {"q11", "q11.2", "q12"})}

#: Not a structural abnormality for "monosomal": markers and double minutes may hold anything.
_NOT_STRUCTURAL = frozenset({"gain", "loss", "mar", "dmin", "ace", "var", "unknown", "fra", "upd"})


def parse(text: str) -> ParsedKaryotype:
    """A karyotype as a laboratory typed it.

    Returns
    -------
    ParsedKaryotype
        Always; what could not be read stands in ``problems`` and leaves the flags that depend on it None.
    """
    parts = cut(cleaned(text))
    read = parts.clones if parts.mosaic else _with_lost_sex(parts.clones, parts.problems)
    clones = tuple(_with_variants(clone) for clone in read)
    remarks, fish, arrays = _beside(parts.remarks, parts.problems)
    findings = _findings(clones, parts.problems)
    items = _counted(findings, clones)
    for clone in clones:
        _check_number(clone, parts.problems)
        if clone.incomplete:
            parts.problems.append(f"clone {clone.number} is incomplete: what it leaves out is unknown")
    if not clones:
        parts.problems.append("no karyotype is written here")
    counts = [clone.cells for clone in clones if clone.cells is not None]
    if counts and len(counts) < len(clones):
        parts.problems.append("not every clone carries a cell count")
    return ParsedKaryotype(
        text=text,
        clones=clones,
        findings=findings,
        flags=_flags(clones, findings, items, remarks, unread=parts.unread),
        counted=items,
        remarks=remarks,
        fish=fish,
        arrays=arrays,
        metaphases=sum(counts) if counts else None,
        mosaic=parts.mosaic,
        problems=tuple(dict.fromkeys(parts.problems)),
    )


def _beside(
    words: Iterable[str], problems: list[str]
) -> tuple[tuple[Remark, ...], tuple[Ish, ...], tuple[ArrayResult, ...]]:
    remarks: list[Remark] = []
    fish: list[Ish] = []
    arrays: list[ArrayResult] = []
    for text in words:
        start = text.lower().lstrip()
        if start.startswith(("nuc", "ish")):
            fish.append(parse_ish(text))
            problems.extend(fish[-1].problems)
            remarks.append(Remark(text, "FISH", read_remark(text).lesions if start.startswith("ish") else ()))
        elif start.startswith(("arr", "rsa", "sseq")) and not start.startswith("array"):
            arrays.append(parse_array(text))
            problems.extend(arrays[-1].problems)
            remarks.append(Remark(text, "array"))
        else:
            remarks.append(read_remark(text))
    return tuple(remarks), tuple(fish), tuple(arrays)


def _with_lost_sex(clones: Sequence[Clone], problems: list[str]) -> list[Clone]:
    """``45,X/46,XY``: a sex chromosome that a sister clone has and this one lacks without a word is lost."""
    full = next((clone.sex for clone in clones if len(clone.sex) == 2 and not clone.donor and clone.modal == 46), "")
    found: list[Clone] = []
    for clone in clones:
        if full and clone.sex == "X" and clone.modal == 45 and not clone.donor and not _sex_events(clone):
            lost = "Y" if "Y" in full else "X"
            problems.append(f"clone {clone.number} has one X without a word, its sister {full}: read as -{lost}")
            clone = replace(clone, events=(Event("loss", "-", (Part("", (lost,)),)), *clone.events))
        found.append(clone)
    return found


def _sex_events(clone: Clone) -> bool:
    return any({"X", "Y"} & set(event.chromosomes) for event in clone.events)


def _with_variants(clone: Clone) -> Clone:
    if not any(event.kind == "inv" and not event.constitutional for event in clone.events):
        return clone
    return replace(clone, events=tuple(_as_variant(event) for event in clone.events))


def _as_variant(event: Event) -> Event:
    if event.kind == "inv" and len(event.chromosomes) == 1 and event.chromosomes[0] in _VARIANT_INVERSIONS:
        printed = {name for band in event.parts[0].bands_of(event.chromosomes[0]) for name in names(band)}
        short, long = _VARIANT_INVERSIONS[event.chromosomes[0]]
        if printed & short and printed & long and printed <= short | long:
            return replace(event, constitutional=True)
    return event


# --- abnormalities over all clones --------------------------------------------------------------------------------------


@dataclass
class _Seen:
    """One abnormality while the clones are gone through."""

    event: Event
    clones: list[Clone]
    printed: list[int | None]
    replaces: tuple[str, ...] = ()
    balanced: frozenset[str] = frozenset()
    explained: int = 0
    doubtful: bool = False


def _findings(clones: Sequence[Clone], problems: list[str]) -> tuple[Finding, ...]:
    inherited = {event.key for clone in clones for event in clone.events if event.constitutional}
    seen: dict[tuple[bool, str], _Seen] = {}
    for clone in clones:
        pairs = _explained(clone)
        balanced = _balanced(clone)
        for event in clone.events:
            if event.key in inherited and not event.constitutional:
                event = replace(event, constitutional=True)
            entry = seen.setdefault((clone.donor, event.key), _Seen(event, [], []))
            entry.clones.append(clone)
            entry.printed.append(event.cells)
            if not event.uncertain and entry.event.uncertain:
                entry.event = event
            if event.kind == "der":
                entry.balanced = balanced if len(entry.clones) == 1 else entry.balanced & balanced
            explaining = pairs.get(event.key, ())
            if explaining:
                entry.doubtful |= clone.composite
                if event.kind == "loss":
                    entry.explained += 1
                else:
                    entry.replaces = explaining
    return tuple(_finding(entry, problems) for entry in seen.values())


def _explained(clone: Clone) -> dict[str, tuple[str, ...]]:
    """``-7,+der(7)t(7;12)``: the derivative stands for the chromosome lost. Key of either -> keys of the other."""
    losses = {event.body: event for event in clone.events if event.kind == "loss"}
    if not losses:
        return {}
    left = {chrom: event.copies for chrom, event in losses.items()}
    pairs: dict[str, tuple[str, ...]] = {}
    for event in clone.events:
        if event.sign != "+" or not event.parts or event.kind == "gain":
            continue
        own = [chrom for chrom in dict.fromkeys(event.parts[0].chromosomes) if left.get(chrom, 0) > 0]
        if own and len(own) == len(set(event.parts[0].chromosomes) - {"?"}):
            for chrom in own:
                left[chrom] -= 1
            pairs[event.key] = tuple(f"-{chrom}" for chrom in own)
            pairs.update({f"-{chrom}": (event.key,) for chrom in own if left[chrom] == 0})
    return pairs


def _balanced(clone: Clone) -> frozenset[str]:
    """Translocations written by their derivatives, all of which the clone has: ``der(9)t(9;22)...,der(22)t(9;22)``."""
    written: dict[tuple[str, ...], list[tuple[str, Part]]] = {}
    for event in clone.events:
        if event.kind == "der" and not event.sign and len(event.chromosomes) > 1:
            for part in event.parts[1:]:
                if part.kind == "t" and "?" not in part.chromosomes:
                    written.setdefault(part.chromosomes, []).append((event.parts[0].chromosomes[0], part))
    return frozenset(
        str(part)
        for chromosomes, derivatives in written.items()
        if set(chromosomes) <= {home for home, _ in derivatives} and _one_break(part for _, part in derivatives)
        for _, part in derivatives
    )


def _one_break(parts: Iterable[Part]) -> bool:
    """True when no two of these print different bands for one break; a band left out or doubtful contradicts none."""
    printed = list(zip(*(part.bands for part in parts if part.bands), strict=True))
    return all(len({band for band in bands if band and names(band[0])}) <= 1 for bands in printed)


def _finding(entry: _Seen, problems: list[str]) -> Finding:
    event = entry.event
    counts = [clone.cells if own is None else own for clone, own in zip(entry.clones, entry.printed, strict=True)]
    cells = sum(count for count in counts if count is not None) if None not in counts else None
    upper = any(clone.composite and own is None for clone, own in zip(entry.clones, entry.printed, strict=True))
    needed = 3 if event.kind == "loss" else 2
    clonal = cells is None or upper or cells >= needed
    if not clonal and not event.constitutional:
        problems.append(f"'{event.key}' is in {cells} cell{'s' if cells != 1 else ''} only, a clone needs {needed}")
    acting = replace(event, sign="") if entry.replaces and not entry.doubtful else event
    effect, lesions = effect_of(acting, entry.balanced), lesions_of(acting, entry.balanced)
    present, possible = set(lesions.present), set(lesions.possible)
    if entry.doubtful:
        # In a composite karyotype no cell need have both the loss and the derivative.
        other = lesions_of(replace(event, sign="")) if event.kind != "loss" else lesions
        possible |= present ^ set(other.present) if event.kind != "loss" else present & {"minus7", "minusY"}
        present = present & set(other.present) - ({"minus7", "minusY"} if event.kind == "loss" else set())
    explained = event.kind == "loss" and entry.explained == len(entry.clones)
    if explained and not entry.doubtful:
        present, possible = set(), set()
    problems.extend(lesions.assumed)
    return Finding(
        event=event,
        clones=tuple(clone.number for clone in entry.clones),
        cells=cells,
        upper_bound=upper,
        imbalances=() if explained and not entry.doubtful else effect.imbalances,
        lesions=_in_order(present) if clonal else (),
        possible=_in_order(possible if clonal else possible | present),
        clonal=clonal,
        donor=entry.clones[0].donor,
        replaces=entry.replaces,
        explained=explained,
    )


def _in_order(flags: set[str]) -> tuple[str, ...]:
    return tuple(flag for flag in LESIONS if flag in flags) if flags else ()


def _counted(findings: Sequence[Finding], clones: Sequence[Clone]) -> tuple[Counted, ...]:
    own = [finding for finding in findings if _counts(finding)]
    copies: dict[str, int] = {}
    for clone in sorted(clones, key=lambda clone: clone.ploidy):
        for event in clone.events:
            if clone.ploidy > 2 and event.key in copies:
                continue  # a doubled clone holds everything twice
            copies[event.key] = max(copies.get(event.key, 0), event.copies_max)
    derived = frozenset[str]().union(*(_balanced(clone) for clone in clones if not clone.donor))
    return counted(own, clones, copies, derived)


def _counts(finding: Finding) -> bool:
    event = finding.event
    return (
        not (finding.donor or event.constitutional or event.kind == "unknown" or finding.explained) and finding.clonal
    )


# --- flags ----------------------------------------------------------------------------------------------------------------


def _flags(
    clones: Sequence[Clone],
    findings: Sequence[Finding],
    items: Sequence[Counted],
    remarks: Sequence[Remark],
    *,
    unread: bool = False,
) -> dict[str, bool | None]:
    said = {flag for remark in remarks for flag in remark.lesions}
    own = [clone for clone in clones if not clone.donor]
    is_open = (
        not clones
        or unread
        or any(clone.incomplete or any(event.kind == "unknown" for event in clone.events) for clone in own)
    )
    present: set[str] = set()
    possible: set[str] = set()
    for finding in findings:
        if finding.donor:
            possible.update(finding.lesions)
        else:
            present.update(finding.lesions)
        possible.update(finding.possible)
    default = None if is_open else False
    flags: dict[str, bool | None] = {
        flag: True if flag in present or flag in said else None if flag in possible else default for flag in LESIONS
    }
    sure = _counted([finding for finding in findings if not finding.event.in_question], clones)
    flags["complex"] = True if "complex" in said else _is_complex(items, sure, flags, default)
    flags["monosomal"] = _is_monosomal(own, findings, flags, default)
    flags["hyperdiploid"] = _is_hyperdiploid(own, items, findings, default)
    flags["normal_karyotype"] = _is_normal(own, findings, said, is_open)
    return flags


def _is_complex(
    items: Sequence[Counted], sure: Sequence[Counted], flags: Mapping[str, bool | None], default: bool | None
) -> bool | None:
    """Three or more abnormalities by both conventions, without a lesion that defines its own class.

    Open when it takes an abnormality whose presence is questioned (``?del(5)(q13)``) to make three.
    The exception for hyperdiploid karyotypes is a rule of the 2022 edition alone and a flag of its own.
    """
    if any(flags[flag] for flag in CLASS_DEFINING):
        return False
    counts = (sum(item.iscn2024 for item in items), sum(item.chun2010 for item in items))
    if min(sum(item.iscn2024 for item in sure), sum(item.chun2010 for item in sure)) >= 3:
        return True
    return None if max(counts) >= 3 else default


def _is_monosomal(
    clones: Sequence[Clone], findings: Sequence[Finding], flags: dict[str, bool | None], default: bool | None
) -> bool | None:
    """Two autosomal monosomies, or one and a structural abnormality, in one clone, not in core-binding-factor AML."""
    cbf = (flags["t_8_21"], flags["inv16_t16_16"])
    if True in cbf:
        return False
    by_key = {finding.event.key: finding for finding in findings if not finding.donor}
    answer = default
    for clone in clones:
        counting = [by_key[event.key] for event in clone.abnormal if not by_key[event.key].event.constitutional]
        losses = [f for f in counting if f.event.kind == "loss" and f.event.body in AUTOSOMES and not f.explained]
        structural = [f for f in counting if f.event.kind not in _NOT_STRUCTURAL and f.event.parts]
        if not _monosomal(losses, structural):
            continue
        sure = [f for f in losses if _is_sure(f)]
        certain = clone.ploidy <= 2 and _monosomal(sure, [f for f in structural if _is_sure(f)]) and None not in cbf
        answer = True if certain or answer is True else None
    return answer


def _monosomal(losses: Sequence[Finding], structural: Sequence[Finding]) -> bool:
    return len(losses) >= 2 or (len(losses) == 1 and bool(structural))


def _is_sure(finding: Finding) -> bool:
    return finding.clonal and not finding.event.uncertain and not finding.event.alternatives


def _is_hyperdiploid(
    clones: Sequence[Clone], items: Sequence[Counted], findings: Sequence[Finding], default: bool | None
) -> bool | None:
    """Three or more trisomies or polysomies and nothing else that counts."""
    counting = [finding for finding in findings if _counts(finding)]
    gains = {finding.event.body for finding in counting if finding.event.kind == "gain"}
    others = [finding for finding in counting if finding.event.kind != "gain"]
    if any(_is_sure(finding) for finding in others):
        return False
    if any(clone.ploidy > 2 for clone in clones):
        return None  # whether a doubled set without structural change is meant is not said
    if len(gains) < 3:
        return default
    return None if others or default is None or any(finding.event.uncertain for finding in counting) else True


def _is_normal(clones: Sequence[Clone], findings: Sequence[Finding], said: set[str], is_open: bool) -> bool | None:
    if not clones:
        return True if "normal_karyotype" in said else False if "complex" in said else None
    acquired = [finding for finding in findings if not finding.donor and not finding.event.constitutional]
    known = [finding for finding in acquired if finding.event.kind != "unknown"]
    there = any(finding.clonal and not finding.event.in_question for finding in known)
    if there or any(clone.ploidy > 2 for clone in clones):
        return False
    if known or is_open:
        return None
    if said & set(LESIONS):
        return None  # another technique, in the same string, found what metaphases do not show
    return True if all(_number_agrees(clone) and clone.modal == clone.modal_max for clone in clones) else None


# --- number of chromosomes ------------------------------------------------------------------------------------------------


def _check_number(clone: Clone, problems: list[str]) -> None:
    vague = (
        clone.composite or clone.incomplete or clone.modal is None or not clone.sex or clone.modal != clone.modal_max
    )
    if vague or any(
        event.kind in ("unknown", "fis") or event.alternatives or event.uncertain for event in clone.events
    ):
        return
    if "x2" in clone.reference or clone.ploidy > 2 or _number_agrees(clone):
        return
    low, high = _number(clone)
    shown = str(low) if low == high else f"{low} to {high}"
    problems.append(f"clone {clone.number} states {clone.modal} chromosomes, its abnormalities give {shown}")


def _number_agrees(clone: Clone) -> bool:
    if clone.modal is None or clone.modal_max is None or not clone.sex:
        return True
    low, high = _number(clone)
    return low <= clone.modal_max and clone.modal <= high


def _number(clone: Clone) -> tuple[int, int]:
    """Chromosomes by the abnormalities: autosomal sets, the sex chromosomes printed, gains, losses, what stands for two."""
    low = high = 22 * clone.ploidy + len(clone.sex)
    for event in clone.events:
        step = _step(event)
        low += step * (event.copies if event.sign else 1)
        high += step * (event.copies_max if event.sign else 1)
    return min(low, high), max(low, high)


def _step(event: Event) -> int:
    if event.kind == "loss":
        return 0 if event.body in ("X", "Y") else -1
    if event.kind in ("dmin", "ace", "var") or (not event.parts and not event.sign):
        return 0
    if event.sign:
        return 1 if event.sign == "+" else -1
    replaced = event.parts[0].chromosomes
    stands = len(replaced) if event.kind in ("t", "ins", "tas") else 1
    autosomes = sum(1 for chrom in replaced if chrom not in ("X", "Y"))
    return stands - autosomes
