"""Frozen values that all layers share: names, definitions, findings, results. Standard library only."""
