"""One flow: from its step to the rows that it writes."""
