"""Accounts: sign up, sign in, sign out."""

from collections.abc import Callable

from accounts import passwords, sessions
from database import between_transactions, call, call_one, find_one, in_transaction
from outside.addresses import find_address, read_address
from outside.names import read_name
from refusals import Refused, sentences

sentences(
    {
        "WRONG_CREDENTIALS": "E-mail and password do not belong together.",
        "PASSWORD_SHORT": f"Use at least {passwords.SHORTEST} characters; a few words are easy to remember.",
        "PASSWORD_LONG": f"Use at most {passwords.LONGEST} characters.",
        "PASSWORD_WEAK": "This password is too easy to guess. Use a few words.",
        "EMAIL_TAKEN": "There is an account with this e-mail already. Sign in instead.",
        "NO_SESSION": "Your browser sent no session. Allow cookies for this site, and try again.",
    }
)


def sign_up(name: str, email: str, password: str) -> int:
    """A new account, signed in at once. See create_account()."""
    return create_account(name, email, password, then=sessions.start)


def create_account(name: str, email: str, password: str, then: Callable[[int, str], object] | None = None) -> int:
    """A new fan's account; its id.

    `then(id, hash of the password)` is called in the same transaction. Refused for a name, address or password that
    will not do.

    A flow: the hash is made outside any transaction.
    """
    name, address = read_name(name), read_address(email)
    password = read_password(password)
    between_transactions()
    hashed = passwords.hash_password(password)

    def write() -> int:
        customer = call_one("app.sign_up", name, address, None, hashed).sign_up
        if then:
            then(customer, hashed)
        return customer

    return in_transaction(write)


def sign_in(email: str, password: str) -> int:
    """A new session, or Refused with the same words whatever was wrong.

    Returns how many holds the buyer limit released.
    """
    between_transactions()
    found = in_transaction(find_one, "app.find_credential", find_address(email))
    # Without an account the database is asked all the same, and takes as long to say no.
    customer_id, recipe = (found.customer_id, found.recipe) if found else (None, None)
    ways = passwords.ways_to_read(password)
    for typed in ways:
        hashed = passwords.hash_again(recipe, typed)
        try:
            released = in_transaction(sessions.start, customer_id, hashed)
        except Refused:
            if typed == ways[-1]:
                raise
            continue
        if recipe and (typed != ways[0] or passwords.is_stale(recipe)):
            in_transaction(call, "app.set_password_hash", hashed, passwords.hash_password(ways[0]))
        return released
    raise AssertionError("unreachable")


def read_password(typed: str) -> str:
    """A new password in the form that is hashed; Refused PASSWORD_SHORT, PASSWORD_LONG or PASSWORD_WEAK (422) for one
    that will not do.
    """
    password = passwords.normalised(typed)
    if len(password) < passwords.SHORTEST:
        raise Refused("PASSWORD_SHORT", status=422)
    if len(password) > passwords.LONGEST:
        raise Refused("PASSWORD_LONG", status=422)
    if len(set(password)) < 5:
        raise Refused("PASSWORD_WEAK", status=422)
    return password
