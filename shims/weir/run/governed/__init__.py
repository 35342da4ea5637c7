"""What a group of the bundle sees of a table."""
