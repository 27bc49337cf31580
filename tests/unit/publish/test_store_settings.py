"""Settings choose the stores, and never print what they must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunelake.bootstrap.stores import open_stores
from tunelake.errors import ConfigError
from tunelake.settings import Settings, load


def settings(tmp_path: Path, **told: str) -> Settings:
    return load({"TUNELAKE_HOME": str(tmp_path), **{f"TUNELAKE_{name}": text for name, text in told.items()}})


@pytest.mark.parametrize(
    ("told", "documents", "names"),
    [
        ({}, "LmdbDocuments", "TantivyNames"),
        ({"DOCUMENTS_URL": "redis://h:1/0", "NAMES": "catalogue"}, "ValkeyDocuments", "NoneType"),
        ({"DOCUMENTS_URL": "dynamodb://t?region=x"}, "DynamodbDocuments", "TantivyNames"),
        ({"DOCUMENTS_URL": "lmdb:elsewhere", "NAMES": "Tantivy"}, "LmdbDocuments", "TantivyNames"),
    ],
)
def test_a_setting_chooses_the_store(
    tmp_path: Path, told: dict[str, str], documents: str, names: str
) -> None:
    stores = open_stores(settings(tmp_path, **told), tmp_path)
    assert (type(stores.documents).__name__, type(stores.names).__name__) == (documents, names)
    assert stores.finder is (stores.names or stores.catalogue)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"DOCUMENTS_URL": "mongodb://me:s3cret@h/x"}, "TUNELAKE_DOCUMENTS_URL names a store 'mongodb'"),
        ({"NAMES": "grep"}, "TUNELAKE_NAMES is 'grep'"),
        ({"CATALOGUE_URL": "oracle://me:s3cret@h/x"}, "a catalogue in 'oracle' is not known"),
        ({"CATALOGUE_URL": "postgresql://me:s3cret@h:port/x"}, "cannot be understood"),
        ({"DOCUMENTS_URL": "redis://me:s3cret@h:port/x"}, "cannot be understood"),
    ],
)
def test_a_setting_that_cannot_be(tmp_path: Path, told: dict[str, str], says: str) -> None:
    def look() -> None:
        stores = open_stores(settings(tmp_path, **told), tmp_path)
        stores.catalogue.counts()
        stores.documents.count()

    with pytest.raises(ConfigError, match=says) as error:
        look()
    assert "s3cret" not in str(error.value)
    assert "s3cret" not in repr(settings(tmp_path, **told))
