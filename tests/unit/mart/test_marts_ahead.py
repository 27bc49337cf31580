from __future__ import annotations

from tunelake.mart import ahead
from tunelake.mart.model import needed
from tunelake.mart.run import model_files, standard_models


def test_what_a_card_needs_is_found_without_parsing() -> None:
    found = ahead.needed(model_files())
    models = [model for model in needed(standard_models(), ahead.SHOWN) if model.name != ahead.IDENTITY]
    assert sorted(found) == sorted(model.name for model in models)
    assert found == {model.name: model.sql for model in models}
    ran: set[str] = set()
    for model in sorted(models, key=lambda model: list(found).index(model.name)):
        assert model.follows == "entity"
        assert model.reads & found.keys() <= ran
        ran.add(model.name)


def test_all_tables_that_the_models_of_a_card_read_are_there() -> None:
    found = ahead.needed(model_files())
    models = [model for model in standard_models() if model.name in found]
    read = {name for model in models for name in model.reads} - found.keys() - {ahead.IDENTITY}
    there = {name for name, _ in ahead.around()}
    assert read <= there
    assert read <= {*ahead.TABLES, *(f"{name}_history" for name in ahead.TABLES)}
