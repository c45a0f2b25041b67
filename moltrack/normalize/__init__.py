"""Calls and coverage of one patient as markers and observations: a pure function, see :func:`normalize`.

``alleles``, ``hgvs``, ``itd``, ``fusions``, ``copynumber`` and ``classes`` say what is the same and what it means; ``identify``
groups calls to markers, ``observe`` makes observations, ``absence`` reads coverage, ``derive`` puts it together.
"""

from moltrack.normalize.derive import normalize

__all__ = ["normalize"]
