"""From a row's counts to a level: one table of derivations, and the caller's own fraction kept beside it.

A derivation is chosen by the keys that the row holds, because headers lie and merged files change keys from row to row. The
first that applies wins. Each was checked against the caller's own fraction on its real output; what looks like a level and is
none is left out on purpose: Mutect2's AF is a posterior mean, FreeBayes' INFO/AF is AC/AN, SAGE's PURPLE_AF is purity adjusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from moltrack.errors import FormatError
from moltrack.model import Counts, Printed

_WHOLE = re.compile(r"[0-9]{1,12}(?:\.0*)?")
MISSING = frozenset({"", ".", "./.", ".|."})


@dataclass(slots=True)
class Row:
    """One VCF row as its reader sees it: alleles, INFO and the tumour column by key; ``tool`` of the header.

    ``is_only_sample`` is False where other columns stand beside the tumour's: counts in INFO are then of all together.
    """

    ref: str
    alts: tuple[str, ...]
    info: Mapping[str, str]
    sample: Mapping[str, str]
    tool: str = ""
    has_sample: bool = True
    is_only_sample: bool = True
    _read: dict[str, list[int | None] | None] = field(default_factory=dict, repr=False, compare=False)

    def numbers(self, key: str) -> list[int | None] | None:
        """The tumour column's comma-joined counts; None when the key is absent or wholly missing."""
        if key not in self._read:  # several derivations ask for the same key
            self._read[key] = _counts(key, self.sample.get(key))
        return self._read[key]

    def number(self, key: str) -> int | None:
        """The first count of a key (Strelka: tier 1)."""
        numbers = self.numbers(key)
        return numbers[0] if numbers else None

    def of_allele(self, key: str, allele: int) -> int | None:
        """A count with one value per alternative allele (Number=A); ``allele`` is 1-based."""
        numbers = self.numbers(key)
        return numbers[allele - 1] if numbers and len(numbers) == len(self.alts) else None

    def leaves_out(self, allele: int) -> bool:
        """True where the column is about some alleles only and this is none of them: nothing is known of it (VCF 4.5, LAA)."""
        if "LAA" in self.sample and allele not in _local_alleles(self.sample["LAA"], len(self.alts)):
            return True
        numbers = self.numbers("AD")
        return numbers is not None and len(numbers) == len(self.alts) + 1 and numbers[allele] is None


class Reads(NamedTuple):
    """Alternative reads, reference reads and the depth they are a share of, with the formula in the file's own keys."""

    alt: int
    ref: int | None
    depth: int | None
    formula: str


class Derivation(NamedTuple):
    """How some callers' counts become reads: tried where the tumour column has all of ``keys``; None where a row lacks more."""

    callers: str
    keys: str
    counts: Callable[[Row, int], Reads | None]


def _counts(key: str, text: str | None) -> list[int | None] | None:
    if text is None or text in MISSING:
        return None
    if "%" in text:
        text = unquote(text)
    found: list[int | None] = []
    for cell in text.split(","):
        if cell in MISSING:
            found.append(None)
            continue
        if not _WHOLE.fullmatch(cell):
            raise FormatError(f"{key} holds '{text[:60]}', expected counts of reads.")
        found.append(int(cell.partition(".")[0]))
    return None if found.count(None) == len(found) else found


# --- local alleles ----------------------------------------------------------------------------------------------------


def of_all_alleles(sample: dict[str, str], alleles: int) -> dict[str, str]:
    """A column with LAA, its local fields spread over all alternative alleles of the row; those that are not local stay missing.

    VCF 4.5, section 1.6.2: LAA lists the alternative alleles (1-based) that a sample's local fields are about, in their order; a
    missing LAA lists none. LGT is the genotype in these numbers (Hail), LAF the fractions of the alternative alleles (DRAGEN).

    Raises
    ------
    FormatError
        LAA names an allele that the row does not have, or a local field has not one value for each of its alleles.
    """
    local = _local_alleles(sample["LAA"], alleles)
    spread = dict(sample)
    for key, has_reference, full in (("LAD", True, "LAD"), ("LAF", False, "AF")):
        if sample.get(key, ".") in MISSING:
            continue
        cells = sample[key].split(",")
        if len(cells) != len(local) + has_reference:
            raise FormatError(
                f"{key} holds '{sample[key][:60]}', which does not fit the alleles of LAA '{sample['LAA'][:60]}'."
            )
        places = dict(zip([0, *local] if has_reference else local, cells, strict=True))
        numbers = range(0 if has_reference else 1, alleles + 1)
        spread[full] = ",".join(places.get(number, ".") for number in numbers)
    if sample.get("GT", ".") in MISSING and "LGT" in sample:
        names = {str(number): str(allele) for number, allele in enumerate((0, *local))}
        spread["GT"] = re.sub(r"\d+", lambda number: names.get(number[0], "."), sample["LGT"])
    return spread


@lru_cache(maxsize=256)
def _local_alleles(text: str, alleles: int) -> tuple[int, ...]:
    if text in MISSING:
        return ()
    cells = text.split(",")
    if not all(cell.isdecimal() and 1 <= int(cell) <= alleles for cell in cells) or len(set(cells)) < len(cells):
        raise FormatError(
            f"LAA holds '{text[:60]}', expected numbers of the row's alternative alleles (1 to {alleles})."
        )
    return tuple(map(int, cells))


# --- the derivations --------------------------------------------------------------------------------------------------


def _strelka_snv(row: Row, allele: int) -> Reads | None:
    """Reads of each base, in tiers 1 and 2 (Strelka) or once beside AD (ClairS)."""
    ref, alt = row.ref.upper(), row.alts[allele - 1].upper()
    if len(ref) != 1 or len(alt) != 1:
        return None
    has_tiers = "," in row.sample.get(f"{alt}U", "")
    if "AD" in row.sample and not has_tiers:
        return None
    tier = ", tier 1" if has_tiers else ""
    return _share(row.number(f"{alt}U"), row.number(f"{ref}U"), f"{alt}U/({alt}U+{ref}U){tier}")


def _strelka_indel(row: Row, allele: int) -> Reads | None:
    if len(row.alts) > 1:
        return None
    return _share(row.number("TIR"), row.number("TAR"), "TIR/(TIR+TAR), tier 1")


def _ion_torrent(row: Row, allele: int) -> Reads | None:
    return _of_depth(row.of_allele("FAO", allele), row.number("FRO"), row.number("FDP"), "FAO/FDP")


def _vardict(row: Row, allele: int) -> Reads | None:
    if len(row.alts) > 1:
        return None
    strands = row.numbers("RD")
    ref = sum(strands) if strands and None not in strands else None  # type: ignore[arg-type]
    return _of_depth(row.number("VD"), ref, row.number("DP"), "VD/DP")


def _varscan(row: Row, allele: int) -> Reads | None:
    numbers = row.numbers("AD")
    if numbers is None or len(numbers) != 1 or len(row.alts) > 1:
        return None
    return _share(numbers[0], row.number("RD"), "AD/(RD+AD)")


def _freebayes(row: Row, allele: int) -> Reads | None:
    observed, ref = row.numbers("AO"), row.number("RO")
    if observed is None or ref is None or len(observed) != len(row.alts) or None in observed:
        return None
    alt, total = observed[allele - 1], sum(number or 0 for number in observed)
    return _of_depth(alt, ref, ref + total, "AO/(RO+AO)" if len(observed) == 1 else "AO/(RO+sum of AO)")


def _platypus(row: Row, allele: int) -> Reads | None:
    """NV and NR have one value per alternative allele; NR is the depth there."""
    return _of_depth(row.of_allele("NV", allele), None, row.of_allele("NR", allele), "NV/NR")


def _caveman(row: Row, allele: int) -> Reads | None:
    """Reads of each base by strand: FAZ, RAZ, FCZ ..."""
    ref, alt = row.ref.upper(), row.alts[allele - 1].upper()
    if len(ref) != 1 or len(alt) != 1:
        return None
    counts = {base: (row.number(f"F{base}Z"), row.number(f"R{base}Z")) for base in (ref, alt)}
    if any(None in pair for pair in counts.values()):
        return None
    sums = {base: (forward or 0) + (reverse or 0) for base, (forward, reverse) in counts.items()}
    return _share(sums[alt], sums[ref], f"(F{alt}Z+R{alt}Z)/(F{alt}Z+R{alt}Z+F{ref}Z+R{ref}Z)")


def _cgp_pindel(row: Row, allele: int) -> Reads | None:
    """Unique calls and reads at the site by strand: PU, NU, PR, NR."""
    numbers = [row.number(key) for key in ("PU", "NU", "PR", "NR")]
    if None in numbers:
        return None
    unique_forward, unique_reverse, forward, reverse = (number or 0 for number in numbers)
    return Reads(unique_forward + unique_reverse, None, forward + reverse, "(PU+NU)/(PR+NR)")


def _fragments(row: Row, allele: int) -> Reads | None:
    """Mutect2's FAD counts overlapping mates once."""
    return _of_sum(row, "FAD", allele)


def _ad_of_dp(row: Row, allele: int) -> Reads | None:
    """Callers whose fraction is AD/DP: AD leaves out reads of other alleles, or lists only ``0,alt`` (DRAGEN, multi-allelic)."""
    by_depth = row.tool in {"DRAGEN", "DeepSomatic", "DeepVariant", "ClairS", "Clair3", "SAGE", "Pisces"} or any(
        key in row.sample for key in ("VF", "NAF", "RC_QUAL", "SQ")
    )
    is_deep = "VAF" in row.sample and "DP4" not in row.sample
    if not (by_depth or is_deep):
        return None
    numbers = row.numbers("AD")
    if numbers is None or len(numbers) != len(row.alts) + 1:
        return None
    alt, depth = numbers[allele], row.number("DP")
    if alt is not None and depth is not None and alt > depth:
        return None
    return _of_depth(alt, numbers[0], depth, "AD/DP")


def _ad_of_sum(row: Row, allele: int) -> Reads | None:
    """Mutect2, MuTect1, TNscope, MuSE, RADIA, HaplotypeCaller, Scalpel, Pindel, bcftools and any ``AD = ref,alt...``."""
    return _of_sum(row, "AD", allele)


def _clc(row: Row, allele: int) -> Reads | None:
    """CLC Genomics Workbench: reads of the reference and of each allele, and all filtered reads."""
    numbers = row.numbers("CLCAD2")
    if numbers is None or len(numbers) != len(row.alts) + 1:
        return None
    return _of_depth(numbers[allele], numbers[0], row.number("DP"), "CLCAD2/DP")


def _local_ad(row: Row, allele: int) -> Reads | None:
    """VCF 4.5: reads of the alleles that matter in this sample, spread over all by :func:`of_all_alleles`."""
    return _of_sum(row, "LAD", allele)


def _strands(row: Row, allele: int) -> Reads | None:
    """SomaticSniper, SomaticSeq: DP4 of the sample = reference forward, reverse, alternative forward, reverse."""
    return _of_dp4(_counts("DP4", row.sample.get("DP4")), None, row, "(DP4[2]+DP4[3])/sum(DP4)")


def _info_strands(row: Row, allele: int) -> Reads | None:
    """LoFreq, and bcftools without AD: DP4 stands in INFO, so it is of the only sample; LoFreq divides by DP."""
    if "DP4" not in row.info or not row.is_only_sample:
        return None
    depth = _counts("DP", row.info.get("DP")) if not row.has_sample else None
    formula = "(DP4[2]+DP4[3])/DP" if depth else "(DP4[2]+DP4[3])/sum(DP4)"
    return _of_dp4(_counts("DP4", row.info["DP4"]), depth[0] if depth else None, row, formula)


def _alternative_only(row: Row, allele: int) -> Reads | None:
    """Alternative reads without a depth: detected, but no level follows (old Pindel)."""
    numbers = row.numbers("AD")
    if numbers is None or len(numbers) != 1 or len(row.alts) > 1 or numbers[0] is None:
        return None
    return Reads(numbers[0], None, None, "")


#: Tried from top to bottom; a new caller is a row here.
DERIVATIONS: tuple[Derivation, ...] = (
    Derivation("Strelka, Strelka2: substitutions; ClairS before AD", "AU CU GU TU", _strelka_snv),
    Derivation("Strelka, Strelka2: insertions and deletions", "TIR TAR", _strelka_indel),
    Derivation("Ion Torrent", "FAO", _ion_torrent),
    Derivation("Mutect2", "FAD", _fragments),
    Derivation("VarDict", "VD", _vardict),
    Derivation("VarScan2", "AD RD", _varscan),
    Derivation("FreeBayes", "AO RO", _freebayes),
    Derivation("Platypus", "NV", _platypus),
    Derivation("CaVEMan", "FAZ", _caveman),
    Derivation("cgpPindel", "PU NU PR NR", _cgp_pindel),
    Derivation("CLC Genomics Workbench", "CLCAD2 DP", _clc),
    Derivation("DRAGEN, DeepSomatic, DeepVariant, ClairS, Clair3, SAGE, Pisces", "AD DP", _ad_of_dp),
    Derivation("every other caller with AD = ref,alt...", "AD", _ad_of_sum),
    Derivation("VCF 4.5 with local alleles", "LAA LAD", _local_ad),
    Derivation("SomaticSniper, SomaticSeq", "DP4", _strands),
    Derivation("LoFreq, bcftools", "", _info_strands),
    Derivation("Pindel without reference reads", "AD", _alternative_only),
)


@lru_cache(maxsize=1024)
def _derivations(keys: tuple[str, ...]) -> tuple[Derivation, ...]:
    """Those that a column with these keys may have."""
    return tuple(item for item in DERIVATIONS if set(item.keys.split()).issubset(keys))


def reads_of(row: Row, allele: int) -> Reads | None:
    """Reads of an allele (1-based) in the tumour column; None when the row holds no counts.

    Raises
    ------
    FormatError
        A count is no count, or there are more alternative reads than depth.
    """
    for derivation in _derivations(tuple(row.sample)):
        reads = derivation.counts(row, allele)
        if reads is not None:
            if reads.depth is not None and reads.alt > reads.depth:
                raise FormatError(f"{reads.formula} is {reads.alt}/{reads.depth}: more alternative reads than depth.")
            return reads
    return None


def _share(alt: int | None, ref: int | None, formula: str) -> Reads | None:
    if alt is None or ref is None:
        return None
    return Reads(alt, ref, alt + ref, formula)


def _of_depth(alt: int | None, ref: int | None, depth: int | None, formula: str) -> Reads | None:
    return None if alt is None or depth is None else Reads(alt, ref, depth, formula)


def _of_sum(row: Row, key: str, allele: int) -> Reads | None:
    numbers = row.numbers(key)
    if numbers is None or len(numbers) != len(row.alts) + 1:
        return None
    alt = numbers[allele]
    if alt is None:
        return None
    return Reads(alt, numbers[0], sum(number or 0 for number in numbers), f"{key}/sum({key})")


def _of_dp4(numbers: list[int | None] | None, depth: int | None, row: Row, formula: str) -> Reads | None:
    if numbers is None or len(numbers) != 4 or None in numbers or len(row.alts) > 1:
        return None
    forward, reverse, alt_forward, alt_reverse = (number or 0 for number in numbers)
    ref, alt = forward + reverse, alt_forward + alt_reverse
    return Reads(alt, ref, depth if depth is not None else ref + alt, formula)


# --- levels -----------------------------------------------------------------------------------------------------------

#: Keys of the tumour column that hold the caller's own fraction; ``FREQ`` is printed with a percent sign.
_FRACTION_KEYS = ("AF", "VAF", "VF", "FREQ", "FA")


class Level(NamedTuple):
    """What a row says of one allele: counts, level, formula, the caller's own fraction, and what is odd about them."""

    counts: Counts = Counts()
    printed: Printed | None = None
    formula: str = ""
    caller_level: Printed | None = None
    notes: tuple[str, ...] = ()


def vaf(alt: int, depth: int) -> Printed:
    """The VAF of two counts, printed as ``alt/depth``."""
    return Printed("vaf", Decimal(alt) / Decimal(depth), "fraction", f"{alt}/{depth}")


def level_of(reads: Reads, own: Printed | None) -> Level:
    """The level that follows from reads; flagged when the caller's own fraction is another (by 0.02 and by 20 %)."""
    counts = Counts(alt=reads.alt, ref=reads.ref, depth=reads.depth)
    if not reads.depth:
        return Level(counts, None, reads.formula, own)
    printed = vaf(reads.alt, reads.depth)
    notes: tuple[str, ...] = ()
    if own is not None and differs(own, printed):
        notes = ("caller_level_differs",)
    return Level(counts, printed, reads.formula, own, notes)


_DIFFERENCE, _SHARE = Decimal("0.02"), Decimal("0.2")


def differs(own: Printed, ours: Printed) -> bool:
    """True when two printed fractions differ by more than 0.02 and by more than 20 % of ours."""
    first, second = _as_fraction(own), _as_fraction(ours)
    apart = abs(first - second)
    return apart > _DIFFERENCE and apart > second * _SHARE


def _as_fraction(printed: Printed) -> Decimal:
    value = printed.value or Decimal(0)
    return value / 100 if printed.unit == "%" else value


def own_fraction(row: Row, allele: int) -> Printed | None:
    """The caller's own fraction of an allele, as printed; None when it prints none or something else there."""
    if not row.has_sample:
        return _fraction(row.info.get("AF"), row, allele, "fraction")
    for key in _FRACTION_KEYS:
        if (printed := _fraction(row.sample.get(key), row, allele, "%" if key == "FREQ" else "fraction")) is not None:
            return printed
    return _fraction(row.info.get("tumor_af"), row, allele, "fraction")  # megSAP


def _fraction(text: str | None, row: Row, allele: int, unit: str) -> Printed | None:
    if text is None or text in MISSING:
        return None
    cells = unquote(text).split(",") if "%" in text else text.split(",")
    if len(cells) == len(row.alts):
        cell = cells[allele - 1]
    elif len(cells) == len(row.alts) + 1:  # RADIA lists the reference allele too
        cell = cells[allele]
    else:
        return None
    try:
        value = Decimal(cell.rstrip("%"))
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= (100 if unit == "%" else 1):
        return None
    return Printed("vaf", value, unit, cell)
