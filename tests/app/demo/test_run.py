"""`flask demo run`: one command, stopped cleanly."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from app.config import ROOT
from app.demo import run
from tests.demo_school import copied

STARTED_WITHIN_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, *more: str) -> subprocess.Popen[str]:
    env = {**os.environ, "WAYSTATION_DATABASE_URL": f"sqlite:///{copied(folder)}"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "run", "--port", str(port), *more]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def page(port: int, path: str = "/") -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except OSError:
        return None
    finally:
        connection.close()


def signed_in(folder: Path) -> int:
    connection = dbapi2.connect(str(folder / "demo.sqlite"))
    try:
        return int(connection.execute("SELECT count(*) FROM sign_ins").fetchone()[0])
    finally:
        connection.close()


def test_the_demo_serves_its_doors_lets_students_practise_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    demo = start(tmp_path, port)
    try:
        end = time.monotonic() + STARTED_WITHIN_S
        while (doors := page(port)) is None and time.monotonic() < end:
            time.sleep(0.2)
        assert doors is not None
        assert "Be a student" in doors
        assert "MAPLE7" in doors
        while signed_in(tmp_path) < 10 and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        demo.send_signal(signal.SIGINT)
        said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0, said
    assert f"Waystation's demo is at http://127.0.0.1:{port}" in said
    assert "24 simulated students are on their way" in said
    assert re.search(r"\b\d\d sign-in\b", said)
    assert page(port) is None


def test_a_taken_port_is_told_with_its_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = start(tmp_path, taken.getsockname()[1])
        said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 1
    assert "is taken" in said
    assert "choose another" in said


def test_each_bank_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(run.URL_VARIABLE, raising=False)
    own, other = (
        run.environment(None, 7)[run.URL_VARIABLE],
        run.environment(tmp_path / "My Bank!.md", 7)[run.URL_VARIABLE],
    )
    assert own.endswith("instance/demo.sqlite")
    assert other.endswith("instance/demo-my-bank.sqlite")


def test_a_database_that_was_chosen_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(run.URL_VARIABLE, "postgresql://someone@somewhere/demo")
    assert run.environment(None, 7)[run.URL_VARIABLE] == "postgresql://someone@somewhere/demo"
