"""Karyotypes, FISH and array nomenclature."""
