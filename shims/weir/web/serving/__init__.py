"""What does an address, a button or the stream answer, and to whom?"""
