"""Publishing by itself: what the marts hold, put once more into the stores, or compared with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import ConfigError
from tunelake.work.build import engine

if TYPE_CHECKING:
    from tunelake.mart.ports import Engine
    from tunelake.publish.check import CheckReport
    from tunelake.publish.run import PublishReport

_LAST = "similar_artists"  # the mart that a build keeps last


def publish(tunelake: Tunelake, *, verify: bool = False) -> PublishReport:
    """Bring the stores to the marts as they are kept; nothing is collected or computed.

    Args:
        tunelake: The home.
        verify: Compare with what the stores hold, read anew.

    Raises as `publish.run.publish_all`; ConfigError when nothing was built yet.
    """
    from tunelake.publish.run import publish_all

    stores = tunelake.stores
    with _built(tunelake) as sql:
        return publish_all(
            sql,
            stores.catalogue,
            stores.documents,
            tunelake.settings.market,
            names=stores.names,
            verify=verify,
        )


def check(tunelake: Tunelake) -> CheckReport:
    """Compare every store with the marts; nothing is changed.

    Raises as `publish.check.check_published`; ConfigError when nothing was built yet.
    """
    from tunelake.publish.check import check_published

    stores = tunelake.stores
    with _built(tunelake) as sql:
        return check_published(
            sql, stores.catalogue, stores.documents, tunelake.settings.market, names=stores.names
        )


def grant_reading(tunelake: Tunelake, name: str) -> str:
    """Make a login that may read the published tables; see `publish.sqlalchemy_reader.grant_reading`."""
    from tunelake.publish.sqlalchemy_reader import grant_reading

    settings = tunelake.settings
    if not settings.reader_password:
        raise ConfigError(f"set TUNELAKE_READER_PASSWORD to the password that {name!r} is to have")
    tunelake.stores.catalogue.counts()  # makes the tables when they are not there
    url = settings.catalogue_url.reveal() or "sqlite:"
    return grant_reading(url, name, settings.reader_password.reveal())


def superset_bundle(tunelake: Tunelake, login: str, place: str = "") -> bytes:
    """Write the dashboard for Superset over the published tables; see `publish.bi.superset`."""
    from tunelake.publish.bi.superset import address, bundle

    return bundle(address(tunelake.settings.catalogue_url.reveal(), login, place))


@contextmanager
def _built(tunelake: Tunelake) -> Iterator[Engine]:
    with engine(tunelake.lake) as sql:
        if not sql.has(_LAST):
            raise ConfigError("nothing was built yet: run `tunelake build`")
        yield sql
