"""A lesson: what happens at one device shows at the others."""

from collections.abc import Callable
from time import monotonic

from playwright.sync_api import Page, expect

from tests.flows.conftest import Classroom, fill

ON_THE_BOARD_WITHIN_S = 3.0
A_HEARTBEAT_MS = 15_000


def test_a_raised_hand_shows_on_the_board_without_a_reload(classroom: Classroom, watch: Callable[[Page], None]) -> None:
    name = classroom.names_at(0)[0]
    board, student = classroom.board(), classroom.asked(name)
    watch(board)
    expect(board.locator(".alerts")).to_have_count(0)
    raised = monotonic()
    student.get_by_role("button", name="Help").click()
    expect(board.locator(".alert", has_text=name)).to_contain_text("Hand up")
    assert monotonic() - raised < ON_THE_BOARD_WITHIN_S
    assert board.evaluate("window.stillHere")


def test_an_answer_is_counted_on_the_students_tile(classroom: Classroom) -> None:
    name = classroom.names_at(0)[1]
    board, student = classroom.board(), classroom.asked(name)
    fill(student, classroom.fields(student, right=True))
    student.get_by_role("button", name="Check").click()
    expect(board.locator(".tile", has_text=name)).to_contain_text("1 of 1")


def test_the_card_of_the_next_group_says_split(classroom: Classroom) -> None:
    board = classroom.board()
    card = board.locator(".next-card")
    expect(card.locator(".decision")).to_contain_text("Split")
    expect(card.locator(".who")).to_contain_text("Pull")
    expect(card).to_contain_text("are ready.")
    card.get_by_role("link", name="Open plan").click()
    expect(board.get_by_role("heading", name="Openers")).to_be_visible()
    expect(board.locator("table")).to_contain_text(classroom.names_at(0)[0])


def test_rotate_moves_the_childs_screen_and_can_be_taken_back(classroom: Classroom) -> None:
    student, board = classroom.asked(classroom.names_at(0)[0]), classroom.board()
    board.get_by_role("button", name="Rotate").click()
    expect(board.locator(".slot-name")).to_contain_text("Walking to slot 2")
    board.get_by_role("button", name="Undo").click()
    expect(board.locator(".slot-name")).to_contain_text("Slot 1 of 3")
    board.get_by_role("button", name="Rotate").click()
    expect(student.get_by_text("Walk to your next station.")).to_be_visible(timeout=A_HEARTBEAT_MS)


def test_the_teacher_opens_a_student_marks_the_visit_and_lowers_the_hand(classroom: Classroom) -> None:
    name = classroom.names_at(0)[0]
    board, student = classroom.board(), classroom.asked(name)
    student.get_by_role("button", name="Help").click()
    board.locator(".alert", has_text=name).click()
    drawer = board.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=name)).to_be_visible()
    drawer.get_by_role("button", name="Mark visited").click()
    expect(drawer).to_contain_text("visited just now")
    drawer.get_by_role("button", name="Lower hand").click()
    expect(board.locator(".alert", has_text=name)).to_have_count(0)
    board.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_paused_lesson_says_so_everywhere(classroom: Classroom) -> None:
    board = classroom.board()
    other = classroom.board()
    board.get_by_role("button", name="Pause").click()
    expect(other.locator(".board-clock")).to_contain_text("paused")
    other.get_by_role("button", name="Resume").click()
    expect(board.get_by_role("button", name="Pause")).to_be_visible()


def test_the_projector_knows_no_student(classroom: Classroom) -> None:
    board = classroom.board()
    address = board.get_by_role("link", name="Projector").get_attribute("href")
    projector = board.context.new_page()
    projector.goto(str(address))
    projector.get_by_text("Teacher's table").wait_for()
    names = {name for station in range(3) for name in classroom.names_at(station)}
    page = projector.content()
    assert not [name for name in names if f">{name}<" in page or f" {name} " in page]
