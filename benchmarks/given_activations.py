"""Given activations: `mri ingest --activations` of few and of many documents, with the bare matrix products beside it.

    OMP_NUM_THREADS=1 python benchmarks/given_activations.py [--documents 10000 100000] [--texts]

Prints one JSON object. The activations (7 layers × 384, float32) are planted topics that drift from layer to layer,
with an effect of length, made chunk by chunk in a scratch folder. The bare side is the least that an atlas can cost:
for each layer XᵀX in float64 over chunks and the projection on 50 axes, from the same files, with the same threads,
before and after the scan; the quicker counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from processes import MRI, run, scratch

LAYERS, WIDTH, AXES, CHUNK = 7, 384, 50, 1024
TOPICS, CATEGORIES, LATENT = 30, 6, 60
SEPARATION, DRIFT = 0.5, 0.08  # of the topics' centres, against a spread of 1
WORDS = 200  # of a text
ANALYSIS = ("atlas", "connectome", "statistics")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, nargs=2, default=[10_000, 100_000], metavar=("FEW", "MANY"))
    parser.add_argument("--texts", action="store_true", help=f"with texts of {WORDS} words")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.make:
        make(Path(choice.make), choice.documents[0], choice.texts)
    elif choice.bare:
        print(bare(Path(choice.bare)))
    else:
        print(json.dumps(compare(*choice.documents, texts=choice.texts)))


def compare(few: int, many: int, texts: bool) -> dict[str, Any]:
    """Both sizes, and what the larger costs more."""
    sizes = {str(documents): measure(documents, texts) for documents in (few, many)}
    return {
        "benchmark": "given_activations",
        "shape": [LAYERS, WIDTH],
        "texts": texts,
        "peak_ratio": round(sizes[str(many)]["peak_mib"] / sizes[str(few)]["peak_mib"], 3),
        "analysis_to_bare": sizes[str(many)]["analysis_to_bare"],
        "goal": "peak_ratio <= 1.2, analysis_to_bare <= 2",
        "documents": sizes,
    }


def measure(documents: int, texts: bool) -> dict[str, Any]:
    """One scan in a process of its own; everything that needs memory is done in others."""
    with tempfile.TemporaryDirectory() as folder, scratch() as environment:
        run([sys.executable, __file__, "--make", folder, "--documents", str(documents), "0", *["--texts"] * texts])
        least = [sys.executable, __file__, "--bare", folder]
        before = float(run(least).output)
        finished = run([MRI, "ingest", "--activations", folder, "--name", "given", "--json"], environment)
        bare_seconds = min(before, float(run(least).output))
    told = json.loads(finished.output)
    analysis = sum(told["seconds"][stage] for stage in ANALYSIS)
    return {
        "process": round(finished.seconds, 2),
        "processor": round(finished.processor_seconds, 2),
        "peak_mib": round(finished.peak_mib),
        "bare": round(bare_seconds, 2),
        "analysis": round(analysis, 2),
        "analysis_to_bare": round(analysis / bare_seconds, 2),
        "connections": told["connections"],
        **told["seconds"],
    }


def bare(folder: Path) -> float:
    """Seconds of the bare products and projections over all layers."""
    import numpy as np

    axes = np.random.default_rng(0).normal(size=(WIDTH, AXES))
    begun = time.perf_counter()
    for layer in range(LAYERS):
        rows = np.load(folder / f"L{layer}.npy", mmap_mode="r")
        products, scores = np.zeros((WIDTH, WIDTH)), np.empty((len(rows), AXES))
        for start in range(0, len(rows), CHUNK):
            block = rows[start : start + CHUNK].astype(np.float64)
            products += block.T @ block
            scores[start : start + CHUNK] = block @ axes
    return time.perf_counter() - begun


def make(folder: Path, documents: int, texts: bool) -> None:
    """Writes the layers and the documents."""
    import numpy as np

    generator = np.random.default_rng(0)
    topics, tokens = generator.integers(TOPICS, size=documents), generator.integers(20, 400, size=documents)
    mixing = generator.normal(size=(LATENT, WIDTH)) * np.linspace(1, 0.1, LATENT)[:, None]
    centres = SEPARATION * generator.normal(size=(TOPICS, LATENT))
    for layer in range(LAYERS):
        shape = (documents, WIDTH)
        rows = np.lib.format.open_memmap(folder / f"L{layer}.npy", mode="w+", dtype=np.float32, shape=shape)
        of_length, own = generator.normal(size=WIDTH) * 20, np.random.default_rng(1)  # a document stays what it is
        for start in range(0, documents, CHUNK):
            here = slice(start, min(start + CHUNK, documents))
            size = here.stop - start
            latent = centres[topics[here]] + own.normal(size=(size, LATENT))
            noise = 0.3 * own.normal(size=(size, WIDTH))
            rows[here] = latent @ mixing + noise + np.outer(1 / tokens[here], of_length)
        centres += DRIFT * generator.normal(size=centres.shape)
        mixing += 0.1 * generator.normal(size=mixing.shape) * np.linspace(1, 0.1, LATENT)[:, None]
    with (folder / "documents.csv").open("w", encoding="utf-8") as file:
        file.write("label,tokens,text\n" if texts else "label,tokens\n")
        for topic, length in zip(topics.tolist(), tokens.tolist(), strict=True):
            file.write(f"c{topic % CATEGORIES},{length}")
            file.write(f",{text(generator.zipf(1.35, WORDS), topic)}\n" if texts else "\n")


def text(ranks: Any, topic: int) -> str:
    """Words by the law of Zipf, every tenth of the topic's own."""
    return " ".join(f"{'t' if i % 10 == 0 else 'w'}{_letters(min(int(r), 10**6) + topic)}" for i, r in enumerate(ranks))


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


if __name__ == "__main__":
    main()
