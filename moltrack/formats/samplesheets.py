"""Files of nf-core pipelines that hold no results: recognised so that they are refused with the reason.

Source  nf-core/sarek 3 and nf-core/rnafusion 4, usage documentation: sample sheets, JSON schemas of parameters; nf-test
"""

from __future__ import annotations

from collections.abc import Callable

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique

#: Columns that name the input of a pipeline, not a result.
_INPUTS = ("fastq_1", "fastq_2", "bam", "cram", "crai", "spring_1", "junctions", "vcf")


def is_sample_sheet(head: Head) -> bool:
    """True for a table of samples with the files that go into a pipeline, or with the VCFs it has made."""
    names = {name.lower() for name in head.header}
    return "sample" in names and bool(names & set(_INPUTS)) and bool(names & {"patient", "strandedness", "fastq_1"})


def is_schema(head: Head) -> bool:
    return head.text.lstrip().startswith("{") and '"$schema"' in head.text[:500]


def is_snapshot(head: Head) -> bool:
    if not head.text.lstrip().startswith("{"):
        return False
    return head.path.name.endswith(".nf.test.snap") or ('"nf-test"' in head.text and '"content"' in head.text)


def _format(name: str, title: str, is_own: Callable[[Head], bool], refuses: str) -> Format:
    return Format(
        name=name,
        title=title,
        family="pipelines",
        technique=Technique.UNKNOWN,
        sniff=lambda head: Sniff.CERTAIN if is_own(head) else Sniff.NO,
        versions="sarek 3, rnafusion 4",
        columns_source="nf-core documentation",
        refuses=refuses,
    )


FORMATS = (
    _format(
        "nfcore_samplesheet",
        "nf-core sample sheet",
        is_sample_sheet,
        "is a sample sheet: it names files and holds no result; read the files it names with 'moltrack ingest --manifest'.",
    ),
    _format("json_schema", "JSON schema", is_schema, "is a JSON schema: it describes parameters and holds no result."),
    _format(
        "nf_test_snapshot",
        "nf-test snapshot",
        is_snapshot,
        "is a snapshot of a pipeline's own test and holds no result.",
    ),
)
