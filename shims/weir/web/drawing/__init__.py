"""Where do the boxes and lines of a graph stand?"""
