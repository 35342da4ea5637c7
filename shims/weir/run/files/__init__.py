"""Files that arrive in folders: which are new, what columns they have, and what does not fit into these."""
