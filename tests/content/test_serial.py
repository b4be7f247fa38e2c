"""Items survive JSON exactly."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from content import serial
from content.schema import Generator, Item
from tests.content import strategies
from tests.content.strategies import half


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(strategies.items | strategies.generators)
def test_an_item_that_went_through_json_is_equal_to_itself(item: Item | Generator) -> None:
    assert serial.load(json.loads(json.dumps(serial.dump(item)))) == item


def test_numbers_are_stored_as_exact_text() -> None:
    assert serial.dump(half())["answer"]["value"] == "1/2"


@pytest.mark.parametrize(
    "change",
    [{"type": "essay"}, {"answer": {"kind": "essay"}}, {"answer": None}, {"answer": {"kind": "number", "value": "x"}}],
)
def test_a_dictionary_that_is_no_item_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"stored item|answer type|Invalid literal|'value'"):
        serial.load(serial.dump(half()) | change)


def test_a_missing_field_is_refused() -> None:
    data = serial.dump(half())
    del data["stem"]

    with pytest.raises(ValueError, match="stem"):
        serial.load(data)
