"""Copy-number segments of arrays and sequencing."""
