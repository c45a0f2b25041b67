"""Fusion callers' own files: spot values by row.

Each value was taken from the line of the file itself with ``sed`` and ``cut``; sums of two columns are written as sums.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Call, Fusion, Itd, Result


@pytest.fixture
def files(real_files: Path) -> Path:
    return real_files / "files"


#: file, format, line, gene5, gene3, breakpoint5, breakpoint3, junction reads, spanning reads
SPOTS = [
    ("B_starfusion/AGFusion_fusion_predictions.abridged.coding_effect.tsv", "starfusion", 2, "ARID3B", "MYCNUT", "15:74544488:+", "2:15935774:+", 1051, 281),
    ("B_starfusion/AGFusion_fusion_predictions.abridged.coding_effect.tsv", "starfusion", 5, "TVP23C", "CDRT4", "17:15545785:-", "17:15440285:-", 5, 0),
    ("B_starfusion/STARFusion_BT474.fusion_candidates.final.abridged.FFPM", "starfusion", 2, "THRA", "AC090627.1", "17:38243106:+", "17:46371709:+", 68, 98),
    ("B_starfusion/STARFusion_BT474.fusion_candidates.final.abridged.FFPM", "starfusion", 5, "MT-ND5", "MT-RNR2", "MT:14016:+", "MT:2218:+", 3, 126),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final", "starfusion", 2, "ACACA", "STAC2", "17:35479453:-", "17:37374426:-", 12, 51),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final.abridged", "starfusion", 5, "TOB1", "SYNRG", "17:48943419:-", "17:35880751:-", 8, 30),
    ("B_starfusion/chimeraviz_fusion_candidates.final.abridged.txt", "starfusion", 5, "RPS6KB1", "SNF8", "17:57970686:+", "17:47021337:-", 10, 43),
    ("B_starfusion/chimeraviz_fusion_predictions.abridged.annotated.coding_effect.tsv", "starfusion", 4, "KANSL1", "ARL17B", "17:44171926:-", "17:44430296:-", 11, 0),
    ("B_starfusion/fusionreport_starfusion.tsv", "starfusion", 2, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 261, 637),
    ("B_starfusion/fusionreport_starfusion.tsv", "starfusion", 13, "NPM1", "ALK", "5:171391799:+", "2:29223528:-", 1, 2),
    ("B_arriba/arriba_test_fusions_v1.tsv", "arriba", 2, "BCR", "ABL1", "22:23632600:+", "9:133729451:+", 3 + 1, 0),
    ("B_arriba/arriba_test_fusions_v2.tsv", "arriba", 2, "BCR", "ABL1", "22:23632600:+", "9:133729451:+", 4 + 7, 0),
    ("B_arriba/fusionreport_arriba_v1.tsv", "arriba", 2, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 88 + 97, 300),
    ("B_arriba/fusionreport_arriba_v1.tsv", "arriba", 5, "GOPC", "ROS1", "6:117566854:-", "6:117320030:-", 1 + 0, 8),
    ("B_arriba/fusionreport_arriba_v1.tsv", "arriba", 15, "BRD4", "NUTM1", "19:15254152:-", "15:34347969:+", 2 + 5, 1),
    ("B_fusioncatcher/fusioncatcher_test_final-list.txt", "fusioncatcher", 2, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 66, 820),
    ("B_fusioncatcher/fusioncatcher_test_final-list.txt", "fusioncatcher", 8, "IGH@", "CRLF2", "14:105863263:+", "X:1228687:-", 4, 32),
    ("B_fusioncatcher/fusionreport_fusioncatcher.txt", "fusioncatcher", 12, "HOOK3", "RET", "8:42968214:+", "10:43116584:+", 10, 10),
    ("B_fusioncatcher/fusioncatcher_test_final-list.vcf", "fusioncatcher_vcf", 30, "FIP1L1", "PDGFRA", "4:53425965:+", "4:54274925:+", 48, 118),
    ("B_fusioncatcher/fusioncatcher_test_final-list.vcf", "fusioncatcher_vcf", 68, "NPM1", "ALK", "5:171391799:+", "2:29223528:-", 3, 3),
    ("B_fusioncatcher/fusioncatcher_test_final-list.vcf", "fusioncatcher_vcf", 26, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 77, 857),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.abridged.txt", "fusioninspector", 2, "AL627171.2", "TPM3", "14:49862686:-", "1:154166382:-", 1551, 3),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.abridged.txt", "fusioninspector", 3, "STAT3", "AL627171.2", "17:42321234:-", "14:49862799:-", 955, 1),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.txt", "fusioninspector", 3, "STAT3", "AL627171.2", "17:42321234:-", "14:49862799:-", 955, 1),
    ("B_jaffa/fusionreport_jaffa.csv", "jaffa", 2, "GOPC", "ROS1", "6:117566854:-", "6:117321394:-", 11, 65),
    ("B_jaffa/fusionreport_jaffa.csv", "jaffa", 5, "ETV6", "NTRK3", "12:11869969:+", "15:87940753:-", 6, 6),
    ("B_jaffa/fusionreport_jaffa.csv", "jaffa", 13, "TMPRSS2", "ETV1", "21:41494381:-", "7:13935838:-", 9, 4),
    ("B_ericscript/fusionreport_ericscript.tsv", "ericscript", 2, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 378, 978),
    ("B_ericscript/fusionreport_ericscript.tsv", "ericscript", 8, "TMPRSS2", "ETV1", "21:41494380:-", "7:13935843:-", 16, 9),
    ("B_ericscript/fusionreport_ericscript.tsv", "ericscript", 13, "CIC", "DUX4", "19:42295048:+", "4:190174447:+", 6, 6),
    ("B_pizzly/fusionreport_pizzly.tsv", "pizzly", 2, "AKAP9", "BRAF", "", "", 5, 4),
    ("B_pizzly/fusionreport_pizzly.tsv", "pizzly", 3, "CD74", "ROS1", "", "", 2, 0),
    ("B_pizzly/fusionreport_pizzly.tsv", "pizzly", 7, "FGFR3", "TACC3", "", "", 231, 487),
    ("B_integrate/MetaFusion_MCF7_breakpoints.cov.tsv", "integrate", 2, "BCAS4", "BCAS3", "20:49411708:", "17:59445686:", 70, 120),
    ("B_integrate/MetaFusion_MCF7_breakpoints.cov.tsv", "integrate", 5, "ARFGEF2", "SULF2", "20:47538549:", "20:46365684:", 8, 17),
    ("B_integrate/MetaFusion_MCF7_breakpoints.cov.tsv", "integrate", 15, "C10orf112", "AK297683", "10:19896829:", "10:19904784:", 2, 4),
    ("B_starseqr/MetaFusion_KPL4_STAR-SEQR_candidates.txt", "starseqr", 2, "AKR1B10P1", "AKR1B10", "10:69510115:+", "7:134215403:+", 0 + 4, 47),
    ("B_starseqr/MetaFusion_KPL4_STAR-SEQR_candidates.txt", "starseqr", 10, "MYL12B", "RP11-162O12.2", "18:3272976:+", "4:185220776:-", 4 + 0, 0),
    ("B_starseqr/MetaFusion_KPL4_STAR-SEQR_candidates.txt", "starseqr", 21, "EHMT1", "NTNG2", "9:140513500:+", "9:135073352:+", 0 + 6, 0),
    ("B_dragen_fusion/fusionreport_dragen.tsv", "dragen_fusion", 2, "SLC6A15", "MT-ND2", "12:84883145:-", "MT:5264:+", 65, None),
    ("B_dragen_fusion/fusionreport_dragen.tsv", "dragen_fusion", 3, "EWSR1", "FLI1", "22:29287134:+", "11:128807180:+", 21, None),
    ("B_dragen_fusion/fusionreport_dragen.tsv", "dragen_fusion", 6, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 8, None),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", "linx", 3, "TMPRSS2", "ERG", "", "", None, None),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", "linx", 4, "MIA2", "BRAF", "", "", None, None),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", "linx", 5, "FGFR2", "CDYL", "", "", None, None),
    ("B_defuse/chimeraviz_defuse_833ke_results.filtered.tsv", "defuse", 2, "RCC1", "HENMT1", "1:28834672:+", "1:109202584:+", 6, 4),
    ("B_defuse/chimeraviz_defuse_833ke_results.filtered.tsv", "defuse", 9, "CLEC6A", "CLEC4D", "12:8618225:+", "12:8667832:-", 12, 3),
    ("B_defuse/chimeraviz_defuse_833ke_results.filtered.tsv", "defuse", 18, "ZNF600", "ZNF808", "19:53289848:-", "19:53046519:-", 16, 15),
    ("B_fusionmap/chimeraviz_FusionMap_01_TestDataset.FusionReport.txt", "fusionmap", 2, "FADS3", "MTOR", "11:61646784:", "1:11184690:", 32 + 6, None),
    ("B_fusionmap/chimeraviz_FusionMap_01_TestDataset.FusionReport.txt", "fusionmap", 10, "EXT2", "RASSF3", "11:44146534:", "12:65085250:", 12 + 9, None),
    ("B_fusionmap/chimeraviz_FusionMap_01_TestDataset.FusionReport.txt", "fusionmap", 37, "RREB1", "EPHB6", "6:7177006:", "7:142568283:", 14 + 2, None),
    ("B_tophat_fusion/AGFusion_result.txt", "tophat_fusion", 1, "LOC731424", "SNX25", "4:185765275:", "4:186231969:", 9, 3),
    ("B_tophat_fusion/AGFusion_result.txt", "tophat_fusion", 3, "ASTN2", "ARHGDIG", "9:119976636:", "16:332024:", 39, 24),
    ("B_tophat_fusion/AGFusion_result.txt", "tophat_fusion", 20, "MARS", "RP11-362K2.2", "12:57898081:", "12:59199727:", 3, 54),
    ("B_longgf/AGFusion_fusions_hg38.log", "longgf", 1, "BCAS4", "BCAS3", "20:50795173:", "17:61368324:", 59, None),
    ("B_longgf/AGFusion_fusions_hg38.log", "longgf", 2, "HNRNPC", "ACIN1", "14:21261949:", "14:23080475:", 24, None),
    ("B_squid/fusionreport_squid.txt", "squid", 5, "HOOK3", "RET", "10:43116584:-", "8:42968214:+", 11, None),  # unordered: the references know neither gene
    ("B_squid/fusionreport_squid.txt", "squid", 7, "ETV6", "NTRK3", "12:11869969:+", "15:87940753:+", 10, None),
    ("B_squid/fusionreport_squid.txt", "squid", 9, "AKAP9", "BRAF", "7:92003235:+", "7:140787584:+", 8, None),
    ("B_other/chimeraviz_soapfuse_833ke_final.Fusion.specific.for.genes", "soapfuse", 2, "APLP2", "HMGB2", "11:129991686:+", "4:174253292:-", 2, 2),
    ("B_other/chimeraviz_soapfuse_833ke_final.Fusion.specific.for.genes", "soapfuse", 20, "MS4A4E", "AKAP3", "11:59968779:-", "12:4737971:-", 3, 7),
    ("B_other/chimeraviz_soapfuse_833ke_final.Fusion.specific.for.genes", "soapfuse", 42, "ZNF91", "FNDC3B", "19:23541234:-", "3:172118567:+", 4, 3),
    ("B_other/chimeraviz_chimpipe_chimericJunctions_MCF-7.txt", "chimpipe", 2, "KRT86", "KRT7", "12:52643212:+", "12:52645561:+", 2, 3),
    ("B_other/chimeraviz_chimpipe_chimericJunctions_MCF-7.txt", "chimpipe", 8, "RPS6KB1", "VMP1", "17:57992064:+", "17:57917129:+", 6, 2),
    ("B_other/chimeraviz_chimpipe_chimericJunctions_MCF-7.txt", "chimpipe", 13, "ARFGEF2", "SULF2", "20:47538547:+", "20:46365686:-", 15, 8),
    ("B_other/chimeraviz_infusion_fusions.txt", "infusion", 2, "TMPRSS2", "ERG", "21:42880008:", "21:39817544:", 85, 2),
    ("B_other/chimeraviz_infusion_fusions.txt", "infusion", 9, "C16orf48", "C16orf70", "16:67700168:", "16:67144142:", 2, 2),
    ("B_other/chimeraviz_infusion_fusions.txt", "infusion", 20, "RBM15B", "SND1", "3:51430341:", "7:127292226:", 2, 1),
    ("B_other/chimeraviz_oncofuse.outfile", "oncofuse", 2, "PGC", "CLTC", "6:41712527:", "17:57724876:", 4, 0),
    ("B_other/chimeraviz_oncofuse.outfile", "oncofuse", 4, "IL1R1", "MET", "2:102791131:", "7:116411686:", 4, 0),
    ("B_other/chimeraviz_oncofuse.outfile", "oncofuse", 7, "SERF2", "TM9SF3", "15:44086081:", "10:98312794:", 4, 0),
    ("B_other/chimeraviz_aeron_fusion_support.txt", "aeron", 1, "ENSG00000212907", "ENSG00000198886", "", "", 50, None),
    ("B_other/chimeraviz_aeron_fusion_support.txt", "aeron", 100, "ENSG00000142541", "ENSG00000008282", "", "", 1, None),
    ("B_other/chimeraviz_aeron_fusion_support.txt", "aeron", 224, "ENSG00000185624", "ENSG00000120071", "", "", 1, None),
    ("B_rnafusion_vcf/scout_fusion_data.vcf.gz", "rnafusion_vcf", 30, "EML4", "ALK", "2:42295516:+", "2:29223528:-", 4, 0),
    ("B_rnafusion_vcf/scout_fusion_data.vcf.gz", "rnafusion_vcf", 32, "YIPF5", "CNOT4", "5:144159885:-", "7:135384461:-", 4, 0),
    ("B_rnafusion_vcf/scout_fusion_data.vcf.gz", "rnafusion_vcf", 33, "SMG1", "NPIPB5", "16:18858170:-", "16:22523820:+", 2, 0),
    ("B_hamlet/HAMLET_fusion-output.json", "hamlet", 17, "BCR", "ABL1", "22:23290413:+", "9:130854064:+", 2 + 2, 0),
    ("G_cbioportal/data_structural_variants.txt", "cbioportal_sv", 2, "KIAA1549", "BRAF", "7:138536968:", "7:140482957:", 900, None),
    ("G_cbioportal/data_structural_variants.txt", "cbioportal_sv", 3, "EML4", "ALK", "2:42522656:", "2:29446335:", 300, None),
    ("B_starfusion/AGFusion_fusion_predictions.abridged.coding_effect.tsv", "starfusion", 4, "ARID3B", "MYCN", "15:74544488:+", "2:15941948:+", 145, 73),
    ("B_starfusion/STARFusion_BT474.fusion_candidates.final.abridged.FFPM", "starfusion", 12, "ZMYND8", "CEP250", "20:45852970:-", "20:34078463:+", 2, 42),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final", "starfusion", 4, "VAPB", "IKZF3", "20:56964573:+", "17:37934020:-", 5, 46),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final", "starfusion", 25, "PIP4K2B", "RAD51C", "17:36933940:-", "17:56811479:+", 1, 4),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final.abridged", "starfusion", 12, "RAB22A", "MYO9B", "20:56886178:+", "19:17256207:+", 6, 11),
    ("B_starfusion/STARFusion_kickstart.fusion_candidates.final.abridged", "starfusion", 25, "PIP4K2B", "RAD51C", "17:36933940:-", "17:56811479:+", 1, 4),
    ("B_starfusion/chimeraviz_fusion_candidates.final.abridged.txt", "starfusion", 2, "THRA", "AC090627.1", "17:38243106:+", "17:46371709:+", 27, 93),
    ("B_starfusion/chimeraviz_fusion_candidates.final.abridged.txt", "starfusion", 12, "STX16", "RAE1", "20:57227143:+", "20:55929088:+", 4, 33),
    ("B_starfusion/chimeraviz_fusion_predictions.abridged.annotated.coding_effect.tsv", "starfusion", 2, "RP11-9L18.2", "FLI1", "1:166245790:-", "11:128675261:+", 43, 0),
    ("B_starfusion/chimeraviz_fusion_predictions.abridged.annotated.coding_effect.tsv", "starfusion", 3, "RP11-662M24.2", "RIMBP2", "12:131112867:-", "12:131002462:-", 7, 17),
    ("B_starfusion/fusionreport_starfusion.tsv", "starfusion", 5, "EWSR1", "ATF1", "22:29287134:+", "12:50814280:+", 10, 3),
    ("B_fusioncatcher/fusioncatcher_test_final-list.txt", "fusioncatcher", 15, "TMPRSS2", "ETV1", "21:41494380:-", "7:13935843:-", 10, 7),
    ("B_fusioncatcher/fusionreport_fusioncatcher.txt", "fusioncatcher", 2, "FGFR3", "TACC3", "4:1806934:+", "4:1727977:+", 66, 820),
    ("B_fusioncatcher/fusionreport_fusioncatcher.txt", "fusioncatcher", 23, "NPM1", "ALK", "5:171391799:+", "2:29223528:-", 3, 3),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.txt", "fusioninspector", 2, "AL627171.2", "TPM3", "14:49862686:-", "1:154166382:-", 1551, 3),
    ("B_fusionreport/fusionreport_example_fusion_list.tsv", "fusion_report_list", 3, "FIP1L1", "PDGFRA", "", "", None, None),
    ("B_fusionreport/fusionreport_example_fusion_list.tsv", "fusion_report_list", 13, "DUX4", "IGH@", "", "", None, None),
    ("B_fusionreport/fusionreport_example_fusion_list.tsv", "fusion_report_list", 18, "CD74", "AL132671.2", "", "", None, None),
    ("B_fusionreport/fusionreport_example_fusion_list_filtered.tsv", "fusion_report_list", 1, "FGFR3", "TACC3", "", "", None, None),
    ("B_fusionreport/fusionreport_example_fusion_list_filtered.tsv", "fusion_report_list", 8, "TMPRSS2", "ETV1", "", "", None, None),
    ("B_fusionreport/fusionreport_example_fusion_list_filtered.tsv", "fusion_report_list", 14, "CD74", "AL132671.2", "", "", None, None),
]  # fmt: skip


def calls_on(path: Path, line: int, **options: str) -> list[Call]:
    records = formats.read(path, formats.ReadOptions(**options)).records
    return [record for record in records if isinstance(record, Call) and record.line == line]


@pytest.mark.parametrize("spot", SPOTS, ids=[f"{spot[1]}-{Path(spot[0]).name[:24]}-{spot[2]}" for spot in SPOTS])
def test_a_row_has_its_genes_junction_and_reads(files, spot):
    name, form, line, gene5, gene3, side5, side3, junction, spanning = spot
    reading = formats.read(files / name)
    [call] = [call for call in reading.records if call.line == line]
    finding = call.finding
    assert isinstance(finding, Fusion)
    assert (reading.format.name, finding.gene5, finding.gene3) == (form, gene5, gene3)
    shown = [f"{s.chrom}:{s.pos}:{s.strand}" if s else "" for s in (finding.breakpoint5, finding.breakpoint3)]
    assert shown == [side5, side3]
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (junction, spanning)
    assert call.result is Result.POSITIVE


#: file, number of calls (lines without header and comments; fusion-report: filled cells of callers)
SIZES = [
    ("B_starfusion/STARFusion_BT474.fusion_candidates.final.abridged.FFPM", 34),
    ("B_arriba/fusionreport_arriba_v1.tsv", 14),
    ("B_fusioncatcher/fusioncatcher_test_final-list.txt", 25),
    ("B_fusioncatcher/fusioncatcher_test_final-list.vcf", 22),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.txt", 2),
    ("B_squid/fusionreport_squid.txt", 9),
    ("B_other/chimeraviz_aeron_fusion_support.txt", 224),
    ("B_rnafusion_vcf/scout_fusion_data.vcf.gz", 5),
    ("B_fusionreport/fusionreport_example_fusion_list.tsv", 18),
    ("B_fusionreport/fusionreport_example_fusion_list_filtered.tsv", 14),
]


@pytest.mark.parametrize(("name", "count"), SIZES, ids=[Path(name).name for name, _ in SIZES])
def test_every_row_of_a_file_becomes_a_call(files, name, count):
    reading = formats.read(files / name)
    assert (len(reading.records), reading.refused) == (count, ())


#: file, line, quantity, printed level
LEVELS = [
    ("B_starfusion/AGFusion_fusion_predictions.abridged.coding_effect.tsv", 2, "ffpm", "32.1711"),
    ("B_starfusion/chimeraviz_fusion_candidates.final.abridged.txt", 2, "ffpm", "5372.0653"),
    ("B_starfusion/fusionreport_starfusion.tsv", 12, "ffpm", "239.12"),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.abridged.txt", 3, "ffpm", "16.1485"),
    ("B_fusioninspector/AGFusion_test.FusionInspector.fusions.abridged.txt", 3, "allelic_ratio", "957.00"),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", 3, "junction_copy_number", "1.025"),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", 4, "junction_copy_number", "1.8748"),
    ("B_linx/hmf_cuppa_TUMOR_SAMPLE.linx.fusion.tsv", 5, "junction_copy_number", "1.7476"),
    ("B_rnafusion_vcf/scout_fusion_data.vcf.gz", 30, "ffpm", "8.0339"),
]


@pytest.mark.parametrize(("name", "line", "quantity", "text"), LEVELS)
def test_a_level_is_what_the_tool_prints(files, name, line, quantity, text):
    [call] = calls_on(files / name, line)
    assert next(level.value for level in call.levels if level.quantity == quantity) == Decimal(text)


#: file, line, caller, junction reads, spanning reads, FFPM
SIDE_BY_SIDE = [
    ("fusionreport_example_fusions.csv", 2, "arriba", 88 + 97, 300, None),
    ("fusionreport_example_fusions.csv", 9, "ctat_lr_fusion", 4, None, "557.9467"),
    ("fusionreport_example_fusions.csv", 17, "fusioncatcher", 3, 3, None),
    ("fusionreport_example_fusions.csv", 19, "starfusion", 3, 0, "239.12"),
]


@pytest.mark.parametrize(("name", "line", "caller", "junction", "spanning", "ffpm"), SIDE_BY_SIDE)
def test_fusion_report_keeps_each_callers_word(files, name, line, caller, junction, spanning, ffpm):
    [call] = [call for call in calls_on(files / "B_fusionreport" / name, line) if call.caller == caller]
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (junction, spanning)
    assert [str(level.value) for level in call.levels if level.quantity == "ffpm"] == ([ffpm] if ffpm else [])


@pytest.mark.parametrize(
    ("fusion", "caller", "junction", "spanning"),
    [
        ("AKAP9", "ericscript", 24, 11),
        ("AKAP9", "squid", 8, None),
        ("BRD4", "pizzly", 6, 1),
        ("BRD4", "jaffa", 8, 3),
        ("FIP1L1", "arriba", 31 + 74, 16),
    ],
)
def test_fusion_report_json_says_the_same(files, fusion, caller, junction, spanning):
    records = formats.read(files / "B_fusionreport/fusionreport_example_fusions.json").records
    [call] = [call for call in records if call.caller == caller and call.finding.gene5 == fusion]
    assert (call.counts.junction_reads, call.counts.spanning_reads) == (junction, spanning)


def test_hamlet_report_has_itds_and_small_variants(files):
    path = files / "B_hamlet/HAMLET_full-report.summary.json"
    records = formats.read(path, formats.ReadOptions(genes="all")).records
    itds = [(c.line, c.finding.gene, c.finding.length, c.levels[0].text) for c in records if isinstance(c.finding, Itd)]
    # td 1853..1882 = 30 bases; 453..4106 and 457..4110 = 3654
    assert itds == [(35, "FLT3", None, "574+3"), (52, "FLT3", 30, "574+1110"), (73, "KMT2A", 3654, "39+25")]
    variants = [
        (c.line, c.finding.pos, c.finding.hgvs_p, c.levels[0].text, c.counts.alt, c.counts.ref) for c in records[3:]
    ]
    assert variants == [
        (91, 8566, "p.Ile14Val", "100%", 23, 0),
        (180, 8701, "p.Thr59Ala", "95.12%", 39, 2),
        (243, 8860, "p.Thr112Ala", "100%", 12, 0),
        (308, 8390, "p.Trp9Ter", "100%", 21, 0),
    ]


def test_rnafusion_zeros_are_not_evaluable(files):
    [call] = calls_on(files / "B_rnafusion_vcf/scout_fusion_data.vcf.gz", 34)
    assert (call.finding.gene5, call.result) == ("MED30", Result.NOT_EVALUABLE)


def test_one_fusion_of_many_callers_has_one_junction(files):
    """FGFR3::TACC3 4:1806934 / 4:1727977 in six callers' files of one run; JAFFA differs by one base."""
    names = ["B_arriba/fusionreport_arriba_v1.tsv", "B_starfusion/fusionreport_starfusion.tsv", "B_ericscript/fusionreport_ericscript.tsv", "B_dragen_fusion/fusionreport_dragen.tsv", "B_fusioncatcher/fusionreport_fusioncatcher.txt", "B_jaffa/fusionreport_jaffa.csv"]  # fmt: skip
    for name in names:
        found = [c.finding for c in formats.read(files / name).records if c.finding.gene5 == "FGFR3"]
        assert any(abs(f.breakpoint5.pos - 1806934) <= 1 and abs(f.breakpoint3.pos - 1727977) <= 1 for f in found), name


REFUSED = [
    ("B_fusioncatcher/fusioncatcher_test_summary_candidate_fusions.txt", "is FusionCatcher's summary for people"),
    ("B_fusionreport/fusionreport_example_fusion_genes_mqc.json", "counts fusions for a plot and names none"),
    ("H_rnafusion/tests_csv_fastq.csv", "is a sample sheet"),
    ("H_rnafusion/assets_schema_input.json", "is a JSON schema"),
    ("H_rnafusion/layout_test_stub.nf.test.snap", "is a snapshot"),
    ("H_sarek/assets_samplesheet.csv", "is a sample sheet"),
    ("H_sarek/assets_schema_input.json", "is a JSON schema"),
    ("H_sarek/layout_annotation_merge.nf.test.snap", "is a snapshot"),
    ("H_sarek/layout_tumor-normal-pair.nf.test.snap", "is a snapshot"),
    ("H_sarek/layout_variant_calling_all.nf.test.snap", "is a snapshot"),
    ("H_sarek/layout_variant_calling_cnvkit.nf.test.snap", "is a snapshot"),
    ("H_sarek/layout_variant_calling_lofreq.nf.test.snap", "is a snapshot"),
    ("H_sarek/layout_variant_calling_mutect2.nf.test.snap", "is a snapshot"),
    ("H_sarek/tests_csv_3.0_fastq_pair.csv", "is a sample sheet"),
    ("H_sarek/tests_csv_3.0_fastq_sample_with_space.csv", "is a sample sheet"),
    ("H_sarek/tests_csv_3.0_fastq_umi.csv", "is a sample sheet"),
    ("H_sarek/tests_csv_3.0_recalibrated_somatic.csv", "is a sample sheet"),
    ("H_sarek/tests_csv_3.0_recalibrated_tumoronly.csv", "is a sample sheet"),
    ("H_sarek/tests_csv_3.0_vcf_single.csv", "is a sample sheet"),
]


@pytest.mark.parametrize(("name", "sentence"), REFUSED)
def test_what_holds_no_result_is_refused_in_one_sentence(files, name, sentence):
    with pytest.raises(FormatError) as caught:
        formats.read(files / name)
    assert sentence in str(caught.value)


def test_every_file_has_three_spot_rows_or_all_that_it_holds(files):
    """Files of one or two fusions are spotted whole: Arriba's test, FusionInspector, HAMLET, LongGF."""
    spots = Counter(spot[0] for spot in SPOTS if spot[0].startswith("B_"))
    holds = {name: len(formats.read(files / name).records) for name in spots}
    assert {name: count for name, count in spots.items() if count < min(3, holds[name])} == {}


def test_every_fusion_and_pipeline_file_is_covered_here(files):
    named = {spot[0] for spot in SPOTS} | {name for name, _ in SIZES} | {name for name, _ in REFUSED}
    named |= {f"B_fusionreport/{row[0]}" for row in SIDE_BY_SIDE} | {
        "B_fusionreport/fusionreport_example_fusions.json",
        "B_hamlet/HAMLET_full-report.summary.json",
    }
    there = {f"{path.parent.name}/{path.name}" for folder in ("B_*", "H_*") for path in files.glob(f"{folder}/*")}
    assert there <= named
