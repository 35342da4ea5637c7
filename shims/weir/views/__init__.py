"""Graphs, plans and rows as plain data, for JSON and for any page."""
