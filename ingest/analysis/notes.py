"""What was left out, truncated and adjusted between a source and its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.scan.records import Scan, Scanned
from ingest.scan.results import results_of
from mri_core.atlas.kinds import traits_of
from mri_core.connectome.correlations import FEWEST, Correlations
from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.arrays import Atlas, AtlasSpec
from mri_core.records.graph import Region
from mri_core.statistics.blocks import different_results, lone_categories, settled
from mri_core.texts.keywords import WordCounts

FEWEST_ORDERS = 20  # of the labels: with fewer no permutation p reaches 0.05


def build_report(
    scan: Scan, scanned: Scanned, lengths: Mapping[str, Any], warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """The study's report, as JSON values.

    Args:
        scan: of the study.
        scanned: its activations and their facts.
        lengths: how much of the texts' length the regions explain.
        warnings: of the analysis.
    """
    corpus = scan.texts
    return {
        "results": results_of(scan),
        "columns": asdict(corpus.columns),
        "corpus_revision": corpus.revision,
        "rows": corpus.rows,
        "skipped": asdict(corpus.skipped),
        "notes": list(corpus.notes),
        "warnings": [*corpus.warnings, *scanned.lines, *warnings],
        **scanned.report,
        **lengths,
    }


def fitted_to(scan: Scan) -> dict[str, Any]:
    """How many documents the atlas was fitted to, where it was a sample of them; empty if it was all."""
    return {} if scan.sample is None else {"fitted_to": scan.sampled.documents}


def constant_lines(atlas: Atlas, layers: Sequence[str], unit: str) -> list[str]:
    """Notes on layers in which all documents are the same.

    Args:
        atlas: of regions that hold documents.
        layers: names in their order.
        unit: what lies in the regions, in the plural.
    """
    same = [f"{i} ({layers[i]})" for i, layer in enumerate(atlas.layers) if np.isinf(layer.scale).all()]
    if not same:
        return []
    return [f"All {unit} are the same in layer {', '.join(same)}: one region, which does not separate categories."]


def single_regions(regions: Sequence[Region]) -> dict[str, list[str]]:
    """The regions that hold one document, by layer and name; empty if there are none."""
    alone = [f"L{region.layer}/R{region.name}" for region in regions if region.documents == 1]
    return {"regions_of_one_document": alone} if alone else {}


def weightless_columns(atlas: Atlas) -> dict[str, list[int]]:
    """Number of columns in each layer that have no weight, as they are (nearly) constant; empty if all have some.

    Args:
        atlas: fitted; a layer in which all columns are constant is named by `constant_lines`.
    """
    counts = [int(np.count_nonzero(np.isinf(layer.scale))) for layer in atlas.layers]
    partly = [0 if count == len(layer.scale) else count for count, layer in zip(counts, atlas.layers, strict=True)]
    return {"weightless_columns": partly} if any(partly) else {}


def iterated_axes(atlas: Atlas) -> dict[str, float]:
    """The largest relative error of an axis' variance, where axes were found by iteration; else empty."""
    errors = [layer.axes_error for layer in atlas.layers if layer.axes_error is not None]
    return {"axes_error": max(errors)} if errors else {}


def permuted_sample(documents: int | None, groups: np.ndarray | None) -> dict[str, dict[str, Any]]:
    """What was tested on a sample of the documents; empty if nothing was.

    Args:
        documents: of the sample that tests of the whole permute; None if all are permuted.
        groups: (documents,) number of each document's group; None if they are independent.
    """
    if documents is None:
        return {}
    also = "p of the layers" if groups is None else "reliability"
    return {"permuted": {"documents": documents, "tests": ["Network-Based Statistic", also]}}


def wordless_line(corpus: Corpus, words: WordCounts | None, regions: Sequence[Region]) -> str | None:
    """Why no region has words; None if one has.

    Args:
        corpus: as it was read.
        words: of its texts.
        regions: as they were described.
    """
    if any(region.keywords for region in regions):
        return None
    if corpus.columns.text is None:
        why = "the corpus has no texts"
    elif words is None:
        why = f"no two words occur in two or more of the {corpus.documents} documents"
    else:
        why = f"in {corpus.documents} documents no word is over-represented in one region by more than chance"
    return f"No region has words: {why}."


def correlation_lines(correlations: Correlations, categories: Sequence[str], layers: Sequence[str]) -> list[str]:
    """Notes on components without rho.

    Args:
        correlations: of the components.
        categories, layers: names in their order.
    """
    sizes = correlations.connectome.category_documents
    lines = [
        f"{one_line(categories[index])} has {sizes[index]} documents, and rho needs {FEWEST}: it has no connections."
        for index in correlations.small
    ]
    together: dict[tuple[int, int], list[str]] = {}
    for layer, category, components in correlations.undefined:
        together.setdefault((layer, components), []).append(one_line(categories[category]))
    for (layer, components), names in together.items():
        which = f"layer {layer} ({layers[layer]})"
        lines.append(f"In {which} components constant over {', '.join(names)}: {components}; they have no rho there.")
    return lines


def group_count(corpus: Corpus, groups: np.ndarray | None) -> dict[str, int]:
    """How many groups there are, a document without one being alone; empty if the corpus names none.

    Args:
        corpus: as it was read.
        groups: (documents,) number of each document's group; None if no two share one.
    """
    if corpus.columns.group is None:
        return {}
    return {"groups": corpus.documents if groups is None else len(np.unique(groups))}


def group_lines(labels: np.ndarray, groups: np.ndarray, spec: AtlasSpec, unit: str = "documents") -> list[str]:
    """Notes on groups that limit what can be found.

    Args:
        labels: (documents,) category of each.
        groups: (documents,) integer group of each.
        spec: of the study's atlas.
        unit: what has a label, in the plural.
    """
    if not traits_of(spec.kind).holds_documents:
        return ["Between components all documents are taken as independent: groups count in a probe only."]
    fixed = np.count_nonzero(settled(labels, groups))
    lines = []
    if fixed:
        lines.append(
            f"{fixed:,} of {len(labels):,} {unit} can show no difference, as no permutation changes their labels: "
            "they lie in groups of one and the same category, while every other group holds several."
        )
    names = lone_categories(labels, groups)
    if names:
        lines.append(
            f"Of {how_many(len(names), 'category', 'categories')} all {unit} stand in one group: what differs there "
            f"may be that group's own, and no number of {unit} can say."
        )
    orders = different_results(labels, groups)
    if fixed < len(labels) and orders < np.log10(FEWEST_ORDERS):
        lines.append(
            f"Nothing can be found at 5 %, as the labels of the groups can only be permuted to "
            f"{how_many(round(10**orders), 'result')}: no p is below one over their number."
        )
    return lines
