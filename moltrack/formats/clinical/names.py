"""Names of fusions, deletions and variants as laboratories type them, as findings.

``BCR::ABL1``, ``BCR-ABL1``, ``AML1/ETO`` are fusions; ``del(5q)``, ``monosomy 7``, ``TP53 deletion`` copy-number changes;
``NPM1 type A``, ``FLT3 p.D835Y`` small variants. Genes stay as printed: they are only checked to be genes.
"""

from __future__ import annotations

import re

from moltrack.errors import InputError
from moltrack.model import Change, CopyNumber, Fusion, SmallVariant

_CHROMOSOME = r"(?:[1-9]|1\d|2[0-2]|X|Y)"

#: Old probe and fusion names that are no alias of a gene by themselves.
_OLD_NAMES = {
    "RAR": "RARA",
    "CBF": "CBFB",
    "CBFBETA": "CBFB",
    "CBFΒ": "CBFB",
    "AML1": "RUNX1",
    "ETO": "RUNX1T1",
    "TEL": "ETV6",
    "ABL": "ABL1",
    "MLL": "KMT2A",
    "EVI1": "MECOM",
}

_LOSS = ("deletion", "del", "loss", "lost", "deleted", "verlust", "deletiert", "haploinsufficiency")
_GAIN = ("gain", "gained", "zugewinn", "extra copy", "trisomy", "trisomie")
_AMPLIFICATION = ("amplification", "amplified", "amp", "amplifikation")

#: NPM1 mutation types by transcript NM_002520: Falini, N Engl J Med 2005;352:254.
_NPM1_TYPES = {"A": "c.860_863dup", "B": "c.863_864insCATG", "D": "c.863_864insCCTG"}


_NPM1_TYPE = re.compile(r"(?:mut(?:ation)?\.?[ -]*(?:typ[e]?[ -]*)?|typ[e]?[ -]*)([ABD])", re.IGNORECASE)


def is_gene(name: str) -> bool:
    """True when the name is a gene's symbol, previous symbol or alias, or one of the old probe names."""
    return bool(current_symbol(name))


def current_symbol(name: str) -> str:
    """The current symbol behind a printed name; "" when it is none."""
    from moltrack import resources

    text = re.sub(r"\s+", "", name.strip())
    return (
        resources.gene_symbol(text)
        or resources.gene_symbol(_OLD_NAMES.get(text.upper().replace("-", ""), "") or "?")
        or ""
    )


def fusion_of(text: str) -> Fusion | None:
    """The gene pair of ``A::B``, ``A--B``, ``A-B``, ``A/B``, ``A_B`` or ``A:B``; None when the text holds no pair of genes.

    Raises
    ------
    InputError
        Written with ``::`` or ``--``, but one side is not a gene.
    """
    cleaned = re.sub(
        r"\s+(fusion|fusion gene|fusion transcript|rearrangement|transcript)$", "", text.strip(), flags=re.IGNORECASE
    )
    for separator in ("::", "--"):
        if separator in cleaned:
            one, _, two = cleaned.partition(separator)
            for side in (one, two):
                if not is_gene(side):
                    raise InputError(
                        f"'{side.strip()}' in '{text}' is not a gene that is known.",
                        advice="Write both partners by HGNC symbol, 5'::3'.",
                    )
            return Fusion(_printed(one), _printed(two))
    for match in re.finditer(r"[-/_:]", cleaned):
        one, two = cleaned[: match.start()], cleaned[match.end() :]
        if one and two and is_gene(one) and is_gene(two):
            return Fusion(_printed(one), _printed(two))
    return None


def _printed(name: str) -> str:
    """The name without inner spaces (``AML 1``), by its current symbol when it is an old probe name only."""
    from moltrack import resources

    text = re.sub(r"\s+", "", name.strip())
    return text if resources.gene_symbol(text) else current_symbol(text)


def change_of(text: str) -> Change | None:
    """Loss, gain or amplification in words."""
    word = text.strip().lower()
    for change, words in ((Change.LOSS, _LOSS), (Change.GAIN, _GAIN), (Change.AMPLIFICATION, _AMPLIFICATION)):
        if word in words:
            return change
    return None


def copy_number_of(text: str) -> CopyNumber | None:
    """``-7``, ``monosomy 7``, ``+8``, ``del(5q)``, ``del(17)(p13)``, ``17p loss``, ``TP53 deletion`` ...; None for other text."""
    name = re.sub(r"\s+", " ", text.strip())
    if match := re.fullmatch(
        rf"(?:monosomy|monosomie|[-−–])\s*({_CHROMOSOME})(?: or del\s?\(?(\d+)([pq])\)?)?", name, re.IGNORECASE
    ):
        chrom, arm = match[1].upper(), (match[3] or "").lower()
        if match[2] and match[2] != chrom:
            return None
        # "-7 or del(7q)": what is common to both is the loss of the arm.
        return CopyNumber(Change.LOSS, chrom=chrom, band_start=arm, band_end=arm, nomenclature=name)
    if match := re.fullmatch(rf"(?:trisomy|trisomie|\+)\s*({_CHROMOSOME})", name, re.IGNORECASE):
        return CopyNumber(Change.GAIN, chrom=match[1].upper(), nomenclature=name)
    if match := re.fullmatch(
        rf"(del|dup|amp)\s?\(?({_CHROMOSOME})\)?\s?\(?([pq])([\d.]*)(?:([pq])([\d.]+))?\)?", name, re.IGNORECASE
    ):
        change = {"del": Change.LOSS, "dup": Change.GAIN, "amp": Change.AMPLIFICATION}[match[1].lower()]
        start = match[3].lower() + match[4]
        end = match[5].lower() + match[6] if match[5] else start
        return CopyNumber(change, chrom=match[2].upper(), band_start=start, band_end=end, nomenclature=name)
    if match := re.fullmatch(rf"({_CHROMOSOME})([pq][\d.]*)[ -](\w+)", name, re.IGNORECASE):
        changed = change_of(match[3])
        if changed is not None:
            band = match[2].lower()
            return CopyNumber(changed, chrom=match[1].upper(), band_start=band, band_end=band, nomenclature=name)
    match = re.fullmatch(r"(del|dup|amp)\s?\((.+)\)", name, re.IGNORECASE) or re.fullmatch(
        r"(\w+) of ([\w-]+)", name, re.IGNORECASE
    )
    if match is None and (words := re.fullmatch(r"([\w-]+)[ -]+(\w+)", name)):
        gene, word = words.groups()
    elif match is not None:
        word, gene = match.groups()
        word = {"dup": "gain"}.get(word.lower(), word)
    else:
        return None
    changed = change_of(word)
    return CopyNumber(changed, gene=gene, nomenclature=name) if changed is not None and is_gene(gene) else None


def variant_of(text: str) -> SmallVariant | None:
    """``NPM1 c.860_863dup``, ``IDH2 p.R140Q``, ``NPM1 type A`` or a gene alone; None when no gene begins the text."""
    parts = text.strip().split(maxsplit=1)
    if not parts or not is_gene(parts[0].rstrip(":")):
        return None
    gene, rest = parts[0].rstrip(":"), parts[1].strip() if len(parts) > 1 else ""
    if match := _NPM1_TYPE.fullmatch(rest):
        if current_symbol(gene) == "NPM1":
            return SmallVariant(
                gene=gene,
                transcript="NM_002520",
                hgvs_c=_NPM1_TYPES[match[1].upper()],
                hgvs_p="p.Trp288CysfsTer12",
                annotation=text.strip(),
            )
        return None
    coding = re.search(r"\bc\.\S+", rest)
    protein = re.search(r"\bp\.\S+", rest)
    short = re.fullmatch(r"[ACDEFGHIKLMNPQRSTVWY]\d+(?:[ACDEFGHIKLMNPQRSTVWY]|fs\S*|\*)", rest)
    if rest and not (coding or protein or short or re.fullmatch(r"mut(?:ation|ated|iert)?", rest, re.IGNORECASE)):
        return None
    return SmallVariant(
        gene=gene,
        hgvs_c=coding[0].rstrip(",;)") if coding else "",
        hgvs_p=protein[0].rstrip(",;") if protein else f"p.{short[0]}" if short else "",
    )
