"""Running the product: all its processes (run), with a phone in the local network (phone), the jobs and the command
line.
"""
