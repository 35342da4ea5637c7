"""What logs and tables tell of the past, as values for any door. No Spark, and nothing is printed."""
