"""Which landing log a home has."""

from __future__ import annotations

from tunelake.lake.home import Home
from tunelake.lake.landing.landing_files import LandingFiles

RAW = "raw/landing"


def landing_of(home: Home) -> LandingFiles:
    """Open the landing log of a home.

    Raises:
        Retryable: This home has just met a lake that is far away, which does not answer.
    """
    if home.far is None:
        return LandingFiles(home)
    from tunelake.lake.landing.s3_landing import S3Landing

    opened = S3Landing(home, home.far / RAW)
    if not any(home.landing.iterdir()):
        opened.begin()
    return opened
