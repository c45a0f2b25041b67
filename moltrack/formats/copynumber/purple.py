"""PURPLE: purity-adjusted copies per segment.

Source  ``purple.cnv.somatic.tsv`` (chromosome start end copyNumber ... minorAlleleCopyNumber majorAlleleCopyNumber)
Build   not stated
Units   decimal copies of tumour cells, slightly negative values occur; 1-based, closed
"""

from __future__ import annotations

from moltrack.formats.copynumber.segments import SegmentTable, table_format

PURPLE = table_format(
    "purple",
    "PURPLE",
    SegmentTable("chromosome", "start", "end", total="copyNumber", minor="minorAlleleCopyNumber", baf="baf"),
    ("copyNumber", "minorAlleleCopyNumber", "segmentStartSupport"),
    versions="3, 4",
    source="PURPLE cnv.somatic.tsv (github.com/hartwigmedical/hmftools)",
)
