"""What lies in the storage, read without Spark: tables, commits, checkpoints, locks."""
