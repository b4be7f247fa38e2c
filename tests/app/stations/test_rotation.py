"""Groups and stations: even sizes, every group once at every station, names a class would say."""

from hypothesis import given
from hypothesis import strategies as st

from app.base.assets import ANIMALS
from app.stations.names import group_name
from app.stations.rotation import alike_groups, group_at, station_of
from app.stations.service.grouping import group_pictures


@given(st.integers(0, 40), st.integers(1, 8))
def test_groups_differ_by_one_student_at_most_and_keep_everyone(students: int, n: int) -> None:
    groups = alike_groups(range(students), n)
    assert sorted(student for group in groups for student in group) == list(range(students))
    sizes = [len(group) for group in groups]
    assert len(sizes) == n
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 10), st.integers(2, 6))
def test_groups_are_alike_in_what_their_students_have(rounds: int, n: int) -> None:
    """Whatever the places in the order, no group is weaker than another by more than a step of the deal."""
    means = [sum(group) / len(group) for group in alike_groups(range(rounds * n), n)]
    assert max(means) - min(means) <= n


@given(st.integers(1, 8))
def test_every_group_is_once_at_every_station_and_no_station_has_two(n: int) -> None:
    for slot in range(n):
        places = [station_of(group, slot, n) for group in range(n)]
        assert sorted(places) == list(range(n))
        assert [group_at(place, slot, n) for place in places] == list(range(n))
    for group in range(n):
        assert sorted(station_of(group, slot, n) for slot in range(n)) == list(range(n))


def test_groups_are_called_as_a_class_says_it() -> None:
    said = {animal: group_name(animal) for animal in ("otter", "fox", "butterfly", "mouse", "deer", "fish", "octopus")}
    assert list(said.values()) == ["Otters", "Foxes", "Butterflies", "Mice", "Deer", "Fish", "Octopuses"]
    assert len({group_name(animal) for animal in ANIMALS}) == len(ANIMALS)


@given(st.integers(0, 2**31 - 1))
def test_the_page_and_the_lesson_draw_the_same_different_animals(seed: int) -> None:
    pictures = group_pictures(seed, 3)
    assert pictures == group_pictures(seed, 3)
    assert len(set(pictures)) == 3
