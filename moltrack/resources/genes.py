"""Genes: current HGNC symbols, what they were called before, and where they lie in both builds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from moltrack.resources.files import listed, read_table
from moltrack.resources.genome import BUILDS

_ENSEMBL_VERSION = re.compile(r"(ENSG\d{11})\.\d+")


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene of the references.

    ``spans`` gives start and end (0-based half-open) per build, over all its transcripts; a build without the gene is not
    in it. ``transcript`` is the MANE Select transcript, whose exons :func:`moltrack.resources.transcript` gives;
    ``protein_aa`` its protein's length in residues; ``same_numbering``
    are accessions of other transcripts with the same coding sequence; ``numbering_since`` is the first version of the accession whose
    residues are numbered like those of the version held (0 = no version is known to differ). ``roles``: ``myeloid``, ``fusion_partner``, ``germline``.
    ``unconfirmed`` names columns whose value was not seen in a second source.
    """

    symbol: str
    hgnc_id: str
    ensembl_id: str
    chrom: str
    strand: str
    band: str
    spans: Mapping[str, tuple[int, int]]
    transcript: str
    ensembl_transcript: str
    protein: str
    protein_aa: int | None
    same_numbering: tuple[str, ...]
    numbering_since: int
    roles: tuple[str, ...]
    previous: tuple[str, ...]
    aliases: tuple[str, ...]
    note: str
    unconfirmed: tuple[str, ...]


@cache
def genes() -> Mapping[str, Gene]:
    """All genes of the references, by current symbol."""
    return MappingProxyType({row["symbol"]: _gene(row) for row in read_table("genes.tsv")})


def _gene(row: Mapping[str, str]) -> Gene:
    return Gene(
        symbol=row["symbol"],
        hgnc_id=row["hgnc_id"],
        ensembl_id=row["ensembl_id"],
        chrom=row["chrom"],
        strand=row["strand"],
        band=row["band"],
        spans={b: (int(row[f"{b}_start"]), int(row[f"{b}_end"])) for b in BUILDS if row[f"{b}_start"]},
        transcript=row["transcript"],
        ensembl_transcript=row["ensembl_transcript"],
        protein=row["protein"],
        protein_aa=int(row["protein_aa"]) if row["protein_aa"] else None,
        same_numbering=listed(row["same_numbering"]),
        numbering_since=int(row["numbering_since"] or 0),
        roles=listed(row["roles"]),
        previous=listed(row["previous"]),
        aliases=listed(row["aliases"]),
        note=row["note"],
        unconfirmed=listed(row["unconfirmed"]),
    )


def gene(symbol: str) -> Gene | None:
    """The gene of that current symbol; None when the references do not hold it."""
    return genes().get(symbol)


@lru_cache(maxsize=8192)
def gene_symbol(name: str) -> str | None:
    """The current HGNC symbol of a symbol, previous symbol, alias, HGNC or Ensembl id, in any case.

    None when the references do not know the name, or when it stands for several genes. A current symbol wins over a
    previous one, a previous one over an alias.
    """
    text = name.strip()
    if text in genes():
        return text
    if versioned := _ENSEMBL_VERSION.fullmatch(text):
        text = versioned[1]
    return _names().get(text.casefold())


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for spellings in (
        lambda g: (g.symbol, g.ensembl_id, g.hgnc_id),
        lambda g: g.previous,
        lambda g: g.aliases,
    ):
        owners: dict[str, set[str]] = {}
        for item in genes().values():
            for spelling in filter(None, spellings(item)):
                owners.setdefault(spelling.casefold(), set()).add(item.symbol)
        for spelling, symbols in owners.items():
            if len(symbols) == 1:
                names.setdefault(spelling, next(iter(symbols)))
    return names


def gene_regions(symbols: Iterable[str], build: str, padding: int = 0) -> list[tuple[str, int, int, str]]:
    """Where genes lie, as (chrom, start, end, symbol) in the order of the genome.

    Parameters
    ----------
    padding
        Bases added on both sides.
    """
    found = []
    for symbol in set(symbols):
        item = genes().get(symbol)
        if item is not None and build in item.spans:
            start, end = item.spans[build]
            found.append((item.chrom, max(0, start - padding), end + padding, symbol))
    return sorted(found)


def genes_at(build: str, chrom: str, pos: int) -> tuple[str, ...]:
    """Symbols of the genes over a 1-based position, the one with an exon there first, then the shorter."""
    from moltrack.resources.transcripts import transcript

    hits = []
    for item in _by_chromosome().get(chrom, ()):
        span = item.spans.get(build)
        if span and span[0] < pos <= span[1]:
            own = transcript(item.symbol)
            in_exon = own is not None and own.exon_at(build, pos) is not None
            hits.append((not in_exon, span[1] - span[0], item.symbol))
    return tuple(symbol for _, _, symbol in sorted(hits))


@cache
def _by_chromosome() -> dict[str, tuple[Gene, ...]]:
    grouped: dict[str, list[Gene]] = {}
    for item in genes().values():
        grouped.setdefault(item.chrom, []).append(item)
    return {chrom: tuple(items) for chrom, items in grouped.items()}
