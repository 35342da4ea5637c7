"""Who updates a pipeline, what was started from the page, and where does its server listen?"""
