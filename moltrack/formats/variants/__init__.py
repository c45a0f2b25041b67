"""Small and structural variants: VCF and BCF, MAF, annotation tables."""
