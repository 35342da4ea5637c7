"""Flows of changes: a target is brought in line with its history."""
