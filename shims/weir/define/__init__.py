"""What decorators turn into: a Registry while sources load, a frozen Pipeline afterwards."""
