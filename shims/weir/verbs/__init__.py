"""What each verb does: arguments to the engine or to the storage, values to the terminal or to JSON."""
