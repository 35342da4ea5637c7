"""What logs and tables tell of pipelines, as pages in a browser. No Spark and no pyarrow."""
