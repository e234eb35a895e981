"""What `mri doctor` finds, and the remedy it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Mri

pytestmark = pytest.mark.engine


def test_a_sound_machine_is_told_so_with_its_versions_and_its_engine(mri: Mri) -> None:
    mri("store", "start").done()
    checks = {check["what"]: check for check in mri("doctor", "--json").done().json}
    assert {"python", "torch", "transformers", "neo4j", "model minilm", "extra peft", "engine", "memory"} <= set(checks)
    assert "answers and holds" in checks["engine"]["fact"]
    assert all(check["state"] != "wrong" for check in checks.values())


@pytest.mark.slow
def test_a_store_that_is_not_there_yet_is_not_wrong_and_is_not_made(mri: Mri, tmp_path: Path) -> None:
    for folder in (tmp_path / "new", tmp_path):
        lines = mri("doctor", "--store", folder).done().out.splitlines()
        assert any(line.startswith("ok engine: starts") for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_store_is_wrong_and_has_a_remedy(mri: Mri, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    told = mri("doctor", "--store", tmp_path)
    assert told.status == 1
    (line,) = [line for line in told.out.splitlines() if line.startswith("!!")]
    assert "thesis.txt" in line
    assert "--store" in line
