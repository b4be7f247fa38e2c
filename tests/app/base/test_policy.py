"""The thresholds: a district changes one, a fault is named, and the hash tells two policies apart."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.base.policy import Policy, load
from app.base.services import KEY
from app.factory import create_app
from tests.conftest import settings, stop


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(content: object) -> Path:
        path = tmp_path / "policy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_without_a_file_the_defaults_are_in_force() -> None:
    assert load(None) == Policy()


def test_a_district_changes_one_value_and_keeps_the_others(written: Any) -> None:
    policy = load(written({"mastery": {"p": 0.92}}))
    assert policy.mastery.p == 0.92
    assert policy.mastery.scored == Policy().mastery.scored
    assert policy.practice == Policy().practice
    assert policy.mastery.rule.p == 0.92  # what the measurement code works with


def test_a_changed_value_changes_the_hash_and_an_equal_policy_has_the_same(written: Any) -> None:
    changed = load(written({"mastery": {"p": 0.92}}))
    assert changed.hash != Policy().hash
    assert load(written({"mastery": {"p": 0.90}})).hash == Policy().hash
    assert len(Policy().hash) == 12


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"mastery": {"q": 0.9}}, "mastery.q"),
        ({"mastry": {"p": 0.9}}, "mastry"),
        ({"practice": {"target_success": 1.5}}, "practice.target_success"),
        ({"practice": {"probe_every": "often"}}, "practice.probe_every"),
        ({"practice": {"most_per_skill": 0}}, "practice.most_per_skill"),
        ({"mastery": {"lapse": 0.95}}, "mastery"),
        ({"mastery": {"secure_p": 0.85}}, "mastery"),
        ({"readiness": {"pull": 0.9}}, "readiness"),
        ({"practice": {"sibling_after": 7}}, "practice"),
        ({"board": {"ready_leave": 0.9}}, "board"),
        ({"board": {"idle_most_s": 60}}, "board"),
        ("{", "JSON"),
        ("[]", "policy file"),
    ],
)
def test_a_fault_says_which_value_is_meant(written: Any, content: object, named: str) -> None:
    with pytest.raises(ValueError, match="policy file") as fault:
        load(written(content))
    assert named in str(fault.value)


def test_every_fault_is_named_at_once(written: Any) -> None:
    with pytest.raises(ValueError, match=r"mastery\.q.*practice\.tries|practice\.tries.*mastery\.q"):
        load(written({"mastery": {"q": 1}, "practice": {"tries": 0}}))


def test_a_file_that_is_missing_or_no_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        load(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="policy file"):
        load(tmp_path / "binary.json")


def test_values_cannot_be_changed_while_the_server_runs() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Policy().mastery.p = 0.5


def test_every_threshold_says_what_it_means() -> None:
    for _section, rules in Policy():
        for name, about in type(rules).model_fields.items():
            assert about.description, name


def test_the_application_takes_the_file_and_does_not_start_with_a_faulty_one(written: Any, tmp_path: Path) -> None:
    base = settings(f"sqlite:///{tmp_path / 'x.sqlite'}")
    app = create_app(base.model_copy(update={"policy_file": written({"practice": {"tries": 3}})}))
    assert app.extensions[KEY].policy.practice.tries == 3
    stop(app)
    with pytest.raises(ValueError, match=r"practice\.tries"):
        create_app(base.model_copy(update={"policy_file": written({"practice": {"tries": 0}})}))


def test_the_thresholds_in_force_are_shown(app: Flask) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()
    shown = runner.invoke(args=["policy", "show"])
    assert shown.exit_code == 0
    assert "target_success = 0.75" in shown.output
    assert Policy().hash in shown.output
