"""A file or folder takes its place when it is complete, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mri_core.errors import MriError, UsageError
from mri_core.export.placing import check, placed

MEMBERS = ("nodes.csv", "measures.csv")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_replaces_an_earlier_one_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "study.json"
    for content in ("first", "second"):
        with placed(target) as path:
            path.write_text(content)
            assert not target.exists() or target.read_text() == "first"
        assert target.read_text() == content
    assert names(tmp_path) == ["study.json"]


@pytest.mark.parametrize("failure", [ValueError("a fault"), KeyboardInterrupt()])
def test_what_was_there_stays_where_writing_fails(tmp_path: Path, failure: BaseException) -> None:
    target = tmp_path / "study.json"
    target.write_text("before")
    with pytest.raises(type(failure)), placed(target) as path:  # noqa: PT012 - it fails half-way
        path.write_text("half")
        raise failure
    assert target.read_text() == "before"
    assert names(tmp_path) == ["study.json"]


def test_a_folder_replaces_an_earlier_one_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "study"
    for made in (MEMBERS, MEMBERS[:1]):
        with placed(target, MEMBERS) as path:
            for name in made:
                (path / name).write_text(name)
        assert names(target) == sorted(made)
    assert names(tmp_path) == ["study"]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "study"
    target.mkdir()
    (target / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"other files, such as thesis.tex"), placed(target, MEMBERS):
        pass
    assert names(target) == ["thesis.tex"]


def test_a_place_of_another_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a folder, and this format a file"):
        check(tmp_path)
    with pytest.raises(UsageError, match="is a file, and this format a folder"):
        check(tmp_path / "file", MEMBERS)
    with pytest.raises(UsageError, match="There is no folder"):
        check(tmp_path / "none" / "study.json")


def test_a_disk_that_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(MriError, match=r"study.json cannot be written: No space left"), placed(tmp_path / "study.json"):
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == []
