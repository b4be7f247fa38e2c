"""The projector: clock, map and directions; nothing about any student."""

import html
import re
from datetime import timedelta

from flask.testing import FlaskClient

from app.base import clock
from app.base.services import Services
from app.stations import queries
from app.stations.service import blocks
from app.stations.service.blocks import BlockSetup
from tests.app.live.test_card import EXAMPLE, believe
from tests.factories import School, sign_in_student, sign_in_teacher

HTMX = {"HX-Request": "true"}


def begin(parts: Services, school: School, seconds_ago: float) -> None:
    setup = BlockSetup(school.skills["B.1"], 1200, 60, seed=5)
    start = clock.now() - timedelta(seconds=seconds_ago)
    parts.writer.run(blocks.start_block, school.teacher(), school.class_id, setup, parts.policy, now=start)


def map_of(page: str) -> dict[str, str]:
    """Station and the group that is at it."""
    found = re.findall(r'<li class="map-station">\s*<h2>([^<]*)</h2>.*?<b>([^<]*)</b>', page, re.S)
    return {html.unescape(station): group for station, group in found}


def test_no_name_score_or_state_is_in_the_page(client: FlaskClient, parts: Services, north: School) -> None:
    believe(parts, north, EXAMPLE)
    begin(parts, north, 300)
    pupil = client.application.test_client()
    sign_in_student(pupil, north, "Ana")
    pupil.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    sign_in_teacher(client, north.teacher_email)
    client.get(f"/classes/{north.class_id}/board")
    for headers in ({}, HTMX):
        page = client.get(f"/classes/{north.class_id}/projector", headers=headers).text
        assert "Work at your station." in page
        for name, student in north.students.items():
            assert not re.search(rf"\b{name}\b", page)
            assert str(student) not in page
        assert "data-state" not in page
        assert not re.search(r"ready|split|%|answered|hand up", page, re.I)


def test_the_map_shows_where_each_group_is_and_while_walking_where_it_goes(
    client: FlaskClient, parts: Services, north: School, session: object
) -> None:
    begin(parts, north, 300)
    sign_in_teacher(client, north.teacher_email)
    before = map_of(client.get(f"/classes/{north.class_id}/projector").text)
    assert set(before) == {"Practice", "Teacher's table", "Partner task"}
    client.post(f"/classes/{north.class_id}/block/rotate")
    page = client.get(f"/classes/{north.class_id}/projector").text
    after = map_of(page)
    assert "Walk to your next station." in page
    assert after["Teacher's table"] == before["Practice"]
    assert after["Partner task"] == before["Teacher's table"]
    assert after["Practice"] == before["Partner task"]


def test_the_projector_says_how_the_lesson_stands(client: FlaskClient, parts: Services, north: School) -> None:
    sign_in_teacher(client, north.teacher_email)
    url = f"/classes/{north.class_id}/projector"
    assert "The lesson has not started yet." in client.get(url).text
    begin(parts, north, 300)
    client.post(f"/classes/{north.class_id}/block/pause")
    paused = client.get(url).text
    assert "Stop, and look at your teacher." in paused
    assert "15:00" in paused or "14:5" in paused
    client.post(f"/classes/{north.class_id}/block/end")
    over = client.get(url).text
    assert "The lesson is over." in over
    assert "has not started" not in over


def test_another_schools_projector_is_not_found_and_a_student_has_none(
    client: FlaskClient, parts: Services, north: School, south: School
) -> None:
    begin(parts, north, 300)
    pupil = client.application.test_client()
    sign_in_student(pupil, north)
    assert pupil.get(f"/classes/{north.class_id}/projector").status_code == 404
    sign_in_teacher(client, south.teacher_email)
    assert client.get(f"/classes/{north.class_id}/projector").status_code == 404


def test_the_map_has_the_lessons_groups(client: FlaskClient, parts: Services, north: School, session: object) -> None:
    begin(parts, north, 300)
    sign_in_teacher(client, north.teacher_email)
    lesson = queries.lesson(session, north.district_id, north.class_id)  # type: ignore[arg-type]
    assert lesson is not None
    shown = map_of(client.get(f"/classes/{north.class_id}/projector").text)
    assert set(shown.values()) == {group.name for group in lesson.groups}
