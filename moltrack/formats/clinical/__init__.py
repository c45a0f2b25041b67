"""Tables of our own: measurements, conclusions, samples, patients, events, assays."""
