"""Weir, a hand-written PySpark script and spark-pipelines, side by side; `python -m bench --help`."""
