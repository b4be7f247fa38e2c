"""The fuzzing of marking, for a few seconds; `make fuzz` does it a million times."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

INPUTS = 10_000


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None and not os.environ.get("CI"), reason="atheris is not installed"
)
def test_no_random_answer_breaks_or_delays_the_marking():
    command = [sys.executable, "-m", "benchmarks.fuzz", "--inputs", str(INPUTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert (found["inputs"], found["exceptions"]) == (INPUTS, 0), found
    assert found["slowest_ms"] < 50, found
    assert done.returncode == 0
