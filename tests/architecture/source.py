"""Our own source, read as syntax trees, for rules that are about how the code is written."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.config import ROOT

PACKAGES = ("app", "content", "models")


@cache
def modules(*packages: str) -> dict[Path, ast.Module]:
    """Syntax tree of each module of these packages, by its path from the project's root."""
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that is imported, anywhere in a file; the name is empty for a whole module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Dotted name of what is called, as far as it is written there."""
    return ast.unparse(call.func)
