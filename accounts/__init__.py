"""Who somebody is: accounts, passwords, sessions, and which rooms of live messages they may enter."""
