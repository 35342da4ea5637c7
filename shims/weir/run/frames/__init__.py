"""A DataFrame in, a DataFrame or a value out: schemas, counts of rules, fingerprints, lineage."""
