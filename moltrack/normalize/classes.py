"""What a small variant is classified as, by whose word, and which lesions it is.

In this order: the laboratory's word; ClinVar where it speaks clearly; the listed hotspots; the named classes of
``references/classes.yaml``. Whatever none of these calls is of no class: it is kept, and no rule reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from moltrack import resources
from moltrack.model import SmallVariant, Technique
from moltrack.normalize.alleles import edit_of
from moltrack.normalize.hgvs import (
    ProteinChange,
    canonical,
    coding_name,
    genomic_of,
    held_transcript,
    hotspot_of,
    protein_change,
)
from moltrack.resources import Hotspot, VariantClass

PATHOGENIC = ("pathogenic", "likely_pathogenic")

#: Above this population frequency (fraction) no named class makes a variant pathogenic (convention; ACMG BA1 asks for 5 %).
COMMON = 0.01


class Classified(NamedTuple):
    """A class with its reason.

    ``classification``: ``pathogenic``, ``likely_pathogenic``, ``uncertain``, ``likely_benign``, ``benign``, or "" = nobody says. ``lesions`` are
    the gene symbol of a (likely) pathogenic variant and what else it is (``CEBPA_bZIP``, ``FLT3_TKD``).
    """

    classification: str
    why: str
    lesions: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


_WORDS = {
    "pathogenic": "pathogenic",
    "p": "pathogenic",
    "5": "pathogenic",
    "class 5": "pathogenic",
    "oncogenic": "pathogenic",
    "driver": "pathogenic",
    "tier i": "pathogenic",
    "tier 1": "pathogenic",
    "likely pathogenic": "likely_pathogenic",
    "lp": "likely_pathogenic",
    "4": "likely_pathogenic",
    "class 4": "likely_pathogenic",
    "likely oncogenic": "likely_pathogenic",
    "tier ii": "likely_pathogenic",
    "tier 2": "likely_pathogenic",
    "uncertain significance": "uncertain",
    "uncertain": "uncertain",
    "unknown significance": "uncertain",
    "variant of uncertain significance": "uncertain",
    "variant of unknown significance": "uncertain",
    "vus": "uncertain",
    "3": "uncertain",
    "class 3": "uncertain",
    "tier iii": "uncertain",
    "tier 3": "uncertain",
    "likely benign": "likely_benign",
    "lb": "likely_benign",
    "2": "likely_benign",
    "class 2": "likely_benign",
    "benign": "benign",
    "b": "benign",
    "1": "benign",
    "class 1": "benign",
    "tier iv": "benign",
    "tier 4": "benign",
    "polymorphism": "benign",
}
#: ClinVar terms that are no statement about pathogenicity.
_NO_STATEMENT = {
    "not provided",
    "other",
    "drug response",
    "risk factor",
    "association",
    "affects",
    "protective",
    "no classification",
}
_SEVERITY = ("pathogenic", "likely_pathogenic", "uncertain", "likely_benign", "benign")


@lru_cache(maxsize=1024)
def read_class(text: str) -> str:
    """A printed class in our words: ``Pathogenic/Likely_pathogenic``, ``VUS``, ``Tier I``, ``5``; "" when it says nothing that is known.

    ClinVar's ``Conflicting ...`` and a list with both a pathogenic and a benign or uncertain entry are ``uncertain``; pathogenic
    and likely pathogenic together are ``pathogenic``, and so for benign. AMP/ASCO/CAP tiers I and II count as (likely)
    pathogenic (convention: Li, J Mol Diagn 2017;19:4 grades clinical significance).
    """
    plain = text.strip().lower().replace("_", " ")
    if "conflicting" in plain:
        return "uncertain"
    found = set()
    for word in re.split(r"[/|,;&]", plain):
        word = re.sub(r"\s+", " ", word).strip(" .")
        word = re.sub(r"\s*\(.*\)$", "", word)
        if word and word not in _NO_STATEMENT:
            found.add(_WORDS.get(word, ""))
    found.discard("")
    if not found:
        return ""
    if len(found) == 1:
        return found.pop()
    for pair in ({"pathogenic", "likely_pathogenic"}, {"benign", "likely_benign"}):
        if found <= pair:
            return next(word for word in ("pathogenic", "benign") if word in pair)
    return "uncertain"


#: Techniques that look for one mutation.
_TARGETED = frozenset({Technique.QPCR, Technique.DPCR})


def classify(finding: SmallVariant, classification: str = "", technique: Technique = Technique.UNKNOWN) -> Classified:
    """The class of a variant.

    Parameters
    ----------
    classification
        The laboratory's word (a column of its report); it wins over everything else.
    technique
        How it was found: a PCR that names its gene alone ("NPM1 mutated") has the gene's mutation for its target.
    """
    item = canonical(finding)
    spot = hotspot_of(item)
    gene = item.gene or (spot.gene if spot else _gene_at(item))
    named = _named(item, gene, spot)
    flags = _flags(item, spot, named)
    if word := read_class(classification):
        return _result(word, f"the laboratory's class '{classification.strip()}'", gene, item, named, flags)
    said = read_class(item.clinical_significance)
    clinvar = f"CLNSIG '{item.clinical_significance.strip()}'"
    if said and said != "uncertain":
        if said.endswith("benign") and (named or (spot and spot.evidence != "listed")):
            flags = (*flags, "class_disagrees")
        return _result(said, clinvar, gene, item, named, flags)
    disagrees = (*flags, "clinvar_uncertain") if said else flags
    spot = spot or _same_protein(item, gene)
    if spot is not None and spot.evidence in {"pathogenic", "recurrent"}:
        word = "pathogenic" if spot.evidence == "pathogenic" else "likely_pathogenic"
        name = " ".join(filter(None, (spot.gene, spot.hgvs_p or spot.hgvs_c, spot.name)))
        return _result(word, f"hotspot {name} ({', '.join(spot.source)})", gene, item, named, disagrees)
    common = item.population_af is not None and item.population_af >= COMMON
    if named is not None and not common:
        basis = "" if named.basis == "stated" else ", convention"
        why = f"class {named.id}: {named.title} ({named.source}{basis})"
        return _result(named.classification, why, gene, item, named, disagrees)
    if said:
        return Classified(said, clinvar, flags=flags)
    if technique in _TARGETED and not (item.pos or item.hgvs_c or item.hgvs_p):
        target = next((own for own in _classes_of(gene) if own.is_whole_gene), None)
        if target is not None:
            why = f"target of a PCR, its type not told: {target.title} ({target.source}, convention)"
            return _result(target.classification, why, gene, item, target, disagrees)
    why = f"population frequency {item.population_af:.2g}" if common and named else ""
    return Classified("", why, flags=flags)


def _gene_at(item: SmallVariant) -> str:
    """The gene over an unannotated variant, "" when the references hold none there."""
    if item.pos is None or item.build not in resources.BUILDS:
        return ""
    return next(iter(resources.genes_at(item.build, item.chrom, item.pos)), "")


def _same_protein(item: SmallVariant, gene: str) -> Hotspot | None:
    """A hotspot with the same protein change, when residue numbers of the gene can be trusted."""
    transcript, _ = held_transcript(gene, item.transcript)
    if transcript is None or not item.hgvs_p or "fs" in item.hgvs_p:
        return None
    return _hotspots_by_protein().get((transcript.gene, item.hgvs_p))


@cache
def _hotspots_by_protein() -> dict[tuple[str, str], Hotspot]:
    return {(h.gene, h.hgvs_p): h for h in resources.hotspots() if h.hgvs_p and h.evidence != "listed"}


def _result(
    word: str, why: str, gene: str, item: SmallVariant, named: VariantClass | None, flags: tuple[str, ...]
) -> Classified:
    if word not in PATHOGENIC:
        return Classified(word, why, flags=flags)
    lesions = [gene] if gene else []
    lesions += special_lesions(item, named)
    return Classified(word, why, tuple(dict.fromkeys(lesions)), flags)


def special_lesions(finding: SmallVariant, named: VariantClass | None = None) -> tuple[str, ...]:
    """Lesions by the kind of variant (``CEBPA_bZIP``, ``FLT3_TKD``): where and what it changes, whoever calls it pathogenic."""
    if named is None:
        item = canonical(finding)
        spot = hotspot_of(item)
        named = _named(item, item.gene or (spot.gene if spot else _gene_at(item)), spot)
    if named is None or "bzip_boundary" in _boundary_flags(named, finding):
        return ()
    return named.lesions


# --- what the variant does --------------------------------------------------------------------------------------------

_CONSEQUENCES = {
    "frameshift_variant": "frameshift",
    "stop_gained": "stop_gained",
    "splice_donor_variant": "splice_site",
    "splice_acceptor_variant": "splice_site",
    "start_lost": "start_lost",
    "inframe_insertion": "inframe",
    "inframe_deletion": "inframe",
    "disruptive_inframe_insertion": "inframe",
    "disruptive_inframe_deletion": "inframe",
    "conservative_inframe_insertion": "inframe",
    "conservative_inframe_deletion": "inframe",
    "inframe_indel": "inframe",
    "missense_variant": "missense",
    "protein_altering_variant": "inframe",
    "synonymous_variant": "synonymous",
    # ANNOVAR and MAF
    "frameshift insertion": "frameshift",
    "frameshift deletion": "frameshift",
    "frameshift substitution": "frameshift",
    "frame_shift_ins": "frameshift",
    "frame_shift_del": "frameshift",
    "nonframeshift insertion": "inframe",
    "nonframeshift deletion": "inframe",
    "in_frame_ins": "inframe",
    "in_frame_del": "inframe",
    "stopgain": "stop_gained",
    "nonsense_mutation": "stop_gained",
    "nonsynonymous snv": "missense",
    "missense_mutation": "missense",
    "splice_site": "splice_site",
    "translation_start_site": "start_lost",
    "silent": "synonymous",
    "synonymous snv": "synonymous",
    "startloss": "start_lost",
    "stopgain snv": "stop_gained",
    "frameshift block substitution": "frameshift",
    "nonframeshift block substitution": "inframe",
    "nonframeshift substitution": "inframe",
    # bcftools csq, CaVEMan, Ion Reporter
    "frameshift": "frameshift",
    "missense": "missense",
    "nonsense": "stop_gained",
    "synonymous": "synonymous",
    "splice_donor": "splice_site",
    "splice_acceptor": "splice_site",
    "inframe_altering": "inframe",
    "frameshiftinsertion": "frameshift",
    "frameshiftdeletion": "frameshift",
    "frameshiftblocksubstitution": "frameshift",
    "nonframeshiftinsertion": "inframe",
    "nonframeshiftdeletion": "inframe",
    "nonframeshiftblocksubstitution": "inframe",
    # Funcotator
    "start_codon_snp": "start_lost",
    "start_codon_ins": "start_lost",
    "start_codon_del": "start_lost",
    # SnpEff before 4.1 (EFF)
    "frame_shift": "frameshift",
    "splice_site_acceptor": "splice_site",
    "splice_site_donor": "splice_site",
    "codon_insertion": "inframe",
    "codon_deletion": "inframe",
    "codon_change_plus_codon_insertion": "inframe",
    "codon_change_plus_codon_deletion": "inframe",
    "non_synonymous_coding": "missense",
    "synonymous_coding": "synonymous",
}
_ORDER = ("frameshift", "stop_gained", "splice_site", "start_lost", "inframe", "missense", "synonymous")


class _Change(NamedTuple):
    """Effect, codons, coding bases that are touched, and net length (None = not known)."""

    effect: str
    first: int | None = None
    last: int | None = None
    exon: int | None = None
    net: int | None = None


def _change(item: SmallVariant, spot: Hotspot | None) -> _Change:
    """What a variant does, from its protein name, its coding name, its consequence, or its place in the exons."""
    protein = _protein(item, spot)
    place = _place(item)
    effect = _said_effect(item, protein) or place.effect
    first, last = (protein.first, protein.last) if protein else (place.first, place.last)
    return _Change(effect, first, last, place.exon or _exon_of_codon(item, protein), place.net)


def _protein(item: SmallVariant, spot: Hotspot | None) -> ProteinChange | None:
    return protein_change(item.hgvs_p) or (protein_change(spot.hgvs_p) if spot else None)


def _said_effect(item: SmallVariant, protein: ProteinChange | None) -> str:
    """The effect by the names alone: a frameshift of the protein, the consequence, another protein change; "" when they are silent."""
    if protein and protein.effect == "frameshift":
        return "frameshift"
    return _effect_of_terms(item.consequence) or (protein.effect if protein else "")


@lru_cache(maxsize=1024)
def _effect_of_terms(consequence: str) -> str:
    found = {_CONSEQUENCES.get(term.strip().lower(), "") for term in re.split(r"[&,;]", consequence)}
    return next((effect for effect in _ORDER if effect in found), "")


def _exon_of_codon(item: SmallVariant, protein: ProteinChange | None) -> int | None:
    transcript, _ = held_transcript(item.gene, item.transcript)
    exon = transcript.exon_of(3 * protein.first - 2) if transcript and protein else None
    return exon.number if exon else None


_SPLICE = re.compile(r"c\.(?:\d+_)?\d+[+-][12](?!\d)")


def _place(item: SmallVariant) -> _Change:
    """Effect, codons and exon from the allele and the exons of the references; what needs sequence stays open."""
    transcript, _ = held_transcript(item.gene, item.transcript)
    build = item.build if item.pos is not None else "GRCh38"
    if transcript is None and item.pos is not None:
        transcript = resources.transcript(_gene_at(item))
    if item.pos is not None:
        edit = edit_of(item.chrom, item.pos, item.ref, item.alt)
    elif coding_name(item.hgvs_c):
        edit = genomic_of(item.gene, item.hgvs_c, build, item.transcript)
        if edit is None:
            return _Change(*_from_name(item))
    else:
        return _Change("")
    if transcript is None or edit is None or build not in resources.BUILDS:
        return _Change("")
    first, last = edit.start + 1, max(edit.end, edit.start + 1)
    names = [transcript.c_position(build, first)]
    if last != first:
        names.append(transcript.c_position(build, last))
    ends = sorted(codon for name in names if (codon := transcript.codon_of(name)))
    exon = transcript.exon_at(build, first) or transcript.exon_at(build, last)
    number = exon.number if exon and exon.c_start is not None else None
    if any(_SPLICE.fullmatch(f"c.{name}") for name in names):
        return _Change("splice_site", exon=number, net=edit.net)
    if not ends or number is None:
        return _Change("", exon=number, net=edit.net)
    effect = "" if edit.net == 0 else "inframe" if edit.net % 3 == 0 else "frameshift"
    return _Change(effect, ends[0], ends[-1], number, edit.net)


def _from_name(item: SmallVariant) -> tuple[str, int | None, int | None]:
    """Effect and codons of a coding name that cannot be placed: a duplication of known length."""
    match = re.fullmatch(r"c\.(\d+)(?:_(\d+))?(dup|del)", coding_name(item.hgvs_c))
    if match is None:
        return ("splice_site" if _SPLICE.match(coding_name(item.hgvs_c)) else "", None, None)
    first, last = int(match[1]), int(match[2] or match[1])
    effect = "inframe" if (last - first + 1) % 3 == 0 else "frameshift"
    return effect, (first + 2) // 3, (last + 2) // 3


# --- named classes ----------------------------------------------------------------------------------------------------


def _named(item: SmallVariant, gene: str, spot: Hotspot | None) -> VariantClass | None:
    symbol = resources.gene_symbol(gene) or gene
    asked = _classes_of(symbol)
    said = _said_effect(item, _protein(item, spot))
    if not asked or (said and not any(said in own.effects for own in asked)):
        return None
    change = _change(item, spot)
    return next((own for own in asked if _fits(own, symbol, change)), None)


@cache
def _classes_of(symbol: str) -> tuple[VariantClass, ...]:
    return tuple(own for own in resources.variant_classes() if symbol in own.genes)


def _fits(own: VariantClass, symbol: str, change: _Change) -> bool:
    if change.effect not in own.effects:
        return False
    if own.codons and not _overlaps(own.codons + own.boundary, change):
        return False
    if own.last_exons:
        transcript = resources.transcript(symbol)
        last = [exon.number for exon in transcript.coding_exons[-own.last_exons :]] if transcript else []
        if change.exon not in last:
            return False
    return own.adds_bases is None or change.net is None or change.net % 3 == own.adds_bases


def _overlaps(ranges: Iterable[tuple[int, int]], change: _Change) -> bool:
    if change.first is None or change.last is None:
        return False
    return any(first <= change.last and change.first <= last for first, last in ranges)


def _boundary_flags(named: VariantClass, finding: SmallVariant) -> tuple[str, ...]:
    if not named.boundary or not named.boundary_flag:
        return ()
    item = canonical(finding)
    change = _change(item, hotspot_of(item))
    inside = change.first is not None and any(
        first <= change.first and (change.last or change.first) <= last for first, last in named.codons
    )
    return () if inside else (named.boundary_flag,)


def _flags(item: SmallVariant, spot: Hotspot | None, named: VariantClass | None) -> tuple[str, ...]:
    flags = list(named.flags) if named else []
    if named is not None:
        flags += _boundary_flags(named, item)
    if spot is not None and "errors of sequencing" in spot.note:
        flags.append("artefact_prone")
    if spot is not None and "germline" in spot.note:
        flags.append("germline_possible")
    return tuple(dict.fromkeys(flags))
