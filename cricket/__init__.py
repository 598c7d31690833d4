"""Cricket: events are recorded, everything else is a fold of them.

`engine` holds the rules and `board` what pages draw from; `cricsheet` reads and writes files. These three know no
database and no network; `matches` keeps what they say.
"""
