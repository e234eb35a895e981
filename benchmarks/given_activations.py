"""Given activations: `mri ingest --activations` of few and of many documents, with the bare matrix products beside it.

    OMP_NUM_THREADS=1 python benchmarks/given_activations.py [--documents 10000 100000] [--texts]
    OMP_NUM_THREADS=1 python benchmarks/given_activations.py --large [--documents 100000 1000000]

Prints one JSON object. The activations (7 layers × 384, float32) are planted topics that drift from layer to layer,
with an effect of length, made chunk by chunk in a scratch folder. The bare side is the least that an atlas can cost:
for each layer XᵀX in float64 over chunks and the projection on 50 axes, from the same files, with the same threads,
before and after the scan; the quicker counts.

With --large: peak and processor seconds of a whole `mri ingest --refits 0` of many documents × 7 × 64 against those of
few, and the atlas, connectome and statistics of the few × 7 × 384 against the bare products, in turns of processes of
their own, in processor seconds.
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

LAYERS, WIDTH, NARROW, AXES, CHUNK = 7, 384, 64, 50, 1024
TURNS = 3
TOPICS, CATEGORIES, LATENT = 30, 6, 60
SEPARATION, DRIFT = 0.5, 0.08  # of the topics' centres, against a spread of 1
WORDS = 200  # of a text
ANALYSIS = ("atlas", "connectome", "statistics")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, nargs=2, metavar=("FEW", "MANY"))
    parser.add_argument("--texts", action="store_true", help=f"with texts of {WORDS} words")
    parser.add_argument("--large", action="store_true", help="the goals of a million documents")
    parser.add_argument("--width", type=int, default=WIDTH, help=argparse.SUPPRESS)
    for hidden in ("--make", "--bare", "--analyse"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.make:
        make(Path(choice.make), choice.documents[0], choice.texts, choice.width)
    elif choice.bare:
        print(*bare(Path(choice.bare)))
    elif choice.analyse:
        print(analysed(choice.analyse))
    elif choice.large:
        print(json.dumps(large(*(choice.documents or (100_000, 1_000_000)))))
    else:
        print(json.dumps(compare(*(choice.documents or (10_000, 100_000)), texts=choice.texts)))


def large(few: int, many: int) -> dict[str, Any]:
    """What many documents cost more than few, and few wide ones more than the bare products."""
    scans = {str(documents): scanned(documents) for documents in (few, many)}
    turns = against_bare(few)
    return {
        "benchmark": "given_activations --large",
        "peak_mib": scans[str(many)]["peak_mib"],
        "processor_ratio": round(scans[str(many)]["processor"] / scans[str(few)]["processor"], 2),
        "analysis_to_bare": sorted(round(ours / bare_seconds, 2) for ours, bare_seconds in turns)[len(turns) // 2],
        "goal": "peak_mib <= 1536, processor_ratio <= 11, analysis_to_bare <= 4",
        "shape": [LAYERS, NARROW],
        "documents": scans,
        "analysis_and_bare": [[round(seconds, 2) for seconds in turn] for turn in turns],
    }


def scanned(documents: int) -> dict[str, Any]:
    """A whole scan of narrow layers."""
    with tempfile.TemporaryDirectory() as folder, scratch() as environment:
        made = ["--make", folder, "--documents", str(documents), "0", "--width", str(NARROW)]
        run([sys.executable, __file__, *made])
        command = [MRI, "ingest", "--activations", folder, "--name", "given", "--refits", "0", "--json"]
        finished = run(command, environment)
    return {
        "process": round(finished.seconds, 2),
        "processor": round(finished.processor_seconds, 2),
        "peak_mib": round(finished.peak_mib),
        **json.loads(finished.output)["seconds"],
    }


def against_bare(documents: int) -> list[tuple[float, float]]:
    """Processor seconds of atlas, connectome and statistics, and of the bare products, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, __file__, "--make", folder, "--documents", str(documents), "0"])
        sides = ("--analyse", "--bare")
        turns = []
        for _ in range(TURNS):
            ours, least = (float(run([sys.executable, __file__, side, folder]).output.split()[-1]) for side in sides)
            turns.append((ours, least))
    return turns


def analysed(folder: str) -> float:
    """Processor seconds from activations to a study's graph, before it is stored."""
    from ingest.analysis.analyse import analyse
    from ingest.pipeline import _draft
    from ingest.request import Request
    from ingest.run import Run
    from ingest.scan.opening import open_scan

    request, context = Request(name="given", activations=folder, refits=0), Run()
    scan = open_scan(request)
    draft, scanned = _draft(request, scan, None), scan.read(context)
    begun = time.process_time()
    analyse(draft, scan, scanned, request, context)
    return time.process_time() - begun


def compare(few: int, many: int, texts: bool) -> dict[str, Any]:
    """Both sizes, and what the larger costs more."""
    sizes = {str(documents): measure(documents, texts) for documents in (few, many)}
    return {
        "benchmark": "given_activations",
        "shape": [LAYERS, WIDTH],
        "texts": texts,
        "peak_ratio": round(sizes[str(many)]["peak_mib"] / sizes[str(few)]["peak_mib"], 3),
        "analysis_to_bare": sizes[str(many)]["analysis_to_bare"],
        "goal": "peak_ratio <= 1.2",
        "documents": sizes,
    }


def measure(documents: int, texts: bool) -> dict[str, Any]:
    """One scan in a process of its own; everything that needs memory is done in others."""
    with tempfile.TemporaryDirectory() as folder, scratch() as environment:
        run([sys.executable, __file__, "--make", folder, "--documents", str(documents), "0", *["--texts"] * texts])
        least = [sys.executable, __file__, "--bare", folder]
        before = float(run(least).output.split()[0])
        finished = run([MRI, "ingest", "--activations", folder, "--name", "given", "--json"], environment)
        bare_seconds = min(before, float(run(least).output.split()[0]))
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


def bare(folder: Path) -> tuple[float, float]:
    """Seconds by the clock and of processor of the bare products and projections over all layers."""
    import numpy as np

    axes = np.random.default_rng(0).normal(size=(WIDTH, AXES))
    begun = time.perf_counter(), time.process_time()
    for layer in range(LAYERS):
        rows = np.load(folder / f"L{layer}.npy", mmap_mode="r")
        products, scores = np.zeros((WIDTH, WIDTH)), np.empty((len(rows), AXES))
        for start in range(0, len(rows), CHUNK):
            block = rows[start : start + CHUNK].astype(np.float64)
            products += block.T @ block
            scores[start : start + CHUNK] = block @ axes
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def make(folder: Path, documents: int, texts: bool, width: int = WIDTH) -> None:
    """Writes the layers and the documents."""
    import numpy as np

    generator = np.random.default_rng(0)
    topics, tokens = generator.integers(TOPICS, size=documents), generator.integers(20, 400, size=documents)
    mixing = generator.normal(size=(LATENT, width)) * np.linspace(1, 0.1, LATENT)[:, None]
    centres = SEPARATION * generator.normal(size=(TOPICS, LATENT))
    for layer in range(LAYERS):
        shape = (documents, width)
        rows = np.lib.format.open_memmap(folder / f"L{layer}.npy", mode="w+", dtype=np.float32, shape=shape)
        of_length, own = generator.normal(size=width) * 20, np.random.default_rng(1)  # a document stays what it is
        for start in range(0, documents, CHUNK):
            here = slice(start, min(start + CHUNK, documents))
            size = here.stop - start
            latent = centres[topics[here]] + own.normal(size=(size, LATENT))
            noise = 0.3 * own.normal(size=(size, width))
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
