"""Weir: a local runtime for Databricks declarative pipelines. Start reading at `engine.py`."""
