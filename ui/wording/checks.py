"""What the checks of a study are, in words that stand below their numbers."""

from __future__ import annotations

from collections.abc import Iterable

from mri_core.records.graph import Study
from ui.wording.units import in_texts, in_unit

FOUND = "Found at q ≤ 0.05, each family by itself."
OF_CONTROLS = {  # by the beginning of their columns
    "with shuffled labels": "Shuffled labels: the same tests with nothing to find.",
    "with random blocks": "Random blocks: the same model with trained embeddings and re-initialised blocks, which "
    "knows the words and nothing more: the mean over several such models, each in an atlas of its own, and the least "
    "and most of them.",
    "routing floor": "Routing floor: what counts as routing between a layer and its own refit.",
}
EXCEEDS = "A finding counts in so far as it exceeds {}."
UNIT = "A connection is a pair of regions here, however many categories take it."
BASELINES = {  # of a probe, by what has a row
    "document": "the mean embedding of the tokens, words without order or context",
    "token": "the token's own embedding, its type without context",
}
CONTROL_LABELS = {  # what a probe's control task is to read: of tokens that of Hewitt and Liang (2019)
    "document": "shuffled labels",
    "token": "random labels by token type",
}
PANELS = {  # what each panel is, and the heading that tells more
    "reliability": (
        "Would another half of the documents show the same differences? Agreement of two halves, 1 at most, for each "
        "step from a layer to the next; with shuffled labels it should be about 0. Both halves shaped the atlas: "
        "refits add how documents that an atlas was fitted to agree with those that are only placed in it.",
        "Reliability",
    ),
    "routing": (
        "Connections that differ among the documents already in their source region, to the next layer and to the "
        "layer's own refit, where there is nothing to find: only what exceeds it counts.",
        "Found again",
    ),
    "length": (
        "How much of a text's length (1/tokens) the regions explain. Above chance, a difference between "
        "categories may be one of length.",
        "Confounds",
    ),
    "types": (
        "Whether a token's region is simply its type: 0 as by chance, 1 the same. Where it is high, a difference "
        "between categories may be one of the words that they use; within types the same tokens are compared.",
        "Within types",
    ),
    "frequency": (
        "How much of a token's log frequency, and of its place in the text, the regions explain. Above chance, a "
        "difference between categories may be one of these.",
        "Confounds",
    ),
    "variance": (
        "Share of the activations' variance on the axes that regions are made from: what they leave out cannot be "
        "found.",
        "From rows to regions",
    ),
    "probing": (
        "Balanced accuracy on documents held out. Regions far below the full activations lose what the model knows; "
        f"the baseline is {BASELINES['document']}: a layer that reads no more than that shows what the words alone do. "
        "The band is its interval.",
        "Probing",
    ),
}
OF_TEXTS = ("reliability", "probing")  # panels whose halves and parts are of whole texts, where tokens are counted
CONFOUNDS = (
    "A difference is real and yet not of what the texts say where categories differ in length, in form, in how "
    "often they repeat themselves, or in number. What passes its threshold stands among the warnings; the "
    "thresholds are plain rules, no tests."
)
OF_TOKENS = CONFOUNDS.replace(
    "in length, in form, in how often they repeat themselves, or in number",
    "in where their tokens stand in the text, in how frequent these are, or in number",
)
STABLE = (
    "Findings by the share of refits in which they come back with the same sign. A refit fits the whole atlas to a "
    "resample of the documents and tests anew: what comes back seldom depends on this atlas."
)
FIT = (
    "These documents took no part in the atlas. Distance: their median distance from their region, over that of the "
    "atlas' own documents; beyond: the share of them that is farther from its region than 99 % of those. Where an "
    "atlas does not describe documents, their regions say little."
)
REPLICATION = (
    "Each finding of the other study, tested on these documents alone: one-sided in the direction in which it was "
    "found, with Holm's correction over these tests (q ≤ 0.05). Selection makes an effect as it was found too large."
)


def panel_told(of: Study, name: str) -> tuple[str, str]:
    """What a panel of a study is, and the heading that tells more.

    Args:
        of: the study.
        name: one of `PANELS`.
    """
    told, heading = PANELS[name]
    said = in_texts if name in OF_TEXTS else in_unit
    return said(of, told).replace(BASELINES["document"], BASELINES[of.unit]), heading


def controls_told(columns: Iterable[str]) -> str:
    """What the table of families and their controls is.

    Args:
        columns: of the table; those of controls that did not run are not told.
    """
    shown = list(columns)
    ran = [told for key, told in OF_CONTROLS.items() if any(column.startswith(key) for column in shown)]
    exceeds = [EXCEEDS.format("it" if len(ran) == 1 else "them")] if ran else []
    return " ".join([FOUND, *ran, *exceeds, UNIT])


CONTROLS = controls_told(OF_CONTROLS)
