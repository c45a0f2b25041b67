"""The references: genes, transcripts, bands, hotspots, fusions, lesions, panels, variant classes, probes and drugs.

They are data, not code: tables and YAML files in ``references/``, found in a checkout or inside the installed package, read
once when first asked for. ``references/SOURCES.md`` says where each figure comes from. Intervals are 0-based half-open
(``start``, ``end``), positions 1-based (``pos``), chromosomes without ``chr``, builds ``GRCh37`` and ``GRCh38``.
"""

from moltrack.resources.files import examples_dir, references_dir
from moltrack.resources.fusion_names import FusionName, split_fusion_name
from moltrack.resources.genes import Gene, gene, gene_regions, gene_symbol, genes, genes_at
from moltrack.resources.genome import (
    BUILDS,
    Band,
    arm_span,
    assayed_spans,
    band_at,
    band_span,
    bands,
    build_of_contigs,
    chromosome_length,
    chromosomes,
)
from moltrack.resources.lesions import (
    CopyNumberRule,
    FusionJunction,
    KnownFusion,
    Lesion,
    Locus,
    Panel,
    Probe,
    copy_number_rules,
    fusion_junctions,
    gene_set,
    gene_sets,
    known_fusions,
    lesion_named,
    lesions,
    loci,
    panels,
    probes,
)
from moltrack.resources.transcripts import Exon, Transcript, transcript, transcripts_on
from moltrack.resources.treatment import Drug, drug_named, drugs
from moltrack.resources.variants import (
    Allele,
    Amplicon,
    Hotspot,
    VariantClass,
    flt3_amplicon,
    hotspots,
    variant_classes,
)

__all__ = [
    "BUILDS",
    "Allele",
    "Amplicon",
    "Band",
    "CopyNumberRule",
    "Drug",
    "Exon",
    "FusionJunction",
    "FusionName",
    "Gene",
    "Hotspot",
    "KnownFusion",
    "Lesion",
    "Locus",
    "Panel",
    "Probe",
    "Transcript",
    "VariantClass",
    "arm_span",
    "assayed_spans",
    "band_at",
    "band_span",
    "bands",
    "build_of_contigs",
    "chromosome_length",
    "chromosomes",
    "copy_number_rules",
    "drug_named",
    "drugs",
    "examples_dir",
    "flt3_amplicon",
    "fusion_junctions",
    "gene",
    "gene_regions",
    "gene_set",
    "gene_sets",
    "gene_symbol",
    "genes",
    "genes_at",
    "hotspots",
    "known_fusions",
    "lesion_named",
    "lesions",
    "loci",
    "panels",
    "probes",
    "references_dir",
    "split_fusion_name",
    "transcript",
    "transcripts_on",
    "variant_classes",
]
