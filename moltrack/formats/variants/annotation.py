"""What annotators wrote into a VCF: VEP CSQ, SnpEff ANN and EFF, bcftools BCSQ, Funcotator, ANNOVAR, PAVE, megSAP, Ion FUNC.

Every annotator gives several transcripts per allele. One is chosen: the gene's MANE Select transcript of the references (or its
RefSeq/Ensembl pair by the MANE column), else its Ensembl pair or what the annotator marks MANE Select, PICK or CANONICAL, else the
first with the strongest effect. ``SmallVariant.annotation`` says who annotated and why this transcript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote

from moltrack import resources
from moltrack.formats.variants.header import Header
from moltrack.formats.variants.levels import MISSING

#: Reasons for a transcript, best first.
CLINICAL, MANE, PICKED, CANONICAL, FIRST = "clinical transcript", "MANE Select", "picked", "canonical", "first listed"
#: The table gives one transcript and does not say why.
AS_GIVEN = "as given"
_ORDER = {CLINICAL: 0, MANE: 1, PICKED: 2, CANONICAL: 3, FIRST: 4, AS_GIVEN: 4}
_IMPACTS = {"HIGH": 0, "MODERATE": 1, "LOW": 2, "MODIFIER": 3}

#: Keys with the frequency of an allele in a population, in CSQ and in INFO.
_POPULATION = re.compile(
    r"MAX_AF|GMAF|AF_popmax|SWEGENAF|(?:AFR|AMR|EAS|EUR|SAS|AA|EA)_M?AF|(?:gnomAD|ExAC|1000g|esp6500).*|\w+gnomAD\w*AF.*",
    re.IGNORECASE,
)
_NO_FREQUENCY = re.compile(
    r"(?:_|\b)(?:AC|AN|hom|het|hemi|cov|filter|flag|pLI|LOEUF|POPS?)(?:_|$)|nhomalt|CADD|oe_", re.IGNORECASE
)
_SIGNIFICANCE = (
    "CLIN_SIG",
    "CLNSIG",
    "ClinVar_CLNSIG",
    "CLINVAR_CLNSIG",
    "clinvar_sig",
    "ClinVar_clnsig",
    "clinical_significance",
)
_SIGNIFICANCE_KEYS = frozenset(_SIGNIFICANCE)
_PREFIX = re.compile(r"^[A-Za-z]{2,5}_?[\w.]*?\d[\w.]*(?:\([^)]*\))?:(?=[cgnmpr]\.)")


class Annotation(NamedTuple):
    """One transcript's view of one allele, as fields of :class:`~moltrack.model.SmallVariant`."""

    gene: str = ""
    transcript: str = ""
    hgvs_c: str = ""
    hgvs_p: str = ""
    consequence: str = ""
    exon: str = ""
    clinical_significance: str = ""
    population_af: float | None = None
    annotator: str = ""
    reason: str = FIRST
    impact: str = ""

    def described(self) -> str:
        """Who annotated, and why this transcript: ``VEP, clinical transcript``."""
        return f"{self.annotator}, {self.reason}" if self.transcript else self.annotator


class At(NamedTuple):
    """An allele (1-based) of a row, as an annotator's reader sees it; ``preferred`` genes win where an allele lies in several."""

    header: Header
    info: Mapping[str, str]
    ref: str
    alts: tuple[str, ...]
    allele: int
    preferred: frozenset[str]


def annotate(
    header: Header, info: Mapping[str, str], ref: str, alts: tuple[str, ...], allele: int, preferred: frozenset[str]
) -> Annotation | None:
    """The annotation of an allele (1-based) that is to be shown; None when nothing was annotated.

    Parameters
    ----------
    preferred
        Genes that win where an allele lies in several.
    """
    best: Annotation | None = None
    at = At(header, info, ref, alts, allele, preferred)
    for key, read in _ANNOTATORS.items():
        if info.get(key, ".") in MISSING:
            continue
        found = [item for item in read(at) if item.gene or item.consequence or item.hgvs_c]
        if found:
            best = choose(found, preferred)
            break
    frequency = largest_frequency(info, allele, len(alts))
    significance = ""
    if not _SIGNIFICANCE_KEYS.isdisjoint(info):
        significance = next((unquote(info[key]) for key in _SIGNIFICANCE if info.get(key, ".") not in MISSING), "")
    if best is None:
        return (
            Annotation(population_af=frequency, clinical_significance=significance)
            if frequency is not None or significance
            else None
        )
    if frequency is not None:
        best = best._replace(population_af=max(frequency, best.population_af or 0.0))
    if significance and not best.clinical_significance:
        best = best._replace(clinical_significance=significance)
    return best


def choose(found: Iterable[Annotation], preferred: frozenset[str]) -> Annotation:
    """The transcript to show: a preferred gene's first, then by reason, then by impact, then the annotator's order."""
    judged = [item if _ORDER[item.reason] < _ORDER[PICKED] else _clinical(item) for item in found]
    if len(judged) == 1:
        return judged[0]
    return min(judged, key=lambda item: _rank(item.gene, item.reason, item.impact, preferred))


def _rank(gene: str, reason: str, impact: str, preferred: frozenset[str]) -> tuple[bool, int, int]:
    """The place of a transcript among those of its row, the one to show first."""
    return (resources.gene_symbol(gene) or gene) not in preferred, _ORDER[reason], _IMPACTS.get(impact, 2)


def _clinical(item: Annotation) -> Annotation:
    if is_clinical(item.gene, item.transcript):
        return item._replace(reason=CLINICAL)
    if _ORDER[item.reason] > _ORDER[MANE] and _is_pair(item.gene, item.transcript):
        return item._replace(reason=MANE)
    return item


def is_clinical(gene: str, *accessions: str) -> bool:
    """True when one of the accessions is the gene's MANE Select transcript of the references (version ignored)."""
    wanted, _ = _clinical_transcripts(gene)
    return bool(wanted) and any(accession.partition(".")[0] == wanted for accession in accessions)


def _is_pair(gene: str, accession: str) -> bool:
    """True for the Ensembl transcript that MANE Select pairs with the gene's RefSeq transcript."""
    _, pair = _clinical_transcripts(gene)
    return bool(pair) and accession.partition(".")[0] == pair


@lru_cache(maxsize=4096)
def _clinical_transcripts(gene: str) -> tuple[str, str]:
    """The gene's MANE Select transcript by RefSeq's and by Ensembl's accession, without version; "" = not held."""
    symbol = resources.gene_symbol(gene)
    known = resources.gene(symbol) if symbol else None
    return (known.transcript.partition(".")[0], known.ensembl_transcript.partition(".")[0]) if known else ("", "")


def split_hgvs(text: str) -> tuple[str, str]:
    """Accession and change of an HGVS expression: ``NM_002520.7:c.860_863dup``; the accession may be absent."""
    if text in MISSING:
        return "", ""
    text = unquote(text.strip())
    match = _PREFIX.match(text)
    if match is None:
        return "", text.rpartition(":")[2] if re.search(r":[cgnmpr]\.", text) else text
    return match[0][:-1].partition("(")[0], text[match.end() :]


@lru_cache(maxsize=4096)
def _is_population(key: str) -> bool:
    return bool(_POPULATION.fullmatch(key)) and not _NO_FREQUENCY.search(key)


def largest_frequency(cells: Mapping[str, str], allele: int = 1, alleles: int = 1) -> float | None:
    """The largest population frequency among cells by key; None when there is none.

    Parameters
    ----------
    allele, alleles
        Which of the comma-joined values is the allele's (1-based), and how many alleles there are.
    """
    best = None
    for key, text in cells.items():
        if text and _is_population(key):
            best = _largest(_fractions(text, allele, alleles), best)
    return best


def _largest(fractions: Iterable[float], best: float | None) -> float | None:
    """The largest of these numbers that are fractions, and of ``best``."""
    for value in fractions:
        if 0 <= value <= 1 and (best is None or value > best):
            best = value
    return best


def _fractions(text: str, allele: int = 1, alleles: int = 1) -> tuple[float, ...]:
    """Numbers of a cell: one, one per allele (``,``), per overlapping record (``&``), or as old VEP wrote it (``A:0.01``)."""
    try:
        return (float(text),)
    except ValueError:
        return tuple(_several_fractions(text, allele, alleles))


def _several_fractions(text: str, allele: int, alleles: int) -> Iterator[float]:
    parts = text.split(",")
    if len(parts) == alleles:
        parts = [parts[allele - 1]]
    for part in parts:
        for cell in re.split(r"[&|]", part) if "&" in part or "|" in part else (part,):
            try:
                yield float(cell.rpartition(":")[2])
            except ValueError:
                continue


_VEP_LEADING = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE", "EXON", "INTRON", "HGVSc", "HGVSp",
)  # fmt: skip


# --- VEP --------------------------------------------------------------------------------------------------------------


def vep_allele(ref: str, alts: tuple[str, ...], allele: int) -> str:
    """An alternative allele in VEP's notation: without the first base when a row with an indel shares it, ``-`` for nothing."""
    alt = alts[allele - 1]
    if any(len(other) != len(ref) for other in alts) and all(
        other[:1] == ref[:1] for other in alts if not other.startswith(("<", "*"))
    ):
        return alt[1:] or "-"
    return alt


def _vep(at: At, key: str = "CSQ") -> Iterator[Annotation]:
    """The transcript that :func:`choose` would take of all: a row may have dozens, and only this one is taken apart."""
    names = at.header.fields_of(key)
    entries = at.info[key].split(",") if names else []
    if len(at.alts) > 1:
        entries = _of_allele(at, names, entries)
    if not entries:
        return
    best = entries[0] if len(entries) == 1 else min(entries, key=lambda text: _vep_rank(names, text, at.preferred))
    layout, cells = _cells(names, best)
    frequency = _vep_frequency(layout, cells)
    if layout.size < len(names):
        # Frequencies are of the allele, not of a transcript: every entry that has the fields repeats them.
        others = (_vep_frequency(*_cells(names, text)) for text in entries)
        frequency = next((found for found in others if found is not None), None)
    yield _vep_annotation(layout, cells, frequency)


#: What ranks a transcript, and what is shown of it.
_RANKING = ("SYMBOL", "Gene", "Feature", "HGVSc", "MANE_SELECT", "MANE", "PICK", "CANONICAL", "IMPACT", "Consequence")
_SHOWN = (*_RANKING, "HGVSp", "EXON")
_OF_ALLELE = ("ALLELE_NUM", "Allele")


class _Layout:
    """Where the fields of a VEP run lie in the cells of an entry; those that it lacks, in the empty cell that :func:`_cells` appends."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.size = len(names)
        ranking = self._places(names, _RANKING)
        self.ranking = itemgetter(*ranking)
        #: So many cells does the ranking look at.
        self.ranked = max(ranking) + 1
        self.shown = itemgetter(*self._places(names, _SHOWN))
        self.significance = itemgetter(*self._places(names, _SIGNIFICANCE))
        self.of_allele = itemgetter(*self._places(names, _OF_ALLELE))
        # VEP's plain AF is that of the 1000 Genomes.
        known = ("1000G_AF" if name == "AF" else name for name in names)
        # The empty cell twice: of two places at least a tuple is taken.
        self.frequencies = itemgetter(-1, -1, *(place for place, name in enumerate(known) if _is_population(name)))

    @staticmethod
    def _places(names: tuple[str, ...], wanted: tuple[str, ...]) -> list[int]:
        return [names.index(name) if name in names else -1 for name in wanted]


_layout = lru_cache(maxsize=16)(_Layout)


def _cells(names: tuple[str, ...], text: str) -> tuple[_Layout, list[str]]:
    """The cells of an entry and where its fields lie.

    A merged file may hold an entry of another VEP run with other fields: then only those that lead every VEP's list are known.
    """
    cells = text.split("|")
    if len(cells) != len(names):
        leading = len(_VEP_LEADING)
        names = _VEP_LEADING if names[:leading] == _VEP_LEADING else ()
        cells = [*cells, *("",) * leading][: len(names)]
    cells.append("")
    return _layout(names), cells


def _of_allele(at: At, names: tuple[str, ...], entries: list[str]) -> list[str]:
    """The entries of one allele of several: by VEP's number of it, else by its spelling."""
    said = [layout.of_allele(cells) for layout, cells in (_cells(names, text) for text in entries)]
    if all(number for number, _ in said):
        chosen = [number == str(at.allele) for number, _ in said]
    else:
        spelled = {vep_allele(at.ref, at.alts, at.allele), at.alts[at.allele - 1]}
        chosen = [allele in spelled for _, allele in said]
    return list(compress(entries, chosen))


def _vep_rank(names: tuple[str, ...], text: str, preferred: frozenset[str]) -> tuple[bool, tuple[bool, int, int]]:
    """As in :func:`choose`, after entries that say nothing."""
    layout = _layout(names)
    if text.count("|") + 1 == layout.size:
        cells = f"{text}|".split("|", layout.ranked)
        cells[-1] = ""  # the rest
    else:
        layout, cells = _cells(names, text)
    symbol, gene_id, feature, hgvs_c, mane_select, mane, pick, canonical, impact, consequence = layout.ranking(cells)
    gene = symbol or gene_id
    reason = _vep_reason(gene, hgvs_c.rpartition(":")[0] or feature, mane_select or mane, pick, canonical)
    empty = not (gene or consequence or hgvs_c)
    return empty, _rank(gene, reason, impact, preferred)


def _vep_reason(gene: str, accession: str, mane: str, pick: str, canonical: str) -> str:
    if mane == "MANE_Plus_Clinical":
        mane = ""
    if is_clinical(gene, accession, mane):
        return CLINICAL
    if mane not in MISSING or _is_pair(gene, accession):
        return MANE
    if pick == "1":
        return PICKED
    return CANONICAL if canonical == "YES" else FIRST


def _vep_frequency(layout: _Layout, cells: list[str]) -> float | None:
    filled = filter(None, layout.frequencies(cells))
    return _largest((share for cell in filled for share in _fractions(cell)), None)


def _vep_annotation(layout: _Layout, cells: list[str], frequency: float | None) -> Annotation:
    symbol, gene_id, feature, hgvs_c, mane_select, mane, pick, canonical, impact, consequence, hgvs_p, exon = (
        layout.shown(cells)
    )
    gene = symbol or gene_id
    accession, change = split_hgvs(hgvs_c)
    transcript = accession or feature
    return Annotation(
        gene=gene,
        transcript=transcript,
        hgvs_c=change,
        hgvs_p=split_hgvs(hgvs_p)[1],
        consequence=consequence,
        exon=exon,
        clinical_significance=next((unquote(said) for said in layout.significance(cells) if said not in MISSING), ""),
        population_af=frequency,
        annotator="VEP",
        reason=_vep_reason(gene, transcript, mane_select or mane, pick, canonical),
        impact=impact,
    )


# --- SnpEff -----------------------------------------------------------------------------------------------------------


def _snpeff(at: At) -> Iterator[Annotation]:
    if "SYMBOL" in at.header.fields_of("ANN"):  # VEP, told to write into this key
        yield from _vep(at, "ANN")
        return
    for entry in at.info["ANN"].split(","):
        cells = [cell.strip() for cell in entry.split("|")]
        if len(cells) < 11 or (len(at.alts) > 1 and cells[0] != at.alts[at.allele - 1]):
            continue
        yield Annotation(
            gene=cells[3],
            transcript=cells[6] if cells[5] == "transcript" else "",
            hgvs_c=unquote(cells[9]),
            hgvs_p=unquote(cells[10]),
            consequence=cells[1].replace("+", "&"),
            exon=cells[8],
            annotator="SnpEff",
            impact=cells[2],
        )


def _snpeff_old(at: At) -> Iterator[Annotation]:
    """EFF of SnpEff before 4.1: ``effect(impact|class|codon|p./c.|length|gene|biotype|coding|transcript|exon|allele)``."""
    for effect, inside in re.findall(r"([\w+&]+)\(([^)]*)\)", at.info["EFF"]):
        cells = inside.split("|")
        if len(cells) < 10 or (
            len(at.alts) > 1 and len(cells) > 10 and cells[10] not in {at.alts[at.allele - 1], str(at.allele)}
        ):
            continue
        hgvs_p, _, hgvs_c = cells[3].partition("/") if cells[3].startswith("p.") else ("", "", cells[3])
        yield Annotation(
            gene=cells[5],
            transcript=cells[8],
            hgvs_c=hgvs_c if hgvs_c.startswith(("c.", "n.")) else "",
            hgvs_p=hgvs_p,
            consequence=effect.replace("+", "&"),
            exon=cells[9],
            annotator="SnpEff",
            impact=cells[0],
        )


# --- others -----------------------------------------------------------------------------------------------------------


def _bcsq(at: At) -> Iterator[Annotation]:
    """``consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change``; ``@pos`` points to another row."""
    for entry in at.info["BCSQ"].split(","):
        cells = entry.split("|")
        if entry.startswith("@") or len(cells) < 3:
            continue
        changes = {change.rpartition(">")[2] for change in cells[6].split("+")} if len(cells) > 6 else set()
        if len(at.alts) > 1 and changes and at.alts[at.allele - 1] not in changes:
            continue
        protein = re.fullmatch(r"(\d+)([A-Z*])>(\d+)([A-Z*])", cells[5]) if len(cells) > 5 else None
        yield Annotation(
            gene=cells[1],
            transcript=cells[2],
            hgvs_p=f"p.{protein[2]}{protein[1]}{protein[4]}" if protein else "",
            consequence=cells[0].lstrip("*"),
            annotator="bcftools csq",
        )


def _funcotator(at: At) -> Iterator[Annotation]:
    names = [re.sub(r"^Gencode_\w*?_(?=[a-z])", "", name) for name in at.header.fields_of("FUNCOTATION")]
    entries = re.findall(r"\[([^\]]*)\]", at.info["FUNCOTATION"])
    for number, entry in enumerate(entries, start=1):
        if len(at.alts) > 1 and len(entries) == len(at.alts) and number != at.allele:
            continue
        cells = dict(
            zip(names, (unquote(re.sub(r"_%([0-9A-F]{2})_", r"%\1", cell)) for cell in entry.split("|")), strict=False)
        )
        yield Annotation(
            gene=cells.get("hugoSymbol", ""),
            transcript=cells.get("annotationTranscript", ""),
            hgvs_c=cells.get("cDnaChange", ""),
            hgvs_p=cells.get("proteinChange", ""),
            consequence=cells.get("variantClassification", ""),
            exon=cells.get("transcriptExon", ""),
            clinical_significance=cells.get("ClinVar_VCF_CLNSIG", ""),
            population_af=largest_frequency(cells),
            annotator="Funcotator",
        )


def _annovar(at: At) -> Iterator[Annotation]:
    cells = {key: re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), value) for key, value in at.info.items()}
    for database in ("refGene", "refGeneWithVer", "ensGene", "knownGene"):
        if cells.get(f"Gene.{database}", ".") not in MISSING:
            yield from annovar_annotations(cells, database)
            return


def annovar_annotations(cells: Mapping[str, str], database: str) -> Iterator[Annotation]:
    """From ANNOVAR's columns of one gene database: ``AAChange`` is ``GENE:TRANSCRIPT:exonN:c.A1256G:p.D419G``, joined by commas."""
    consequence = cells.get(f"ExonicFunc.{database}", ".")
    if consequence in MISSING or consequence == "NA":
        consequence = cells.get(f"Func.{database}", "")
    consequence = "&".join(dict.fromkeys(consequence.split(";")))
    changes = cells.get(f"AAChange.{database}", ".")
    detail = cells.get(f"GeneDetail.{database}", ".")
    gene = re.split(r"[;,]", cells.get(f"Gene.{database}", ""))[0]
    found = False
    for change in dict.fromkeys(re.split(r"[;,]", changes)):
        parts = change.split(":")
        if len(parts) < 3:
            continue
        found = True
        yield Annotation(
            gene=parts[0],
            transcript=parts[1],
            hgvs_c=_annovar_c(next((p for p in parts if p.startswith(("c.", "n."))), "")),
            hgvs_p=next((p for p in parts if p.startswith("p.")), ""),
            consequence=consequence,
            exon=next((p.removeprefix("exon") for p in parts if p.startswith("exon")), ""),
            annotator="ANNOVAR",
        )
    for change in () if found else dict.fromkeys(re.split(r"[;,]", detail)):
        parts = change.split(":")
        if len(parts) > 1 and any(p.startswith("c.") for p in parts):
            found = True
            yield Annotation(
                gene=gene,
                transcript=parts[0],
                hgvs_c=next(p for p in parts if p.startswith("c.")),
                consequence=consequence,
                annotator="ANNOVAR",
            )
    if not found and gene and gene != "NONE":
        yield Annotation(gene=gene, consequence=consequence, annotator="ANNOVAR")


def _annovar_c(change: str) -> str:
    """ANNOVAR writes ``c.A1256G``; HGVS is ``c.1256A>G``."""
    return re.sub(r"^c\.([ACGT])(\d+)([ACGT])$", r"c.\2\1>\3", change)


def _pave(at: At) -> Iterator[Annotation]:
    cells = at.info["IMPACT"].split(",")
    if len(cells) >= 7 and cells[0]:
        yield Annotation(
            gene=cells[0],
            transcript=cells[1],
            consequence=cells[2],
            hgvs_c=cells[5],
            hgvs_p=cells[6],
            annotator="PAVE",
            reason=CANONICAL,
        )


def _megsap(at: At) -> Iterator[Annotation]:
    yield from megsap_annotations(at.info["coding_and_splicing"])


def megsap_annotations(text: str) -> Iterator[Annotation]:
    """``GENE:TRANSCRIPT:consequence:IMPACT:exon17/32:c.2772G>A:p.Thr924Thr[:domain]``, joined by commas."""
    for entry in text.split(","):
        parts = entry.split(":")
        if len(parts) < 6:
            continue
        yield Annotation(
            gene=parts[0],
            transcript=parts[1],
            consequence=parts[2],
            impact=parts[3],
            exon=parts[4].removeprefix("exon"),
            hgvs_c=unquote(parts[5]),
            hgvs_p=unquote(parts[6]) if len(parts) > 6 else "",
            annotator="megSAP",
        )


def _ion(at: At) -> Iterator[Annotation]:
    """Ion Reporter's FUNC: JSON with single quotes."""
    try:
        entries = json.loads(at.info["FUNC"].replace("'", '"'))
    except ValueError:
        return
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        cells = {str(key): str(value) for key, value in entry.items()}
        if len(at.alts) > 1 and cells.get("origAlt", at.alts[at.allele - 1]) != at.alts[at.allele - 1]:
            continue
        yield Annotation(
            gene=cells.get("gene", ""),
            transcript=cells.get("transcript", ""),
            hgvs_c=cells.get("coding", ""),
            hgvs_p=cells.get("protein", ""),
            consequence=cells.get("function", ""),
            exon=cells.get("exon", ""),
            annotator="Ion Reporter",
        )


_Reader = Callable[[At], Iterator[Annotation]]

#: INFO key -> its reader; the first that is there is used. A new annotator is a row here.
_ANNOTATORS: dict[str, _Reader] = {
    "CSQ": _vep,
    "ANN": _snpeff,
    "EFF": _snpeff_old,
    "FUNCOTATION": _funcotator,
    "Gene.refGene": _annovar,
    "Gene.refGeneWithVer": _annovar,
    "Gene.ensGene": _annovar,
    "IMPACT": _pave,
    "coding_and_splicing": _megsap,
    "FUNC": _ion,
    "BCSQ": _bcsq,
}
