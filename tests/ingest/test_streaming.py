"""Given activations are analysed in memory that hardly grows with the documents, alike with any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mri_core.atlas.k_means import SAMPLE
from mri_core.store.store import Store
from tests.command import Mri
from tests.counts import stored

WIDTH, LAYERS = 1024, 2
FEW, MANY = 5_000, 20_000
ANALYSIS = """
import resource, sys
from ingest.corpus.given import open_given
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.texts.keywords import count_words
from mri_core.records.arrays import AtlasSpec

given = open_given(sys.argv[1])
words = count_words(document.text for document in given.documents)
fit = fit_atlas(given.activations, AtlasSpec())
assert (place(fit.atlas, given.activations) == fit.codes).all()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write(folder: Path, documents: int, dtype: str = "float32", width: int = WIDTH) -> Path:
    """A folder of overlapping groups that depend on length a little."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    groups, tokens = generator.integers(8, size=documents), generator.integers(5, 300, size=documents)
    for layer in range(LAYERS):
        rows = generator.standard_normal((documents, width), dtype=np.float32)
        rows += generator.normal(size=(8, width)).astype(np.float32)[groups] * 0.7
        rows[:, 0] += 20 / tokens + 1_000
        np.save(folder / f"L{layer}.npy", rows.astype(dtype))
    lines = (f"{'ab'[g % 2]},{t},of group {g}" for g, t in zip(groups, tokens, strict=True))
    (folder / "documents.csv").write_text("\n".join(["label,tokens,text", *lines]), encoding="utf-8")
    return folder


def peak(folder: Path) -> int:
    """KiB of the greatest resident set of an analysis in a process of its own."""
    # a small process in between: Linux counts a parent's memory towards the peak of its child
    small = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))"
    command = [sys.executable, "-S", "-c", small, "-c", ANALYSIS, str(folder)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    here = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=here, env=alone, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.slow  # writes large files and reads them
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are in KiB, and mapped pages let go of, on Linux")
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_four_times_the_documents_need_hardly_more_memory(tmp_path: Path, dtype: str) -> None:
    few, many = (peak(write(tmp_path / str(n), n, dtype)) for n in (FEW, MANY))
    layer = (MANY - FEW) * WIDTH * np.dtype(dtype).itemsize / 1024
    assert many - few < layer / 2


@pytest.fixture
def scanned(mri: Mri, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, Any]]:
    """A study made by a child with so many threads, and deleted again: its id and its counts."""

    def run(threads: int, *arguments: object) -> tuple[str, Any]:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            monkeypatch.setenv(name, str(threads))
        alone = replace(mri, cache=tmp_path / f"cache-{threads}")
        study = alone.child("ingest", *arguments, "--name", "threads", "--json").done().json["study"]
        counts = stored(store, study)
        alone("delete", study, "--yes").done()
        return study, counts

    return run


@pytest.mark.slow  # two scans by children; that threads do not change what they find, test_axes.py tests on arrays
@pytest.mark.parametrize("atlas", ["clusters", "grid"])
def test_given_activations_make_the_same_study_with_one_thread_and_with_two(
    scanned: Callable[..., tuple[str, Any]], tmp_path: Path, atlas: str
) -> None:
    folder = write(tmp_path / "given", SAMPLE + 500 if atlas == "clusters" else 2_000, width=64)
    one, two = (scanned(threads, "--activations", folder, "--atlas", atlas) for threads in (1, 2))
    assert one == two


@pytest.mark.slow  # two children that import PyTorch
def test_a_model_makes_the_same_study_with_one_thread_and_with_two(
    scanned: Callable[..., tuple[str, Any]], tiny: Callable[[str], Path]
) -> None:
    corpus = Path(str(files("ingest") / "demo.csv"))
    one, two = (scanned(threads, corpus, "--model", tiny("gpt2"), "--limit", 60) for threads in (1, 2))
    assert one == two
