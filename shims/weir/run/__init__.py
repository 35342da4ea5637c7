"""Spark, Delta and Java: the effects. Nothing above knows how they are reached."""
