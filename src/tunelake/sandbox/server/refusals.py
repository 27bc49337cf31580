"""The ways in which the API says no, with the words of the real one."""

from __future__ import annotations

import math

RETRY_AFTER = "Retry-After"


class Refusal(Exception):
    """An answer of the catalogue API other than 200.

    Attributes:
        reason: Given beside the message where the API gives one, such as QUOTA_EXCEEDED.
        retry_after_s: Seconds to wait, for status 429.
    """

    def __init__(
        self, status: int, message: str, *, reason: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, object]:
        """The JSON of it."""
        error: dict[str, object] = {"status": self.status, "message": self.message}
        if self.reason:
            error["reason"] = self.reason
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """The header that goes with it: whole seconds, at least one."""
        if self.retry_after_s is None:
            return {}
        return {RETRY_AFTER: str(max(1, math.ceil(self.retry_after_s)))}


class GrantRefusal(Exception):
    """A token that is not given, in the words of OAuth 2; always status 400, as the real service does."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    def body(self) -> dict[str, object]:
        """The JSON of it."""
        return {"error": self.error, "error_description": self.description}


def bad_request(message: str) -> Refusal:
    """A wrong parameter."""
    return Refusal(400, message)


def not_found() -> Refusal:
    """A well-formed id that the catalogue does not know."""
    return Refusal(404, "Resource not found")


def forbidden() -> Refusal:
    """A call that this kind of application may not make."""
    return Refusal(403, "Forbidden")


def limited(retry_after_s: float) -> Refusal:
    """Too many calls in a short time."""
    return Refusal(429, "API rate limit exceeded", retry_after_s=retry_after_s)


def over_quota(retry_after_s: float) -> Refusal:
    """Too many calls of the account to one endpoint."""
    return Refusal(429, "API rate limit exceeded", reason="QUOTA_EXCEEDED", retry_after_s=retry_after_s)
