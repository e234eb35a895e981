"""Names of splits, by the conventions of the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mri_core.errors import CorpusError

SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
}
WORD = re.compile(r"[^\W\d_]+")


def is_split(name: str) -> bool:
    """Whether a folder is called as a split is."""
    return name.lower() in SPLITS


def split_of(path: Path) -> str:
    """The split that a file's path names, `train` of `data/train-00000-of-00003.parquet`; "" if none."""
    for part in reversed(path.parts):
        named = [SPLITS[word] for word in WORD.findall(part.lower()) if word in SPLITS]
        if named:
            return named[0]
    return ""


def chosen_split(name: str, splits: Sequence[str], remedy: str) -> str:
    """The split called train, or the only one.

    Raises:
        CorpusError: there are several, and none is called train.
    """
    if "train" in splits:
        return "train"
    if len(splits) == 1:
        return splits[0]
    listed = ", ".join(split or "files of none" for split in splits)
    raise CorpusError("A corpus is one split", f"{name} has {listed}", remedy)
