"""The boundary to the user's code: what names, paths and actions mean while a function is called."""
