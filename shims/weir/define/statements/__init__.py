"""SQL as a language of sources: a cell's statements define what Python's decorators do (specification §8)."""
