"""Cricket: events are recorded, everything else is a fold of them. Pure Python, no database, no network, unless a module says so."""
