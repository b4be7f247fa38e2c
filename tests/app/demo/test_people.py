"""Who takes part in a simulation."""

import pytest
from flask import Flask

from app.base.db import db
from app.demo import people
from app.demo.crowd import Crowd

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("students", "classes"), [(None, 1), (1, 1), (24, 1), (25, 2), (50, 2), (51, 3), (72, 3), (73, 4), (97, 5)]
)
def test_so_many_students_need_so_many_classes(students: int | None, classes: int) -> None:
    assert people.classes_for(students) == classes


@pytest.mark.parametrize(
    ("classes", "students", "joined"), [(1, None, 24), (3, None, 72), (2, 30, 30), (3, 10, 10), (1, 100, 24)]
)
def test_as_many_students_take_part_as_were_asked_for(
    demo: Flask, classes: int, students: int | None, joined: int
) -> None:
    crowd = Crowd(1)
    assert people.join(crowd, db.engine, NOWHERE, 7, classes, students, 1.0) == joined
