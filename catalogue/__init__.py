"""What is on and how it is found: fixtures with their sale, search, and every page that anybody may find.

Reads only.
"""
