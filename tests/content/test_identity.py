"""Keys name items for good; hashes tell their versions apart."""

from dataclasses import fields, replace
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from content import serial
from content.generators import relined
from content.identity import content_hash, item_key
from content.schema import Generator, Item, Number, Translation
from tests.content import strategies
from tests.content.strategies import half


def test_the_key_joins_bank_and_item() -> None:
    assert item_key("fractions", half()) == "fractions/half"


def test_rewording_an_item_keeps_its_key_and_makes_a_version() -> None:
    reworded = half(stem="What is a half?")

    assert item_key("fractions", reworded) == item_key("fractions", half())
    assert content_hash(reworded) != content_hash(half())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(strategies.items | strategies.generators)
def test_moving_an_item_in_its_file_makes_no_version(item: Item | Generator) -> None:
    assert content_hash(relined(item, 7)) == content_hash(item) == content_hash(serial.load(serial.dump(item)))


def test_every_field_of_an_item_but_its_line_is_part_of_its_version() -> None:
    changed = {
        "answer": Number(Fraction(1, 2), Fraction(1, 100)), "hints": ("Look.",), "difficulty": 1.0, "line": 9,
        "translations": (Translation("es", "¿La mitad?"),),
    }  # fmt: skip
    same = {
        field.name
        for field in fields(Item)
        if content_hash(replace(half(), **{field.name: changed.get(field.name, "other")})) == content_hash(half())
    }

    assert same == {"line"}


def test_the_hash_never_changes_between_releases() -> None:
    assert content_hash(half()) == "5c756b9371ee523275d2476159f734d6def4fcc31664484a9eb1c5404ab3a5c2"
