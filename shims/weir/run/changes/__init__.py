"""AUTO CDC on plain Delta: changes are kept as events, and the target shows what they say of its keys."""
