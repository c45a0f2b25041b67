"""Which genes of a file are kept: the one place where readers of small variants ask the references for genes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from moltrack import resources
from moltrack.errors import InputError
from moltrack.formats.files import is_file
from moltrack.formats.variants.scan import Region, Wanted

#: Bases beside a gene's span that count as its own (splice sites of the outermost exons, promoters of short genes).
PADDING = 1000


@dataclass(frozen=True)
class Selection:
    """The genes to keep, ``symbols`` None = all; ``name`` as the user said it."""

    name: str
    symbols: frozenset[str] | None

    @classmethod
    def of(cls, genes: str) -> Selection:
        """From ``--genes``: ``all``, the name of a set of the references, or a file with one symbol per line.

        Raises
        ------
        InputError
            No such set or file, or a gene that the references do not know.
        """
        if genes == "all":
            return cls(genes, None)
        if Path(genes).suffix or "/" in genes or is_file(Path(genes)):
            return cls(genes, _symbols_in(Path(genes)))
        return cls(genes, resources.gene_set(genes))

    def wanted(self, build: str) -> Wanted | None:
        """Regions of the genes in a build; None = everything."""
        if self.symbols is None:
            return None
        return _wanted(self.symbols, build)

    def keeps(self, gene: str, build: str, chrom: str, pos: int | None) -> bool:
        """True when the gene is one of ours, or the position lies in one."""
        if self.symbols is None:
            return True
        if gene and (resources.gene_symbol(gene) or gene) in self.symbols:
            return True
        return bool(build and chrom and pos is not None and _wanted(self.symbols, build).overlaps(chrom, pos - 1, pos))

    @cached_property
    def preferred(self) -> frozenset[str]:
        """Genes that win where several lie at one place."""
        return self.symbols if self.symbols is not None else resources.gene_set("myeloid")


def gene_at(build: str, chrom: str, pos: int, preferred: Iterable[str]) -> str:
    """The gene at a position: a preferred one, else the only one; "" when there is none or the place is ambiguous."""
    found = resources.genes_at(build, chrom, pos) if build else ()
    ours = [gene for gene in found if gene in preferred]
    if ours:
        return ours[0]
    return found[0] if len(found) == 1 else ""


def exon_at(gene: str, build: str, pos: int) -> str:
    """The exon of the gene's MANE Select transcript at a position, as ``n/total``; "" outside of exons."""
    transcript = resources.transcript(gene)
    exon = transcript.exon_at(build, pos) if transcript else None
    return f"{exon.number}/{len(transcript.exons)}" if transcript and exon else ""


@lru_cache(maxsize=16)
def _wanted(symbols: frozenset[str], build: str) -> Wanted:
    return Wanted.of(
        Region(chrom, start, end) for chrom, start, end, _ in resources.gene_regions(symbols, build, padding=PADDING)
    )


def _symbols_in(path: Path) -> frozenset[str]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"--genes names the file '{path}', which does not exist.") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"--genes names the file '{path}', which cannot be read as text.") from None
    symbols: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        for word in re.split(r"[\s,;]+", line.partition("#")[0].strip()):
            if not word:
                continue
            symbol = resources.gene_symbol(word)
            if symbol is None or resources.gene(symbol) is None:
                raise InputError(
                    f"'{word}' is not a gene that the references place on a chromosome.", path=path, line=number
                )
            symbols.add(symbol)
    if not symbols:
        raise InputError("holds no gene symbol.", path=path)
    return frozenset(symbols)
