"""The probes of a study as tables: what `mri probe` prints."""

from __future__ import annotations

from collections.abc import Sequence

from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from queries.text import number
from ui.wording.checks import CONTROL_LABELS
from ui.wording.groups import in_blocks
from ui.wording.terminal import table
from ui.wording.units import in_unit, of_tokens

READ = ("full", "regions", "control", "random_blocks")
WITH_INTERVAL = ("full", "regions")
COMPARED = "full_minus_reduced"
INTERVAL = "95 % interval"
LEGEND = "full: the activations; regions: the study's atlas alone, fitted again in every split;"
CONTROL = "control: the activations with {labels}."
SOURCE = " (one for all tokens of a type: Hewitt and Liang 2019)"
BLOCKS = "random blocks: the same model with re-initialised blocks, drawn again for each split."
BASELINE = "Token embeddings are the baseline: their mean over a text knows its words, and neither order nor context."
BASELINES = {"embeddings": "From the token embeddings, averaged (the baseline)", "words": "From counts of the words"}

TOKEN_BASELINES = {"embeddings": "From a token's own embedding (the baseline)", "words": "From its type alone"}
OF_TOKENS = (
    "A token's own embedding is the baseline: it knows the token's type, and no context. Splits hold out whole texts."
)


def probe_tables(of: Study, measures: Sequence[Measure]) -> str:
    """What was read from each layer, then from embeddings and words, then LLM-MRI's own comparison.

    Args:
        of: the study.
        measures: as `ingest.studies.probing.stored_probe` gives them.
    """
    found = {(m.other, m.layer): m for m in measures if m.kind == "probe"}
    compared = [m for m in measures if m.kind == COMPARED]
    there = {BLOCKS: ("random_blocks", 0) in found, BASELINE: ("embeddings", None) in found}
    said = [line for line, known in there.items() if known]
    control = CONTROL.format(labels=CONTROL_LABELS[of.unit] + (SOURCE if of_tokens(of) else ""))
    legend = "\n".join([LEGEND, control, *(OF_TOKENS if of_tokens(of) and line == BASELINE else line for line in said)])
    head = in_unit(of, _head(of, found["full", 0]))
    return "\n\n".join([head, _layers(found), *_baselines(of, found), *_comparison(compared), legend])


Found = dict[tuple[str | None, int | None], Measure]


def _head(of: Study, measure: Measure) -> str:
    told = measure.details
    about = "about " if in_blocks(of) else ""  # whole groups are held out, which differ in size
    return (
        f"Balanced accuracy with which the category of held-out documents is read; chance is {number(told['chance'])}."
        f"\n{told['splits']} splits, each {about}{told['train']} documents to learn from and {about}{told['test']} "
        "held out."
    )


def _layers(found: Found) -> str:
    shown = [what for what in READ if (what, 0) in found]
    titles = [(what.replace("_", " "), *([INTERVAL] if what in WITH_INTERVAL else [])) for what in shown]
    layers = sorted({layer for _, layer in found if layer is not None})
    cells = [[found[what, layer] for what in shown] for layer in layers]
    rows = [[layer, *(c for measure in row for c in _cells(measure))] for layer, row in zip(layers, cells, strict=True)]
    return table(["layer", *(title for pair in titles for title in pair)], rows)


def _cells(measure: Measure) -> list[float | str | None]:
    return [measure.value, *([_interval(measure)] if measure.other in WITH_INTERVAL else [])]


def _baselines(of: Study, found: Found) -> list[str]:
    """How much the embeddings and the words alone tell, where they are known."""
    lines = []
    for what, told in (TOKEN_BASELINES if of_tokens(of) else BASELINES).items():
        measure = found.get((what, None))
        if measure is None:
            continue
        if measure.value is None:
            lines.append(f"{told}: not defined, {measure.details['undefined']}.")
        else:
            lines.append(f"{told}: {number(measure.value)} ({_interval(measure)}).")
    return ["\n".join(lines)] if lines else []


def _comparison(measures: Sequence[Measure]) -> list[str]:
    if not measures:
        return []
    rows = [[m.other, m.details["full"], m.details["reduced"], m.value, _interval(m)] for m in measures]
    title = "As LLM-MRI compares: the last layer in full, all reduced layers side by side, and full minus reduced"
    return [f"{title}\n\n{table(['metric', 'full', 'reduced', 'difference', INTERVAL], rows)}"]


def _interval(measure: Measure) -> str:
    return f"{number(measure.ci_low or 0.0)} to {number(measure.ci_high or 0.0)}"
