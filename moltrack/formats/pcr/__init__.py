"""Quantitative and digital PCR."""
