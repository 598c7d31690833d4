"""What every provider's edge has in common: the two ways in which a call can fail."""


class ProviderError(Exception):
    """A provider did not do what was asked. `provider` is its name, `code` what it said."""

    def __init__(self, message, *, provider="stripe", code=None):
        super().__init__(message)
        self.provider, self.code = provider, code


class Unavailable(ProviderError):
    """No answer, or none to rely on: it may or may not have happened. Try the same again later, with the same key."""


class Declined(ProviderError):
    """The provider understood and said no; the same request will not work."""
