"""Modules that call themselves pure are held to it by the import contract."""

import ast
import re
import tomllib
from pathlib import Path

HOME = Path(__file__).parents[1]


def claimed() -> set[str]:
    """Modules whose docstring says that they are pure."""
    return {
        ".".join(file.relative_to(HOME).with_suffix("").parts)
        for package in ("gateway", "rtp")
        for file in (HOME / package).rglob("*.py")
        if re.search(r"\b[Pp]ure\b", ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "")
    }


def contracted() -> set[str]:
    """Modules that import-linter keeps from loops, sockets, clocks, threads and chance."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))
    (contract,) = (
        contract
        for contract in project["tool"]["importlinter"]["contracts"]
        if "asyncio" in contract.get("forbidden_modules", ())
    )
    return set(contract["source_modules"])


def test_what_is_called_pure_is_in_the_contract() -> None:
    assert claimed() - contracted() == set()
