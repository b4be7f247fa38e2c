"""Rules about the code that no linter knows: what is empty, what may be imported, what is never done."""

import sys

import pytest

from app.config import ROOT
from tests.architecture.source import PACKAGES, called, calls, imports, modules

ALLOWED = {
    "content": {"content", "lark", "latex2mathml", "markdown_it", "mdit_py_plugins", "nh3", "re2", "yaml"},
    "models": {"models", "numba", "numpy", "scipy", "sklearn", "pyirt"},
}
UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
EVALUATING = {"eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}
DOMAINS = ("rostering", "bank", "practice", "stations", "authoring", "calibration", "live", "reports", "demo")


def test_the_package_app_is_empty():
    assert (ROOT / "app" / "__init__.py").read_text() == "", "a factory here would cost late imports for ever"


@pytest.mark.parametrize("package", ALLOWED)
def test_the_pure_packages_use_the_standard_library_and_the_few_they_may(package):
    used = {
        (str(path), module.partition(".")[0]) for path, tree in modules(package).items() for module, _ in imports(tree)
    }
    assert [(path, top) for path, top in sorted(used) if top not in ALLOWED[package] | sys.stdlib_module_names] == []


def test_nothing_is_ever_unpickled():
    trees = modules(*PACKAGES).items()
    assert [str(path) for path, tree in trees for name, _ in imports(tree) if name.split(".")[0] in UNPICKLING] == []
    loads = [(str(path), call) for path, tree in trees for call in calls(tree) if called(call).endswith(".load")]
    assert [path for path, call in loads if any(word.arg == "allow_pickle" for word in call.keywords)] == []


def test_no_text_is_ever_run_as_a_program():
    trees = modules(*PACKAGES).items()
    assert [
        (str(path), called(call)) for path, tree in trees for call in calls(tree) if called(call) in EVALUATING
    ] == []


def test_every_select_of_a_domain_is_in_its_queries():
    trees = modules(*(f"app/{domain}" for domain in DOMAINS)).items()
    selecting = {str(path) for path, tree in trees if ("sqlalchemy", "select") in set(imports(tree))}
    assert selecting
    assert [path for path in sorted(selecting) if not path.endswith("queries.py") and "/queries/" not in path] == []


def test_only_the_clock_reads_the_time():
    trees = modules(*PACKAGES).items()
    reading = {
        str(path) for path, tree in trees for call in calls(tree) if called(call) in {"datetime.now", "time.time"}
    }
    assert reading == {"app/base/clock.py"}
