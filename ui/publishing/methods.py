"""The Methods paragraphs of a study, ready for a paper: from its own settings, and with what they cite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.atlas.kinds.clusters import DIMENSIONS
from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.probing.classifier import STRENGTHS
from mri_core.probing.resampling import TEST_SHARE
from mri_core.records.graph import GIVEN, Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import (
    ALPHA,
    ATLAS_SPREAD,
    CHANGED,
    CONFOUND,
    CONTROL,
    DIVERGENCE,
    MULTIVERSE,
    NBS,
    PLACED,
    PROBE,
    QUALITY,
    RELIABILITY,
    Measure,
)
from mri_core.statistics.naming import NEARLY
from mri_core.statistics.parting import MOST
from mri_core.statistics.reliability import FEWEST, HALVINGS
from ui.publishing.corpus_methods import chosen
from ui.publishing.markup import isolated_text
from ui.publishing.references import Citations
from ui.reports import placed, trust
from ui.reports.evidence_summary import CONTROLLED
from ui.wording.found_again import OFTEN
from ui.wording.groups import groups_told

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
PROCEDURES = {"discrete": "heyse2011", "dbh": "dohler2018", "bh": "benjamini1995", "fwer": "westfall1993"}  # of q
DEEDS = {  # what an intervention does with a direction
    "erase": ("projected out of the region's texts", "ravfogel2020"),
    "add": ("added to other texts", "turner2023"),
    "swap": ("replaced by another region's", ""),
}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Methods:
    """How a study was made.

    Attributes:
        paragraphs: to be pasted.
        cited: keys of the references, in the order of their citation.
    """

    paragraphs: tuple[str, ...]
    cited: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the paragraphs are written from.

    Attributes:
        of: the study.
        categories: their documents, by name.
        families: rows of the question `controls`.
        held: all measures that the study holds.
        tried: the interventions on it.
    """

    of: Study
    categories: Mapping[str, int]
    families: Sequence[Row]
    held: Sequence[Measure]
    tried: Sequence[Intervention]
    cite: Citations = field(default_factory=Citations)

    @property
    def report(self) -> dict[str, Any]:
        """The scan's."""
        return json.loads(self.of.report)

    @property
    def parameters(self) -> dict[str, Any]:
        """The scan's options."""
        return json.loads(self.of.parameters)

    @property
    def grouped(self) -> bool:
        """Whether documents stand in groups, and are tested by permuting these."""
        return groups_told(self.of) != ""

    def of_kind(self, kind: str) -> list[Measure]:
        """The measures of one kind."""
        return [measure for measure in self.held if measure.kind == kind]


def methods(facts: Facts) -> Methods:
    """The paragraphs: reading, atlas, tests, robustness, and what was measured besides."""
    parts = (reading, atlas, _tests, _robustness, _besides)
    paragraphs = [" ".join(part(facts)) for part in parts]
    return Methods(tuple(text for text in paragraphs if text), tuple(facts.cite.keys))


def reading(facts: Facts) -> Iterator[str]:
    """What was read, by which model, and where in it, in sentences."""
    of, report, options = facts.of, facts.report, facts.parameters
    names = "; ".join(f"{isolated_text(one_line(name))}, {count}" for name, count in facts.categories.items())
    listed = f" ({names})" if len(facts.categories) <= NAMED else ""
    yield (
        f"{of.documents:,} documents{groups_told(of)} of {isolated_text(one_line(of.corpus))} in {of.categories} "
        f"categories{listed} were scanned with {of.software}."
    )
    yield from chosen(of.documents, report, options, grouped=facts.grouped)
    if of.site == GIVEN:
        yield f"Their activations in {of.layers} layers had been computed elsewhere, a row for each document."
        return
    yield _read(facts)
    yield _pooled(facts)
    run = report.get("run", {})
    if "dtype" in run:
        yield f"Matrix products were computed in {run['dtype']} on {str(run.get('device', 'auto')).upper()}."


def _read(facts: Facts) -> str:
    """By which model, in which frame, and where in it."""
    of, report, options = facts.of, facts.report, facts.parameters
    frame = ""
    if options.get("template"):
        frame = f" within the prompt “{isolated_text(one_line(options['template']))}”"
    elif options.get("chat"):
        frame = " as a user's message in the tokenizer's chat template"
    cut = sum(report.get("cut", {}).values())
    most = report.get("max_length")
    truncated = f" ({how_many(cut, 'text')} truncated at {most} tokens)" if most else ""
    stack = f" of the {options['stack']}" if options.get("stack") else ""
    site = SITES.get(of.site, f"the site {of.site} was read in {{}} layers").format(of.layers)
    return f"{one_line(of.model)} (revision {of.model_revision[:12]}) read each text{frame}{truncated}; {site}{stack}."


def _pooled(facts: Facts) -> str:
    pooling, options = facts.of.pooling, facts.parameters
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
        if "length_explained_unadjusted" in facts.report:
            yield "Each column was regressed on 1, 1/L, log L and L (L: a text's tokens) and its residual used."
        else:
            yield "Text length was not adjusted for."
        scaled = "scaled to unit variance" if options.get("standardize", True) else "left on their own scale"
        sample = facts.report.get("fitted_to")
        whole = ", groups whole" if facts.grouped else ""
        fitted = (
            f"a seeded sample of {sample:,} documents, stratified by category{whole}" if sample else "all documents"
        )
        yield f"Columns were {scaled}. An atlas was fitted to {fitted}, without their labels (seed {of.seed}):"
        yield from _regions(facts)
        if sample:
            yield _of_the_sample(facts)
    if traits_of(of.atlas).holds_documents:
        yield "A connection is a pair of regions of successive layers; each document takes one in each step."
    if "no_words" not in facts.report:
        cited = facts.cite("tarone1990"), facts.cite("monroe2008")
        yield (
            "Regions are described by words that more of their documents have than chance allows (Fisher's exact test, "
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
    return f"The other documents were placed in it{limited}."


def _frozen(facts: Facts) -> Iterator[str]:
    aligned = facts.report["atlas_of"].get("aligned") if "atlas_of" in facts.report else False
    yield (
        f"Documents were placed in the frozen atlas of the study {placed.atlas_owner(facts.of)} "
        f"({facts.of.atlas}, {facts.of.regions} regions with documents): length adjustment, scale, axes and regions "
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
            f"({of.regions} cells hold documents)."
        )
    elif of.atlas == "components":
        yield (
            f"{of.regions} components of {of.layers} layers by {reducer}{umap}; components of successive layers are "
            f"connected where Spearman's |rho| over a category's documents exceeds {options.get('threshold')}."
        )
    else:
        yield f"regions of the kind {of.atlas} ({of.regions} regions)."


def _tests(facts: Facts) -> Iterator[str]:
    of = facts.of
    if of.fdr is None or not facts.families:
        yield "Nothing was tested: shares are descriptive."
        return
    if not traits_of(of.atlas).holds_documents:
        yield from _tests_of_components(facts)
        return
    if _count(facts, "connections", "tests"):
        yield from _tests_of_connections(facts)
    else:
        yield "No connection could be tested."
    yield from _tests_of_families(facts)
    yield from _tests_of_layers(facts)
    yield from _tests_of_a_sample(facts)


def _tests_of_components(facts: Facts) -> Iterator[str]:
    cited = facts.cite("bonett2000"), facts.cite("benjamini1995")
    yield (
        f"For each of {_tested(facts, 'connections')} pairs of components, Fisher's z of a category's rho (variance "
        f"{cited[0]}) was compared with the mean of the other categories'; q by the step-up procedure {cited[1]}, "
        f"findings at q ≤ {ALPHA:g}."
    )


def _tests_of_connections(facts: Facts) -> Iterator[str]:
    cite = facts.cite
    if facts.grouped:
        yield (
            "Documents stand in groups, so that p is by permutation of whole groups or within them "
            f"{cite('winkler2014')}, in which a document weighs less, the more documents its group has and the more "
            f"alike these are {cite('rao1992')}."
        )
        test, widened = "was compared with all others by permutation", ", widened by the design effect of the groups,"
    else:
        test, widened = "was compared with all others by Fisher's exact test (two-sided)", ""
    smallest = "the smallest of its categories times their number, 1 at most"
    if facts.of.categories == 2:
        smallest = "the one that both categories have"
    yield (
        f"For each of {_tested(facts, 'connections')} connections each category {test}; a connection's p is "
        f"{smallest}. {controlled(facts.of.fdr, cite)} Findings have q ≤ {ALPHA:g}."
    )
    if not any(row["findings"] for row in facts.families):
        return
    if facts.of.categories > 2:
        yield (
            f"Categories of a finding were named step-down {cite('benjamini2014')}; where a second category's p was "
            f"within {NEARLY:g} times the smallest, and nothing was found among the others without the first, none was "
            "named."
        )
    yield (
        "Effects are log odds ratios with one additional document at the overall rate on each side "
        f"{cite('kass1995')}, intervals exact {cite('cornfield1956')}{widened} at a level adjusted for "
        f"selection {cite('benjamini2005')}."
    )


def _tests_of_families(facts: Facts) -> Iterator[str]:
    """Regions, routing and parting, each where there was something to test."""
    cite = facts.cite
    families = {
        "regions": "regions",
        "routing": "routing, that is connections among the documents of their source region alone",
    }
    tested = [f"{told} ({_tested(facts, name)})" for name, told in families.items() if _count(facts, name, "tests")]
    if tested:
        each = ", each a family of its own" if len(tested) > 1 else ", a family of its own"
        yield f"Likewise tested{each}: {' and '.join(tested)}."
    if _count(facts, "parting", "tests"):
        yield _parting(facts)
    if any(row["family"].startswith("factor ") for row in facts.families):
        test = "permutations within strata" if facts.grouped else "an exact test"
        yield (
            "Of crossed labels each level was compared within the strata of the other labels, by the common odds ratio "
            f"{cite('mantel1959')} and {test}."
        )


def _parting(facts: Facts) -> str:
    cite = facts.cite
    procedure, key = ("Holm's", "holm1979") if facts.of.fdr == "fwer" else ("the step-up", "benjamini1995")
    by = "G"
    if facts.grouped:
        by = "the sum of the distances between its targets' weighted and expected counts"
    return (
        f"Whether a region is left in different ways by category ({_tested(facts, 'parting')}) was tested by {by} "
        f"under at most {MOST:,} permutations, stopped sequentially {cite('besag1991')}; q by {procedure} procedure "
        f"{cite(key)}."
    )


def _tested(facts: Facts, family: str) -> str:
    return f"{_count(facts, family, 'tests'):,}"


def _count(facts: Facts, family: str, column: str) -> int:
    return next((row[column] for row in facts.families if row["family"] == family), 0)


def controlled(fdr: str | None, cite: Citations) -> str:
    """What q is, in a sentence."""
    if fdr not in PROCEDURES:
        return f"q is by the method {fdr}."
    return f"{CONTROLLED[fdr].removesuffix('.')} {cite(PROCEDURES[fdr])}."


def _tests_of_layers(facts: Facts) -> Iterator[str]:
    cite = facts.cite
    if apart := facts.of_kind(DIVERGENCE):
        details = apart[0].details
        statistic = f" of {details['statistic']}" if details.get("statistic") else ""
        times = _permutations(details)
        yield (
            "By layer, the generalised Jensen–Shannon divergence of the categories over the regions "
            f"{cite('lin1991')} is reported above its mean over {times}, with jackknife intervals; p{statistic} is "
            f"familywise over the layers {cite('westfall1993')}."
        )
    if nets := facts.of_kind(NBS):
        thresholds = " and ".join(f"{net.details['threshold']:g}" for net in nets)
        yield (
            f"The Network-Based Statistic was computed with |z| > {thresholds} and "
            f"{_permutations(nets[0].details)} {cite('zalesky2010')}."
        )
    if any(one.value is not None for one in facts.of_kind(RELIABILITY)):
        yield (
            f"Reliability is ICC(A,1) {cite('mcgraw1996')} of the deviations of connections with {FEWEST} documents or "
            f"more between halves of the documents, mean of {HALVINGS} halvings."
        )


def _tests_of_a_sample(facts: Facts) -> Iterator[str]:
    """Which tests of layers are of a sample of the documents."""
    if sample := facts.report.get("permuted"):
        whole = ", groups whole" if facts.grouped else ""
        yield (
            f"The {' and the '.join(sample['tests'])} are of a seeded sample of {sample['documents']:,} documents, "
            f"stratified by category{whole}."
        )


def _permutations(details: Row) -> str:
    """How many there were, where the measure says so."""
    return f"{details['permutations']:,} label permutations" if "permutations" in details else "label permutations"


def _robustness(facts: Facts) -> Iterator[str]:
    cite, held = facts.cite, facts.held
    refits = trust.refits(held)
    sample = " of that sample" if "fitted_to" in facts.report else ""
    if refits:
        yield (
            f"The atlas was fitted again to {refits} bootstrap samples of the "
            f"{'groups' if facts.grouped else 'documents'}{sample} and regions matched by the documents they share "
            f"{cite('kuhn1955')}."
        )
        if _count(facts, "connections", "findings"):
            yield (
                "A finding's stability is the share of refits that name it again with the same sign "
                f"({OFTEN:.0%} or more counts as often)."
            )
        if _count(facts, "routing", "findings"):
            yield "The routing floor is the number of routing findings between layers and their own refits."
    if facts.of_kind(ATLAS_SPREAD):
        yield (
            f"Intervals of numbers over atlases are prediction intervals {cite('hahn1969')}; those of the divergence "
            f"have the variance of documents and of atlases {cite('rubin1987')}."
        )
    if any(one.value is not None for one in facts.of_kind(PLACED)):
        yield "The same ICC was taken between the documents that a refit was fitted to and those it only placed."
    if facts.of_kind(QUALITY):
        yield (
            f"Agreement of atlases is the adjusted Rand index {cite('hubert1985')}, separation the mean silhouette "
            f"{cite('rousseeuw1987')}."
        )
    yield from _controls(facts)
    confounds = {measure.other for measure in facts.of_kind(CONFOUND)}
    if "duplicates" in confounds:
        yield f"Near-duplicates were found by MinHash {cite('broder1997')}."


def _controls(facts: Facts) -> Iterator[str]:
    ran = facts.of_kind(CONTROL)
    done = []
    shuffles = next((m.details["shuffles"] for m in ran if "shuffles" in m.details), None)
    if any((m.other or "").startswith("shuffled") for m in ran):
        done.append("labels shuffled" + (f" {shuffles} times" if shuffles else ""))
    blocks = next((m for m in ran if (m.other or "").startswith("random_blocks")), None)
    if blocks is not None:
        models = len(blocks.details.get("seeds", [0]))
        done.append(f"{how_many(models, 'model')} with trained embeddings and re-initialised blocks")
    if done:
        sample = " of the sample" if "fitted_to" in facts.report else ""
        yield f"As controls the findings{sample} were counted with {' and with '.join(done)}."


def _besides(facts: Facts) -> Iterator[str]:
    """Probes, other choices, interventions, and other studies."""
    yield from _probes(facts)
    if facts.of_kind(MULTIVERSE):
        yield f"The main numbers were computed under other analysis choices as well {facts.cite('steegen2016')}."
    yield from _interventions(facts)
    whole = placed.replication(facts.held)
    if whole is not None:
        base = placed.name_of(facts.of, whole.details["base"])
        yield (
            f"{whole.details['tests']} findings of the study {base} were tested on these documents, which took no part "
            f"in it: one-sided in the direction found, with Holm's correction {facts.cite('holm1979')}."
        )
    changed = next((m for m in facts.of_kind(CHANGED) if "tests" in m.details), None)
    if changed is not None:
        base = placed.name_of(facts.of, changed.details["base"])
        test = "permutations that exchange the two readings of whole groups"
        if not facts.grouped:
            test = f"McNemar's exact test {facts.cite('mcnemar1947')}"
        yield f"Documents were compared with their readings in the study {base}, in the same atlas, by {test}."


def _probes(facts: Facts) -> Iterator[str]:
    probes = [measure for measure in facts.of_kind(PROBE) if measure.other == "full"]
    if probes:
        cite, splits = facts.cite, probes[0].details["splits"]
        yield (
            f"Probes are L2-penalised logistic regressions (C of {', '.join(f'{c:g}' for c in STRENGTHS)}, chosen "
            f"inside the training documents) over {splits} splits with {TEST_SHARE:.0%} held out: balanced accuracy "
            f"with corrected resampled intervals {cite('nadeau2003')}, next to shuffled labels as control task "
            f"{cite('hewitt2019')}."
        )


def _interventions(facts: Facts) -> Iterator[str]:
    if not facts.tried:
        return
    cite, tried = facts.cite, facts.tried
    made = {one.operation for one in tried}
    deeds = [f"{told} {cite(key)}" if key else told for name, (told, key) in DEEDS.items() if name in made]
    least, most = min(one.controls for one in tried), max(one.controls for one in tried)
    controls = f"{least}" if least == most else f"{least} to {most}"
    yield (
        f"In {how_many(len(tried), 'intervention')} a region's direction, the difference of means {cite('marks2024')} "
        f"of one half of the documents, was {', or '.join(deeds)} in the model's activations on {_span(tried)} texts "
        f"of the other half{_strengths(tried)}; effects are ranked among {controls} control directions "
        f"{cite('phipson2010')}."
    )


def _span(tried: Sequence[Intervention]) -> str:
    """How many texts each was tried on."""
    least, most = min(one.documents for one in tried), max(one.documents for one in tried)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _strengths(tried: Sequence[Intervention]) -> str:
    """How strongly directions were added; erasures and swaps are whole."""
    added = sorted({one.strength for one in tried if one.operation == "add"})
    return f", added at strength {', '.join(f'{one:g}' for one in added)} (1: the whole difference)" if added else ""
