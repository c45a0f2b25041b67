"""ISCN strings: karyotypes, FISH (``nuc ish``) and array (``arr``) results, as laboratories type them."""

from moltrack.iscn.array import ArrayResult, ArraySegment, parse_array
from moltrack.iscn.convert import events_of, karyotype_of
from moltrack.iscn.explain import as_data, explain
from moltrack.iscn.ish import Ish, Pattern, Signal, parse_ish
from moltrack.iscn.parse import FLAGS, parse
from moltrack.iscn.records import Clone, Counted, Event, Finding, ParsedKaryotype, Part, Remark

__all__ = [
    "FLAGS",
    "ArrayResult",
    "ArraySegment",
    "Clone",
    "Counted",
    "Event",
    "Finding",
    "Ish",
    "ParsedKaryotype",
    "Part",
    "Pattern",
    "Remark",
    "Signal",
    "as_data",
    "events_of",
    "explain",
    "karyotype_of",
    "parse",
    "parse_array",
    "parse_ish",
]
