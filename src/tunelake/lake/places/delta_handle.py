"""Opens a Delta table wherever it is, and says what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from tunelake.errors import ConfigError, Fatal, Retryable, TunelakeError

_REFUSED = re.compile(r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|\b40[13]\b|Forbidden")
_NOT_NOW = re.compile(r"\b50[0234]\b|SlowDown|error sending request|timed? ?out|retries")


REPAIR = "; when it is damaged, `tunelake replay --repair` makes it anew"


def opened(uri: str, options: Mapping[str, str], version: int | None = None) -> DeltaTable | None:
    """Open a table as it is now, or was; None when there is none, or only half of its first commit.

    Raises:
        ConfigError: A server refuses the credentials.
        Retryable: It does not answer.
        Fatal: The table cannot be read.
    """
    try:
        return DeltaTable(uri, version, storage_options=dict(options))
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as error:
        raise told(uri, f"cannot read the table in {uri}", error, REPAIR) from error


def told(uri: str, what: str, error: Exception, remedy: str = "") -> TunelakeError:
    """Say what an error of delta-rs means, which puts all that a server may say into one kind.

    Args:
        uri: Where the table is.
        what: What could not be done.
        error: Why, in words of delta-rs.
        remedy: What to do when it is neither the credentials nor the server.
    """
    text = str(error)
    is_far = "://" in uri
    if is_far and _REFUSED.search(text):
        return ConfigError(
            f"{what}: the server refuses the credentials, check AWS_ACCESS_KEY_ID ({text:.300})"
        )
    if is_far and _NOT_NOW.search(text):
        return Retryable(
            f"{what}: the server does not answer for now; nothing was lost, run again ({text:.300})"
        )
    return Fatal(f"{what}: {text.splitlines()[0]}{remedy}")
