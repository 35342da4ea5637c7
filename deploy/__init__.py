"""The bundle and what no bundle declares, planned and applied in a workspace through Databricks' SDK."""
