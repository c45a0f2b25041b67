"""What a FISH probe shows when an event is counted: the finding behind ``TP53/D17Z1`` and ``deletion``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from moltrack.formats.clinical.cells import checked
from moltrack.formats.clinical.names import change_of, copy_number_of, current_symbol, fusion_of, is_gene
from moltrack.formats.tables import Row
from moltrack.model import Change, CopyNumber, Fusion

if TYPE_CHECKING:
    from moltrack.resources import Probe

_FUSION_WORDS = frozenset({"fusion", "translocation", "dual fusion", "dual-fusion", "gene fusion", "translokation"})
_SPLIT_WORDS = frozenset(
    {
        "break-apart",
        "break apart",
        "breakapart",
        "rearrangement",
        "rearranged",
        "split",
        "separation",
        "rearrangement (split)",
        "umlagerung",
    }
)
_WHOLE_WORDS = {
    "monosomy": Change.LOSS,
    "monosomie": Change.LOSS,
    "trisomy": Change.GAIN,
    "trisomie": Change.GAIN,
    "tetrasomy": Change.GAIN,
    "polysomy": Change.GAIN,
}

#: How a probe's name may say that its halves are seen apart.
_BREAK_APART = re.compile(r"[\s_-]*(break[ -]?apart|BAP?|split|rearrangement)(\s+probe)?$", re.IGNORECASE)
_MAKER = re.compile(r"^(?:(?:LSI|XL|ON|SPEC|Vysis|ZytoLight|Cytocell|MetaSystems)\s+)+", re.IGNORECASE)
_COLOUR = re.compile(
    r"\s+(?:Spectrum\s?(?:Orange|Green|Aqua|Red|Gold)|plus|dual[ -]colou?r|probe(?: kit| set)?)\b", re.IGNORECASE
)
_BAND = re.compile(r"(?:[1-9]|1\d|2[0-2]|[XY])[pq][\d.]*(?:-?[pq]?[\d.]+)?")

#: Loss of the chromosome or of its long arm, not told which: ``-7 or del(7q)``, ``-5/5q-``.
_EITHER = re.compile(r"-(?P<chrom>\d{1,2})\s*(?:or|oder|/)\s*(?:del\s?\((?P=chrom)q\)|(?P=chrom)q-)", re.IGNORECASE)
_SHORT = re.compile(r"(?P<arm>\d{1,2}[pq])-")  # as until ISCN 1995

Finding = Fusion | CopyNumber


def plain_name(probe: str) -> str:
    """The probe without its maker, colours, and the bands and older symbols that names carry along: ``LSI TP53 (17p13)``,
    ``11q23 (KMT2A)``, ``KMT2A (MLL)``.
    """
    name = _COLOUR.sub("", _MAKER.sub("", probe.strip()))
    name = re.sub(r"([\w-]+)\s*\(([^()]*)\)", _without_aside, name)
    if (inner := re.fullmatch(rf"{_BAND.pattern}\s*\(([\w-]+)\)", name)) and _is_name(inner[1]):
        return inner[1]
    return name


def _without_aside(found: re.Match[str]) -> str:
    """A name without its band, or without another name of the same gene; else as it stands."""
    name, aside = found.groups()
    same = bool(current_symbol(name)) and current_symbol(name) == current_symbol(aside)
    return name if _is_name(name) and (same or _BAND.fullmatch(aside)) else found[0]


def _is_name(text: str) -> bool:
    from moltrack import resources

    return is_gene(text) or text.upper() in resources.loci()


def finding_of(row: Row, probe: str, event: str) -> Finding:
    """The finding that a probe (set) shows when the event is counted.

    Raises
    ------
    FormatError
        The probe is neither a gene nor a locus that is known, or it does not say what was counted.
    """
    probe, word = plain_name(probe), event.strip().lower()
    if word in _FUSION_WORDS:
        return _dual_fusion(row, probe)
    if word in _SPLIT_WORDS:
        return _break_apart(row, probe)
    if word in _WHOLE_WORDS:
        chrom = chromosome_of(probe)
        if not chrom:
            raise row.error(
                f"column 'probe' holds '{probe}', whose chromosome is not known.",
                advice="Write the event with its number: monosomy 7.",
            )
        return CopyNumber(_WHOLE_WORDS[word], chrom=chrom, probe=probe, nomenclature=f"{word} {chrom}")
    if (change := change_of(word)) is not None:
        return _beside_control(_copy_number(row, probe, change), probe)
    if event:
        found = copy_number_of(event) or checked(row, "event", fusion_of, event) or _named_lesion(event)
        if found is None:
            raise row.error(
                f"column 'event' holds '{event}'.",
                advice="Write deletion, gain, amplification, monosomy, trisomy, fusion or break-apart.",
            )
        return _with_probe(found, probe)
    return usual_finding(row, probe)


def usual_finding(row: Row, probe: str) -> Finding:
    """What a probe (set) is made to show, when the row does not say what was counted."""
    if (either := _EITHER.fullmatch(probe.strip())) is not None:
        return _either_loss(probe.strip(), either["chrom"])
    if (short := _SHORT.fullmatch(probe.strip())) is not None:
        probe = f"del({short['arm']})"
    if (change := copy_number_of(probe)) is not None:
        return _with_probe(change, probe)
    design = _design(probe)
    if design == "break_apart" or (_BREAK_APART.search(probe) and is_gene(_BREAK_APART.sub("", probe))):
        return _break_apart(row, probe)
    if (pair := _fusion_of_three(probe)) is not None:
        return _unordered(pair)
    fusion = checked(row, "probe", fusion_of, probe)
    if fusion is not None and design != "enumeration" and ("/" not in probe or design or _is_described(fusion)):
        return _unordered(fusion)
    if (lesion := _named_lesion(probe)) is not None:
        return lesion
    if (shown := change_shown(probe)) is not None:
        return _copy_number(row, probe, shown)
    if design or is_gene(probe) or locus_names(probe) or _BAND.fullmatch(probe):
        raise row.error(
            f"does not say what was counted with the probe '{probe}'.",
            advice=f"Fill in the column 'event': {_events(probe, design)}.",
        )
    raise row.error(
        f"column 'probe' holds '{probe}', which is neither a gene nor a probe that is known.",
        advice="Write the HGNC symbol, or the event (del(5q), +8).",
    )


def _either_loss(probe: str, chrom: str) -> CopyNumber:
    """The loss of a long arm where that is the same lesion as the loss of its chromosome (5, 20), else a loss under its own name."""
    from moltrack import resources

    rules = [rule for rule in resources.copy_number_rules() if rule.chrom == chrom and rule.change == Change.LOSS]
    if len({rule.lesion for rule in rules}) == 1 and rules[0].arm == "q":
        return CopyNumber(Change.LOSS, chrom=chrom, band_start="q", band_end="q", probe=probe, nomenclature=probe)
    return CopyNumber(Change.LOSS, probe=probe, nomenclature=probe)


def change_shown(probe: str) -> Change | None:
    """The gain or loss that a probe set is made to show: of one target, beside a control or named as it stands in the references.

    The control tells a loss from a cell that was hit by half: a target of such a set alone (``TP53``) does not say what was counted,
    nor does a set of several targets (``D8Z2/MYC``).
    """
    known = probe_set(probe)
    if known is None or known.design != "enumeration" or len(known.targets) > 1:
        return None
    if not locus_names(probe) >= locus_names("/".join((*known.targets, *known.controls))):
        return None
    if not known.lesions:
        return Change.LOSS if known.controls else None
    from moltrack import resources

    changes = {Change(rule.change) for rule in resources.copy_number_rules() if rule.lesion in known.lesions}
    return changes.pop() if len(changes) == 1 else None


def lesions_shown(probe: str) -> tuple[str, ...]:
    """Lesions that a probe set looks for, when it is made to show one change: ``D7S486/D7Z1`` looks for -7 and del(7q)."""
    known = probe_set(probe) if change_shown(probe) is not None else None
    return known.lesions if known is not None else ()


def _is_described(fusion: Fusion) -> bool:
    """True for a pair that the references know as a fusion: a slash also stands between a locus and another (``ATM/TP53``)."""
    from moltrack import resources

    pair = {current_symbol(fusion.gene5), current_symbol(fusion.gene3)}
    known = ({item.gene5, item.gene3} for item in resources.known_fusions())
    return pair in known or any(pair == set(genes) for item in resources.lesions().values() for genes in item.pairs)


def _events(probe: str, design: str) -> str:
    """What can be counted with a probe."""
    from moltrack import resources

    if design == "dual_fusion":
        return "fusion"
    loci = [resources.loci().get(name.upper()) for name in locus_names(probe)]
    if loci and all(locus is not None and locus.band == "cen" for locus in loci):
        return "monosomy or trisomy"
    if design == "enumeration" or any(loci) or _BAND.fullmatch(probe):
        return "deletion, monosomy, gain or trisomy"
    return "deletion, gain, amplification, fusion or break-apart"


def _fusion_of_three(probe: str) -> Fusion | None:
    """The gene pair of a dual-fusion set that names a third probe beside it: ``BCR/ABL1/ASS1``."""
    from moltrack import resources

    names = {current_symbol(part): part.strip() for part in probe.split("/")}
    for known in resources.probes().values():
        if probe.count("/") == 2 and known.design == "dual_fusion" and set(known.targets) < set(names):
            one, two = known.targets
            return Fusion(names[one], names[two])
    return None


def _named_lesion(text: str) -> Fusion | None:
    """``t(8;21)``, ``inv(16)`` ... as the gene pair that the lesion stands for."""
    from moltrack import resources

    wanted = text.replace(" ", "").lower()
    for lesion in resources.lesions().values():
        if (
            lesion.pairs
            and any(
                name.replace(" ", "").lower().startswith(wanted)
                for name in (*lesion.iscn, *lesion.aliases, lesion.label)
            )
            and "(" in wanted
        ):
            one, two = lesion.pairs[0]
            return Fusion(one, two, ordered=False)
    return None


def _with_probe(found: Finding, probe: str) -> Finding:
    if isinstance(found, Fusion):
        return _unordered(found)
    return replace(found, probe=probe)


def _unordered(fusion: Fusion) -> Fusion:
    """Dual-fusion signals tell that two genes meet, not which of them is 5'."""
    return replace(fusion, ordered=False)


def _dual_fusion(row: Row, probe: str) -> Fusion:
    fusion = checked(row, "probe", fusion_of, probe) or _named_lesion(probe)
    if fusion is None:
        raise row.error(
            f"column 'probe' holds '{probe}', which is not a pair of known genes.", advice="Write both genes: BCR/ABL1."
        )
    return _unordered(fusion)


def _break_apart(row: Row, probe: str) -> Fusion:
    gene = _BREAK_APART.sub("", probe).strip()
    symbol = current_symbol(gene)
    if not symbol:
        raise row.error(
            f"column 'probe' holds '{probe}', which is not a gene that is known.",
            advice="Write the HGNC symbol of the rearranged gene.",
        )
    return Fusion(gene if _is_symbol(gene) else symbol, "", ordered=False, rearranged_only=True)


def _is_symbol(name: str) -> bool:
    from moltrack import resources

    return bool(resources.gene_symbol(name))


def _copy_number(row: Row, probe: str, change: Change) -> CopyNumber:
    """A gain or loss of the probe's target: a gene, or a locus with its chromosome and band."""
    from moltrack import resources

    target = _target(probe)
    if is_gene(target):
        return CopyNumber(change, gene=target, probe=probe)
    if (locus := resources.loci().get(target.upper())) is not None:
        band = "" if locus.band == "cen" else locus.band
        return CopyNumber(change, chrom=locus.chrom, band_start=band, band_end=band, probe=locus.name)
    if (stretch := copy_number_of(f"{target} {'loss' if change is Change.LOSS else 'gain'}")) is not None:
        return _with_change(stretch, change, probe)
    raise row.error(
        f"column 'probe' holds '{probe}', which is neither a gene nor a probe that is known.",
        advice="Write the HGNC symbol, or the event (del(5q), +8).",
    )


def _beside_control(found: CopyNumber, probe: str) -> CopyNumber:
    """A deletion counted with a set that tells it from the loss of the whole chromosome: the control is kept."""
    known = probe_set(probe)
    if found.change is not Change.LOSS or not found.probe or known is None or len(known.lesions) < 2:
        return found
    if not locus_names(probe) >= locus_names("/".join(known.controls)):
        return found
    kept = ",".join(f"{name}x2" for name in known.controls)
    return replace(found, nomenclature=f"nuc ish({found.probe}x1,{kept})")


def _with_change(found: CopyNumber, change: Change, probe: str) -> CopyNumber:
    return replace(found, change=change, probe=probe)


def _target(probe: str) -> str:
    """The probe that is looked at: the target of a known set, else the gene before the control."""
    from moltrack import resources

    known = probe_set(probe)
    if known is not None:
        return known.targets[0]
    parts = [part.strip() for part in probe.replace(",", "/").split("/") if part.strip()]
    genes = [part for part in parts if is_gene(part)]
    return (genes or [part for part in parts if part.upper() in resources.loci()] or [probe])[0]


def _design(probe: str) -> str:
    known = probe_set(probe)
    return known.design if known is not None else ""


def probe_set(probe: str) -> Probe | None:
    """The probe set of the references with these names, in any order and spelling."""
    from moltrack import resources

    wanted = locus_names(probe)
    if not wanted:
        return None
    sets = [(known, frozenset(known.targets), frozenset(known.controls)) for known in resources.probes().values()]
    named = (known for known, targets, controls in sets if wanted in (locus_names(known.name), targets | controls))
    aimed = (known for known, targets, _ in sets if wanted == targets)
    return next(named, None) or next(aimed, None)


def locus_names(probe: str) -> frozenset[str]:
    """Current symbols and locus names of a probe set; empty when one of them is unknown."""
    from moltrack import resources

    names = set()
    whole = current_symbol(probe)
    for part in [probe] if whole else probe.replace(",", "/").replace(" and ", "/").split("/"):
        name = part.strip()
        symbol = current_symbol(name) or (
            resources.loci()[name.upper()].name if name.upper() in resources.loci() else ""
        )
        if not symbol:
            return frozenset()
        names.add(symbol)
    return frozenset(names)


def chromosome_of(probe: str) -> str:
    from moltrack import resources

    target = _target(probe)
    symbol = current_symbol(target)
    gene = resources.gene(symbol) if symbol else None
    if gene is not None:
        return gene.chrom
    locus = resources.loci().get(target.upper())
    if locus is not None:
        return locus.chrom
    return target if target.isdecimal() or target in {"X", "Y"} else ""


def not_told_which(name: str) -> tuple[str, ...]:
    """A probe that is reported for two lesions at once (``-7 or del(7q)``) does not tell which."""
    return (f"{name.strip()}: not told which",) if " or " in name or _EITHER.fullmatch(name.strip()) else ()
