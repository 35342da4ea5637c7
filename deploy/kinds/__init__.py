"""Kinds of resources: how each is found, made, changed and removed in a workspace."""
