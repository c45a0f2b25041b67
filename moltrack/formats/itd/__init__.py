"""Internal tandem duplications: callers of FLT3-ITD and its kin, fragment analysis."""
