"""What is declared of the versions that the program needs is what is tested."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DECLARED = re.compile(r"(?P<name>[\w-]+)(\[\w+\])?>=(?P<lowest>[\d.]+)")
AS_IN_CI = {"torch"}  # its older wheels are not to be had for all machines that test


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_oldest_versions_that_are_tested_are_the_oldest_that_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for name, lines in project["optional-dependencies"].items() if name != "dev" for line in lines]
    found = [DECLARED.match(line) for line in [*project["dependencies"], *extras]]
    declared = {match["name"]: match["lowest"] for match in found if match}
    assert len(found) == sum(match is not None for match in found)
    lowest = pins("constraints-lowest.txt")
    assert lowest.keys() == declared.keys()
    for name in declared.keys() - AS_IN_CI:  # the first release of 26.10 may be 26.10.1
        assert f"{lowest[name]}.".startswith(f"{declared[name]}."), name
    assert {name: lowest[name] for name in AS_IN_CI} == {name: pins("constraints.txt")[name] for name in AS_IN_CI}
