"""Stripe's errors, in the form its SDKs read (https://docs.stripe.com/api/errors)."""


class StripeError(Exception):
    """An answer other than 200. `saved` says whether an idempotency key keeps it: Stripe keeps what happened after
    the endpoint began to execute, never a failed validation."""

    def __init__(self, status, message, type="invalid_request_error", saved=True, **fields):
        super().__init__(message)
        self.status, self.saved = status, saved
        self.error = {
            "message": message,
            "type": type,
            **{name: value for name, value in fields.items() if value is not None},
        }
        if "code" in self.error:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.error['code'].replace('_', '-')}"

    def body(self):
        return {"error": self.error}


def invalid(message, param=None, code=None, **fields):
    """A refusal of the parameters themselves: 400, not kept under the idempotency key."""
    return StripeError(400, message, saved=False, param=param, code=code, **fields)


def no_such(kind, object_id, param="id"):
    return StripeError(404, f"No such {kind}: '{object_id}'", code="resource_missing", param=param)


def server_error():
    return StripeError(500, "An unknown error occurred", type="api_error")


def rate_limited():
    return StripeError(
        429,
        "Request rate limit exceeded. Learn more at https://stripe.com/docs/rate-limits",
        code="rate_limit",
        saved=False,
    )
