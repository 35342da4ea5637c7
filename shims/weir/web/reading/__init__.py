"""What do logs and tables say, now and at any time?"""
