"""Who is at the crease."""

from tests.support.laws import Told, law
from tests.support.scorebook import Book


@law("25.1 a batter who is out bats no more")
def out_is_out():
    book = Book(format="T20", overs=20).start()
    book.out("bowled")
    book.comes_in("t3")
    ball = {"striker": "t1", "non_striker": "t2", "bowler": "a11", "bat": 0}
    return Told(
        book,
        shows={"scores": ["0/1"], "striker": "t3", "how": {"t1": "b 11", "t2": "not out", "t3": "not out"}},
        refused=[("delivery", ball, "BATTER_OUT", "T 1 is already out.")],
    )
