"""Changes as frames: events, their history, and the columns of a target."""
