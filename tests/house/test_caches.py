"""Caches: bounded, shared by threads, and what is over is asked for again."""

import sys
import threading

import pytest

from caches import Kept, remembered


@pytest.fixture
def often():
    """Threads take turns after each few steps."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_what_nobody_asked_for_longest_goes_first():
    kept = Kept(2)
    kept.put("a", 1), kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (1, None, 3, 2)
    kept.forget("a"), kept.forget("nothing")
    assert kept.get("a") is None


def test_what_is_over_is_gone():
    kept = Kept(2, 0)
    kept.put("a", 1)
    assert kept.get("a") is None and len(kept) == 0


def test_threads_may_share_a_cache_that_is_too_small(often):
    kept, failed = Kept(3, 60), []

    def work(number):
        try:
            for n in range(3000):
                kept.put((n + number) % 7, n)
                kept.get(n % 7)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and len(kept) <= 3


def test_an_answer_is_made_once_for_all_who_wait():
    asked, go_on = [], threading.Event()

    @remembered(2)
    def answer(question):
        asked.append(question)
        go_on.wait(10)
        return question * 2

    found = []
    threads = [threading.Thread(target=lambda: found.append(answer(4))) for _ in range(8)]
    for thread in threads:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert asked == [4] and found == [8] * 8
    answer(5), answer(6), answer(4)
    assert asked == [4, 5, 6, 4]


def test_none_and_errors_are_asked_for_again():
    answers = [None, LookupError("not yet"), 7]

    @remembered(2)
    def answer():
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    assert answer() is None
    with pytest.raises(LookupError):
        answer()
    assert answer() == 7 and answer() == 7
