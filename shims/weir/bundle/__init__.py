"""The bundle: `databricks.yml` and what it names, as settings of one pipeline."""
