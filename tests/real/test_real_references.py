"""References and identity against files of other people's tools: their annotation, their spellings, bcftools."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from moltrack import resources
from moltrack.model import Itd, SmallVariant
from moltrack.normalize.alleles import edit_of, left_align, open_fasta, reverse_complement, settle
from moltrack.normalize.classes import classify
from moltrack.normalize.hgvs import (
    group_variants,
    held_transcript,
    hgvs_c_of,
    hotspot_name,
    protein_change,
    variant_key,
)
from moltrack.normalize.itd import cluster, itd_from_small_variant

AML_PANEL = "files/A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz"


def lines(path: Path) -> Iterator[list[str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in text.decode().splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def variants(path: Path, build: str) -> list[SmallVariant]:
    return [
        SmallVariant(build=build, chrom=cells[0].removeprefix("chr"), pos=int(cells[1]), ref=cells[3], alt=cells[4])
        for cells in lines(path)
    ]


def test_hotspots_of_a_myeloid_panel_are_named(real_files):
    """Rows 1, 3, 4, 7 and 10 of the file: NPM1, IDH2, JAK2, ASXL1, SRSF2 (GRCh37)."""
    found = {hotspot_name(item) for item in variants(real_files / AML_PANEL, "GRCh37")}
    assert {"p.Trp288CysfsTer12", "p.Arg140Gln", "p.Val617Phe", "p.Gly646TrpfsTer12", "p.Pro95Arg"} <= found


def test_lesions_of_a_myeloid_panel(real_files):
    lesions = {lesion for item in variants(real_files / AML_PANEL, "GRCh37") for lesion in classify(item).lesions}
    assert {"NPM1", "IDH2", "JAK2", "ASXL1", "SRSF2", "DNMT3A"} <= lesions


def test_the_90_bp_itd_of_pindel(real_files):
    """13:28608220, an explicit insertion of 90 bases."""
    itds = [itd for item in variants(real_files / AML_PANEL, "GRCh37") if (itd := itd_from_small_variant(item))]
    assert [(itd.gene, itd.length, itd.in_frame) for itd in itds] == [("FLT3", 90, True)]


def test_npm1_of_a_dna_panel_and_of_km_on_rna_is_one_variant(real_files):
    """GRCh37 5:170837543 C>CTCTG and km's GRCh38 chr5:171410539 CTCTGG>CTCTGTCTGG."""
    dna = variants(real_files / AML_PANEL, "GRCh37")[0]
    [rna] = variants(real_files / "files/C_km/02H025_NPM1.find_report.vcf", "GRCh38")
    typed = SmallVariant(gene="NPM1", hgvs_p="p.W288Cfs*12")
    [group] = group_variants([dna, rna, typed])
    assert group.members == (0, 1, 2)


def test_getitd_and_flt3_itd_ext_see_one_clone(real_files):
    """Both tools ran on the same reads: 21 bp at chr13:28608260."""
    name = "itds_collapsed-is-same_is-similar_is-close_is-same_trailing_hc.tsv"
    with (real_files / "files/C_getitd/test_getitd" / name).open() as handle:
        header, row = (next(handle).rstrip("\n").split("\t") for _ in range(2))
    cells = dict(zip(header, row, strict=True))
    getitd = Itd("FLT3", int(cells["length"]), "GRCh37", "13", int(cells["insertion_site_chr13_bp"]), "insertion")
    [record] = variants(real_files / "files/C_flt3_itd_ext/test_FLT3_ITD.vcf", "GRCh37")
    [clone] = cluster([getitd, itd_from_small_variant(record)])
    assert (clone.members, clone.name) == ((0, 1), "21 bp")
    # FLT3_ITD_ext names it itself, in the ID column.
    [row] = lines(real_files / "files/C_flt3_itd_ext/test_FLT3_ITD.vcf")
    assert hgvs_c_of("FLT3", "GRCh37", record.pos, record.ref, record.alt).hgvs_c == row[2]


def test_the_75_bp_itd_of_km_is_a_segment_added_to_itself(real_files):
    """ADDED=75 in the record."""
    [record] = variants(real_files / "files/C_km/03H116_ITD.find_report.vcf", "GRCh38")
    assert itd_from_small_variant(record).length == 75


def test_records_in_the_amplicon_align_as_bcftools_does(real_files, tmp_path):
    """Every record of the real VCFs that lies in the FLT3 amplicon, on a FASTA of the amplicon alone."""
    if shutil.which("bcftools") is None:
        pytest.skip("bcftools is not installed")
    import pysam

    amplicon = resources.flt3_amplicon()
    files = {
        "GRCh37": [AML_PANEL, "files/C_flt3_itd_ext/test_FLT3_ITD.vcf", "files/C_itdseek/ITD.100.100.itdseek.vcf"],
        "GRCh38": ["files/C_km/03H116_ITD.find_report.vcf"],
    }
    checked = 0
    fasta = tmp_path / "amplicon.fa"
    fasta.write_text(f">13\n{reverse_complement(amplicon.sequence)}\n")
    pysam.faidx(str(fasta))
    for build, names in files.items():
        _, start, end = amplicon.spans[build]
        for name in names:
            for item in variants(real_files / name, build):
                if item.chrom != "13" or not start < item.pos <= end:
                    continue
                vcf = tmp_path / "one.vcf"
                vcf.write_text(
                    f"##fileformat=VCFv4.2\n##contig=<ID=13,length={end - start}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                    f"13\t{item.pos - start}\t.\t{item.ref}\t{item.alt}\t.\t.\t.\n"
                )
                done = subprocess.run(
                    ["bcftools", "norm", "-f", str(fasta), str(vcf)], capture_output=True, text=True, check=True
                )
                cells = done.stdout.splitlines()[-1].split("\t")
                expected = (int(cells[1]), cells[3], cells[4])
                assert left_align("13", item.pos - start, item.ref, item.alt, open_fasta(fasta)) == expected
                # The references' own bases do the same without a FASTA.
                settled, note = settle(build, edit_of("13", item.pos, item.ref, item.alt))
                assert (settled.start - start + (0 if settled.start == settled.end else 1), note) == (expected[0], "")
                checked += 1
    assert checked == 4


def test_residues_of_tcga_laml_agree_with_the_exons(real_files):
    """Substitutions of TCGA-LAML (GRCh37) on the transcripts held: the residue in Protein_Change is the codon over the position."""
    path = real_files / "files/A_maf/maftools_tcga_laml.maf.gz"
    with gzip.open(path, "rt") as handle:
        header = next(handle).rstrip("\n").split("\t")
        rows = [dict(zip(header, line.rstrip("\n").split("\t"), strict=False)) for line in handle]
    agree, differ = 0, set()
    for row in rows:
        change = protein_change(row["Protein_Change"])
        symbol = resources.gene_symbol(row["Hugo_Symbol"]) or ""
        own = resources.transcript(symbol)
        accession = row["i_transcript_name"]
        if change is None or change.effect not in {"missense", "stop_gained"} or row["Variant_Type"] != "SNP":
            continue
        if own is None or own.accession.partition(".")[0] != accession.partition(".")[0]:
            continue
        if own.codon("GRCh37", int(row["Start_Position"])) == change.first:
            agree += 1
        else:
            differ.add((symbol, accession))
    assert agree >= 100
    # Old versions number otherwise in these genes, and are not taken for the transcript held.
    assert {symbol for symbol, _ in differ} == {"RUNX1", "WT1", "EZH2", "MYC"}
    assert all(held_transcript(symbol, accession)[0] is None for symbol, accession in differ)


def test_coding_names_of_vep_lead_to_the_position_of_the_record(real_files):
    """RefSeq HGVSc of VEP in three annotated VCFs (GRCh37), on the transcripts held."""
    names = (
        AML_PANEL,
        "files/A_merged/scout_tumor_only.snv.indel.sorted.vcf.gz",
        "files/A_vep/scout_vep104_annotated.vcf",
    )
    checked = 0
    for name in names:
        for cells in lines(real_files / name):
            here = SmallVariant(
                build="GRCh37", chrom=cells[0].removeprefix("chr"), pos=int(cells[1]), ref=cells[3], alt=cells[4]
            )
            for accession, coding in set(re.findall(r"(NM_\d+\.\d+):(c\.\d+[ACGT]>[ACGT])", cells[7])):
                held = resources.transcript(accession.partition(".")[0])
                if held is not None and len(here.ref) == len(here.alt) == 1:
                    typed = SmallVariant(gene=held.gene, transcript=accession, hgvs_c=coding)
                    assert variant_key(typed).key == variant_key(here).key
                    checked += 1
    assert checked >= 1
