"""Fusion callers: a table of callers (columns, base, meaning of an empty file) and the formats that are no plain table."""
