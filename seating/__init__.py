"""The ground's seats: their layout and shapes, which are free, which are best, which must not be left alone, and their
names.
"""
