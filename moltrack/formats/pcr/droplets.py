"""Bio-Rad droplet digital PCR: QuantaSoft and QX Manager.

Source  QuantaSoft 1.4 to 1.7 and QX Manager 1 and 2, results exported as csv; their user guides for the columns
Units   ``Concentration`` and ``Conc(copies/µL)`` in copies per µL of reaction; ``FractionalAbundance`` in percent
Rows    one per well and channel; the rows of a well are one duplex reaction
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.pcr.digital import dpcr_records
from moltrack.formats.pcr.wells import Well, role_of
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Record, Refused, Technique

#: Volume of a droplet in µL (QX Manager: -ln(9546/20486) / 898.38 per µL = 0.85 nL).
DROPLET = 0.85e-3

QUANTASOFT_SYNONYMS = {"typeassay": "targettype", "assay": "target", "concentration": "conc", "sample": "sample"}
QX_SYNONYMS = {
    "Conc(copies/µL)": "conc",
    "Conc(copies/uL)": "conc",
    "Sample description 1": "sample",
    "Accepted Droplets": "accepteddroplets",
    "Fractional Abundance": "fractionalabundance",
}
_NUMERIC = ("conc", "fractionalabundance", "copies per ug", "copies/µg")


def sniff_quantasoft(head: Head) -> Sniff:
    named = head.has_columns("TypeAssay", "Assay") or head.has_columns("TargetType", "Target")
    return (
        Sniff.CERTAIN
        if named and head.has_columns("Well", "ExptType", "Concentration", "FractionalAbundance")
        else Sniff.NO
    )


def sniff_qx(head: Head) -> Sniff:
    own = head.has_columns("Well", "Sample description 1", "Target", "Accepted Droplets", "DyeName(s)")
    return Sniff.CERTAIN if own else Sniff.NO


def sniff_amplitude(head: Head) -> Sniff:
    new = head.text.lower().startswith("target value of 0 = negative") and not sniff_clusters(head)
    names = head.header
    old = len(names) >= 2 and all(name.lower().endswith("amplitude") for name in names[:2])
    return Sniff.CERTAIN if new or old else Sniff.NO


def sniff_clusters(head: Head) -> Sniff:
    own = head.text.lower().startswith("target value of 0 = negative")
    return (
        Sniff.CERTAIN if own and any("Cluster ID" in line and "Count" in line for line in head.lines[:8]) else Sniff.NO
    )


def read_quantasoft(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well."""
    return _read(path, options, "quantasoft", QUANTASOFT_SYNONYMS)


def read_qx(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well."""
    return _read(path, options, "qx_manager", QX_SYNONYMS)


def _read(path: Path, options: ReadOptions, tool: str, synonyms: dict[str, str]) -> Iterator[Record]:
    table = read_table(
        path,
        required=("Well", "target", "conc"),
        synonyms=synonyms,
        numeric=_NUMERIC,
        decimal=options.decimal,
        limits=options.limits,
    )
    wells: list[Well] = []
    refused: list[Refused] = []
    for row in table.rows:
        try:
            wells.append(_well(row, path))
        except FormatError as error:
            refused.append(Refused(row.line, error.message))
    own = {well.name for well in wells if not _merged(well)}
    repeated = [well for well in wells if _merged(well) and _merged(well) <= own]
    left_out = f"{len(repeated)} rows that merge wells of this file" if repeated else ""
    kept = [well for well in wells if well not in repeated]
    return dpcr_records(path, tool, kept, refused, volume=DROPLET, left_out=left_out)


def _merged(well: Well) -> set[str]:
    """Wells that a merged row sums up: counted with them, each droplet would count twice."""
    return set(re.findall(r"[A-H]\d\d?", dict(well.extra).get("MergedWells", "")))


def _well(row: Row, path: Path) -> Well:
    no_call = row.raw("conc").lower() in {"no call", "nocall"}
    positives, partitions = row.count("positives"), row.count("accepteddroplets")
    concentration = None if no_call else row.number("conc", 0)
    if concentration is None and not no_call and (positives is None or not partitions):
        raise row.error(f"well {row.text('well')} holds neither a concentration nor droplet counts.")
    if positives is not None and partitions is not None and positives > partitions:
        raise row.error(f"well {row.text('well')} has {positives} positive of {partitions} droplets.")
    if positives == 0 and concentration:
        raise row.error(f"well {row.text('well')} states {concentration} copies/µL without a positive droplet.")
    sample = row.text("sample")
    kind = row.text("targettype")
    return Well(
        line=row.line,
        name=row.need("well"),
        sample=sample,
        target=row.need("target"),
        role=role_of(row.text("sampletype") or kind.removeprefix("Ch1").removeprefix("Ch2"), sample),
        concentration=concentration,
        positives=positives,
        partitions=partitions,
        fraction=row.number("fractionalabundance", 0, 100),
        per_ug=row.number("copies/µg", 0),
        no_call=no_call,
        is_reference="reference" in kind.lower(),
        plate=row.text("plate") or path.stem,
        extra=tuple(
            (name, text)
            for name in ("Ratio", "PoissonConfMin", "PoissonConfMax", "Status", "MergedWells")
            if (text := row.text(name))
        ),
    )


QUANTASOFT = Format(
    name="quantasoft",
    title="Bio-Rad QuantaSoft (ddPCR)",
    family="pcr",
    technique=Technique.DPCR,
    sniff=sniff_quantasoft,
    read=read_quantasoft,
    versions="1.4 to 1.7",
    columns_source="QuantaSoft user guide",
)

QX_MANAGER = Format(
    name="qx_manager",
    title="Bio-Rad QX Manager (ddPCR)",
    family="pcr",
    technique=Technique.DPCR,
    sniff=sniff_qx,
    read=read_qx,
    versions="1 and 2",
    columns_source="QX Manager user guide",
)

DROPLET_AMPLITUDES = Format(
    name="droplet_amplitudes",
    title="Bio-Rad droplet amplitudes",
    family="pcr",
    technique=Technique.DPCR,
    sniff=sniff_amplitude,
    versions="QuantaSoft and QX Manager",
    columns_source="QX Manager user guide",
    refuses="lists the amplitude of every droplet and no result; ingest the table of wells that the software exports.",
)

CLUSTERS = Format(
    name="qx_clusters",
    title="Bio-Rad QX Manager, droplets by cluster",
    family="pcr",
    technique=Technique.DPCR,
    sniff=sniff_clusters,
    versions="2",
    columns_source="QX Manager user guide",
    refuses="counts droplets by cluster and names no sample; ingest the table of wells that the software exports.",
)
