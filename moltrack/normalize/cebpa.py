"""CEBPA: what no single call shows. Two mutations in one sample; variants that leave the bZIP question open.

Biallelic: two different pathogenic variants, or one with copy-neutral loss of 19q over the gene (ELN 2017: Döhner, Blood
2017;129:424); whether they lie on two alleles is normally not proven. bZIP: ELN 2022 (Döhner, Blood 2022;140:1345) names in-frame
variants; one across the boundary, or a missense variant, is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from moltrack.model import Change, Counts, Marker, MarkerKind, Observation, Status
from moltrack.normalize.absence import lesion_marker
from moltrack.normalize.copynumber import WORDS

#: Name of the marker of a copy-neutral loss of heterozygosity over the gene.
CN_LOH = f"CEBPA {WORDS[Change.CN_LOH]}"


def cebpa(observed: Iterable[Observation], markers: Mapping[str, Marker]) -> tuple[list[Marker], list[Observation]]:
    """Lesion-level observations of ``CEBPA_biallelic`` and ``CEBPA_bZIP``, and the markers they stand on."""
    variants: dict[str, list[Observation]] = {}
    neutral: dict[str, list[Observation]] = {}
    for item in observed:
        marker = markers[item.marker]
        if item.status is not Status.DETECTED:
            continue
        if marker.kind is MarkerKind.SMALL_VARIANT and "CEBPA" in marker.genes:
            variants.setdefault(item.sample, []).append(item)
        elif marker.id == CN_LOH:
            neutral.setdefault(item.sample, []).append(item)
    found: list[Observation] = []
    for sample, own in variants.items():
        pathogenic = [item for item in own if "CEBPA" in markers[item.marker].lesions]
        found += _biallelic(pathogenic, neutral.get(sample, []))
        found += _open_bzip(own, markers)
    made = {lesion: lesion_marker(lesion) for lesion in ("CEBPA_biallelic", "CEBPA_bZIP")}
    biallelic = replace(
        made["CEBPA_biallelic"], tracked=True, why="two hits of CEBPA in one sample", classification="pathogenic"
    )
    bzip = replace(made["CEBPA_bZIP"], why="left open by a variant at the boundary or a missense variant")
    used = {item.marker for item in found}
    return [marker for marker in (biallelic, bzip) if marker.id in used], found


def _biallelic(pathogenic: list[Observation], neutral: list[Observation]) -> list[Observation]:
    """One observation in every assay that shows a hit, when there are two."""
    if not pathogenic or len({item.marker for item in (*pathogenic, *neutral)}) < 2:
        return []
    hits = sorted({item.marker for item in (*pathogenic, *neutral)})
    origins = tuple(dict.fromkeys(origin for item in (*pathogenic, *neutral) for origin in item.origins))
    marker = lesion_marker("CEBPA_biallelic").id
    by_assay = {(item.assay, item.part): item for item in pathogenic}
    return [
        replace(
            _bare(item, marker),
            formula=f"both in this sample: {'; '.join(hits)}",
            flags=("phase_unproven",),
            origins=origins,
        )
        for item in by_assay.values()
    ]


def _open_bzip(own: list[Observation], markers: Mapping[str, Marker]) -> list[Observation]:
    """Detected at the boundary (the flag leaves it open), not evaluable for a missense variant."""
    marker = lesion_marker("CEBPA_bZIP").id
    found = {}
    for item in own:
        flags = markers[item.marker].flags
        if "CEBPA_bZIP" in markers[item.marker].lesions:
            continue
        if "bzip_boundary" in flags:
            found[item.assay, item.part, "boundary"] = replace(_bare(item, marker), flags=("bzip_boundary",))
        elif "bzip_missense" in flags:
            found[item.assay, item.part, "missense"] = replace(
                _bare(item, marker), status=Status.NOT_EVALUABLE, flags=("bzip_missense",)
            )
    return list(found.values())


def _bare(item: Observation, marker: str) -> Observation:
    """The observation without its level: a statement about a lesion has none."""
    return replace(
        item,
        marker=marker,
        quantity="",
        denominator="",
        level=None,
        comparator="",
        printed="",
        formula="",
        counts=Counts(),
        limits=(),
        caller_level=None,
        flags=(),
        replicates=1,
    )
