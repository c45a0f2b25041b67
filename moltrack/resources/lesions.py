"""Lesions, fusions, copy-number rules, panels and probes: what findings of different techniques have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from moltrack.errors import ReferenceError_
from moltrack.resources.files import listed, read_table, read_yaml

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Lesion:
    """What a guideline asks for, whatever technique shows it.

    ``marker``, ``kind`` and ``label`` describe the marker that stands for the lesion. ``pairs`` are gene pairs (either order) that
    mean it, ``partner_of`` a gene that means it with any other partner than those of ``not_partners`` (``partner_end``: 5 or 3, the end where the partner lies in the driving fusion); ``break_apart`` a gene
    whose rearrangement without a known partner means it. ``chimeric_transcript``: RNA tests for fusions can exclude it.
    ``copy_number``: arrays and segments can show and exclude it. ``karyotype``: visible in metaphases. ``basis`` is ``stated``
    when the guideline says so, else ``convention``.
    """

    id: str
    label: str
    kind: str
    marker: str
    genes: tuple[str, ...] = ()
    iscn: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    partner_of: str = ""
    partner_end: str = ""
    not_partners: tuple[str, ...] = ()
    break_apart: str = ""
    chimeric_transcript: bool = False
    copy_number: bool = False
    karyotype: bool = False
    note: str = ""
    basis: str = "stated"
    source: str = ""


@dataclass(frozen=True, slots=True)
class KnownFusion:
    """A fusion of myeloid neoplasms; ``synonyms`` are whole names (``AML1-ETO``)."""

    fusion: str
    gene5: str
    gene3: str
    iscn: tuple[str, ...]
    synonyms: tuple[str, ...]
    note: str
    source: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FusionJunction:
    """An in-frame junction: last base of the 5' gene's exon and first base of the 3' gene's, 1-based, per build."""

    fusion: str
    isoform: str
    other_names: str
    transcript5: str
    exon5: int
    transcript3: str
    exon3: int
    chrom5: str
    pos5: Mapping[str, int]
    chrom3: str
    pos3: Mapping[str, int]
    source: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Locus:
    """A place that FISH probes are named after, when it is no gene: its chromosome, and band or ``cen``."""

    name: str
    chrom: str
    band: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyNumberRule:
    """When a gain or loss is a lesion.

    ``change`` (``loss`` or ``gain``) on ``chrom``; ``arm`` and ``bands`` narrow the stretch. ``whole`` is the least share of the
    assayed stretch that must be changed; ``smallest`` the least size in bases of the change inside the stretch;
    ``gene`` any overlap with that gene. ``unless`` names a lesion that the change must not be. ``loci`` are genes or FISH loci
    whose change means it; ``needs_normal`` a control locus that must be known to be normal, ``male`` restricts to men.
    """

    lesion: str
    change: str
    chrom: str
    arm: str = ""
    bands: tuple[str, ...] = ()
    whole: float = 0.0
    smallest: int = 0
    gene: str = ""
    unless: str = ""
    loci: tuple[str, ...] = ()
    needs_normal: str = ""
    basis: str = "convention"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A named list of genes, and of lesions that such a test shows."""

    id: str
    title: str
    genes: tuple[str, ...]
    lesions: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A FISH probe set: ``design`` is ``dual_fusion``, ``break_apart`` or ``enumeration``."""

    name: str
    design: str
    targets: tuple[str, ...]
    controls: tuple[str, ...]
    lesions: tuple[str, ...]
    source: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@cache
def lesions() -> Mapping[str, Lesion]:
    """Lesions by id."""
    entries = read_yaml("lesions.yaml")["lesions"]
    return MappingProxyType(
        {name: _record(Lesion, "lesions.yaml", id=name, **entry) for name, entry in entries.items()}
    )


def lesion_named(name: str) -> Lesion | None:
    """The lesion of an id, label, ISCN or other name in reports (``t(8;21)``, ``inv(16)``, ``monosomy 7``), in any case; None otherwise."""
    return _lesion_names().get(_plain(name))


@cache
def _lesion_names() -> dict[str, Lesion]:
    return {
        _plain(name): lesion
        for lesion in lesions().values()
        for name in (lesion.id, lesion.label, lesion.marker, *lesion.iscn, *lesion.aliases)
    }


def _plain(name: str) -> str:
    return " ".join(name.replace("−", "-").replace("–", "-").split()).casefold()


@cache
def copy_number_rules() -> tuple[CopyNumberRule, ...]:
    """The rules that make lesions of gains and losses, in the order in which they are tried."""
    return tuple(_record(CopyNumberRule, "copynumber.yaml", **entry) for entry in read_yaml("copynumber.yaml")["rules"])


@cache
def loci() -> Mapping[str, Locus]:
    """FISH loci by name and alias, in upper case."""
    items = [_record(Locus, "copynumber.yaml", **entry) for entry in read_yaml("copynumber.yaml")["loci"]]
    return MappingProxyType({name.upper(): item for item in items for name in (item.name, *item.aliases)})


@cache
def panels() -> Mapping[str, Panel]:
    """Panels by id."""
    entries = read_yaml("panels.yaml")["panels"]
    return MappingProxyType({name: _record(Panel, "panels.yaml", id=name, **entry) for name, entry in entries.items()})


@cache
def gene_sets() -> Mapping[str, Panel]:
    """Lists of genes with a meaning (``dta``, ``signaling`` ...) and the genes of the panels, by name."""
    entries = read_yaml("gene_sets.yaml")["gene_sets"]
    sets = {name: _record(Panel, "gene_sets.yaml", id=name, **entry) for name, entry in entries.items()}
    return MappingProxyType(dict(panels()) | sets)


@cache
def gene_set(name: str) -> frozenset[str]:
    """The genes of a set or panel.

    Raises
    ------
    ReferenceError_
        There is no such set.
    """
    try:
        return frozenset(gene_sets()[name].genes)
    except KeyError:
        raise ReferenceError_(f"'{name}' is not a gene set.", advice=f"Use one of {', '.join(gene_sets())}.") from None


@cache
def known_fusions() -> tuple[KnownFusion, ...]:
    """Fusions described in myeloid neoplasms."""
    return tuple(
        KnownFusion(
            row["fusion"],
            row["gene5"],
            row["gene3"],
            listed(row["iscn"]),
            listed(row["synonyms"]),
            row["note"],
            listed(row["source"]),
            listed(row["unconfirmed"]),
        )
        for row in read_table("fusions.tsv")
    )


@cache
def fusion_junctions() -> tuple[FusionJunction, ...]:
    """Usual junctions of fusions, by exon and position."""
    return tuple(
        FusionJunction(
            row["fusion"],
            row["isoform"],
            row["other_names"],
            row["transcript5"],
            int(row["exon5"]),
            row["transcript3"],
            int(row["exon3"]),
            row["chrom5"],
            {build: int(row[f"{build}_pos5"]) for build in ("GRCh37", "GRCh38")},
            row["chrom3"],
            {build: int(row[f"{build}_pos3"]) for build in ("GRCh37", "GRCh38")},
            listed(row["source"]),
            listed(row["unconfirmed"]),
        )
        for row in read_table("fusion_junctions.tsv")
    )


@cache
def probes() -> Mapping[str, Probe]:
    """FISH probe sets by name."""
    return MappingProxyType(
        {
            row["probe"]: Probe(
                row["probe"],
                row["design"],
                listed(row["targets"]),
                listed(row["controls"]),
                listed(row["lesions"]),
                listed(row["source"]),
                listed(row["unconfirmed"]),
            )
            for row in read_table("probes.tsv")
        }
    )


def _record(cls: type[Record], path: str, **values: Any) -> Record:
    """A record of a YAML entry, with lists as tuples; an unknown or missing field is an error that names the entry."""
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    name = values.get("id") or values.get("lesion") or values.get("name") or "?"
    if unknown := set(values) - known:
        raise ReferenceError_(f"'{name}' has an unknown field '{min(unknown)}'.", path=path)
    try:
        return cls(**{key: _tuple(value) for key, value in values.items()})
    except TypeError as error:
        raise ReferenceError_(f"'{name}' is not usable ({error}).", path=path) from None


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
