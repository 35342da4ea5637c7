"""A workspace on loopback that Databricks' own SDK takes for a real one, and whose pipelines run."""
