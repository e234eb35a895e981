"""What a smaller type costs in accuracy: the share of documents that stay in their region, by layer.

    python benchmarks/precision.py CORPUS [--texts 300] [--model minilm] [--dtype bfloat16]

The texts are run in float32 and in the other type; an atlas is fitted on the rows of float32, and both are
placed in it: the default one and a grid of 10 × 10. Prints one JSON object: the smallest share and the mean over the
layers, and the relative error of the rows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from extraction import Padding

from ingest.cache.row_files import read_extraction, row_folder
from ingest.corpus.corpus import CorpusOptions, open_corpus
from ingest.extract.extraction import extract_here
from ingest.model.device import Place
from ingest.model.loading import load, resolve
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.records.arrays import Activations, AtlasSpec

ATLASES = {"clusters": AtlasSpec(), "grid": AtlasSpec(kind="grid", resolution=10)}


def activations(choice: Any, dtype: str, folder: Path) -> Activations:
    """Of the corpus in a type."""
    corpus = open_corpus(choice.corpus, CorpusOptions(limit=choice.texts))
    model, count = load(resolve(choice.model), max_length=None, place=Place("cpu", dtype)), corpus.documents
    conditions = extract_here(
        model, corpus, count, lambda widths: row_folder(folder, widths, count), pooling="mean", meter=Padding()
    )
    return read_extraction(folder, model.layers, conditions).activations


def same_region(exact: Activations, other: Activations, spec: AtlasSpec) -> dict[str, float]:
    """Share of documents in the same region of the atlas of the exact rows."""
    fit = fit_atlas(exact, spec)
    shares = (fit.codes == place(fit.atlas, other)).mean(axis=0)
    return {"least": round(float(shares.min()), 4), "mean": round(float(shares.mean()), 4)}


def error(exact: Activations, other: Activations) -> float:
    """The median over documents and layers of a row's relative error."""
    pairs = zip(exact.layers, other.layers, strict=True)
    errors = [np.linalg.norm(one - two, axis=1) / np.linalg.norm(one, axis=1) for one, two in pairs]
    return round(float(np.median(errors)), 5)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it")
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float16"])
    choice = parser.parse_args()
    with TemporaryDirectory() as folder:
        exact, other = (activations(choice, dtype, Path(folder, dtype)) for dtype in ("float32", choice.dtype))
        result = {
            "benchmark": "precision",
            "corpus": Path(choice.corpus).name,
            "documents": len(exact.layers[0]),
            "model": choice.model,
            "dtype": choice.dtype,
            "same_region": {name: same_region(exact, other, spec) for name, spec in ATLASES.items()},
            "median_error": error(exact, other),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
