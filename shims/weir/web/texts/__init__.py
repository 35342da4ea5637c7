"""How is HTML written, and in which words?"""
