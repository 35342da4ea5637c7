"""Which datasets are meant, which belong together, and which lie on a way?"""
