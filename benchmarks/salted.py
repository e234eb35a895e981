"""A corpus repeated to as many texts, each begun with its number, so that no two are alike.

python benchmarks/salted.py CORPUS COUNT FILE.csv
"""

from __future__ import annotations

import csv
import sys
from itertools import cycle, islice
from pathlib import Path

from ingest.corpus.corpus import open_corpus
from mri_core.records.corpus import Document


def salted(corpus: str, count: int) -> list[Document]:
    """Distinct documents like those of the corpus."""
    documents = islice(cycle(list(open_corpus(corpus))), count)
    return [Document(number, like.category, f"{number} {like.text}", "") for number, like in enumerate(documents)]


def main() -> None:
    """Writes them as a corpus."""
    corpus, count, path = sys.argv[1:]
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        rows = ((document.text, document.category) for document in salted(corpus, int(count)))
        csv.writer(file).writerows([("text", "label"), *rows])


if __name__ == "__main__":
    main()
