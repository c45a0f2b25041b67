"""Small variants: VCF and BCF of any caller, annotated tables (MAF, ANNOVAR, megSAP, iVar, TSO500), depth files.

``vcf`` is the entry for VCF: ``header`` says what the file is of, ``scan`` finds its lines, ``levels`` turns a row's counts into
a level, ``annotation`` reads what annotators wrote, ``records`` puts a row together. ``selection`` holds the genes that are kept.
"""
