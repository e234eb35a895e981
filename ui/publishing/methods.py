"""The Methods paragraphs of a study, ready for a paper: from its own settings, and with what they cite."""

from __future__ import annotations

from collections.abc import Iterator

from mri_core.atlas.kinds import traits_of
from mri_core.atlas.kinds.clusters import DIMENSIONS
from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.graph import GIVEN
from mri_core.records.measures import CONTROL, MULTIVERSE, PROBE
from ui.publishing.facts import Facts, Methods
from ui.publishing.markup import isolated_text
from ui.publishing.methods_of_checks import besides, robustness
from ui.publishing.methods_of_corpus import chosen
from ui.publishing.methods_of_tests import tests
from ui.publishing.methods_of_tokens import adjusted, rows_of_tokens, tokens
from ui.reports import placed, trust
from ui.wording.groups import groups_told
from ui.wording.units import counted, in_texts, in_unit, of_tokens, unit_word

NAMED = 12  # categories that are listed with their documents
SITES = {
    "residual": "the residual stream was read in {} layers: what enters the first block, and what leaves each block, "
    "before any final norm",
    "attention": "what attention adds to the residual stream was read in {} blocks",
    "mlp": "what the MLP adds to the residual stream was read in {} blocks",
}
POOLINGS = {
    "last": "the state of its last own token",
    "first": "the state of its first token",
    "mean-all": "the mean over all of its tokens, special ones included",
}


def methods(facts: Facts) -> Methods:
    """The paragraphs: reading, tokens where they are counted, atlas, tests, robustness, what was measured besides."""
    parts = (reading, tokens, atlas, tests, robustness, besides)
    paragraphs = [" ".join(part(facts)) for part in parts]
    return Methods(tuple(text for text in paragraphs if text), tuple(facts.cite.keys))


def reading(facts: Facts) -> Iterator[str]:
    """What was read, by which model, and where in it, in sentences."""
    of, report, options = facts.of, facts.report, facts.parameters
    names = "; ".join(f"{isolated_text(one_line(name))}, {count}" for name, count in facts.categories.items())
    listed = f" ({names})" if len(facts.categories) <= NAMED else ""
    yield (
        f"{counted(of)}{groups_told(of)} of {isolated_text(one_line(of.corpus))} in {of.categories} "
        f"categories{listed} were scanned with {of.software}."
    )
    whole = groups_told(of) != ""
    yield from (_drawn(facts, line) for line in chosen(of.documents, report, options, grouped=whole))
    if of.site == GIVEN:
        yield f"Their activations in {of.layers} layers had been computed elsewhere, a row for each document."
        return
    yield _read(facts)
    yield _pooled(facts)
    run = report.get("run", {})
    if "dtype" in run:
        yield f"Matrix products were computed in {run['dtype']} on {str(run.get('device', 'auto')).upper()}."


def _drawn(facts: Facts, told: str) -> str:
    """A sentence on which documents were chosen; texts whose tokens have labels of their own have no category."""
    if facts.tagged:
        told = told.replace(", stratified by category", "").replace("seeded split by category", "seeded split")
    return in_texts(facts.of, told)


def _read(facts: Facts) -> str:
    """By which model, in which frame, and where in it."""
    of, report, options = facts.of, facts.report, facts.parameters
    frame = ""
    if options.get("template"):
        frame = f" within the prompt “{isolated_text(one_line(options['template']))}”"
    elif options.get("chat"):
        frame = " as a user's message in the tokenizer's chat template"
    cut = report.get("texts_cut", 0) if of_tokens(of) else sum(report.get("cut", {}).values())
    most = report.get("max_length")
    truncated = f" ({how_many(cut, 'text')} truncated at {most} tokens)" if most else ""
    stack = f" of the {options['stack']}" if options.get("stack") else ""
    site = SITES.get(of.site, f"the site {of.site} was read in {{}} layers").format(of.layers)
    return f"{one_line(of.model)} (revision {of.model_revision[:12]}) read each text{frame}{truncated}; {site}{stack}."


def _pooled(facts: Facts) -> str:
    pooling, options = facts.of.pooling, facts.parameters
    if of_tokens(facts.of):
        return rows_of_tokens(facts)
    if pooling == "mean":
        own = "the mean over its own tokens, without special tokens and attention sinks"
        return f"A text's row of a layer is {own} {facts.cite('sun2024')}."
    if pooling == "mean-all" and (options.get("template") or options.get("chat")):
        return "A text's row of a layer is the plain mean over its own tokens in the prompt, attention sinks included."
    return f"A text's row of a layer is {POOLINGS.get(pooling, f'what the pooling {pooling} gives')}."


def atlas(facts: Facts) -> Iterator[str]:
    """Which atlas it is and what its regions are, in sentences."""
    of, options = facts.of, facts.parameters
    if of.atlas_of:
        yield from _frozen(facts)
    else:
        if of_tokens(of):
            yield adjusted(facts)
        elif "length_explained_unadjusted" in facts.report:
            yield "Each column was regressed on 1, 1/L, log L and L (L: a text's tokens) and its residual used."
        else:
            yield "Text length was not adjusted for."
        scaled = "scaled to unit variance" if options.get("standardize", True) else "left on their own scale"
        sample = facts.report.get("fitted_to")
        unit = unit_word(of)
        fitted = f"a seeded sample of {sample:,} {unit}{facts.drawn}" if sample else f"all {unit}"
        yield f"Columns were {scaled}. An atlas was fitted to {fitted}, without their labels (seed {of.seed}):"
        yield from _regions(facts)
        if sample:
            yield _of_the_sample(facts)
    if traits_of(of.atlas).holds_documents:
        yield in_unit(
            of, "A connection is a pair of regions of successive layers; each document takes one in each step."
        )
    if "no_words" not in facts.report:
        cited = facts.cite("tarone1990"), facts.cite("monroe2008")
        what = "types that more of their tokens are" if of_tokens(of) else "words that more of their documents have"
        yield (
            f"Regions are described by {what} than chance allows (Fisher's exact test, "
            f"5% over all words of a region {cited[0]}; log odds with an informative Dirichlet prior {cited[1]})."
        )


def _of_the_sample(facts: Facts) -> str:
    """What became of the documents that the atlas was not fitted to, and which results are without them."""
    results = {
        "refits": trust.refits(facts.held),
        "controls": facts.of_kind(CONTROL),
        "probes": facts.of_kind(PROBE),
        "other analysis choices": facts.of_kind(MULTIVERSE),
        "interventions": facts.tried,
    }
    *most, last = [name for name, had in results.items() if had] or [""]
    listed = f"{', '.join(most)} and {last}" if most else last
    limited = f"; {listed} are of that sample" if listed else ""
    return f"The other {unit_word(facts.of)} were placed in it{limited}."


def _frozen(facts: Facts) -> Iterator[str]:
    aligned = facts.report["atlas_of"].get("aligned") if "atlas_of" in facts.report else False
    unit = unit_word(facts.of)
    adjustment = "adjustment for place and frequency" if of_tokens(facts.of) else "length adjustment"
    yield (
        f"{unit.capitalize()} were placed in the frozen atlas of the study {placed.atlas_owner(facts.of)} "
        f"({facts.of.atlas}, {facts.of.regions} regions with {unit}): {adjustment}, scale, axes and regions "
        "are that study's."
    )
    if aligned:
        yield (
            "Each layer's activations were rotated onto those of that study, on one half of the documents which both "
            f"have {facts.cite('schonemann1966')}."
        )


def _regions(facts: Facts) -> Iterator[str]:
    """What the atlas is, as the end of a sentence."""
    of, options = facts.of, facts.parameters
    reducer = "UMAP" if of.reducer == "umap" else str(of.reducer or "").upper()
    umap = f" {facts.cite('mcinnes2018')}" if of.reducer == "umap" else ""
    if of.atlas == "clusters":
        count = options.get("clusters")
        k = f" with k = {count}" if count else ""
        yield (
            f"k-means{k} on at most the first {DIMENSIONS} principal components of each layer, from the second layer "
            "on started from the means of the members that each region had in the layer before, so that regions "
            f"continue from layer to layer ({of.regions} regions)."
        )
    elif of.atlas == "grid":
        yield (
            f"two dimensions of each layer by {reducer}{umap}, each divided into {of.resolution} bins of equal width "
            f"({of.regions} cells hold {unit_word(of)})."
        )
    elif of.atlas == "components":
        yield (
            f"{of.regions} components of {of.layers} layers by {reducer}{umap}; components of successive layers are "
            f"connected where Spearman's |rho| over a category's documents exceeds {options.get('threshold')}."
        )
    else:
        yield f"regions of the kind {of.atlas} ({of.regions} regions)."
