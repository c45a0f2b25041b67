"""What a level is: quantities with their canonical units, numbers as laboratories print them, named conversions.

Percent is known from the format's definition or from an explicit ``%``, never from the size of a number. The decimal sign
is decided once per column (:func:`decimal_sign`); ``1,234`` alone is an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from moltrack.errors import InputError
from moltrack.model.records import Printed


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of level.

    ``unit`` is canonical; ``factors`` turn a printed unit into it; ``low``/``high`` bound the canonical value (inclusive);
    ``is_fraction`` = a share of a whole, shown as percent; ``log_scale`` = drawn and compared on a logarithmic axis;
    ``any_unit`` = kept in the printed unit (analytes).
    """

    name: str
    title: str
    unit: str
    factors: MappingProxyType[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    low: float = 0.0
    high: float = math.inf
    is_fraction: bool = False
    log_scale: bool = True
    any_unit: bool = False


def _own(unit: str) -> MappingProxyType[str, Decimal]:
    return MappingProxyType({unit: Decimal(1), "": Decimal(1)})


_FRACTION = MappingProxyType(
    {"fraction": Decimal(1), "": Decimal(1), "1": Decimal(1), "%": Decimal("0.01"), "‰": Decimal("0.001")}
)
_RATIO = MappingProxyType(
    {"ratio": Decimal(1), "": Decimal(1), "1": Decimal(1), "fraction": Decimal(1), "%": Decimal("0.01")}
)
_NORMALIZED = MappingProxyType(
    {
        "ratio": Decimal(1),
        "": Decimal(1),
        "%": Decimal("0.01"),
        "copies per 1e4": Decimal("1e-4"),
        "copies per 1e5": Decimal("1e-5"),
        "copies per 1e6": Decimal("1e-6"),
    }
)

QUANTITIES: MappingProxyType[str, Quantity] = MappingProxyType(
    {
        q.name: q
        for q in (
            Quantity("vaf", "variant allele fraction", "fraction", _FRACTION, 0, 1, is_fraction=True),
            Quantity("allelic_ratio", "allelic ratio (mutant / wild type)", "ratio", _RATIO),
            Quantity("cell_fraction", "fraction of cells", "fraction", _FRACTION, 0, 1, is_fraction=True),
            Quantity("fusion_fraction", "fusion fraction", "fraction", _FRACTION, 0, 1, is_fraction=True),
            Quantity("ffpm", "fusion fragments per million", "FFPM", _own("FFPM")),
            Quantity("junction_reads", "junction reads", "reads", _own("reads")),
            Quantity("normalized_copies", "copies of target / copies of control gene", "ratio", _NORMALIZED),
            Quantity(
                "copies_per_ug",
                "copies per µg DNA",
                "copies/µg",
                MappingProxyType(
                    {"copies/µg": Decimal(1), "": Decimal(1), "copies/ug": Decimal(1), "copies/ng": Decimal(1000)}
                ),
            ),
            Quantity(
                "copy_number",
                "copies per cell",
                "copies",
                _own("copies"),
                low=-0.5,
                log_scale=False,
            ),
            Quantity(
                "log2_ratio",
                "log2 copy ratio",
                "log2",
                _own("log2"),
                low=-math.inf,
                log_scale=False,
            ),
            Quantity("rvaf", "k-mer expression fraction (RNA)", "fraction", _FRACTION, 0, 1, is_fraction=True),
            Quantity(
                "junction_copy_number",
                "copies of the junction per tumour cell",
                "copies",
                _own("copies"),
                low=-0.5,
                log_scale=False,
            ),
            Quantity("analyte", "measured value", "", low=-math.inf, log_scale=False, any_unit=True),
        )
    }
)


def quantity(name: str) -> Quantity:
    """The quantity of that name.

    Raises
    ------
    InputError
        No such quantity; the message lists those there are.
    """
    try:
        return QUANTITIES[name]
    except KeyError:
        raise InputError(f"'{name}' is not a quantity.", advice=f"Use one of {', '.join(QUANTITIES)}.") from None


# --- printed numbers --------------------------------------------------------------------------------------------------

_COMPARATORS = {
    "<": "<",
    "≤": "<=",
    "<=": "<=",
    ">": ">",
    "≥": ">=",
    ">=": ">=",
    "~": "~",
    "≈": "~",
    "ca.": "~",
    "ca": "~",
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_NUMBER = re.compile(
    r"""^(?P<mantissa>[+-]?(?:\d+(?:\.\d*)?|\.\d+))?
        (?:\s*[x×·*]?\s*10\s*(?:\^|\*\*)?\s*(?P<power>[+-]\d+|(?<=\^)\d+|(?<=\*\*)\d+)
         |[eE](?P<exponent>[+-]?\d+))?$""",
    re.VERBOSE,
)
#: Thousands in groups; a number that begins with 0 has none.
_GROUPED = re.compile(r"^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$")
_DOTTED = re.compile(r"^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$")
_FRACTION_OF = re.compile(r"^(\d+)\s*(?:/|of)\s*(\d+)$", re.IGNORECASE)
_ONE_IN = re.compile(r"^1\s*(?::|in)\s*(\d+)$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f']+")


def decimal_sign(cells: Iterable[str]) -> str | None:
    """The decimal sign of a column: ``.``, ``,``, or None when only ambiguous commas (``1,234``) occur.

    ``,`` is the decimal sign when a cell can only be read so (``59,4``, ``0,125``, ``1.234,5``, ``1.234.567``); ``.`` when a dot
    is followed by digits or commas group thousands beyond doubt (``1,234,567``, ``1,234.5``), or when no cell holds a comma.

    Raises
    ------
    InputError
        The column holds both spellings.
    """
    comma = dot = ambiguous = ""
    for cell in cells:
        text = re.sub(r"[^\d.,+-]", "", cell)
        if "," not in text:
            if is_dotted(cell) and text.count(".") > 1:
                comma = comma or cell
            elif re.search(r"\.\d", text) and not is_dotted(cell):
                dot = dot or cell
            continue
        digits = text.lstrip("+-")
        if _GROUPED.fullmatch(digits) and ("." in digits or digits.count(",") > 1):
            dot = dot or cell
        elif re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits):
            ambiguous = ambiguous or cell
        else:
            comma = comma or cell
    if comma and dot:
        raise InputError(
            f"the column mixes decimal comma ('{comma}') and decimal point ('{dot}').",
            advice="Write one of them throughout.",
        )
    if comma:
        return ","
    return None if ambiguous and not dot else "."


def is_dotted(cell: str) -> bool:
    """True for ``1.234``: a number whose dots may group thousands, or be a decimal sign where there is one."""
    return _DOTTED.fullmatch(re.sub(r"[^\d.,+-]", "", cell)) is not None


def parse_number(text: str, *, decimal: str | None = ".") -> Decimal:
    """A printed number without unit: ``59.4``, ``2.5e-4``, ``2.5 × 10^-4``, ``183,945``, ``59,4`` (``decimal=","``).

    Raises
    ------
    InputError
        Not a number, or ambiguous: ``1,234`` while the decimal sign is not settled (``decimal=None``).
    """
    original, text = text, _SPACES.sub(" ", text.strip()).translate(_SUPERSCRIPTS).replace("−", "-")
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "", text)
    if "," in text:
        if decimal is None:
            raise InputError(
                f"'{original}' is ambiguous: the comma may group thousands or be a decimal sign.",
                advice="Write it without the comma, or state the decimal sign (--decimal).",
            )
        if decimal == ",":
            text = text.replace(".", "").replace(",", ".") if text.count(",") == 1 else "?"
        else:
            text = text.replace(",", "") if _GROUPED.fullmatch(text) else "?"
    elif decimal is None and _DOTTED.fullmatch(text):
        raise InputError(
            f"'{original}' is ambiguous: the point may group thousands or be a decimal sign.",
            advice="Write it without the point, or state the decimal sign (--decimal).",
        )
    elif decimal == "," and _DOTTED.fullmatch(text):
        text = text.replace(".", "")
    match = _NUMBER.fullmatch(text)
    if match is None or not text or (match["mantissa"] is None and match["power"] is None):
        raise InputError(f"'{original}' is not a number.")
    try:
        exponent = int(match["power"] or match["exponent"] or 0)
        if abs(exponent) > 300:
            raise InputError(f"'{original}' is out of range.")
        return Decimal(match["mantissa"] or 1).scaleb(exponent)
    except InvalidOperation:
        raise InputError(f"'{original}' is not a number.") from None


def parse_printed(
    text: str, quantity_name: str, *, unit: str = "", decimal: str | None = ".", denominator: str = ""
) -> Printed:
    """A level as a laboratory prints it.

    Understood: ``59.4%``, ``6 %``, ``2.5e-4``, ``2.5 × 10^-4``, ``<0.01 %``, ``1:1000``, ``144/200``, decimal comma.

    Parameters
    ----------
    unit
        The unit that the column or the format declares; a unit in the cell must agree with it.
    decimal
        The column's decimal sign, None = not settled.

    Raises
    ------
    InputError
        Not a number, ambiguous, or a unit that the quantity does not have.
    """
    q = quantity(quantity_name)
    rest = text.strip()
    comparator = ""
    for sign in sorted(_COMPARATORS, key=len, reverse=True):
        if rest.startswith(sign):
            comparator, rest = _COMPARATORS[sign], rest[len(sign) :].strip()
            break
    quotient = _FRACTION_OF.fullmatch(rest) or _ONE_IN.fullmatch(rest)
    if quotient:
        part, whole = (
            (Decimal(quotient[1]), Decimal(quotient[2]))
            if quotient.re is _FRACTION_OF
            else (Decimal(1), Decimal(quotient[1]))
        )
        if whole == 0:
            raise InputError(f"'{text}' divides by zero.")
        quotient_unit = "fraction" if q.is_fraction else "ratio"
        if quotient_unit not in q.factors or (q.is_fraction and part > whole):
            raise InputError(f"'{text}' is not a level of {q.title}.")
        return Printed(q.name, part / whole, quotient_unit, text.strip(), comparator, denominator)
    number, printed_unit = _split_unit(rest)
    unit = canonical_unit(unit)
    if printed_unit and unit and printed_unit != unit and not q.any_unit:
        raise InputError(f"'{text}' is in {printed_unit}, but the column is in {unit}.")
    if printed_unit and unit and q.any_unit and printed_unit != unit:
        raise InputError(f"'{text}' is in {printed_unit}, but its unit is given as {unit}.")
    chosen = printed_unit or unit
    if not q.any_unit and chosen not in q.factors:
        known = ", ".join(u for u in q.factors if u)
        raise InputError(f"'{chosen}' is not a unit of {q.title}.", advice=f"Use one of {known}.")
    return Printed(q.name, parse_number(number, decimal=decimal), chosen, text.strip(), comparator, denominator)


def _split_unit(text: str) -> tuple[str, str]:
    match = re.fullmatch(
        r"(?P<number>[+-−]?[\d.,'\s\u00a0\u2009\u202f]*(?:[eE][+-]?\d+|\s*[x×·*]?\s*10\s*(?:\^|\*\*)?\s*[+-−]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?)\s*(?P<unit>.*)",
        text,
    )
    if match is None:
        return text, ""
    unit = match["unit"].strip()
    if unit and not re.match(r"[%‰a-zA-Zµμ°/]", unit):
        return text, ""
    return match["number"].strip(), canonical_unit(unit)


_UNIT_SPELLINGS = {
    "percent": "%",
    "pct": "%",
    "per cent": "%",
    "copies/ug": "copies/µg",
    "copies/μg": "copies/µg",
    "copies/µg dna": "copies/µg",
    "copies per µg": "copies/µg",
    "copies per ug": "copies/µg",
    "copies per 10^4": "copies per 1e4",
    "copies/1e4": "copies per 1e4",
    "copies per 10^5": "copies per 1e5",
    "copies/1e5": "copies per 1e5",
    "copies per 10^6": "copies per 1e6",
    "copies/1e6": "copies per 1e6",
    "ffpm": "FFPM",
    "fraction": "fraction",
    "ratio": "ratio",
    "1": "",
}


def canonical_unit(unit: str) -> str:
    """One spelling per unit; an unknown one stays as it is."""
    text = unit.strip().replace("μ", "µ")
    return _UNIT_SPELLINGS.get(text.lower(), text)


def canonical_level(printed: Printed) -> float | None:
    """The printed value in the canonical unit of its quantity; None when it has no number.

    The product is taken in decimal arithmetic and rounded once, so that 10.0 % is exactly the float 0.1.

    Raises
    ------
    InputError
        The value lies outside what the quantity can be (a fraction below 0 or above 1, a negative ratio).
    """
    if printed.value is None:
        return None
    q = quantity(printed.quantity)
    if q.any_unit:
        return float(printed.value)
    level = float(printed.value * q.factors[printed.unit])
    if not q.low <= level <= q.high:
        hint = " An allelic ratio may exceed 1, a VAF may not." if q.name == "vaf" and level > 1 else ""
        raise InputError(
            f"'{printed.text}' is not a possible {q.title}: it must lie from {q.low:g} to {q.high:g} {q.unit}.{hint}"
        )
    return level


def rounding_interval(printed: Printed) -> tuple[float, float]:
    """The values that print the same at the digits given: half a unit of the last digit to each side (canonical unit).

    A printed 33.3 % stands for [33.25 %, 33.35 %).
    """
    if printed.value is None:
        return (-math.inf, math.inf)
    exponent = printed.value.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(1).scaleb(exponent) / 2
    q = quantity(printed.quantity)
    factor = Decimal(1) if q.any_unit else q.factors[printed.unit]
    return float((printed.value - half) * factor), float((printed.value + half) * factor)


def format_level(level: float, quantity_name: str, unit: str = "") -> str:
    """A canonical level for people: fractions as percent, others with their unit, three significant digits."""
    q = quantity(quantity_name)
    is_percent = q.is_fraction or q.name == "normalized_copies"
    value = level * 100 if is_percent else level
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if is_percent:
        return f"{shown} %"
    return shown if q.name == "allelic_ratio" else f"{shown} {unit or q.unit}".strip()


# --- conversions ------------------------------------------------------------------------------------------------------


def vaf_from_allelic_ratio(ratio: float) -> float:
    """VAF = AR / (1 + AR): mutant / (mutant + wild type). An infinite ratio (no wild type left) is VAF 1."""
    if ratio < 0:
        raise InputError(f"{ratio} is not an allelic ratio: it cannot be negative.")
    return 1.0 if math.isinf(ratio) else ratio / (1 + ratio)


def allelic_ratio_from_vaf(vaf: float) -> float:
    """AR = VAF / (1 - VAF); VAF 1 is an infinite ratio."""
    if not 0 <= vaf <= 1:
        raise InputError(f"{vaf} is not a VAF: it must lie from 0 to 1.")
    return math.inf if vaf == 1 else vaf / (1 - vaf)
