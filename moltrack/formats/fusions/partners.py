"""What the cells of fusion tables mean: genes, positions, reading frames, tandem duplications."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from moltrack import resources
from moltrack.model import Breakpoint, Finding, Fusion, Itd

_DISTANCE = re.compile(r"([^(),;]+)\((\d+)\)")
_ENSEMBL = re.compile(r"(ENS[A-Z]*G\d{11})(\.\d+)?")

_IN_FRAME = frozenset({"inframe", "in-frame", "in_frame", "inframe-shift", "true", "yes", "0->0"})
_OUT_OF_FRAME = frozenset({"outofframe", "out-of-frame", "out_of_frame", "frameshift", "frame-shift", "false", "no"})

#: Strand of the genes whose tandem duplications are markers of their own (Ensembl).
TANDEM_GENES = {"FLT3": "-", "KMT2A": "+", "UBTF": "-", "BCOR": "-"}


@dataclass(frozen=True, slots=True)
class Partner:
    """A gene as printed, its Ensembl id without version, and what else the cell said."""

    gene: str
    gene_id: str = ""
    note: str = ""


def partner(symbol: str, gene_id: str = "") -> Partner:
    """The gene of a cell.

    ``A(1234),B(567)`` (Arriba: the breakpoint lies between genes) gives the nearer gene; a list (``A;B``, ``A,B``) the
    first that the references know, else the first. What was passed over is said in the note.
    """
    if found := _ENSEMBL.fullmatch(gene_id):
        gene_id = found[1]
    if found := _ENSEMBL.fullmatch(symbol):
        return Partner(found[1], gene_id or found[1])
    if "(" in symbol and (distances := _DISTANCE.findall(symbol)):
        nearest = min(distances, key=lambda item: int(item[1]))[0].strip()
        return Partner(nearest, gene_id, f"the breakpoint lies between genes: {symbol}")
    if "," in symbol or ";" in symbol:
        names = [name.strip() for name in re.split(r"[,;]", symbol) if name.strip() not in {"", "-"}]
        chosen = next((name for name in names if resources.gene_symbol(name)), names[0] if names else "")
        note = f"several genes at the breakpoint: {symbol}" if len(set(names)) > 1 else ""
        return Partner(chosen, gene_id.split(",")[0], note)
    return Partner(symbol or gene_id, gene_id)


def chromosome(name: str) -> str:
    """A chromosome without ``chr``; X, Y and MT in capitals."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    return "MT" if bare in {"M", "m", "Mt", "mt"} else bare.upper() if len(bare) == 1 else bare


def frame(text: str) -> bool | None:
    """In frame, out of frame, or None for what is neither (``intronic/CDS``, ``.``)."""
    word = text.strip().lower()
    return True if word in _IN_FRAME else False if word in _OUT_OF_FRAME else None


def tandem(fusion: Fusion) -> Finding:
    """A gene joined to itself is a tandem duplication, when the junction runs backwards: FLT3-ITD, KMT2A-PTD, UBTF-TD, BCOR-ITD.

    The 5' breakpoint then lies downstream (in transcript direction) of the 3' one; a junction that runs forwards is a
    deletion or an unusual splicing and stays a fusion. The duplicated stretch runs from one breakpoint to the other, both
    included, and is only a length where no intron lies in it: KMT2A-PTD has none.
    """
    if fusion.gene5 != fusion.gene3:
        return fusion
    gene = fusion.gene5 if fusion.gene5 in TANDEM_GENES else resources.gene_symbol(fusion.gene5) or ""
    if gene not in TANDEM_GENES:
        return fusion
    first, last = fusion.breakpoint5, fusion.breakpoint3
    if first is None or last is None:
        return Itd(gene, build=fusion.build, in_frame=fusion.in_frame) if "ITD" in fusion.event_type else fusion
    backwards = first.pos >= last.pos if TANDEM_GENES[gene] == "+" else first.pos <= last.pos
    if not backwards:
        return fusion
    low, high = sorted((first.pos, last.pos))
    return Itd(
        gene,
        length=None if gene == "KMT2A" else high - low + 1,
        build=fusion.build,
        chrom=first.chrom,
        pos=low,
        site_rule="first_duplicated",
        in_frame=fusion.in_frame,
    )


def breakpoint_of(chrom: str, pos: str, strand: str = "") -> Breakpoint | None:
    """A breakpoint, or None where the file prints none (``Unable to predict breakpoint position``)."""
    if not chrom or not pos.isdecimal() or int(pos) == 0:
        return None
    return Breakpoint(chromosome(chrom), int(pos), strand if strand in {"+", "-"} else "")


def words(text: str, passed: Iterable[str] = ()) -> tuple[str, ...]:
    """Filter words of a cell; empty when the row passed."""
    fine = {"pass", "passed", ".", "", "na", "n/a", "none", *passed}
    return tuple(word.strip() for word in re.split(r"[,;]", text) if word.strip().lower() not in fine)


def split_name(name: str) -> tuple[str, str] | None:
    """The two genes of a fusion's name, 5' first; None when it cannot be told where one ends.

    ``A::B`` (HGNC), ``A--B``, else one of ``- / _ :`` at the place where both sides are known genes (``HLA-A-B``,
    ``NKX2-1`` hold hyphens of their own), else the only place there is.
    """
    text = name.strip()
    for separator in ("::", "--"):
        if text.count(separator) >= 1:
            first, last = (part.strip() for part in text.split(separator, 1))
            return (first, last) if first and last else None
    cuts = [match.start() for match in re.finditer(r"[-/_:]", text)]
    pairs = [(text[:cut].strip(), text[cut + 1 :].strip()) for cut in cuts]
    pairs = [(first, last) for first, last in pairs if first and last]
    known = [pair for pair in pairs if all(map(resources.gene_symbol, pair))]
    if len(known) == 1:
        return known[0]
    return pairs[0] if len(pairs) == 1 else None
