"""What a region is like: its words, its typical documents, and how mixed its categories are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mri_core.atlas import AtlasFit, region_name, region_position
from mri_core.connectome import category_shares
from mri_core.keywords import WordCounts, keywords
from mri_core.records import Connectome, Layer, Region
from mri_core.statistics import entropy


def describe_regions(
    fit: AtlasFit, connectome: Connectome, categories: Sequence[str], words: WordCounts | None
) -> tuple[Region, ...]:
    """The occupied regions in the connectome's order.

    Args:
        fit: the atlas with its codes and exemplars.
        connectome: counted from the fit's codes.
        categories: names in the order of the connectome's indices.
        words: from `count_words` over the same documents; None where there are no words to tell regions by.
    """
    telling = [keywords(words, codes) if words else {} for codes in fit.codes.T]
    shares = category_shares(connectome)
    entropies, dominant = entropy(shares), shares.argmax(axis=1)
    regions = []
    for index, (layer, code) in enumerate(zip(*_layers_and_codes(connectome), strict=True)):
        x, y = region_position(fit.atlas, layer, code)
        regions.append(
            Region(
                layer=layer,
                name=region_name(fit.atlas.spec, code),
                x=x,
                y=y,
                documents=int(connectome.region_documents[index]),
                entropy=float(entropies[index]),
                dominant_category=categories[dominant[index]],
                keywords=telling[layer].get(code, ()),
                exemplars=fit.exemplars[layer][code],
            )
        )
    return tuple(regions)


def describe_layers(fit: AtlasFit, connectome: Connectome, names: Sequence[str]) -> tuple[Layer, ...]:
    """The layers, with the share of the standardised rows' variance on the axes that regions are cut from."""
    occupied = np.bincount(connectome.region_layer, minlength=len(names))
    return tuple(
        Layer(
            index=index,
            name=name,
            width=len(layer.mean),
            regions=int(occupied[index]),
            documents=len(fit.codes),
            explained_variance=float(layer.explained_variance.sum()),
        )
        for index, (name, layer) in enumerate(zip(names, fit.atlas.layers, strict=True))
    )


def _layers_and_codes(connectome: Connectome) -> tuple[list[int], list[int]]:
    return connectome.region_layer.tolist(), connectome.region_code.tolist()
