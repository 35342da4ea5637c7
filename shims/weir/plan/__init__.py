"""Graph x request x what exists -> the list of steps that `explain` prints and the run executes."""
