"""Words beside a karyotype: which technique they speak of, and which lesions they state as present.

A lesion that is merely named counts as found (``no metaphases / FISH: inv(16)``), unless the same sentence denies it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from moltrack.iscn.items import read_body
from moltrack.iscn.lesions import lesions_of
from moltrack.iscn.records import Remark

#: Where another technique begins within a clone's text.
BEGIN = re.compile(
    r"[\s/,;.'\"(>]*(?:\b(?:nuc\.?\s*ish|ish|arr|rsa|ogm|sseq|fish|(?:rt-?|q-?|multiplex-?)?pcr|cgh|(?:snp-?)?array|panel|paint\w*|molekular\w*|molecular\w*"
    r"|sequen[cz]\w*|interphase\w*|befund\w*|korrektur\w*|kommentar\w*|comment\w*|note|see|siehe|vgl|previously|zusatz\w*)\b|>>)"
)
IN_PARENTHESES = re.compile(
    r"(?<!ish)(?<!ish )\((?=[^()]*(?:\bfish\b|\bpcr\b|\bsee\b|siehe|\bs\. |vgl|korrektur|befund|comment|cave|\w{4,} \w+))[^()]*\)"
)

_TECHNIQUES = (
    (re.compile(r"\bfish\b|\bish\b|interphase|paint"), "FISH"),
    (re.compile(r"pcr"), "PCR"),
    (re.compile(r"\barr\b|array|\bcgh\b"), "array"),
)
_DENIED = re.compile(
    r"negativ|\bneg\b|\bkein\w*|\bnicht\b|\bno\b|\bnot\b|ohne|without|absent|ausgeschlossen|excluded|normal"
)
_SENTENCES = re.compile(r"[;.]\s|>>|,\s(?=\w+\s)|\n|/\s*(?=fish|pcr)|(?=\b(?:fish|(?:rt-)?pcr)\b[^:;,]{0,20}:)")
_EVENT = re.compile(
    r"(?:\b(?:t|inv|del|i|iso|idic|der|ins|add|dup)\s*\(\s*[\dxy?][^()]*\)(?:\s*\([^()]*\))?"
    r"|(?<![\w;(+-])(?:del\s*)?(?:2[0-2]|1\d|[1-9])[pq](?:\d[\d.]*)?-(?!\w))"
)
_CHROMOSOME = r"(?:chromosom\w*\s*)?\(?(?P<chrom>2[0-2]|1\d|[1-9]|[xy])\)?\b"
_WORDS = (
    (re.compile(r"\binversion\s*(?P<chrom>16|3)\b"), "inv({chrom})"),
    (re.compile(rf"\bmonosom(?:y|ie)\s*{_CHROMOSOME}"), "-{chrom}"),
    (re.compile(rf"\b(?:tri|tetra|penta)som(?:y|ie)\s*{_CHROMOSOME}"), "+{chrom}"),
    (re.compile(r"\b(?P<chrom>2[0-2]|1\d|[1-9])(?P<arm>[pq])[\d.]*\s*[- ]?\s*delet"), "del({chrom})({arm})"),
    (
        re.compile(r"\bdelet\w*\s*(?:of|von|in|at|des?)?\s*(?P<chrom>2[0-2]|1\d|[1-9])(?P<arm>[pq])\b"),
        "del({chrom})({arm})",
    ),
)
_FUSIONS = tuple(
    (re.compile(pattern), flag)
    for pattern, flag in (
        (r"\b(?:aml1|runx1)[-/: ]+(?:eto|runx1t1|mtg8)\b", "t_8_21"),
        (r"\bcbfb?[-/: ]+(?:myh11|smmhc)\b", "inv16_t16_16"),
        (r"\bpml[-/: ]+rara?\b", "t_15_17"),
        (r"\bdek[-/: ]+(?:can|nup214)\b", "t_6_9"),
        (r"\bbcr[-/: ]+abl1?\b", "t_9_22"),
        (r"\b(?:mll|kmt2a)[-/: ]+(?:af9|mllt3)\b", "t_9_11"),
        (r"\b(?:kat6a|moz)[-/: ]+(?:crebbp|cbp)\b", "t_8_16"),
        (r"\b(?:mll|kmt2a)\b[- ]*(?:rearr|break|split|umlager)\w*", "kmt2a_r_partner_unknown"),
        (r"\b11q23\b[- ]*(?:rearr\w*|break\w*|split\w*|umlager\w*|posit\w*|pos\b)", "kmt2a_r_partner_unknown"),
    )
)
_COMPLEX = re.compile(
    r"\b[ck]omplex\w*[- ](?:aberrant\w*\s+)?[ck]ar[iy]ot[iy]p|\b[ck]ar[iy]ot[iy]pe?\w*[:\s]+(?:is\s+|ist\s+)?[ck]omplex"
)
_NORMAL = re.compile(
    r"\bnormal\w*\s+(?:(?:fe)?male\s+|weiblich\w*\s+|männlich\w*\s+)?[ck]ar[iy]ot[iy]p|\b[ck]ar[iy]ot[iy]pe?\w*[:\s]+(?:is\s+|ist\s+)?normal\b"
)


@lru_cache(maxsize=20_000)
def read_remark(text: str) -> Remark:
    """A remark with its technique and the lesions it states."""
    lower = text.lower()
    technique = next((name for pattern, name in _TECHNIQUES if pattern.search(lower)), "")
    found: set[str] = set()
    for sentence in _SENTENCES.split(lower):
        if _DENIED.search(sentence):
            continue
        events = _EVENT.findall(sentence)
        events += [
            shape.format(**match.groupdict()) for pattern, shape in _WORDS for match in pattern.finditer(sentence)
        ]
        for printed in events:
            for event in read_body(printed).events:
                found |= lesions_of(event).present
        found |= {flag for pattern, flag in _FUSIONS if pattern.search(sentence)}
        if _COMPLEX.search(sentence):
            found.add("complex")
    if found & {"t_9_11", "t_v_11q23_other"}:
        found.discard("kmt2a_r_partner_unknown")
    if not found and _NORMAL.search(lower) and not re.search(r"\b(?:kein|not?|nicht)\w*\s+normal|abnormal", lower):
        found.add("normal_karyotype")
    return Remark(text, technique, tuple(sorted(found)))
