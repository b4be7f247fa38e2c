"""A child who comes back to the device is not idle for the time away."""

from sqlalchemy import select

from app.practice.tables import StudentNowTable
from tests.app.practice.desk import Desk


def input_at(desk: Desk) -> object:
    desk.session.expire_all()
    mine = StudentNowTable.student_id == desk.school.students[desk.name]
    return desk.session.execute(select(StudentNowTable.input_at).where(mine)).scalar_one()


def test_the_first_heartbeat_after_an_absence_counts_as_input_and_the_next_does_not(desk: Desk) -> None:
    desk.begin()
    before = input_at(desk)
    desk.wait(600)
    desk.client.post("/practice/heartbeat", data={"input": "0"})
    back = input_at(desk)
    assert back > before
    desk.wait(10)
    desk.client.post("/practice/heartbeat", data={"input": "0"})
    assert input_at(desk) == back
