"""ISCN strings: karyotypes, FISH (``nuc ish``) and array (``arr``) results, as laboratories type them."""

from moltrack.iscn.array import ArrayResult, ArraySegment, parse_array
from moltrack.iscn.ish import Ish, Pattern, Signal, parse_ish

__all__ = ["ArrayResult", "ArraySegment", "Ish", "Pattern", "Signal", "parse_array", "parse_ish"]
