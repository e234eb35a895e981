"""How often an intervention is reported to change later layers: of a region that feeds them, and of one that does not.

    python benchmarks/validation/interventions.py [--seeds 200]

Prints a JSON line for each of:

- `feeds`: a region whose axis the next block reads;
- `feeds nothing`: a region whose axis the next block drops, while its documents' later regions have another cause, so
  that the connection is there all the same;
- `random region`: documents that were chosen at random, whatever their activations: a direction like its controls.

For each operation the share of seeds in which its path stands out (q <= .05), in which any region of a later layer is
stored as changed, and the mean effect. The model is that of `tests/toy_model.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from ingest.studies.trying import Material, try_out
from mri_core.interventions.judging import Naming, judge, with_q
from mri_core.interventions.subjects import Asked, subject_of
from mri_core.records.interventions import Intervention
from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import splits
from tests.toy_model import ToyModel

OPERATIONS = ("add", "erase", "swap")
CONTROLS = 99


def main() -> None:
    """Runs all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    asked = parser.parse_args()
    for what, options in (
        ("feeds", {"feeds": True}),
        ("feeds nothing", {"feeds": False}),
        ("random region", {"feeds": True, "random": True}),
    ):
        for operation in OPERATIONS:
            found = [tried(seed, operation, **options) for seed in range(asked.seeds)]
            print(
                json.dumps({"what": what, "operation": operation, "seeds": asked.seeds, **summary(found)}), flush=True
            )


def summary(found: list[Intervention]) -> dict[str, Any]:
    """Shares of the seeds."""
    return {
        "stands_out": float(np.mean([one.q is not None and one.q <= ALPHA for one in found])),
        "any_change": float(np.mean([bool(one.changes) for one in found])),
        "effect": round(float(np.mean([one.effect for one in found if one.effect is not None])), 3),
    }


def tried(seed: int, operation: str, *, feeds: bool, random: bool = False) -> Intervention:
    """One intervention on the region of a seed's documents."""
    model = ToyModel(seed, feeds=feeds)
    atlas, codes = model.atlas()
    if random:
        codes[:, 0] = np.random.default_rng([seed, 1]).permutation(codes[:, 0])
    (first,) = splits(np.zeros(len(codes), dtype=np.int64), 1, seed)
    asked = Asked(operation, 0, 1, other=0) if operation == "swap" else Asked(operation, 0, 0)
    subject = subject_of(asked, codes, first, 60, seed, "the region")
    done = try_out(
        asked,
        subject,
        Material(model.activations(), codes, None, model.texts),
        model,
        model.measuring(atlas, subject.known),
        CONTROLS,
        seed,
        lambda texts: None,
    )
    naming = Naming(lambda layer, code: f"L{layer}/R{code}", (), np.zeros(len(codes), dtype=np.int64), None, 2, seed)
    (found,) = with_q([judge(done, naming)], None)
    return found


if __name__ == "__main__":
    main()
