"""What every provider's edge has in common: the two ways in which a call can fail, and the frame around each call."""

import contextlib
import time
from collections.abc import Callable, Generator

import structlog

from database import forbid_transaction

log = structlog.get_logger()


class ProviderError(Exception):
    """A provider did not do what was asked. `provider` is its name, `code` what it said."""

    def __init__(self, message: str, *, provider: str = "stripe", code: str | None = None) -> None:
        super().__init__(message)
        self.provider, self.code = provider, code


class Unavailable(ProviderError):
    """No answer, or none to rely on: it may or may not have happened. Try the same again later, with the same key."""


class Declined(ProviderError):
    """The provider understood and said no; the same request will not work."""


@contextlib.contextmanager
def provider_call(
    provider: str, name: str, our_id: object, meaning: Callable[[Exception], ProviderError | None]
) -> Generator[None]:
    """Run one call of a provider's SDK: never inside a transaction, with one line in the log, and with our two errors.

    `name` says what is asked, `our_id` for what of ours (or None). `meaning(error)` gives the Unavailable or Declined
    that an error of the SDK means, or None for one that is a fault of our own and goes on as it is. Timeouts are the
    SDK's, set by its edge.
    """
    forbid_transaction()
    started, outcome = time.perf_counter(), "ok"
    try:
        yield
    except Exception as error:
        refusal = meaning(error)
        outcome = type(refusal).__name__.lower() if refusal else "failed"
        if refusal is None:
            raise
        raise refusal from error
    finally:
        log.info(
            f"{provider}_call", call=name, id=our_id, outcome=outcome, ms=round((time.perf_counter() - started) * 1000)
        )
