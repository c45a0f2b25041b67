"""HGVS names and genomic alleles as one identity.

A report may say ``NPM1 W288fs``, ``p.(Trp288CysfsTer12)`` or ``NPM1 type A``, a VCF ``5 171410539 C CTCTG``, in either build.
Names are read into one spelling (three-letter, ``Ter``), and carried to the genome and back through the exons of the references,
as far as that needs no sequence that the references do not state. :func:`group_variants` says which findings are the same variant.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

from moltrack import resources
from moltrack.model import SmallVariant
from moltrack.normalize.alleles import (
    Edit,
    Fetch,
    edit_of,
    known_base,
    mnv_parts,
    reverse_complement,
    settle,
    shift_right,
    vcf_alleles,
)
from moltrack.resources import Hotspot, Transcript

#: Bases beside an exon that are carried from one build to the other with it: the splice sites and their surroundings.
FLANK = 10

#: Genes whose residue numbers differ between versions of the same accession; their names are compared by position only.
_NUMBERED_BY_VERSION = "protein_aa_by_version"

#: Names whose reading is kept: a variant is looked at several times, and by many samples.
REMEMBERED = 16_384

# --- reading names ----------------------------------------------------------------------------------------------------

_THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "E": "Glu", "Q": "Gln", "G": "Gly", "H": "His", "I": "Ile",
    "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe", "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val",
    "U": "Sec", "X": "Ter", "*": "Ter",
}  # fmt: skip
_ONE = "ARNDCEQGHILKMFPSTWYVU"
_RESIDUE = "|".join([*(name for name in _THREE.values() if name != "Ter"), "Ter", f"[{_ONE}*X]"])
_AT = rf"(?P<aa>{_RESIDUE})(?P<at>\d+)(?:_(?P<aa2>{_RESIDUE})(?P<at2>\d+))?"
_PROTEIN = re.compile(
    rf"{_AT}(?:"
    rf"(?P<fs_aa>{_RESIDUE})?fs(?:(?:Ter|\*|X)(?P<fs_len>\d+|\?)?)?"
    rf"|(?P<kind>delins|del|dup|ins)(?P<seq>(?:{_RESIDUE})*|\d*)"
    rf"|(?P<sub>{_RESIDUE}|=|\?)"
    rf"|(?P<ext>ext.*)"
    rf")?",
)
_CODING = re.compile(
    r"(?P<a>[*-]?\d+(?:[+-]\d+)?)(?:_(?P<b>[*-]?\d+(?:[+-]\d+)?))?"
    r"(?P<change>(?P<old>[ACGT]+)>(?P<new>[ACGT]+)|delins(?P<delins>[ACGT]+)"
    r"|del(?:[ACGT]+|\d+)?(?:ins(?P<delins2>[ACGT]+))?|dup(?P<dup>[ACGT]+|\d+)?|ins(?P<ins>[ACGT]+)|inv(?:\d+)?|=)",
    re.IGNORECASE,
)
_ACCESSION = re.compile(r"^((?:[NX][MPRG]_|ENS[TPG])\d+(?:\.\d+)?|LRG_\w+)(?:\(([\w-]+)\))?:")


@lru_cache(maxsize=REMEMBERED)
def protein_name(text: str) -> str:
    """A protein change in one spelling: ``p.Trp288CysfsTer12`` for ``W288Cfs*12``, ``p.(Trp288Cysfs*12)``, ``NP_002511.1:p.W288CfsX12``.

    "" when the text is no protein change.
    """
    body = _ACCESSION.sub("", text.strip()).replace("%3D", "=")
    prefixed = body.startswith("p.")
    body = body.removeprefix("p.").strip()
    if body.startswith(("(", "[")) and body.endswith((")", "]")):
        body = body[1:-1]
    body = body.replace("STOP", "Ter").replace("stop", "Ter")
    if body in {"?", "="} and prefixed:
        return f"p.{body}"
    match = _PROTEIN.fullmatch(body) or _PROTEIN.fullmatch(_titled(body))
    if match is None:
        return ""
    body = match[0]
    place = _three(match["aa"]) + match["at"]
    if match["aa2"]:
        place += f"_{_three(match['aa2'])}{match['at2']}"
    if match["kind"]:
        return f"p.{place}{match['kind']}{_sequence(match['seq'] or '') if match['kind'] in {'ins', 'delins'} else ''}"
    if "fs" in body:
        length = match["fs_len"]
        aa = match["fs_aa"]
        return f"p.{place}{_three(aa) if aa else ''}fs" + (f"Ter{length}" if length and length != "?" else "")
    if match["ext"]:
        return f"p.{place}{match['ext'].replace('*', 'Ter')}"
    if match["sub"]:
        return f"p.{place}{match['sub'] if match['sub'] in '=?' else _three(match['sub'])}"
    return ""


def _titled(body: str) -> str:
    """Three-letter residues in capitals, as some laboratories print them (``TRP288CYSFSTER12``)."""
    names = "|".join([*_THREE.values()])
    return re.sub(names, lambda m: m[0].title(), body, flags=re.IGNORECASE).replace("FS", "fs").replace("DEL", "del")


def _three(residue: str) -> str:
    return _THREE.get(residue, residue)


def _sequence(text: str) -> str:
    if text.isdecimal():
        return text
    names = set(_THREE.values())
    triplets = [text[i : i + 3] for i in range(0, len(text), 3)]
    if all(triplet in names for triplet in triplets):
        return text
    return "".join(_three(letter) for letter in re.findall(_RESIDUE, text))


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """What a protein name says: residues ``first`` to ``last``, and the ``effect`` (words of ``VariantClass.effects``)."""

    first: int
    last: int
    effect: str


@lru_cache(maxsize=REMEMBERED)
def protein_change(text: str) -> ProteinChange | None:
    """Where a protein name changes the protein, and how; None for a name without that (``p.?``)."""
    match = _PROTEIN.fullmatch(protein_name(text).removeprefix("p."))
    if match is None:
        return None
    first = int(match["at"])
    last = int(match["at2"] or first)
    if "fs" in match[0]:
        effect = "frameshift"
    elif match["kind"]:
        effect = "stop_gained" if "Ter" in (match["seq"] or "") else "inframe"
    elif match["sub"] == "Ter":
        effect = "stop_gained" if match["aa"] != "Ter" else "synonymous"
    elif match["sub"] == "=" or match["sub"] == match["aa"]:
        effect = "synonymous"
    elif match["aa"] == "Met" and first == 1:
        effect = "start_lost"
    elif match["sub"] == "?" or not match["sub"]:
        effect = ""
    else:
        effect = "missense"
    return ProteinChange(first, last, effect)


@lru_cache(maxsize=REMEMBERED)
def coding_name(text: str) -> str:
    """A coding change in one spelling: ``c.1934dup`` for ``NM_015338.6:c.1934dupG``, ``c.1900_1922del`` for ``c.1900_1922del23``.

    "" when the text is no coding change.
    """
    body = _ACCESSION.sub("", text.strip()).strip()
    if not body.lower().startswith("c."):
        return ""
    # ANNOVAR writes c.A2447T.
    body = re.sub(r"^c\.([ACGT])(\d+)([ACGT])$", r"c.\2\1>\3", body)
    match = _CODING.fullmatch(re.sub(r"[\s()]", "", body[2:]))
    if match is None:
        return ""
    place = match["a"] + (f"_{match['b']}" if match["b"] and match["b"] != match["a"] else "")
    if match["old"]:
        old, new = match["old"].upper(), match["new"].upper()
        return f"c.{place}{old}>{new}" if len(old) == len(new) == 1 else f"c.{place}delins{new}"
    change = match["change"].lower()
    if inserted := match["delins"] or match["delins2"]:
        return f"c.{place}delins{inserted.upper()}"
    for kind in ("del", "dup", "inv"):
        if change.startswith(kind):
            return f"c.{place}{kind}"
    return f"c.{place}ins{match['ins'].upper()}" if match["ins"] else f"c.{place}="


def read_name(text: str) -> SmallVariant:
    """A variant as a report types it: gene, accession, c. and p. in any order, or a usual name.

    ``NPM1 c.860_863dup p.Trp288Cysfs*12``, ``NM_002520.7(NPM1):c.860_863dup``, ``FLT3 D835Y``, ``NPM1 type A``. What is not understood
    stays out; a text without any name gives an empty record.
    """
    gene = transcript = c = p = ""
    rest: list[str] = []
    for word in re.split(r"[\s,;]+", text.strip()):
        if accession := _ACCESSION.match(word):
            if accession[1].startswith(("NM_", "ENST")):
                transcript = accession[1]
            gene = gene or resources.gene_symbol(accession[2] or "") or ""
        head, _, tail = word.partition(":")
        if tail and not gene and (symbol := resources.gene_symbol(head)):
            gene, word = symbol, tail
        if not c and (name := coding_name(word)):
            c = name
        elif not p and (name := protein_name(word)):
            p = name
        elif not gene and (symbol := resources.gene_symbol(word.strip("()"))):
            gene = symbol
        elif re.fullmatch(r"(?:NM_|ENST)\d+(?:\.\d+)?", word):
            transcript = word
        else:
            rest.append(word)
    if gene and not c and not p:
        usual = " ".join(rest).lower()
        for item in resources.hotspots():
            if item.gene == gene and item.name and item.name.lower() == usual:
                return SmallVariant(gene=gene, transcript=item.transcript, hgvs_c=item.hgvs_c, hgvs_p=item.hgvs_p)
    return SmallVariant(gene=gene, transcript=transcript, hgvs_c=c, hgvs_p=p)


# --- between the builds -----------------------------------------------------------------------------------------------


@cache
def _blocks(build: str, chrom: str) -> tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]]:
    """Stretches (start, end, shift to the other build) of exons with their flanks and of the FLT3 amplicon, with their starts."""
    other = next(b for b in resources.BUILDS if b != build)
    spans = sorted(
        (exon.spans[build][0] - FLANK, exon.spans[build][1] + FLANK, exon.spans[other][0] - exon.spans[build][0])
        for transcript in resources.transcripts_on(chrom)
        for exon in transcript.exons
    )
    amplicon = resources.flt3_amplicon().spans
    if amplicon[build][0] == chrom:
        own, there = amplicon[build], amplicon[other]
        spans = sorted([*spans, (own[1], own[2], there[1] - own[1])])
    merged: list[tuple[int, int, int]] = []
    for start, end, shift in spans:
        if merged and start <= merged[-1][1] and shift == merged[-1][2]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), shift)
        else:
            merged.append((start, end, shift))
    return tuple(start for start, _, _ in merged), tuple(merged)


def lift(build: str, chrom: str, start: int, end: int) -> tuple[int, int] | None:
    """Where a stretch (0-based half-open) lies in the other build; None outside the exons of the references.

    Exons keep their length between the builds, so a stretch within one (or up to 10 bases beside it) is carried exactly.
    Nothing is assumed outside: the shift between the builds changes within genes.
    """
    if build not in resources.BUILDS:
        return None
    starts, blocks = _blocks(build, chrom)
    index = bisect_right(starts, start) - 1
    for low, high, shift in blocks[max(index - 1, 0) : index + 1]:
        if low <= start and end <= high:
            return start + shift, end + shift
    return None


def same_locus(build1: str, chrom1: str, pos1: int, build2: str, chrom2: str, pos2: int) -> bool | None:
    """Whether two 1-based positions are the same place; None when the references cannot tell (two builds, outside exons)."""
    if chrom1 != chrom2:
        return False
    if build1 == build2:
        return pos1 == pos2
    lifted = lift(build1, chrom1, pos1 - 1, pos1)
    return None if lifted is None else lifted[1] == pos2


def in_other_build(finding: SmallVariant) -> SmallVariant | None:
    """The same allele in the other build; None where the references cannot tell."""
    if finding.pos is None or finding.build not in resources.BUILDS:
        return None
    lifted = lift(finding.build, finding.chrom, finding.pos - 1, finding.pos - 1 + len(finding.ref))
    if lifted is None:
        return None
    other = next(b for b in resources.BUILDS if b != finding.build)
    return replace(finding, build=other, pos=lifted[0] + 1)


# --- HGVS and genome --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=REMEMBERED)
def held_transcript(gene: str, accession: str = "") -> tuple[Transcript | None, str]:
    """The transcript that a name counts on, and why it may not be trusted ("" = it may).

    Without an accession the MANE Select transcript is assumed. Another version of a held accession is taken for it, except in
    genes whose numbering is known to have changed with a version (WT1, MYD88, ETNK1, MRTFA, RUNX1, EZH2, MYC: ``numbering_since``). The
    Ensembl transcript that MANE pairs is the same, and so is one that numbers alike (``same_numbering``).
    """
    symbol = resources.gene_symbol(gene) or ""
    known = resources.gene(symbol)
    bare, _, version = accession.partition(".")
    if accession.startswith("ENST"):
        if known is None or bare not in {known.ensembl_transcript.partition(".")[0], *known.same_numbering}:
            return None, f"{accession} is not the transcript of the references"
        return resources.transcript(symbol), ""
    if not accession:
        if known is None:
            return None, f"{gene or 'the gene'} is not in the references"
        found = resources.transcript(symbol)
        if found and _NUMBERED_BY_VERSION in known.unconfirmed:
            return (
                None,
                f"numbers of {symbol} differ between versions of its transcript: state the accession with version",
            )
        return found, "" if found else f"no transcript of {symbol} is held"
    found = resources.transcript(bare)
    if found is None and known is not None and bare in known.same_numbering:
        return resources.transcript(symbol), ""
    if found is None:
        return None, f"{accession} is not among the transcripts of the references"
    own = resources.gene(found.gene)
    if own is None or resources.transcript(found.gene) is not found:
        return found, ""
    if not version and _NUMBERED_BY_VERSION in own.unconfirmed:
        return None, f"numbers of {own.symbol} differ between versions of {bare}: state the version"
    if version.isdecimal() and int(version) < own.numbering_since:
        return None, f"{accession} is not {found.accession}, and numbers of {own.symbol} differ between versions"
    return found, ""


def genomic_of(gene: str, hgvs_c: str, build: str, accession: str = "", fetch: Fetch | None = None) -> Edit | None:
    """The edit of the genome that a coding name states, left-aligned as far as known.

    None when the name does not fit the transcript, or needs sequence that is not at hand (a duplication outside the stretches
    that the references state, without ``fetch``).
    """
    transcript, _ = held_transcript(gene, accession)
    match = _CODING.fullmatch(coding_name(hgvs_c).removeprefix("c."))
    if transcript is None or match is None:
        return None
    listed = _hotspots_by_name().get((transcript.gene, coding_name(hgvs_c)))
    if listed is not None and listed.transcript == transcript.accession:
        own = listed.alleles[build]
        if own.alt and (edit := edit_of(own.chrom, own.pos, own.ref, own.alt)):
            return edit
    ends = [transcript.position(build, match[key] or match["a"]) for key in ("a", "b")]
    first, last = min(p or 0 for p in ends), max(p or 0 for p in ends)
    if None in ends or not first:
        return None
    minus = transcript.strand == "-"

    def genomic(sequence: str) -> str:
        return reverse_complement(sequence) if minus else sequence.upper()

    change = match["change"].lower()
    chrom, start, end = transcript.chrom, first - 1, last
    if match["old"]:
        edit = Edit(chrom, start, end, genomic(match["new"]), genomic(match["old"]))
    elif inserted := match["delins"]:
        edit = Edit(chrom, start, end, genomic(inserted))
    elif change == "del":
        edit = Edit(chrom, start, end, "")
    elif match["ins"]:
        if last - first != 1:
            return None
        edit = Edit(chrom, first, first, genomic(match["ins"]))
    elif change == "dup":
        base_at = known_base(build, chrom)
        copied = fetch(chrom, start, end).upper() if fetch else "".join(base_at(i) for i in range(start, end))
        if len(copied) != end - start:
            return None
        edit = Edit(chrom, start, start, copied)
    else:
        return None
    return settle(build, edit, fetch)[0]


@dataclass(frozen=True, slots=True)
class CodingName:
    """A coding change of a transcript, and what could not be settled without sequence ("" = nothing)."""

    transcript: str
    hgvs_c: str
    note: str = ""


def hgvs_c_of(gene: str, build: str, pos: int, ref: str, alt: str) -> CodingName | None:
    """The coding name of a VCF allele on a gene's MANE Select transcript (or on the transcript of that accession).

    Insertions and deletions are placed 3' as HGVS asks, duplications recognised, as far as the references state the sequence.
    None outside the transcript and for symbolic alleles.
    """
    transcript = resources.transcript(resources.gene_symbol(gene) or gene)
    if transcript is None or (edit := edit_of(transcript.chrom, pos, ref, alt)) is None:
        return None
    listed = hotspot_at(build, transcript.chrom, pos, ref, alt)
    if listed is not None and listed.transcript == transcript.accession:
        return CodingName(listed.transcript, listed.hgvs_c)
    base_at = known_base(build, transcript.chrom)
    minus = transcript.strand == "-"
    note = ""
    if bool(edit.inserted) != bool(edit.end > edit.start):
        edit = settle(build, edit)[0] if minus else shift_right(edit, base_at)
        if not base_at(edit.start - 1 if minus else edit.end):
            note = "3' placement and duplication not settled: no sequence"

    def name(low: int, high: int, change: str) -> CodingName | None:
        places = [transcript.c_position(build, p) for p in ((high, low) if minus else (low, high))]
        if not all(places):
            return None
        place = places[0] if places[0] == places[1] else "_".join(places)
        return CodingName(transcript.accession, f"c.{place}{change}", note)

    inserted = reverse_complement(edit.inserted) if minus else edit.inserted
    if edit.start == edit.end:
        length = len(edit.inserted)
        low = edit.start if minus else edit.start - length
        if "".join(base_at(i) for i in range(low, low + length)) == edit.inserted:
            return name(low + 1, low + length, "dup")
        return name(edit.start, edit.start + 1, f"ins{inserted}")
    if len(edit.deleted) == len(edit.inserted) == 1:
        old = reverse_complement(edit.deleted) if minus else edit.deleted
        return name(edit.start + 1, edit.end, f"{old}>{inserted}")
    return name(edit.start + 1, edit.end, f"delins{inserted}" if inserted else "del")


def exon_of(gene: str, build: str, pos: int) -> str:
    """The exon of the MANE Select transcript over a position, as ``11/11``; "" in introns and outside."""
    transcript = resources.transcript(resources.gene_symbol(gene) or gene)
    exon = transcript.exon_at(build, pos) if transcript else None
    return f"{exon.number}/{len(transcript.exons)}" if transcript and exon else ""


# --- hotspots ---------------------------------------------------------------------------------------------------------


@cache
def _hotspots_by_name() -> dict[tuple[str, str], Hotspot]:
    return {(item.gene, item.hgvs_c): item for item in resources.hotspots()}


@cache
def _hotspots_by_edit(build: str) -> dict[str, Hotspot]:
    found: dict[str, Hotspot] = {}
    for item in resources.hotspots():
        own = item.alleles[build]
        if own.alt and (edit := edit_of(own.chrom, own.pos, own.ref, own.alt)):
            found.setdefault(settle(build, edit)[0].name, item)
    return found


@lru_cache(maxsize=REMEMBERED)
def _settled(build: str, chrom: str, pos: int, ref: str, alt: str) -> tuple[Edit, str] | None:
    """What ``settle`` makes of a VCF allele without a FASTA; None for one that is not spelled in bases."""
    edit = edit_of(chrom, pos, ref, alt)
    return None if edit is None else settle(build, edit)


@lru_cache(maxsize=REMEMBERED)
def hotspot_at(build: str, chrom: str, pos: int, ref: str, alt: str) -> Hotspot | None:
    """The hotspot that a VCF allele is, whatever its spelling."""
    found = _settled(build, chrom, pos, ref, alt)
    return _hotspots_by_edit(build).get(found[0].name) if found and build in resources.BUILDS else None


def hotspot_of(finding: SmallVariant) -> Hotspot | None:
    """The hotspot that a finding is, by allele or by coding name."""
    if finding.pos is not None:
        return hotspot_at(finding.build, finding.chrom, finding.pos, finding.ref, finding.alt)
    named = canonical(finding)
    transcript, _ = held_transcript(named.gene, named.transcript)
    if transcript is None or not named.hgvs_c:
        return None
    edit = genomic_of(named.gene, named.hgvs_c, "GRCh38", named.transcript)
    return _hotspots_by_edit("GRCh38").get(edit.name) if edit else None


def hotspot_name(finding: SmallVariant) -> str:
    """The usual name of a hotspot: p. where there is one, else c.; "" for other variants."""
    found = hotspot_of(finding)
    return "" if found is None else found.hgvs_p or found.hgvs_c


# --- identity ---------------------------------------------------------------------------------------------------------


class VariantKey(NamedTuple):
    """The identity of a small variant.

    ``key`` is ``GRCh38 5:171410539_171410540insTCTG`` where the allele can be placed there, ``GRCh37 ...`` outside the exons of the
    references, else the name (``WT1 c.1385G>A``). ``names`` are further identities: the same coding name on the same
    transcript. ``protein`` is gene and p. name. ``reason`` says why a finding could not be placed, or how it was.
    """

    key: str
    names: tuple[str, ...] = ()
    protein: str = ""
    reason: str = ""
    edit: Edit | None = None


def canonical(finding: SmallVariant) -> SmallVariant:
    """The finding with its names in one spelling, and what a cell of free text says taken apart."""
    c, p = coding_name(finding.hgvs_c), protein_name(finding.hgvs_p)
    if not finding.pos and not c and not p:
        read = read_name(
            " ".join(part for part in (finding.gene, finding.transcript, finding.hgvs_c, finding.hgvs_p) if part)
        )
        return replace(
            finding,
            gene=read.gene or finding.gene,
            transcript=finding.transcript or read.transcript,
            hgvs_c=read.hgvs_c,
            hgvs_p=read.hgvs_p,
        )
    gene = resources.gene_symbol(finding.gene) or finding.gene
    accession = None if finding.transcript else _ACCESSION.match(finding.hgvs_c)
    transcript = accession[1] if accession else finding.transcript
    c, p = c or finding.hgvs_c, p or finding.hgvs_p
    if (gene, transcript, c, p) == (finding.gene, finding.transcript, finding.hgvs_c, finding.hgvs_p):
        return finding
    return replace(finding, gene=gene, transcript=transcript, hgvs_c=c, hgvs_p=p)


def variant_key(finding: SmallVariant, fetch: Fetch | None = None) -> VariantKey:
    """The identity of a small variant: equal keys are the same variant, in whatever build or spelling.

    Parameters
    ----------
    fetch
        The sequence of the finding's build, when there is a FASTA.
    """
    item = canonical(finding)
    transcript, distrust = held_transcript(item.gene, item.transcript)
    named_on = transcript.accession if transcript else item.transcript
    names: tuple[str, ...] = ()
    if coding_name(item.hgvs_c) and (transcript is not None or item.transcript):
        names = (f"{item.gene} {named_on}:{item.hgvs_c}",)
    spot = hotspot_of(item) if item.pos is not None else None
    protein = ""
    if spot is not None and spot.hgvs_p:
        protein = f"{spot.gene} {spot.hgvs_p}"
    elif protein_name(item.hgvs_p):
        # Residue numbers of a transcript that is not held are compared with those of the same transcript only.
        protein = " ".join(filter(None, (item.gene, "" if transcript else item.transcript, item.hgvs_p)))
    if item.pos is not None:
        return _key_of_allele(item, names, protein, fetch)
    if coding_name(item.hgvs_c):
        edit = genomic_of(item.gene, item.hgvs_c, "GRCh38", item.transcript)
        if edit is not None and transcript is not None:
            return VariantKey(
                f"GRCh38 {edit.name}", names, protein, f"placed by {transcript.accession}:{item.hgvs_c}", edit
            )
        reason = distrust or f"{item.hgvs_c} cannot be placed without the sequence"
        own = " ".join(filter(None, (item.gene, item.transcript, item.hgvs_c)))
        return VariantKey(own, names, protein, reason)
    own = " ".join(filter(None, (item.gene, item.transcript, item.hgvs_p or item.hgvs_c)))
    reason = "a protein name alone does not tell the allele" if protein else "neither position nor HGVS name"
    own_gene = resources.gene(item.gene)
    if protein and own_gene and _NUMBERED_BY_VERSION in own_gene.unconfirmed:
        reason = f"residue numbers of {item.gene} differ between versions of its transcript: {own_gene.note}"
    return VariantKey(own or "unnamed variant", names, protein, reason)


def _key_of_allele(item: SmallVariant, names: tuple[str, ...], protein: str, fetch: Fetch | None) -> VariantKey:
    assert item.pos is not None
    build = item.build or "build unknown"
    allele = (item.chrom, item.pos, item.ref, item.alt)
    if fetch is None:
        settled = _settled(item.build, *allele)
    else:
        settled = settle(item.build, edit, fetch) if (edit := edit_of(*allele)) else None
    if settled is None:
        return VariantKey(
            f"{build} {item.chrom}:{item.pos} {item.ref}>{item.alt}", names, protein, "not spelled in bases"
        )
    edit, note = settled
    if item.build not in resources.BUILDS:
        return VariantKey(f"{build} {edit.name}", names, protein, "the file does not tell its build", edit)
    if item.build == "GRCh38":
        return VariantKey(f"GRCh38 {edit.name}", names, protein, note, edit)
    # An insertion lies between two bases; both must be in the exon.
    low, high = (edit.start - 1, edit.start + 1) if edit.start == edit.end else (edit.start, edit.end)
    lifted = lift(item.build, edit.chrom, low, high)
    if lifted is None:
        why = "outside the exons of the references: GRCh37 and GRCh38 are not joined by position"
        return VariantKey(f"{build} {edit.name}", names, protein, why, edit)
    shift = lifted[0] - low
    moved = edit._replace(start=edit.start + shift, end=edit.end + shift)
    return VariantKey(f"GRCh38 {moved.name}", names, protein, note, moved)


class VariantGroup(NamedTuple):
    """Findings that are one variant: their indices, the group's key, and why spellings were joined or kept apart.

    ``components`` are indices of single substitutions that an MNV of the group consists of: parts of one event, not replicates.
    """

    key: str
    members: tuple[int, ...]
    reasons: tuple[str, ...]
    components: tuple[int, ...] = ()


def group_variants(findings: Sequence[SmallVariant], fetch: Fetch | None = None) -> list[VariantGroup]:
    """Which findings of a patient are the same variant.

    Joined are: the same allele (in both builds within the exons of the references), the same coding name on the same transcript, a
    protein name alone with the only allele that has it, and an MNV with the single substitutions that it consists of when all
    of them were called. The result does not depend on the order of the findings.
    """
    keys = [variant_key(finding, fetch) for finding in findings]
    joined = _Union(len(keys))
    reasons: dict[int, set[str]] = {i: {key.reason} if key.reason else set() for i, key in enumerate(keys)}
    _join_equal(joined, keys)
    _join_proteins(joined, keys, reasons)
    components = _join_mnvs(joined, keys, reasons)
    groups: dict[int, list[int]] = {}
    for index in range(len(keys)):
        groups.setdefault(joined.root(index), []).append(index)
    found = [
        VariantGroup(
            min((keys[i].key for i in members if i not in components), key=_key_order),
            tuple(members),
            tuple(sorted({reason for i in members for reason in reasons[i]})),
            tuple(i for i in members if i in components),
        )
        for members in groups.values()
    ]
    return sorted(found, key=lambda group: _key_order(group.key))


def _key_order(key: str) -> tuple[bool, bool, str]:
    return (not key.startswith("GRCh38"), not key.startswith("GRCh37"), key)


class _Union:
    """Disjoint sets of indices."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, item: int) -> int:
        while self._parent[item] != item:
            item = self._parent[item]
        return item

    def join(self, one: int, two: int) -> None:
        low, high = sorted((self.root(one), self.root(two)))
        self._parent[high] = low


def _join_equal(joined: _Union, keys: Sequence[VariantKey]) -> None:
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        for identity in (key.key, *key.names):
            joined.join(first.setdefault(identity, index), index)


def _join_proteins(joined: _Union, keys: Sequence[VariantKey], reasons: dict[int, set[str]]) -> None:
    """A finding known by its protein name alone belongs to the allele with that name, when there is only one."""
    alleles: dict[str, set[int]] = {}
    for index, key in enumerate(keys):
        if key.protein and (key.edit is not None or key.names):
            for name in {key.protein, _short_frameshift(key.protein)}:
                alleles.setdefault(name, set()).add(joined.root(index))
    for index, key in enumerate(keys):
        if key.edit is not None or key.names or not key.protein:
            continue
        same = alleles.get(key.protein, set())
        if len(same) == 1:
            joined.join(next(iter(same)), index)
            reasons[index] = {f"{key.protein}: the only allele of this patient with that name"}
        elif same:
            reasons[index] = {f"{key.protein} fits several alleles of this patient"}


def _short_frameshift(protein: str) -> str:
    """``NPM1 p.Trp288fs`` for ``NPM1 p.Trp288CysfsTer12``: the short form that HGVS allows and reports prefer."""
    return re.sub(r"(\d+)(?:[A-Z][a-z]{2})?fs.*", r"\1fs", protein) if "fs" in protein else protein


def _join_mnvs(joined: _Union, keys: Sequence[VariantKey], reasons: dict[int, set[str]]) -> set[int]:
    """MNVs meet the single substitutions they consist of; the indices of these."""
    # By key, since a GRCh37 and a GRCh38 record of one place have the same.
    by_edit: dict[Edit, list[int]] = {}
    for index, key in enumerate(keys):
        if key.edit is not None and key.key.startswith("GRCh38"):
            by_edit.setdefault(key.edit, []).append(index)
    components: set[int] = set()
    for mnv, parts in mnv_parts(by_edit).items():
        for part in parts:
            for index in by_edit[part]:
                joined.join(by_edit[mnv][0], index)
                components.add(index)
                reasons[index].add(f"part of {mnv.name}")
    return components


def placed(finding: SmallVariant, build: str) -> SmallVariant | None:
    """A finding known by its coding name, with its VCF alleles in that build; None when it cannot be placed."""
    item = canonical(finding)
    edit = genomic_of(item.gene, item.hgvs_c, build, item.transcript)
    if edit is None:
        return None
    base_at = known_base(build, edit.chrom)
    deleted = edit.deleted or "".join(base_at(i) for i in range(edit.start, edit.end))
    before = base_at(edit.start - 1)
    if len(deleted) != edit.end - edit.start or (not before and not (deleted and edit.inserted)):
        return None
    pos, ref, alt = vcf_alleles(edit._replace(deleted=deleted), before)
    return replace(item, build=build, chrom=edit.chrom, pos=pos, ref=ref, alt=alt)
