"""One update, from its lock to its last event."""
