"""The pages: frozen values in, HTML out. Nothing is read here."""
