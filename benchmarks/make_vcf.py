"""Write a VCF of many records with 80-field CSQ, for measuring: the same bytes for the same arguments.

    python benchmarks/make_vcf.py big.vcf.gz --records 1000000 --index

Records are spread over the chromosomes of GRCh38 by length, with all genes of the myeloid set hit on the way; Mutect2 keys,
tumour and normal columns, three transcripts each.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import pysam

from moltrack import resources

FIELDS = (  # noqa: SIM905
    "Allele Consequence IMPACT SYMBOL Gene Feature_type Feature BIOTYPE EXON INTRON HGVSc HGVSp cDNA_position CDS_position "
    "Protein_position Amino_acids Codons Existing_variation DISTANCE STRAND FLAGS PICK SYMBOL_SOURCE HGNC_ID CANONICAL MANE_SELECT "
    "MANE_PLUS_CLINICAL TSL APPRIS CCDS ENSP SWISSPROT TREMBL UNIPARC SIFT PolyPhen DOMAINS AF AFR_AF AMR_AF EAS_AF EUR_AF SAS_AF "
    "gnomADe_AF gnomADe_AFR_AF gnomADe_AMR_AF gnomADe_ASJ_AF gnomADe_EAS_AF gnomADe_FIN_AF gnomADe_NFE_AF gnomADe_OTH_AF "
    "gnomADe_SAS_AF gnomADg_AF MAX_AF MAX_AF_POPS CLIN_SIG SOMATIC PHENO PUBMED MOTIF_NAME MOTIF_POS HIGH_INF_POS "
    "MOTIF_SCORE_CHANGE TRANSCRIPTION_FACTORS CADD_PHRED CADD_RAW REVEL SpliceAI_pred_DP_AG SpliceAI_pred_DP_AL SpliceAI_pred_DP_DG "
    "SpliceAI_pred_DP_DL SpliceAI_pred_DS_AG SpliceAI_pred_DS_AL SpliceAI_pred_DS_DG SpliceAI_pred_DS_DL SpliceAI_pred_SYMBOL "
    "ClinVar ClinVar_CLNSIG ClinVar_CLNREVSTAT COSMIC"
).split()
assert len(FIELDS) == 80


def header() -> str:
    """The header's text."""
    contigs = "".join(
        f"##contig=<ID=chr{chrom},length={resources.chromosome_length('GRCh38', chrom)}>\n"
        for chrom in resources.chromosomes()
    )
    return (
        "##fileformat=VCFv4.2\n##source=Mutect2\n##tumor_sample=TUMOR\n##normal_sample=NORMAL\n"
        '##FILTER=<ID=germline,Description="">\n##FILTER=<ID=weak_evidence,Description="">\n'
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="">\n##INFO=<ID=TLOD,Number=A,Type=Float,Description="">\n'
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: {"|".join(FIELDS)}">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="">\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="">\n'
        '##FORMAT=<ID=AF,Number=A,Type=Float,Description="">\n##FORMAT=<ID=DP,Number=1,Type=Integer,Description="">\n'
        f"{contigs}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOR\n"
    )


def records(count: int, seed: int) -> Iterator[str]:
    """Lines of the body in the order of the genome."""
    draw = random.Random(seed)
    lengths = {chrom: resources.chromosome_length("GRCh38", chrom) for chrom in resources.chromosomes()}
    total = sum(lengths.values())
    annotations = [_annotation(draw) for _ in range(500)]
    bases = "ACGT"
    for chrom, length in lengths.items():
        share = round(count * length / total)
        step = length // (share + 1)
        for i in range(share):
            pos = 1 + i * step + draw.randrange(max(step - 1, 1))
            ref = draw.randrange(4)
            depth, alt = draw.randrange(40, 900), draw.randrange(0, 40)
            info = f"DP={depth * 2};TLOD={depth / 9:.2f};CSQ={annotations[draw.randrange(500)]}"
            state = ("PASS", "germline", "weak_evidence")[draw.randrange(3)]
            yield (
                f"chr{chrom}\t{pos}\t.\t{bases[ref]}\t{bases[ref - 1]}\t.\t{state}\t{info}\tGT:AD:AF:DP"
                f"\t0/0:{depth},0:0.01:{depth}\t0/1:{depth},{alt}:{(alt + 1) / (depth + alt + 2):.3f}:{depth + alt}\n"
            )


def _annotation(draw: random.Random) -> str:
    """Three transcripts with all fields, half of them filled."""
    entries = []
    for number in range(3):
        cells = [str(draw.randrange(10**4)) if draw.random() < 0.5 else "" for _ in FIELDS]
        cells[:12] = (
            "A", "missense_variant", "MODERATE", f"GENE{draw.randrange(20000)}", f"ENSG{draw.randrange(10**11):011}", "Transcript",
            f"ENST{draw.randrange(10**11):011}.{number + 1}", "protein_coding", "3/12", "", f"ENST{draw.randrange(10**11):011}.1:c.860A>G",
            f"ENSP{draw.randrange(10**11):011}.1:p.Trp288Cys",
        )  # fmt: skip
        entries.append("|".join(cells))
    return ",".join(entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", action="store_true", help="write a tabix index beside it")
    options = parser.parse_args()
    write(options.path, options.records, options.seed, index=options.index)


def write(path: Path, count: int, seed: int = 1, *, index: bool = False) -> None:
    """Write the file, bgzipped, and its index if asked for."""
    lines: list[str] = [header()]
    with pysam.BGZFile(str(path), "wb") as packed:
        for line in records(count, seed):
            lines.append(line)
            if len(lines) >= 2000:
                packed.write("".join(lines).encode())
                lines.clear()
        packed.write("".join(lines).encode())
    if index:
        pysam.tabix_index(str(path), preset="vcf", force=True)


if __name__ == "__main__":
    main()
