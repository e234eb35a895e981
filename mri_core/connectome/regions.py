"""Descriptions of regions and components: words, typical documents, and the mixture of categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mri_core.atlas.fitting import AtlasFit, explained, region_name, region_position
from mri_core.connectome.counting import category_shares
from mri_core.metrics import flow_graph, region_metrics
from mri_core.records.connectome import Connectome
from mri_core.records.graph import Layer, Region
from mri_core.statistics import entropy
from mri_core.texts.keywords import WordCounts, keywords, showing, words_of

TOP = 0.1  # share of the documents, the highest-scoring ones, that give a component's words
FEWEST = 5  # of them
EXEMPLARS = 5  # documents that exemplify a region


def describe_regions(
    fit: AtlasFit, connectome: Connectome, categories: Sequence[str], words: WordCounts | None
) -> tuple[Region, ...]:
    """The occupied regions in the connectome's order.

    Args:
        fit: the atlas with its codes and the documents nearest each region.
        connectome: counted from the fit's codes.
        categories: names in the order of the connectome's indices.
        words: from `count_words` over the same documents; None if no word is usable.
    """
    if fit.scores is not None:
        return tuple(_component(fit, layer, code, words) for layer, code in _layers_and_codes(connectome))
    telling = [keywords(words, codes) if words else {} for codes in fit.codes.T]
    shares = category_shares(connectome)
    entropies, dominant = entropy(shares), shares.argmax(axis=1)
    documents = np.asarray(connectome.region_documents)
    regions = []
    for index, (layer, code) in enumerate(_layers_and_codes(connectome)):
        x, y = region_position(fit.atlas, layer, code)
        regions.append(
            Region(
                layer=layer,
                name=region_name(fit.atlas.spec, code),
                x=x,
                y=y,
                documents=int(documents[index]),
                entropy=float(entropies[index]),
                dominant_category=categories[dominant[index]],
                keywords=telling[layer].get(code, ()),
                exemplars=_exemplars(fit.nearest[layer][code], telling[layer].get(code, ()), words),
            )
        )
    return tuple(regions)


def with_metrics(regions: Sequence[Region], connectome: Connectome, seed: int) -> tuple[Region, ...]:
    """The regions with their metrics in the graph of all categories together; components are returned unchanged.

    Args:
        regions: in the connectome's order.
        connectome: whose weights count documents.
        seed: of the communities.
    """
    graph = flow_graph(connectome)
    if connectome.region_documents is None or not len(graph.source):
        return tuple(regions)
    found, measured = region_metrics(graph, seed), list(regions)
    for row, index in enumerate(graph.region.tolist()):
        measured[index] = replace(
            measured[index],
            strength_in=int(found.strength_in[row]),
            strength_out=int(found.strength_out[row]),
            pagerank=float(found.pagerank[row]),
            betweenness=float(found.betweenness[row]),
            community=int(found.community[row]),
            participation=float(found.participation[row]),
        )
    return tuple(measured)


def with_parting(regions: Sequence[Region], q: np.ndarray) -> tuple[Region, ...]:
    """The regions with the q (regions,) of their parting, unless it is NaN."""
    return tuple(
        region if np.isnan(own) else replace(region, parting_q=float(own))
        for region, own in zip(regions, q, strict=True)
    )


def describe_layers(fit: AtlasFit, connectome: Connectome, names: Sequence[str]) -> tuple[Layer, ...]:
    """The layers, with the share of the standardised rows' variance on the axes in which regions are found."""
    occupied = np.bincount(connectome.region_layer, minlength=len(names))
    return tuple(
        Layer(
            index=index,
            name=name,
            width=len(layer.mean),
            regions=int(occupied[index]),
            documents=len(fit.codes),
            explained_variance=explained(fit.atlas, index),
        )
        for index, (name, layer) in enumerate(zip(names, fit.atlas.layers, strict=True))
    )


def _component(fit: AtlasFit, layer: int, code: int, words: WordCounts | None) -> Region:
    """A component described by its highest-scoring documents; by none if all scores are equal."""
    x, y = region_position(fit.atlas, layer, code)
    nearest = fit.nearest[layer].get(code, ())
    highest = np.argsort(-np.asarray(fit.scores)[:, layer, code], kind="stable")
    telling = highest[: max(FEWEST, round(TOP * len(highest)))]
    own = words_of(words, np.sort(telling)) if words and nearest else ()
    return Region(
        layer=layer,
        name=region_name(fit.atlas.spec, code),
        x=x,
        y=y,
        documents=None,
        entropy=None,
        dominant_category=None,
        keywords=own,
        exemplars=_exemplars(nearest, own, words),
    )


def _exemplars(nearest: Sequence[int], own: Sequence[str], words: WordCounts | None) -> tuple[int, ...]:
    """Those of the nearest documents with most of the region's words, so that a reader sees these in use."""
    return (showing(words, own, nearest) if words and own else tuple(nearest))[:EXEMPLARS]


def _layers_and_codes(connectome: Connectome) -> list[tuple[int, int]]:
    return list(zip(connectome.region_layer.tolist(), connectome.region_code.tolist(), strict=True))
