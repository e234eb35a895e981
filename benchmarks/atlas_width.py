"""The atlas of wide layers and its refits, next to an earlier build in a folder of its own.

    git worktree add --detach ../earlier f71c68a
    OMP_NUM_THREADS=1 python benchmarks/atlas_width.py --earlier ../earlier [--turns 3] [--whole]

Prints one JSON object: processor seconds of a fit of one layer (1,000 and 10,000 documents × 4,096), and of seven
layers of 1,421 × 384 with 20 refits, both builds in turns, a process each, the least of the turns; and the share of
documents in the same region. Rows are planted topics with an effect of length. `--whole` adds this build's 33 layers of
1,000 × 4,096 with 20 refits, of which the earlier one would take hours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[1]
LATENT = 400  # axes that documents differ along, besides noise in all columns
SHAPES = {"1000x4096": (1, 1_000, 4_096, 0), "10000x4096": (1, 10_000, 4_096, 0), "7x1421x384": (7, 1_421, 384, 20)}
WHOLE = (33, 1_000, 4_096, 20)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--earlier", type=Path, metavar="FOLDER", help="a checkout of the earlier build")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="33 layers with refits too")
    parser.add_argument("--side", nargs=5, help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.side:
        side([int(number) for number in choice.side[:4]], Path(choice.side[4]))
        return
    found: dict[str, Any] = {"benchmark": "atlas_width"}
    with tempfile.TemporaryDirectory() as folder:
        if choice.earlier:
            found |= {name: compared(shape, choice.earlier, choice.turns, folder) for name, shape in SHAPES.items()}
        if choice.whole:
            found["33x1000x4096, 20 refits"] = measured(WHOLE, HERE, folder)
    print(json.dumps(found))


def compared(shape: Sequence[int], earlier: Path, turns: int, folder: str) -> dict[str, Any]:
    """Both builds in turns."""
    sides: dict[str, list[dict[str, Any]]] = {"earlier": [], "now": []}
    for _ in range(turns):
        for name, build in (("earlier", earlier), ("now", HERE)):
            sides[name].append(measured(shape, build, folder, name))
    codes = [np.load(Path(folder) / f"{name}.npy") for name in sides]
    least = {name: min(turn["processor_s"] for turn in several) for name, several in sides.items()}
    return {
        **{f"{name}_s": least[name] for name in sides},
        "ratio": round(least["earlier"] / least["now"], 1),
        "in_the_same_region": float((codes[0] == codes[1]).mean()),
        "peak_mib": {name: several[0]["peak_mib"] for name, several in sides.items()},
    }


def measured(shape: Sequence[int], build: Path, folder: str, name: str = "now") -> dict[str, Any]:
    """One process of a build."""
    command = [sys.executable, __file__, "--side", *map(str, shape), str(Path(folder) / f"{name}.npy")]
    environment = os.environ | {"PYTHONPATH": str(build)}
    output = subprocess.run(command, env=environment, cwd=build, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(output.stdout)
    return result


def side(shape: Sequence[int], codes: Path) -> None:
    """Fits and refits, in the build that Python finds; its modules are imported before the clock starts."""
    import scipy.optimize  # noqa: F401 - both match the refits' regions by it

    fit_atlas, refits_of, activations = build(*shape[:3])
    start = time.process_time()
    fit = fit_atlas(activations)
    for _ in refits_of(activations, fit, shape[3]) if shape[3] else ():
        pass
    seconds = time.process_time() - start
    np.save(codes, fit.codes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"processor_s": round(seconds, 2), "peak_mib": round(peak)}))


def build(layers: int, documents: int, width: int) -> tuple[Callable[..., Any], Callable[..., Any], Any]:
    """How this build fits and refits, and rows for it; its modules had other places in the earlier one."""
    try:
        from mri_core.atlas.fitting import fit_atlas
        from mri_core.evidence.refits import refitted
        from mri_core.records.arrays import Activations, AtlasSpec
    except ImportError:
        from mri_core.refits import refitted_codes as refitted  # type: ignore[import-not-found, no-redef]

        from mri_core.atlas import fit_atlas  # type: ignore[attr-defined, no-redef]
        from mri_core.records import Activations, AtlasSpec  # type: ignore[attr-defined, no-redef]

    generator = np.random.default_rng(0)
    mix = (generator.normal(size=(LATENT, width)) * np.arange(1, LATENT + 1)[:, None] ** -0.6).astype(np.float32)
    latent, rows = generator.standard_normal((documents, LATENT), dtype=np.float32), []
    for _ in range(layers):
        latent = 0.95 * latent + 0.3 * generator.standard_normal(latent.shape, dtype=np.float32)
        rows.append(latent @ mix + 0.3 * generator.standard_normal((documents, width), dtype=np.float32))
    activations = Activations(tuple(rows), generator.integers(5, 60, documents))
    return (
        lambda given: fit_atlas(given, AtlasSpec()),
        lambda given, fit, refits: refitted(given, fit.atlas, fit.codes, 0, None, refits),
        activations,
    )


if __name__ == "__main__":
    main()
