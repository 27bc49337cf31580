"""Which reader turns a page of the landing log into rows."""

from __future__ import annotations

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows


def read_rows(page: Page) -> Rows:
    """Read any page of the landing log: a person's upload, or an answer of a source."""
    from tunelake.lake.upload import read as upload
    from tunelake.sources.readers import reader_of

    return upload.read_rows(page) if upload.is_upload(page) else reader_of(page.source)(page)
