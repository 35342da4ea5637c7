"""Query functions on empty frames, and the rows behind the counts of rules."""
