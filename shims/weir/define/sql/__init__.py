"""SQL of queries as values: what a text reads, what its names mean, and the text over other names."""
