"""The back office of a ground: its sales, its blocked seats and its bookings."""
