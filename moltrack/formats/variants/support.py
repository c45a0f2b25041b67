"""Reads behind a structural variant, and its level, by the keys that each caller writes.

======================  =========================  =========================================
Caller                  Keys                       Level
======================  =========================  =========================================
Manta, DRAGEN SV        PR, SR = ref,alt           (PR1 + SR1) / (PR0 + PR1 + SR0 + SR1)
DRAGEN SV 4             VF = ref,alt               VF1 / (VF0 + VF1): a fragment that is both pair and split counts once
DELLY                   DR, DV, RR, RV             precise: RV / (RR + RV), else DV / (DR + DV)
ESVEE (PURPLE)          AD, DP                     AD1 / DP
GRIDSS                  VF, REF, REFPAIR           VF / (VF + REF + REFPAIR)
Severus                 DR, DV, VAF                VAF
Sniffles2               DR, DV                     DV / (DR + DV)
SAVANA                  INFO TUMOUR_AF             its first value (this side of the junction)
SvABA                   AD, DP, SR, DR             AD / DP
LUMPY                   SU, PE, SR                 none: reads that support the reference are not counted
svtyper (smoove)        RO, AO                     AO / (RO + AO)
TIDDIT                  DV, RV, COV or DR = a,b    none
nanomonsv               TR, VR                     VR / TR
SURVIVOR                DR = ref,alt               DR1 / (DR0 + DR1)
RNA in VCF (AnaCore)    PR, SR                     none: a share of transcripts is no VAF
others                  AD = ref,alt               AD1 / (AD0 + AD1)
======================  =========================  =========================================

Source: the callers' headers; checked on their files. PURPLE_AF is adjusted for purity and is no level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation

from moltrack.errors import FormatError
from moltrack.model import Counts, Printed

_DIGITS = Context(prec=6)


@dataclass(frozen=True, slots=True)
class Support:
    """``alt`` and ``ref`` fragments (None = not counted), split reads and pairs apart, the level and how it was made."""

    alt: int | None = None
    ref: int | None = None
    split: int | None = None
    pairs: int | None = None
    level: Printed | None = None
    formula: str = ""
    own: Printed | None = None

    @property
    def counts(self) -> Counts:
        depth = None if self.alt is None or self.ref is None else self.alt + self.ref
        return Counts(alt=self.alt, ref=self.ref, depth=depth, junction_reads=self.split, spanning_reads=self.pairs)


def support_of(values: Mapping[str, str], info: Mapping[str, str]) -> Support:
    """The support in one sample column (``values`` by FORMAT key) and INFO.

    Raises
    ------
    FormatError
        A count is not a whole number.
    """
    if "PR" in values:
        return _pairs_and_splits(values)
    if "VF" in values and "REF" in values:
        return _esvee(values, info) if _pair(values, "AD") else _gridss(values, info)
    is_tiddit = "COV" in values or "," in values.get("DR", "") + values.get("RR", "")
    if "RV" in values and "RR" in values and not is_tiddit:
        return _delly(values, info)
    if is_tiddit and "DV" in values:
        split, pairs = _count(values, "RV"), _count(values, "DV")
        return Support(alt=(split or 0) + (pairs or 0), split=split, pairs=pairs)
    if "DV" in values:
        return _long_reads(values, info)
    if "TY" in values and (counts := _pair(values, "DR")):
        return _ratio(counts[1], counts[0], "DR1 / (DR0 + DR1)") if any(counts) else Support()
    if "AO" in values and "RO" in values:
        split, pairs = _count(values, "AS"), _count(values, "AP")
        return _ratio(_count(values, "AO"), _count(values, "RO"), "AO / (RO + AO)", split=split, pairs=pairs)
    if "VR" in values and "TR" in values:
        alt, depth = _count(values, "VR"), _count(values, "TR")
        return _ratio(
            alt, depth - alt if alt is not None and depth is not None and depth >= alt else None, "VR / TR", split=alt
        )
    if "SU" in values:
        return Support(alt=_count(values, "SU"), split=_count(values, "SR"), pairs=_count(values, "PE"))
    if "TUMOUR_AF" in info:
        return _savana(info)
    if "AD" in values and "DP" in values and "SR" in values:
        alt, depth = _count(values, "AD"), _count(values, "DP")
        ref = depth - alt if alt is not None and depth is not None and depth >= alt else None
        return _ratio(alt, ref, "AD / DP", split=_count(values, "SR"), pairs=_count(values, "DR"))
    if counts := _pair(values, "AD"):
        return _ratio(counts[1], counts[0], "AD1 / (AD0 + AD1)")
    return Support()


def _pairs_and_splits(values: Mapping[str, str]) -> Support:
    if "," not in values["PR"] + values.get("SR", ""):
        split, pair = _count(values, "SR"), _count(values, "PR")
        alt = None if split is None and pair is None else (split or 0) + (pair or 0)
        return Support(alt=alt, split=split, pairs=pair)
    pairs, splits = _pair(values, "PR"), _pair(values, "SR")
    if pairs is None and splits is None:
        return Support()
    split, pair = splits[1] if splits else None, pairs[1] if pairs else None
    if fragments := _pair(values, "VF"):
        return _ratio(fragments[1], fragments[0], "VF1 / (VF0 + VF1)", split=split, pairs=pair)
    ref = sum(counts[0] for counts in (pairs, splits) if counts)
    alt = sum(counts[1] for counts in (pairs, splits) if counts)
    formula = "(PR1 + SR1) / (PR0 + PR1 + SR0 + SR1)" if splits else "PR1 / (PR0 + PR1)"
    return _ratio(alt, ref, formula, split=split, pairs=pair)


def _delly(values: Mapping[str, str], info: Mapping[str, str]) -> Support:
    pairs, splits = _count(values, "DV"), _count(values, "RV")
    if "PRECISE" in info:
        return _ratio(splits, _count(values, "RR"), "RV / (RR + RV)", split=splits, pairs=pairs)
    return _ratio(pairs, _count(values, "DR"), "DV / (DR + DV)", split=splits, pairs=pairs)


def _gridss(values: Mapping[str, str], info: Mapping[str, str]) -> Support:
    ref, between = _count(values, "REF"), _count(values, "REFPAIR")
    whole = None if ref is None else ref + (between or 0)
    return _ratio(
        _count(values, "VF"), whole, "VF / (VF + REF + REFPAIR)", own=_fraction(info.get("TAF", "").split(",")[0])
    )


def _esvee(values: Mapping[str, str], info: Mapping[str, str]) -> Support:
    counts = _pair(values, "AD")
    assert counts is not None
    own = _fraction(values.get("AF", ""))
    return _ratio(
        counts[1], counts[0], "AD1 / (AD0 + AD1)", split=_count(values, "SF"), pairs=_count(values, "DF"), own=own
    )


def _long_reads(values: Mapping[str, str], info: Mapping[str, str]) -> Support:
    alt, ref = _count(values, "DV"), _count(values, "DR")
    if stated := _fraction(values.get("VAF", "")):
        return Support(alt, ref, split=alt, level=stated, formula="VAF as printed")
    return _ratio(alt, ref, "DV / (DR + DV)", split=alt, own=_fraction(info.get("AF", "")))


def _savana(info: Mapping[str, str]) -> Support:
    alt = _count(info, "TUMOUR_READ_SUPPORT")
    first = info["TUMOUR_AF"].split(",")[0]
    return Support(alt=alt, split=alt, level=_fraction(first), formula="TUMOUR_AF as printed, first side")


def _ratio(
    alt: int | None,
    ref: int | None,
    formula: str,
    *,
    split: int | None = None,
    pairs: int | None = None,
    own: Printed | None = None,
) -> Support:
    level = None
    if alt is not None and ref is not None and alt + ref > 0:
        value = _DIGITS.divide(Decimal(alt), Decimal(alt + ref))
        level = Printed("vaf", value, "fraction", f"{alt}/{alt + ref}")
    return Support(alt, ref, split, pairs, level, formula if level else "", own)


def _fraction(text: str) -> Printed | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return Printed("vaf", value, "fraction", text) if 0 <= value <= 1 else None


def _count(values: Mapping[str, str], key: str) -> int | None:
    text = values.get(key, "")
    if text in {"", ".", "-1"}:
        return None
    if not text.isdecimal():
        raise FormatError(f"{key} holds '{text[:40]}', expected a whole number.")
    return int(text)


def _pair(values: Mapping[str, str], key: str) -> tuple[int, int] | None:
    """``ref,alt`` counts; None when missing."""
    text = values.get(key, "")
    if text in {"", ".", ".,."}:
        return None
    parts = text.split(",")
    if len(parts) != 2:
        return None
    if not all(part.isdecimal() for part in parts):
        raise FormatError(f"{key} holds '{text[:40]}', expected two whole numbers.")
    return int(parts[0]), int(parts[1])
