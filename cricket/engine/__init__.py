"""The rules of cricket: events, innings, deliveries, results and the ladder, as pure functions of data."""
