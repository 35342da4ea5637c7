"""What do events say of an update? Values and pure functions."""
