"""Cases that the fuzzer found: each once ended in a traceback."""

from __future__ import annotations

import pytest
from targets import SEEDS, read, read_iscn, read_manifest_bytes, read_quantity, read_rules

from moltrack.resources import references_dir

FOUND = {
    "karyotype-with-an-open-bracket": (read_iscn, "46,XY,[[20"),
    "stem-line-of-number-zero": (read_iscn, "1:0;-21)(q22;q22.1)[15]/45,sl0,-Y[3]/46,XY[2]"),
    "karyotype-with-thousands-of-digits": (read_iscn, f"46,XY,del(5)(q{'1' * 5000})[{'2' * 5000}]"),
    "array-with-thousands-of-digits": (read_iscn, f"arr[GRCh38] 17p13.3(1_{'2' * 5000})x{'1' * 5000}"),
    "fish-with-thousands-of-digits": (read_iscn, f"nuc ish(RUNX1x{'3' * 5000})[{'1' * 5000}/200]"),
    "chromosome-in-superscript": (
        lambda data: read("gatk_segments", "", data),
        (SEEDS / "gatk_segments.txt").read_text().replace("\nchr7", "\nchr²"),
    ),
    "segment-longer-than-any-chromosome": (
        lambda data: read("cnvkit", "GRCh38", data),
        (SEEDS / "cnvkit.txt").read_text().replace("\t1", f"\t{'9' * 20}"),
    ),
    "ploidy-that-is-no-number": (
        lambda data: read("clincnv", "GRCh38", data),
        (SEEDS / "clincnv.txt").read_text().replace("2.1", "2.."),
    ),
    "date-that-no-calendar-has-in-a-rule-file": (read_rules, "id: x\nyear: 0000-00-00\n"),
    "rule-file-nested-too-deeply": (read_rules, "[" * 5000),
    "date-that-no-calendar-has-in-an-assay-sheet": (
        lambda data: read("assays", "", data),
        "assays:\n  - id: 2021-02-30\n",
    ),
    "path-of-NUL-characters": (read_manifest_bytes, "path\na\x00.vcf\n".encode("utf-16")),
    "karyotype-behind-two-byte-order-marks": (lambda data: read("karyotype_text", "", data), "\ufeff\ufeff46,XY[20]\n"),
    "quotient-of-a-quantity-without-denominator": (read_quantity, "144/200"),
    "one-in-n-of-a-quantity-without-denominator": (read_quantity, "1:1000"),
    "threshold-that-is-no-depth": (
        lambda data: read("mosdepth_thresholds", "GRCh38", data),
        "#chrom\tstart\tend\tregion\tchr\n",
    ),
    "length-of-thousands-of-digits": (
        lambda data: read("itd", "", data),
        f"sample,gene,length,ratio\nS1,FLT3,{'9' * 5000},0.5\n",
    ),
    "region-of-thousands-of-digits": (lambda data: read("bed", "GRCh38", data), f"chr13\t1\t{'9' * 5000}\n"),
    "depth-beyond-64-bits": (lambda data: read("mosdepth_per_base", "GRCh38", data), f"chr13\t0\t9\t{'9' * 40}\n"),
    "ratio-with-a-decimal-comma": (
        lambda data: read("getitd", "", data),
        (SEEDS / "getitd.txt").read_text().replace("0.25000", "0,25"),
    ),
    "band-behind-a-file-separator": (read_iscn, "45,XX,der(17)t(5;17)(q11\x1cp11)[12]"),
    "day-of-thousands-of-digits": (read_manifest_bytes, f"path,patient,sample,day\na.vcf,P1,S1,{'9' * 5000}\n"),
    "cycle-of-thousands-of-digits": (
        read_manifest_bytes,
        f"path,patient,sample,phase\na.vcf,P1,S1,after_cycle({'9' * 5000})\n",
    ),
    "coverage-longer-than-a-file-name": (
        read_manifest_bytes,
        f"path,patient,sample,covers\na.vcf,P1,S1,{'9' * 5000}\n",
    ),
    "row-of-a-rule-that-is-a-list": (
        read_rules,
        (references_dir() / "rules" / "eln2017.yaml").read_text().replace("any: [t_8_21, inv16", "row: [t_8_21, inv16"),
    ),
    "position-of-commas-only": (
        lambda data: read("chas", "", data),
        "File\tCN State\tType\tChromosome\tMicroarray Nomenclature\tFull Location\na.OSCHP\t2\tLOH\t17\tarr[hg19] 17p13.3(,-20,000,000)x2 hmz\t\n",
    ),
    "thresholds-of-an-empty-file": (lambda data: read("mosdepth_thresholds", "GRCh38", data), ""),
}


@pytest.mark.parametrize("case", FOUND)
def test_is_read_or_refused_in_words(case: str) -> None:
    target, text = FOUND[case]
    target(text.encode() if isinstance(text, str) else text)
