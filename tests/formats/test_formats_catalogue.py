"""The list of formats: what a laboratory looks for is in it, with the versions seen and the source of the columns."""

from __future__ import annotations

import pytest

from moltrack.formats.registry import all_formats

#: Tools whose files a laboratory of myeloid diagnostics has, by family of formats.
TOOLS = {
    "variants": (
        "Mutect1", "Mutect2", "Strelka", "VarDict", "VarScan2", "FreeBayes", "LoFreq", "DeepVariant", "DeepSomatic", "DRAGEN", "TNscope",
        "SAGE", "MuSE", "Pisces", "TSO500", "ClairS", "Pindel", "Scalpel", "RADIA", "SomaticSniper", "Platypus", "iVar", "VEP", "SnpEff",
        "BCSQ", "ANNOVAR", "MAF", "mosdepth", "BED", "Manta", "DELLY", "LUMPY", "GRIDSS", "SvABA", "Sniffles", "ESVEE", "DRAGEN SV",
    ),
    "fusions": (
        "STAR-Fusion", "FusionInspector", "Arriba", "FusionCatcher", "JAFFA", "JAFFAL", "EricScript", "pizzly", "SQUID", "INTEGRATE",
        "STAR-SEQR", "LongGF", "LINX", "DRAGEN", "TruSight Oncology 500", "HAMLET", "fusion-report", "rnafusion", "deFuse", "FusionMap",
        "TopHat-Fusion",
    ),
    "pcr": ("QuantaSoft", "QX Manager", "QIAcuity", "QuantStudio", "CFX", "Absolute Q"),
}  # fmt: skip


@pytest.mark.parametrize(("family", "tool"), [(family, tool) for family, tools in TOOLS.items() for tool in tools])
def test_tool_is_found_in_its_family(family: str, tool: str) -> None:
    listed = [f"{form.title} {form.versions}" for form in all_formats().values() if form.family == family]
    assert any(tool.lower() in text.lower() for text in listed)


@pytest.mark.parametrize("name", sorted(all_formats()))
def test_versions_and_the_source_of_columns_are_said(name: str) -> None:
    form = all_formats()[name]
    assert form.versions
    assert form.columns_source
