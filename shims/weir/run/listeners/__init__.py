"""Who hears what an update does: the event log, hooks, lineage, the audit log."""
