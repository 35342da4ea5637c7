"""Rows past their time, the layout of files, and what still needs them."""
