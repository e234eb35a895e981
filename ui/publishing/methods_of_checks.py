"""What a study was checked by, and what was measured of it besides, in sentences for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mri_core.numbers import how_many
from mri_core.probing.classifier import STRENGTHS
from mri_core.probing.resampling import TEST_SHARE
from mri_core.records.interventions import Intervention
from mri_core.records.measures import ATLAS_SPREAD, CHANGED, CONFOUND, CONTROL, MULTIVERSE, PLACED, PROBE, QUALITY
from ui.publishing.facts import Facts
from ui.publishing.methods_of_tests import count
from ui.reports import placed, trust
from ui.wording.checks import CONTROL_LABELS
from ui.wording.found_again import OFTEN
from ui.wording.units import text_word, unit_word

DEEDS = {  # what an intervention does with a direction
    "erase": ("projected out of the region's texts", "ravfogel2020"),
    "add": ("added to other texts", "turner2023"),
    "swap": ("replaced by another region's", ""),
}


def robustness(facts: Facts) -> Iterator[str]:
    """Refits of the atlas, its quality, controls and near-duplicates, each where there is a result."""
    cite, held, unit = facts.cite, facts.held, unit_word(facts.of)
    refits = trust.refits(held)
    sample = " of that sample" if "fitted_to" in facts.report else ""
    if refits:
        yield (
            f"The atlas was fitted again to {refits} bootstrap samples of the "
            f"{facts.blocks if facts.grouped else 'documents'}{sample} and regions matched by the {unit} they share "
            f"{cite('kuhn1955')}."
        )
        if count(facts, "connections", "findings"):
            yield (
                "A finding's stability is the share of refits that name it again with the same sign "
                f"({OFTEN:.0%} or more counts as often)."
            )
        if count(facts, "routing", "findings"):
            yield "The routing floor is the number of routing findings between layers and their own refits."
    if facts.of_kind(ATLAS_SPREAD):
        yield (
            f"Intervals of numbers over atlases are prediction intervals {cite('hahn1969')}; those of the divergence "
            f"have the variance of {text_word(facts.of)} and of atlases {cite('rubin1987')}."
        )
    if any(one.value is not None for one in facts.of_kind(PLACED)):
        yield f"The same ICC was taken between the {unit} that a refit was fitted to and those it only placed."
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


def besides(facts: Facts) -> Iterator[str]:
    """Probes, other choices, interventions, and other studies."""
    yield from _probes(facts)
    if facts.of_kind(MULTIVERSE):
        yield f"The main numbers were computed under other analysis choices as well {facts.cite('steegen2016')}."
    yield from _interventions(facts)
    whole = placed.replication(facts.held)
    if whole is not None:
        base = placed.name_of(facts.of, whole.details["base"])
        yield (
            f"{whole.details['tests']} findings of the study {base} were tested on these {unit_word(facts.of)}, which "
            f"took no part in it: one-sided in the direction found, with Holm's correction {facts.cite('holm1979')}."
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
            f"inside the training {text_word(facts.of)}) over {splits} splits with {TEST_SHARE:.0%} held out: "
            f"balanced accuracy with corrected resampled intervals {cite('nadeau2003')}, next to "
            f"{CONTROL_LABELS[facts.of.unit]} as control task {cite('hewitt2019')}."
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
