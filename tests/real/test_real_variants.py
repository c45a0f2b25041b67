"""Small variants: every real file is read with the right markers, counts and levels.

The expected values were read off the files by hand (``zgrep`` of the row, then the division that the caller's derivation says);
the totals of alleles with alternative reads were counted with awk.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import Reading, ReadOptions, detect, read
from moltrack.model import Call, Coverage, CoverageScope, Itd, SmallVariant

TUMOR = {
    "A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz": "999-99",
    "A_vep/scout_vep104_annotated.vcf": "earlycasualcaiman",
}

#: File, format, tool, build, calls, coverage, refused rows.
FILES = (
    ("A_annovar/maftools_variants.hg19_multianno.txt", "annovar", "ANNOVAR", "GRCh37", 10, 0, 0),
    ("A_bcftools/hamlet_chrM_bcftools_call.vcf", "vcf", "bcftools", "", 83, 0, 0),
    ("A_bcsq/hamlet_chrM_bcftools_call.csq.vcf", "vcf", "bcftools", "", 83, 0, 0),
    ("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf", "vcf", "DeepSomatic", "GRCh38", 0, 57, 0),  # all RefCall
    ("A_freebayes/hamlet_chrM_freebayes.vcf", "vcf", "FreeBayes", "", 82, 0, 0),
    ("A_haplotypecaller/PureCN_issue62.vcf.gz", "vcf", "HaplotypeCaller", "GRCh38", 93, 876, 0),  # 33 without data
    ("A_ivar/hamlet_chrM_ivar.tsv", "ivar", "iVar", "", 136, 0, 188),  # 188 rows have an empty ALT
    ("A_lofreq/somaticseq_paired_LoFreq.indel.vcf.gz", "vcf", "LoFreq", "", 0, 0, 0),
    ("A_lofreq/somaticseq_paired_LoFreq.snv.vcf.gz", "vcf", "LoFreq", "", 67, 0, 0),
    ("A_maf/maftools_APL_primary.maf.gz", "maf", "MAF", "GRCh37", 269, 0, 0),
    ("A_maf/maftools_tcga_laml.maf.gz", "maf", "MAF", "GRCh37", 2185, 22, 0),  # 22 rows of VAF 0
    ("A_maf/vcf2maf_test_b38_output.maf", "maf", "MAF", "GRCh38", 25, 0, 0),
    ("A_megsap/ngsbits_NGSDAddVariantsSomatic_in1.GSvar", "gsvar", "strelka2", "", 3, 0, 0),
    ("A_megsap/ngsbits_cfdna_monitoring.tsv", "megsap_monitoring", "umiVar", "", 19, 0, 0),
    ("A_megsap/ngsbits_cfdna_panel.vcf", "vcf", "", "", 17, 0, 0),
    ("A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz", "vcf", "FreeBayes", "GRCh37", 10, 0, 0),
    ("A_merged/scout_tumor_only.snv.indel.sorted.vcf.gz", "vcf", "", "GRCh37", 15, 0, 0),
    ("A_merged/vcf2maf_test_merged.vcf", "vcf", "", "GRCh37", 573, 4, 0),
    ("A_muse/somaticseq_paired_MuSE.vcf.gz", "vcf", "MuSE", "", 69, 0, 0),
    ("A_mutect1/vcf2maf_test_mutect.vcf", "vcf", "MuTect1", "GRCh37", 429, 71, 0),
    ("A_mutect2/PureCN_example_mutect2.vcf.gz", "vcf", "Mutect2", "GRCh38", 11, 0, 0),
    ("A_mutect2/somaticseq_paired_MuTect2.vcf.gz", "vcf", "Mutect2", "", 121, 0, 0),
    ("A_pindel/vcf2maf_test_pindel.vcf", "vcf", "Pindel", "GRCh37", 32, 0, 0),
    ("A_radia/vcf2maf_test_radia.vcf", "vcf", "RADIA", "", 93, 2, 0),
    ("A_sage/hmf_TUMOR_SAMPLE.purple.somatic.vcf.gz", "vcf", "SAGE", "GRCh37", 9, 0, 0),
    ("A_scalpel/somaticseq_paired_Scalpel.vcf.gz", "vcf", "Scalpel", "", 52, 0, 0),
    ("A_snpeff/hamlet_chrM_freebayes.snpeff.vcf", "vcf", "FreeBayes", "", 82, 0, 0),
    ("A_somaticseq/somaticseq_paired_Consensus.sINDEL.vcf.gz", "vcf", "SomaticSeq", "", 53, 0, 0),
    ("A_somaticseq/somaticseq_paired_Consensus.sSNV.vcf.gz", "vcf", "SomaticSeq", "", 78, 0, 0),
    ("A_somaticsniper/somaticseq_paired_SomaticSniper.vcf.gz", "vcf", "SomaticSniper", "", 75, 0, 0),
    ("A_strelka2/PureCN_issue184.vcf.gz", "vcf", "Strelka2", "GRCh38", 13, 0, 0),
    ("A_strelka2/somaticseq_paired_Strelka.indel.vcf.gz", "vcf", "Strelka2", "", 52, 0, 0),
    ("A_strelka2/somaticseq_paired_Strelka.snv.vcf.gz", "vcf", "Strelka2", "", 83, 0, 0),
    ("A_strelka2/somaticseq_tumoronly_Strelka_germline.vcf.gz", "vcf", "Strelka2", "", 125, 0, 0),
    ("A_tnscope/BALSAMIC_tnscope_variants.vcf.gz", "vcf", "TNscope", "GRCh37", 2, 0, 0),
    ("A_vardict/BALSAMIC_vardict_non_matching_mergeheader.vcf.gz", "vcf", "VarDict", "GRCh37", 2, 0, 0),
    ("A_vardict/BALSAMIC_vardict_variants.vcf.gz", "vcf", "VarDict", "GRCh37", 2, 0, 0),
    ("A_vardict/somaticseq_paired_VarDict.vcf.gz", "vcf", "VarDict", "", 128, 7, 0),
    ("A_varscan2/vcf2maf_test_varscan.vcf", "vcf", "VarScan2", "", 488, 11, 1),  # ALT 'A/T' has one count for two alleles
    ("A_vep/pVACtools_annotated.expression.vcf.gz", "vcf", "Mutect2", "GRCh38", 99, 0, 0),
    ("A_vep/scout_vep104_annotated.vcf", "vcf", "", "GRCh37", 1, 0, 0),
)  # fmt: skip

#: File, variant, level as counts or as printed, formula.
LEVELS = (
    ("A_mutect2/PureCN_example_mutect2.vcf.gz", "1:17614 G>A", "3/43", "AD/sum(AD)"),  # AF 0.072
    ("A_mutect2/PureCN_example_mutect2.vcf.gz", "1:182597 G>A", "16/126", "AD/sum(AD)"),  # AF 0.155
    ("A_mutect2/PureCN_example_mutect2.vcf.gz", "1:183238 G>C", "18/200", "AD/sum(AD)"),  # AF 0.132
    ("A_mutect2/somaticseq_paired_MuTect2.vcf.gz", "1:8450 T>G", "44/44", "FAD/sum(FAD)"),
    ("A_mutect2/somaticseq_paired_MuTect2.vcf.gz", "1:9113 T>A", "32/63", "FAD/sum(FAD)"),
    ("A_mutect2/somaticseq_paired_MuTect2.vcf.gz", "1:115146 A>ATG", "44/44", "FAD/sum(FAD)"),
    ("A_vardict/somaticseq_paired_VarDict.vcf.gz", "1:8450 T>G", "44/44", "VD/DP"),
    ("A_vardict/somaticseq_paired_VarDict.vcf.gz", "1:87235 AG>A", "58/59", "VD/DP"),
    ("A_vardict/somaticseq_paired_VarDict.vcf.gz", "1:104104 G>T", "30/54", "VD/DP"),
    ("A_vardict/BALSAMIC_vardict_variants.vcf.gz", "1:934893 G>A", "5/993", "VD/DP"),
    ("A_vardict/BALSAMIC_vardict_variants.vcf.gz", "1:2488059 C>T", "5/553", "VD/DP"),
    ("A_vardict/BALSAMIC_vardict_non_matching_mergeheader.vcf.gz", "1:934893 G>A", "5/993", "VD/DP"),
    ("A_vardict/BALSAMIC_vardict_non_matching_mergeheader.vcf.gz", "1:2488059 C>T", "5/553", "VD/DP"),
    ("A_strelka2/somaticseq_paired_Strelka.snv.vcf.gz", "1:947 G>A", "1/46", "AU/(AU+GU), tier 1"),  # 1 tier-1 read, 45 G
    ("A_strelka2/somaticseq_paired_Strelka.snv.vcf.gz", "1:8450 T>G", "44/44", "GU/(GU+TU), tier 1"),
    ("A_strelka2/somaticseq_paired_Strelka.snv.vcf.gz", "1:150796 G>A", "52/52", "AU/(AU+GU), tier 1"),
    ("A_strelka2/somaticseq_paired_Strelka.indel.vcf.gz", "1:9975 G>GT", "46/46", "TIR/(TIR+TAR), tier 1"),
    ("A_strelka2/somaticseq_paired_Strelka.indel.vcf.gz", "1:22129 A>ATAGCTGAC", "27/50", "TIR/(TIR+TAR), tier 1"),
    ("A_strelka2/somaticseq_paired_Strelka.indel.vcf.gz", "1:141590 G>GCT", "38/38", "TIR/(TIR+TAR), tier 1"),
    ("A_strelka2/PureCN_issue184.vcf.gz", "1:11130589 G>A", "751/1569", "AD/sum(AD)"),  # germline row
    ("A_strelka2/PureCN_issue184.vcf.gz", "1:11207597 CTT>C", "2/14", "AD/sum(AD)"),  # second allele of 8,4,2
    ("A_strelka2/PureCN_issue184.vcf.gz", "12:25245350 C>A", "27/176", "AU/(AU+CU), tier 1"),  # somatic row: 27 A, 149 C
    ("A_strelka2/somaticseq_tumoronly_Strelka_germline.vcf.gz", "1:9113 T>A", "28/56", "AD/sum(AD)"),
    ("A_strelka2/somaticseq_tumoronly_Strelka_germline.vcf.gz", "1:92705 G>GC", "25/45", "AD/sum(AD)"),
    ("A_strelka2/somaticseq_tumoronly_Strelka_germline.vcf.gz", "1:109183 T>TG", "18/43", "AD/sum(AD)"),  # DPI 45
    ("A_lofreq/somaticseq_paired_LoFreq.snv.vcf.gz", "1:8450 T>G", "44/44", "(DP4[2]+DP4[3])/DP"),
    ("A_lofreq/somaticseq_paired_LoFreq.snv.vcf.gz", "1:9113 T>A", "32/63", "(DP4[2]+DP4[3])/DP"),
    ("A_lofreq/somaticseq_paired_LoFreq.snv.vcf.gz", "1:127898 A>C", "44/45", "(DP4[2]+DP4[3])/DP"),
    ("A_freebayes/hamlet_chrM_freebayes.vcf", "MT:2245 A>C", "42/44", "AO/(RO+AO)"),  # DP 45
    ("A_freebayes/hamlet_chrM_freebayes.vcf", "MT:2487 A>C", "8/24", "AO/(RO+AO)"),
    ("A_freebayes/hamlet_chrM_freebayes.vcf", "MT:2885 T>C", "22/23", "AO/(RO+AO)"),
    ("A_snpeff/hamlet_chrM_freebayes.snpeff.vcf", "MT:825 T>A", "12/12", "AO/(RO+AO)"),
    ("A_snpeff/hamlet_chrM_freebayes.snpeff.vcf", "MT:7954 T>C", "3/91", "AO/(RO+AO)"),  # genotype 0/0, INFO/AF 0
    ("A_snpeff/hamlet_chrM_freebayes.snpeff.vcf", "MT:13105 A>G", "16/16", "AO/(RO+AO)"),
    ("A_varscan2/vcf2maf_test_varscan.vcf", "1:1991014 A>G", "35/91", "AD/(RD+AD)"),
    ("A_varscan2/vcf2maf_test_varscan.vcf", "1:2584408 C>A", "4/13", "AD/(RD+AD)"),
    ("A_varscan2/vcf2maf_test_varscan.vcf", "10:75095349 G>A", "1/9", "AD/(RD+AD)"),
    ("A_pindel/vcf2maf_test_pindel.vcf", "1:16890971 ACT>A", "4/47", "AD/sum(AD)"),  # genotype 0/0
    ("A_pindel/vcf2maf_test_pindel.vcf", "1:44569971 G>GGCTTCTCCTGGCCCAGAGTCTCCAGCTGCCGCC", "3/25", "AD/sum(AD)"),
    ("A_pindel/vcf2maf_test_pindel.vcf", "12:27553788 G>GT", "4/45", "AD/sum(AD)"),
    ("A_tnscope/BALSAMIC_tnscope_variants.vcf.gz", "1:934893 G>A", "5/953", "AD/sum(AD)"),
    ("A_tnscope/BALSAMIC_tnscope_variants.vcf.gz", "1:10402009 C>CAAA", "8/55", "AD/sum(AD)"),  # AF 0.0519 is TNscope's own
    ("A_sage/hmf_TUMOR_SAMPLE.purple.somatic.vcf.gz", "1:696644 G>A", "81/102", "AD/DP"),
    ("A_sage/hmf_TUMOR_SAMPLE.purple.somatic.vcf.gz", "1:822939 C>T", "59/665", "AD/DP"),
    ("A_sage/hmf_TUMOR_SAMPLE.purple.somatic.vcf.gz", "7:55249071 C>T", "61/1169", "AD/DP"),
    ("A_muse/somaticseq_paired_MuSE.vcf.gz", "1:8450 T>G", "44/44", "AD/sum(AD)"),
    ("A_muse/somaticseq_paired_MuSE.vcf.gz", "1:9113 T>A", "32/63", "AD/sum(AD)"),
    ("A_muse/somaticseq_paired_MuSE.vcf.gz", "1:205089 C>A", "57/57", "AD/sum(AD)"),
    ("A_somaticsniper/somaticseq_paired_SomaticSniper.vcf.gz", "1:8450 T>G", "44/44", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_somaticsniper/somaticseq_paired_SomaticSniper.vcf.gz", "1:9113 T>A", "32/63", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_somaticsniper/somaticseq_paired_SomaticSniper.vcf.gz", "1:193393 A>G", "59/59", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_scalpel/somaticseq_paired_Scalpel.vcf.gz", "1:9975 G>GT", "32/65", "AD/sum(AD)"),
    ("A_scalpel/somaticseq_paired_Scalpel.vcf.gz", "1:27448 T>TTAGCCG", "29/29", "AD/sum(AD)"),
    ("A_scalpel/somaticseq_paired_Scalpel.vcf.gz", "1:141590 G>GCT", "25/25", "AD/sum(AD)"),
    ("A_mutect1/vcf2maf_test_mutect.vcf", "1:2453125 C>G", "30/205", "AD/sum(AD)"),  # DP 206
    ("A_mutect1/vcf2maf_test_mutect.vcf", "1:2587467 T>A", "3/14", "AD/sum(AD)"),
    ("A_mutect1/vcf2maf_test_mutect.vcf", "11:45880224 C>A", "3/30", "AD/sum(AD)"),
    ("A_radia/vcf2maf_test_radia.vcf", "1:29651735 C>T", "11/106", "AD/sum(AD)"),  # DNA, not RNA (29/190)
    ("A_radia/vcf2maf_test_radia.vcf", "1:144852566 G>A", "4/31", "AD/sum(AD)"),
    ("A_radia/vcf2maf_test_radia.vcf", "12:92539324 C>A", "16/23", "AD/sum(AD)"),
    ("A_somaticseq/somaticseq_paired_Consensus.sINDEL.vcf.gz", "1:9975 G>GT", "44/49", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_somaticseq/somaticseq_paired_Consensus.sINDEL.vcf.gz", "1:22129 A>ATAGCTGAC", "28/54", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_somaticseq/somaticseq_paired_Consensus.sINDEL.vcf.gz", "1:135624 TA>T", "24/46", "(DP4[2]+DP4[3])/sum(DP4)"),  # 12,10,18,6
    ("A_somaticseq/somaticseq_paired_Consensus.sSNV.vcf.gz", "1:9847 T>A", "43/43", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_somaticseq/somaticseq_paired_Consensus.sSNV.vcf.gz", "1:266571 A>T", "25/60", "(DP4[2]+DP4[3])/sum(DP4)"),  # 18,17,12,13
    ("A_somaticseq/somaticseq_paired_Consensus.sSNV.vcf.gz", "1:179474 G>A", "3/52", "(DP4[2]+DP4[3])/sum(DP4)"),
    ("A_haplotypecaller/PureCN_issue62.vcf.gz", "8:2123436 A>T", "31/31", "AD/sum(AD)"),
    ("A_haplotypecaller/PureCN_issue62.vcf.gz", "8:244884 C>T", "1/31", "AD/sum(AD)"),
    ("A_haplotypecaller/PureCN_issue62.vcf.gz", "8:1678376 G>A", "1/272", "AD/sum(AD)"),  # genotype 0/0
    ("A_bcftools/hamlet_chrM_bcftools_call.vcf", "MT:64 C>T", "3/3", "AD/sum(AD)"),  # DP 4
    ("A_bcftools/hamlet_chrM_bcftools_call.vcf", "MT:185 G>A", "4/4", "AD/sum(AD)"),
    ("A_bcftools/hamlet_chrM_bcftools_call.vcf", "MT:10589 G>A", "21/22", "AD/sum(AD)"),
    ("A_bcsq/hamlet_chrM_bcftools_call.csq.vcf", "MT:310 TCCCCC>TCCCCCC", "3/3", "AD/sum(AD)"),
    ("A_bcsq/hamlet_chrM_bcftools_call.csq.vcf", "MT:8468 C>T", "96/99", "AD/sum(AD)"),  # INFO/DP 139
    ("A_bcsq/hamlet_chrM_bcftools_call.csq.vcf", "MT:15136 C>T", "12/12", "AD/sum(AD)"),
    ("A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz", "5:170837543 C>CTCTG", "1209/4046", "VD/DP"),  # INFO/AF 0.25
    ("A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz", "17:7577559 G>A", "174/3137", "AD/sum(AD)"),
    ("A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz", "15:90631934 C>T", "3893/8431", "VD/DP"),
    ("A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz", "9:5073770 G>T", "2365/5163", "VD/DP"),
    ("A_merged/scout_tumor_only.snv.indel.sorted.vcf.gz", "1:11276214 G>A", "56/499", "VD/DP"),
    ("A_merged/scout_tumor_only.snv.indel.sorted.vcf.gz", "1:156842065 C>T", "158/287", "VD/DP"),
    ("A_merged/scout_tumor_only.snv.indel.sorted.vcf.gz", "16:23647476 T>TA", "77/592", "VD/DP"),
    ("A_merged/vcf2maf_test_merged.vcf", "1:2585243 C>T", "15/65", "AD/sum(AD)"),
    ("A_merged/vcf2maf_test_merged.vcf", "1:2629005 C>A", "6/18", "AU/(AU+CU), tier 1"),
    ("A_merged/vcf2maf_test_merged.vcf", "1:26158900 A>ACT", "5/6", "TIR/(TIR+TAR), tier 1"),
    ("A_vep/pVACtools_annotated.expression.vcf.gz", "1:451649 A>AG", "90/741", "AD/sum(AD)"),
    ("A_vep/pVACtools_annotated.expression.vcf.gz", "1:686085 G>A", "46/269", "AD/sum(AD)"),
    ("A_vep/pVACtools_annotated.expression.vcf.gz", "1:111488999 G>C", "39/74", "FAD/sum(FAD)"),
    ("A_vep/scout_vep104_annotated.vcf", "1:5924512 C>A", "24/47", "AD/sum(AD)"),
    ("A_megsap/ngsbits_cfdna_panel.vcf", "2:11728854 G>A", "0.5385", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_cfdna_panel.vcf", "2:61009909 C>T", "0.6667", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_cfdna_panel.vcf", "16:1447341 CCG>C", "0.0769", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_NGSDAddVariantsSomatic_in1.GSvar", "2:178096717 T>C", "0.1057", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_NGSDAddVariantsSomatic_in1.GSvar", "3:138456487 AT>", "0.1304", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_NGSDAddVariantsSomatic_in1.GSvar", "16:56870524 A>C", "0.1254", "fraction as printed, the file gives no counts"),
    ("A_megsap/ngsbits_cfdna_monitoring.tsv", "2:29193682 GC>G", "170/799", "ALT_COUNT/Depth"),
    ("A_megsap/ngsbits_cfdna_monitoring.tsv", "13:23334734 G>A", "199/453", "ALT_COUNT/Depth"),
    ("A_megsap/ngsbits_cfdna_monitoring.tsv", "21:43095575 T>C", "179/348", "ALT_COUNT/Depth"),  # not 179 + 162
    ("A_ivar/hamlet_chrM_ivar.tsv", "MT:64 C>T", "3/3", "ALT_DP/TOTAL_DP"),
    ("A_ivar/hamlet_chrM_ivar.tsv", "MT:310 T>TC", "3/4", "ALT_DP/TOTAL_DP"),
    ("A_ivar/hamlet_chrM_ivar.tsv", "MT:3106 CN>C", "21/21", "ALT_DP/TOTAL_DP"),
    ("A_maf/vcf2maf_test_b38_output.maf", "21:34792292 A>C", "21/54", "t_alt_count/t_depth"),  # t_ref_count is '.'
    ("A_maf/vcf2maf_test_b38_output.maf", "21:34880556 >CCTCTT", "225/883", "t_alt_count/t_depth"),  # after 34880555
    ("A_maf/vcf2maf_test_b38_output.maf", "21:38400597 G>A", "307/1199", "t_alt_count/t_depth"),
    ("A_maf/maftools_tcga_laml.maf.gz", "17:67170917 T>C", "45.66", "fraction as printed, the file gives no counts"),
    ("A_maf/maftools_tcga_laml.maf.gz", "15:86262345 AAGATCA>", "44.9799196787149", "fraction as printed, the file gives no counts"),
    ("A_maf/maftools_tcga_laml.maf.gz", "X:135772783 C>", "57.28", "fraction as printed, the file gives no counts"),
)  # fmt: skip

#: File, line, gene, HGVS c. and p. of files that state no level at all.
NAMES = (
    ("A_annovar/maftools_variants.hg19_multianno.txt", 2, "4:55589774 A>G", "ENSG00000157404", "c.1256A>G", "p.D419G"),
    ("A_annovar/maftools_variants.hg19_multianno.txt", 6, "15:41961117 TGGCTAA>", "ENSG00000174197", "c.25_31del", "p.L9fs"),
    ("A_annovar/maftools_variants.hg19_multianno.txt", 8, "15:41989107 >TAAAGGGC", "ENSG00000174197", "c.1898_1899insTAAAGGGC", "p.G633fs"),
    ("A_maf/maftools_APL_primary.maf.gz", 2, "17:41103836 C>A", "AARSD1", "", "p.V536L"),
    ("A_maf/maftools_APL_primary.maf.gz", 100, "1:27100311 T>A", "ARID1A", "", "p.N1341K"),
    ("A_maf/maftools_APL_primary.maf.gz", 200, "4:106196298 C>T", "TET2", "", "p.P1544L"),
)  # fmt: skip

#: File, position, alternative allele, alternative reads and depth of rows in which the caller calls the reference.
REFERENCE_CALLS = (
    ("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf", 13418, "A", 2, 7),
    ("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf", 16659, "C", 4, 120),
    ("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf", 16740, "G", 8, 282),
    ("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf", 17436, "C", 3, 248),
    ("A_haplotypecaller/PureCN_issue62.vcf.gz", 668756, "A", 0, 82),
)  # fmt: skip


@pytest.fixture(scope="module")
def reading(real_files: Path) -> Callable[[str], Reading]:
    cache: dict[str, Reading] = {}

    def _reading(name: str) -> Reading:
        if name not in cache:
            cache[name] = read(real_files / "files" / name, ReadOptions(genes="all", tumor_sample=TUMOR.get(name, "")))
        return cache[name]

    return _reading


def name_of(call: Call) -> str:
    finding = call.finding
    return f"{finding.chrom}:{finding.pos} {finding.ref}>{finding.alt}" if isinstance(finding, SmallVariant) else ""


@pytest.mark.parametrize(
    ("name", "form", "tool", "build", "calls", "coverage", "refused"), FILES, ids=[row[0] for row in FILES]
)
def test_file_is_read_whole(reading, name, form, tool, build, calls, coverage, refused):
    found = reading(name)
    counts = [sum(isinstance(record, kind) for record in found.records) for kind in (Call, Coverage)]
    assert (found.format.name, found.info.tool, found.info.build) == (form, tool, build)
    assert (*counts, len(found.refused)) == (calls, coverage, refused)


@pytest.mark.parametrize(
    ("name", "variant", "text", "formula"), LEVELS, ids=[f"{row[0].split('/')[1][:30]}-{row[1][:24]}" for row in LEVELS]
)
def test_level_is_that_of_the_row(reading, name, variant, text, formula):
    [call] = [r for r in reading(name).records if isinstance(r, Call) and name_of(r) == variant]
    level = call.levels[0]
    assert (level.text, call.formula) == (text, formula)
    if "/" in text:
        alt, depth = map(Decimal, text.split("/"))
        assert (level.value, level.unit, call.counts.alt, call.counts.depth) == (alt / depth, "fraction", alt, depth)


@pytest.mark.parametrize(("name", "line", "variant", "gene", "hgvs_c", "hgvs_p"), NAMES)
def test_name_is_that_of_the_row(reading, name, line, variant, gene, hgvs_c, hgvs_p):
    [call] = [r for r in reading(name).records if r.line == line]
    assert (name_of(call), call.finding.gene, call.finding.hgvs_c, call.finding.hgvs_p) == (
        variant,
        gene,
        hgvs_c,
        hgvs_p,
    )
    assert call.levels == ()


@pytest.mark.parametrize(("name", "pos", "alt", "reads", "depth"), REFERENCE_CALLS)
def test_reference_call_keeps_its_reads(reading, name, pos, alt, reads, depth):
    [record] = [r for r in reading(name).records if isinstance(r, Coverage) and r.start == pos - 1]
    assert (record.scope, record.alt, record.counts.alt, record.counts.depth) == (
        CoverageScope.POSITION,
        alt,
        reads,
        depth,
    )


def test_every_file_has_three_spot_rows_or_all_that_it_holds():
    spots = Counter(row[0] for row in (*LEVELS, *NAMES, *REFERENCE_CALLS))
    assert {
        name: spots[name] for name, _, _, _, calls, coverage, _ in FILES if spots[name] < min(3, calls + coverage)
    } == {}


def test_every_real_file_of_small_variants_is_in_the_table(real_files):
    there = {
        f"{p.parent.name}/{p.name}"
        for p in (real_files / "files").glob("A_*/*")
        if not p.parent.name.startswith("A_sv_")
    }
    assert there == {row[0] for row in FILES}


@pytest.mark.parametrize("name", [row[0] for row in FILES if row[1] == "vcf"])
def test_line_numbers_lead_to_the_row(reading, real_files, name):
    path = real_files / "files" / name
    data = path.read_bytes()
    lines = (gzip.decompress(data) if name.endswith(".gz") else data).decode().split("\n")
    for record in reading(name).records:
        start = record.finding.pos if isinstance(record, Call) else record.start + 1
        assert lines[record.line - 1].split("\t")[1] == str(start)


def test_detection_needs_alternative_reads(reading):
    for name, *_ in FILES:
        for record in reading(name).records:
            if isinstance(record, Call):
                assert record.counts.alt is None or record.counts.alt > 0
                assert not record.levels or record.levels[0].value > 0


def test_reference_calls_are_coverage(reading):
    """DeepSomatic: 1:17538 C>A is RefCall with 29 of 225 reads."""
    records = [r for r in reading("A_deepsomatic/ngsbits_VcfAnnotateFrequency_in1.vcf").records if r.start == 17537]
    assert [(r.scope, r.alt, r.counts.alt, r.counts.depth) for r in records] == [(CoverageScope.POSITION, "A", 29, 225)]


def test_vardict_row_without_reads_is_coverage(reading):
    """1:4998 A>T has VD 0 of DP 47 in the tumour."""
    [record] = [
        r
        for r in reading("A_vardict/somaticseq_paired_VarDict.vcf.gz").records
        if isinstance(r, Coverage) and r.start == 4997
    ]
    assert (record.alt, record.counts.alt, record.counts.depth) == ("T", 0, 47)


def test_normal_first_or_last_the_tumour_is_found(reading):
    """MuSE and VarDict write TUMOR first, Mutect2 and Strelka NORMAL first; 1:8450 has 44 of 44 reads in all of them."""
    for name in ("A_muse/somaticseq_paired_MuSE.vcf.gz", "A_mutect2/somaticseq_paired_MuTect2.vcf.gz"):
        assert reading(name).info.tumor_sample == "TUMOR"


# --- the myeloid panel of AML -----------------------------------------------------------------------------------------

AML = "A_merged/scout_cancer_test_AML_myeloid_panel.vcf.gz"


@pytest.mark.parametrize(
    ("gene", "hgvs_c", "hgvs_p", "level"),
    [
        ("NPM1", "c.860_863dup", "p.Trp288CysfsTer12", "1209/4046"),
        ("IDH2", "c.419G>A", "p.Arg140Gln", "3893/8431"),
        ("JAK2", "c.1849G>T", "p.Val617Phe", "2365/5163"),
        ("DNMT3A", "c.1595_1602del", "p.Gly532ValfsTer11", "2371/6379"),
        ("ASXL1", "c.1934dup", "p.Gly646TrpfsTer12", "3540/13771"),
        ("TP53", "c.722C>T", "p.Ser241Phe", "174/3137"),
        ("SRSF2", "c.284C>G", "p.Pro95Arg", "1381/2786"),
    ],
)
def test_aml_markers(reading, gene, hgvs_c, hgvs_p, level):
    [call] = [r for r in reading(AML).records if r.finding.gene == gene]
    assert (call.finding.hgvs_c, call.finding.hgvs_p, call.levels[0].text) == (hgvs_c, hgvs_p, level)


def test_flt3_itd_as_explicit_insertion(reading):
    """90 inserted bases, 2168 of 30852 reads, found by Pindel."""
    [call] = [r for r in reading(AML).records if r.finding.gene == "FLT3"]
    assert (call.finding.pos, len(call.finding.alt) - len(call.finding.ref)) == (28608220, 90)
    assert (call.levels[0].text, call.caller, call.caller_level.text) == ("2168/30852", "pindel", "0.070")


def test_row_of_another_vep_run_is_not_misread(reading):
    """The TP53 row has 79 CSQ fields, the header 84: MAX_AF would be read as 1."""
    [call] = [r for r in reading(AML).records if r.finding.gene == "TP53"]
    assert (call.finding.population_af, call.finding.clinical_significance) == (None, "")
    assert call.finding.transcript == "NM_000546.5"


def test_paths_with_case_numbers_are_not_kept(reading):
    assert not any("/" in call.caller or "803-15" in str(call.extra) for call in reading(AML).records)


def test_aml_panel_asks_for_the_tumour(real_files):
    with pytest.raises(
        FormatError, match=r"has 2 sample columns \(999-99, 998-99\) and does not say which is the tumour"
    ):
        read(real_files / "files" / AML)


def test_tcga_itd_without_level(reading):
    """TCGA-AB-2812 has its FLT3-ITD listed with i_TumorVAF_WU NA."""
    records = reading("A_maf/maftools_tcga_laml.maf.gz").records
    [call] = [
        r for r in records if r.sample == "TCGA-AB-2812" and getattr(r, "finding", None) and r.finding.gene == "FLT3"
    ]
    assert (call.levels, call.finding.pos) == ((), 28608257)


def test_apl_itds(reading):
    itds = [r for r in reading("A_maf/maftools_APL_primary.maf.gz").records if isinstance(r.finding, Itd)]
    assert {itd.finding.gene for itd in itds} == {"FLT3"}
    by_sample = {itd.sample: itd.finding for itd in itds}
    assert (by_sample["144D"].pos, by_sample["144D"].length) == (None, None)
    assert (by_sample["58D"].pos, by_sample["58D"].length) == (28608116, 30)


# --- every VCF --------------------------------------------------------------------------------------------------------


def test_every_vcf_is_read_by_somebody(real_files):
    """Each of the real VCFs (bcftools view reads all of them) is read, the first column taken where it has to be named."""
    for path in sorted((real_files / "files").rglob("*.vcf*")):
        form = detect(path)
        try:
            found = read(path, ReadOptions(genes="all"))
        except FormatError as error:
            assert "--tumor-sample" in str(error)
            found = read(path, ReadOptions(genes="all", tumor_sample="1"))
        assert found.format.name == form.name
        assert found.records or found.info.rows or found.info.header_only, path.name
