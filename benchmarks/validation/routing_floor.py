"""Does the routing floor hold? Layers that are all the same map, with noise of their own, so that there is no routing.

    python -m benchmarks.validation.routing_floor [--studies 4] [--documents 2400] [--categories 4]

Categories sit in different parts of the map. One JSON line for each kind of atlas and size of the noise: routing
findings a step, the floor, and the share of documents that leave their region between layers and in the refits.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.validation.reporting import line
from mri_core.atlas.fitting import fit_atlas
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.stability import Stability, stability

LAYERS, REFITS = 4, 6
AXES = np.linspace(2, 0.5, 6)  # standard deviations of the map
APART = 2.0  # how far each category lies from the one before, on the longest axis
NOISES = (0.1, 0.3, 0.6, 1.0)
ATLASES = {
    "clusters": AtlasSpec(clusters=8, standardize=False),
    "grid": AtlasSpec(kind="grid", resolution=5, standardize=False),
}


def same_map(documents: int, categories: int, noise: float, seed: int) -> tuple[Activations, np.ndarray]:
    """Activations of layers that differ by noise, and labels."""
    generator = np.random.default_rng(seed)
    labels = np.arange(documents) % categories
    places = generator.normal(size=(documents, len(AXES))) * AXES
    places[:, 0] += APART * labels
    layers = [places + noise * generator.normal(size=places.shape) for _ in range(LAYERS)]
    return Activations(tuple(layer.astype(np.float32) for layer in layers)), labels


def measured(spec: AtlasSpec, activations: Activations, labels: np.ndarray, seed: int) -> Stability:
    """Routing and floor of one study."""
    fit = fit_atlas(activations, spec)
    refits = (refit.codes for refit in refitted(activations, fit.atlas, fit.codes, seed, refits=REFITS))
    return stability(fit.codes, Procedure(labels, int(labels.max()) + 1), refits)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=4)
    parser.add_argument("--documents", type=int, default=2_400)
    parser.add_argument("--categories", type=int, default=4)
    choice = parser.parse_args()
    for kind, spec in ATLASES.items():
        for noise in NOISES:
            found = [
                measured(spec, *same_map(choice.documents, choice.categories, noise, seed), seed)
                for seed in range(choice.studies)
            ]
            line(
                validation="routing_floor",
                atlas=kind,
                noise=noise,
                **{
                    name: round(float(np.mean([getattr(own, name) for own in found])), 3)
                    for name in ("routing", "floor", "moved", "floor_moved")
                },
            )


if __name__ == "__main__":
    main()
