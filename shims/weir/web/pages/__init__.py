"""The pages, and the report of an update: frozen values in, HTML out. Nothing is read here."""
