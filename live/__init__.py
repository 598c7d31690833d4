"""Live messages under `realtime.py`: the Socket.IO server of a process, its handshake, its queue to the other
processes, and the fan-out to a room.
"""
