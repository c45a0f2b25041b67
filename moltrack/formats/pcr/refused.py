"""Files of PCR instruments that are recognised to be refused with the reason.

Source  RDML 1.3 (rdml_data.xml in a zip archive); EDS of Applied Biosystems (zip archive with apldbio/sds/); LightCycler 480 software,
        export of an analysis; Rotor-Gene Q software, quantitation results as csv; Crystal Miner (naica) results as csv
"""

from __future__ import annotations

from collections.abc import Callable

from moltrack.formats.files import Head, split_line
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique

_INTO_TABLE = "fill in the template measurements with sample, target, copies and control copies ('moltrack formats --template measurements')"


def sniff_rdml(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.container == "rdml" or "<rdml" in head.text[:2000] else Sniff.NO


def sniff_eds(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.container == "eds" else Sniff.NO


def sniff_lightcycler(head: Head) -> Sniff:
    own = any({"Include", "Color", "Pos", "Name", "Cp"} <= set(split_line(line)) for line in head.lines[:5])
    return Sniff.CERTAIN if own else Sniff.NO


def sniff_rotor_gene(head: Head) -> Sniff:
    # The software writes British English, and what follows Ct names the unit of the standards.
    own = any(
        {"No.", "Colour", "Name", "Type", "Ct"} <= {cell.strip() for cell in split_line(line)}
        for line in head.lines[:60]
    )
    return Sniff.CERTAIN if own else Sniff.NO


def sniff_crystal_miner(head: Head) -> Sniff:
    names = {name.lower().replace(" ", "") for name in head.header}
    own = bool({"chambername", "chamberid"} & names) and any("droplets" in name for name in names)
    return Sniff.CERTAIN if own else Sniff.NO


def _format(
    name: str, title: str, technique: Technique, sniff: Callable[[Head], Sniff], versions: str, refuses: str
) -> Format:
    return Format(
        name=name,
        title=title,
        family="pcr",
        technique=technique,
        sniff=sniff,
        versions=versions,
        columns_source="the instrument's user guide",
        refuses=refuses,
    )


FORMATS = (
    _format(
        "rdml",
        "RDML (amplification curves)",
        Technique.QPCR,
        sniff_rdml,
        "1.0 to 1.3",
        f"is RDML, which holds amplification curves; export the results of the run from the instrument's software, or {_INTO_TABLE}.",
    ),
    _format(
        "eds",
        "Applied Biosystems EDS (experiment)",
        Technique.QPCR,
        sniff_eds,
        "QuantStudio, ViiA 7, StepOne",
        "is the experiment file of an Applied Biosystems instrument (.eds); export its results as text or xlsx.",
    ),
    _format(
        "lightcycler",
        "Roche LightCycler 480 (qPCR)",
        Technique.QPCR,
        sniff_lightcycler,
        "480 SW 1.5",
        f"is a LightCycler analysis of one filter, which names no target; {_INTO_TABLE}.",
    ),
    _format(
        "rotor_gene",
        "QIAGEN Rotor-Gene (qPCR)",
        Technique.QPCR,
        sniff_rotor_gene,
        "Rotor-Gene Q 2",
        f"is a Rotor-Gene analysis of one channel, which names no target; {_INTO_TABLE}.",
    ),
    _format(
        "crystal_miner",
        "Stilla naica, Crystal Miner (dPCR)",
        Technique.DPCR,
        sniff_crystal_miner,
        "2 to 4",
        f"is a table of chambers of Crystal Miner, which is not read; {_INTO_TABLE}.",
    ),
)
