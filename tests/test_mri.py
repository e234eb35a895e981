"""What a notebook has: `import mri`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mri
from mri_core.errors import StoreError, UsageError
from mri_core.store.bolt import Store
from tests.planted import planted_graph


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[str]:
    graph = planted_graph("notebook", seed=91)
    store.write(graph)
    yield "notebook"
    store.delete(graph.study)


def test_a_question_is_answered_in_one_call(study: str, store_folder: Path) -> None:
    table = mri.query("regions", study=study, layer=2, store=store_folder)
    assert table.columns[0] == "region"
    assert sum(row["documents"] for row in table.records()) == 60
    assert study in [other.name for other in mri.studies(store=store_folder)]
    assert mri.cypher("RETURN 1 + 1 AS two", store=store_folder).records() == [{"two": 2}]


def test_what_cannot_be_answered_is_an_error_of_ours(study: str, store_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Near names: hubs"):
        mri.query("hub", study=study, store=store_folder)
    with pytest.raises(UsageError, match="parameter"):
        mri.query("hubs", study=study, name="x", store=store_folder)
    with pytest.raises(StoreError, match="There is none"):
        mri.studies(store=tmp_path / "none")
    with pytest.raises(AttributeError, match="nothing"):
        _ = mri.nothing


def test_importing_it_brings_in_nothing_heavy() -> None:
    told = "import mri, sys; print({'torch', 'neo4j', 'numpy', 'click'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_everything_it_offers_is_there() -> None:
    assert all(callable(getattr(mri, name)) for name in mri.__all__)
    assert set(dir(mri)) == set(mri.__all__)
