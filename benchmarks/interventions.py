"""What an intervention costs: going on from the layer against whole passes, and all its controls against bare passes.

    python benchmarks/interventions.py [--texts 200] [--layer 3] [--model minilm] [--controls 99]

Takes texts of ingest/demo.csv, again and again as long as they are asked for, and prints a JSON line for each of:

- `resumed`: processor seconds of passes that go on from the layer over those of whole passes, in turns;
- `intervention`: processor seconds of a whole intervention (untouched passes, pilot, controls, curve, places, ranks)
  over those of as many bare passes of the same texts from the layer on.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from ingest.extract.intervened import Intervened
from ingest.extract.records import TokenFacts
from ingest.model.anatomy.passes import forward
from ingest.model.loading import load, resolve
from ingest.studies.trying import Material, try_out
from mri_core.atlas.fitting import fit_atlas
from mri_core.interventions.directions import adding
from mri_core.interventions.judging import Naming, judge, with_q
from mri_core.interventions.outcomes import Measuring, column_spreads
from mri_core.interventions.subjects import Asked, subject_of
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.blocks import splits

TURNS = 3


def main() -> None:
    """Runs both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--layer", type=int, default=3)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--controls", type=int, default=99)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with (Path(__file__).parents[1] / "ingest" / "demo.csv").open(encoding="utf-8") as file:
        own = [row["text"] for row in csv.DictReader(file)]
    model = load(resolve(asked.model), max_length=None)
    texts = list(islice(cycle(own), 2 * asked.texts))
    about = {"model": asked.model, "layer": asked.layer, "texts": asked.texts}
    print(json.dumps({"what": "resumed", **about, **resumed(model, asked.layer, texts[: asked.texts])}), flush=True)
    print(json.dumps({"what": "intervention", **about, **intervention(model, asked, texts)}), flush=True)


def resumed(model, layer: int, texts: list[str]) -> dict[str, float]:
    """Passes with one change, from the layer on and whole, in turns."""
    owner = Intervened(model, "mean", layer)
    begun = [batch for _, batch in owner.batches(texts)]
    push = adding(np.random.default_rng(0).standard_normal(model.widths[layer]), 1.0)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(TURNS):
        for resumes in (True, False):
            owner.resumes = resumes
            start = time.process_time()
            for batch in begun:
                batch.changed(push)
            seconds[resumes].append(time.process_time() - start)
    best = {resumes: min(spent) for resumes, spent in seconds.items()}
    return {"resumed": best[True], "whole": best[False], "ratio": best[True] / best[False]}


def intervention(model, asked: argparse.Namespace, texts: list[str]) -> dict[str, float]:
    """A whole intervention, and bare passes from the layer on before and after it."""
    rows, facts = _rows(model, texts)
    activations = Activations(rows, np.maximum(facts, 1))
    fit = fit_atlas(activations, AtlasSpec(clusters=4))
    codes = fit.codes.copy()
    codes[:, asked.layer] = np.arange(len(texts)) % 2  # as many texts in the region as out of it
    (first,) = splits(np.zeros(len(texts), dtype=np.int64), 1, 0)
    wanted = Asked("erase", asked.layer, 0)
    subject = subject_of(wanted, codes, first, asked.texts, 0, "the region")
    chosen = [texts[ordinal] for ordinal in subject.texts.tolist()]
    before = _bare(model, asked.layer, chosen)
    start = time.process_time()
    spreads = tuple(column_spreads(layer, subject.known) for layer in rows[asked.layer + 1 :])
    measuring = Measuring(fit.atlas, asked.layer, spreads, None, None)
    done = try_out(
        wanted,
        subject,
        Material(activations, fit.codes, None, lambda ordinals: [texts[ordinal] for ordinal in ordinals.tolist()]),
        Intervened(model, "mean", asked.layer),
        measuring,
        asked.controls,
        0,
        lambda count: None,
    )
    with_q(
        [
            judge(
                done,
                Naming(lambda layer, code: f"L{layer}/R{code}", (), np.zeros(len(texts), dtype=np.int64), None, 2, 0),
            )
        ],
        None,
    )
    spent = time.process_time() - start
    bare = min(before, _bare(model, asked.layer, chosen))
    return {
        "tried": len(chosen),
        "controls": asked.controls,
        "seconds": spent,
        "bare pass": bare,
        "ratio": spent / (asked.controls * bare),
    }


def _bare(model, layer: int, texts: list[str]) -> float:
    """Seconds of one bare pass of the texts from the layer on: nothing is read."""
    owner = Intervened(model, "mean", layer)
    found = []
    for _, batch in owner.batches(texts):
        spent = []
        for _ in range(TURNS):
            start = time.process_time()
            with batch._resumed(), torch.inference_mode():
                owner.computed(lambda batch=batch: _run(model, batch), batch._ids.numel())
            spent.append(time.process_time() - start)
        found.append(min(spent))
    return sum(found)


def _run(model, batch) -> torch.Tensor:
    forward(model.stack, batch._ids, batch._attended, watched=not model.is_fixed)
    return torch.empty(0)


def _rows(model, texts: list[str]) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """All layers' rows, and own tokens."""
    from contextlib import contextmanager

    from ingest.extract.extraction import extract_here
    from ingest.pace import ScanMeter
    from ingest.progress import Silent
    from ingest.studies.later_texts import _Rows
    from mri_core.records.corpus import Document

    held = _Rows(len(texts), model.widths)
    documents = [Document(ordinal, "", text, "") for ordinal, text in enumerate(texts)]

    @contextmanager
    def opened(widths):
        yield held

    meter = ScanMeter(Silent(), np.array([len(text) for text in texts]))
    extract_here(model, documents, len(texts), opened, pooling="mean", meter=meter)
    return tuple(held.layers), TokenFacts.of_table(held.facts).read


if __name__ == "__main__":
    main()
