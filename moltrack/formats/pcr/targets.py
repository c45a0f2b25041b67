"""What a PCR target measures: a fusion, a mutation, a transgene, a gene's expression, or a control."""

from __future__ import annotations

import re

from moltrack.errors import InputError
from moltrack.formats.clinical.names import current_symbol, fusion_of, variant_of
from moltrack.model import Finding, Fusion, Itd, MarkerKind, Measured

#: Control genes of leukaemia laboratories, the usual one first: Gabert, Leukemia 2003;17:2318; Beillard, Leukemia
#: 2003;17:2474. RPP30 (RNase P), AGO1, ALB and TERT are those of genomic DNA.
CONTROL_GENES = (
    "ABL1",
    "GUSB",
    "B2M",
    "TBP",
    "GAPDH",
    "ACTB",
    "HPRT1",
    "PPIA",
    "RPLP0",
    "UBC",
    "RPP30",
    "AGO1",
    "ALB",
    "TERT",
)
#: Genes of which a haploid genome holds one copy: what they count is DNA.
GENOMIC_CONTROLS = frozenset({"RPP30", "AGO1", "ALB", "TERT"})
_CONTROL_NAMES = {
    "ABL": "ABL1",
    "CABL": "ABL1",
    "GUS": "GUSB",
    "BETAGUS": "GUSB",
    "RNASEP": "RPP30",
    "EIF2C1": "AGO1",
    "HPRT": "HPRT1",
    "ALBUMIN": "ALB",
}

_WILD_TYPE = re.compile(r"^wt(?!\d)|[^a-z]wt(?![a-z0-9])|wild[ _-]?type|wildtyp", re.IGNORECASE)
_TRANSGENE = re.compile(r"\b(CAR|TCR)(\b|-?T\b)|CAR\d+|FMC63|transgene|WPRE", re.IGNORECASE)
_ISOFORM = re.compile(
    r"[\s_(]+((?:p\d{3}|e\d+a?[-/]?[ae]\d+|b\d+[-/]?a\d+|bcr\s?[123]|type\s?\w+|[A-L]))\)?$", re.IGNORECASE
)
#: What an HGVS name of a change holds beyond its place.
_CHANGE = re.compile(r">|del|ins|dup|inv|con|=", re.IGNORECASE)
_DYE = re.compile(r"[\s_-]+(FAM|HEX|VIC|CY5(?:\.5)?|ROX|TAMRA)$", re.IGNORECASE)


def control_gene(target: str) -> str:
    """The control gene's symbol when the target is one; "" otherwise."""
    name = _DYE.sub("", target.strip())
    plain = re.sub(r"[^A-Za-z0-9]", "", name).upper().replace("Β", "BETA")
    plain = _CONTROL_NAMES.get(plain, plain)
    return plain if plain in CONTROL_GENES else ""


def is_wild_type(target: str) -> bool:
    """True for the wild-type assay of a mutation (``NPM1 wt``, ``WTspecific_HEX``)."""
    return _WILD_TYPE.search(target) is not None


def is_transgene(target: str) -> bool:
    """True for the assay of a transgene: a CAR, a TCR, or a part of their vector."""
    return _TRANSGENE.search(_DYE.sub("", target.strip())) is not None


def finding_of(target: str) -> Finding:
    """The finding of a target's name, whose isoform is kept apart (``BCR::ABL1 p210``).

    A name that is neither a fusion, a mutation nor a gene is a measured quantity under that name.
    """
    name = _DYE.sub("", target.strip()) or target.strip()
    if is_transgene(name):
        return Measured(MarkerKind.ANALYTE, name)
    isoform = _ISOFORM.search(name)
    for text, kind in ((name, ""), (name[: isoform.start()] if isoform else "", isoform[1] if isoform else "")):
        if fusion := _fusion(text):
            return Fusion(fusion.gene5, fusion.gene3, isoform=kind)
    if re.search(r"\bITD\b", name) and (gene := current_symbol(re.split(r"[-\s_]*ITD", name)[0])):
        return Itd(gene)
    variant = variant_of(re.sub(r"[_]", " ", name)) or variant_of(
        re.sub(r"(?i)[\s_-]*mut(?:ation)?[\s_-]*", " mut ", name)
    )
    if variant is not None and variant.hgvs_c and not variant.hgvs_p and not _CHANGE.search(variant.hgvs_c):
        # The assays of two alleles of one place (``F8 c.6544_T``, ``F8 c.6544_C``) are not one variant.
        return Measured(MarkerKind.ANALYTE, name)
    if variant is not None and (variant.hgvs_c or variant.hgvs_p or re.search(r"mut|type", name, re.IGNORECASE)):
        return variant
    if symbol := current_symbol(name):
        return Measured(MarkerKind.EXPRESSION, name, gene=symbol)
    return Measured(MarkerKind.ANALYTE, name)


def _fusion(text: str) -> Fusion | None:
    try:
        return fusion_of(text) if text else None
    except InputError:
        return None


def marker_quantity(finding: Finding) -> str:
    """What the share mutant / (mutant + wild type) is called for this finding."""
    return "fusion_fraction" if isinstance(finding, Fusion) else "vaf"
