"""Interventions in words and as JSON: which stand out from their controls, how far they reach, and each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import ALPHA
from queries.text import number
from ui.wording.labels import with_words
from ui.wording.terminal import table

Words = Mapping[str, Sequence[str]]  # of a region within the study

WORDS = 2
COLUMNS = ("", "texts", "next", "before", "later", "layer", "interval", "controls", "largest", "q", "to")
BESIDES = ("", "category", "probability", "p", "loss", "p ", "KL", "moved", "controls", "others elsewhere")
MODEST = (
    "An effect is one of this direction, in this model, on these texts, at this site: it is no mechanism, and none at "
    "this strength is no proof that the model does not use the region."
)
EXPLAINED = (
    "next, later: change of the share of the texts that lie where the region's (a swap's target's) documents go, in "
    "the next layer, to which a residual stream carries every change, and in the layer that counts in which the effect "
    "stands out most; before: that share without it. interval: 95 % over resampled texts. controls, largest: the same "
    "change under other directions as large, whose ranks decide (q). to: the last layer in which it stands out."
)
BESIDES_EXPLAINED = (
    "probability: change of the category's, by a linear probe of the last layer. loss: change of the negative log "
    "probability of the texts' own tokens, nats a token. p: ranks among the controls. KL: divergence of the next-token "
    "distributions from the untouched ones, nats. moved, controls: how far rows of the last layer moved, in standard "
    "deviations. others elsewhere: of the tried texts of other categories, those in another region of the last layer "
    "than before."
)


def as_json(study: Study, found: Sequence[Intervention]) -> dict[str, Any]:
    """The facts as JSON values."""
    return {
        "study": study.id,
        "tried": len(found),
        "stand_out": sum(is_causal(one) for one in found),
        "interventions": [asdict(one) | {"key": one.key} for one in found],
    }


def is_causal(one: Intervention) -> bool:
    """Whether the effect stands out from the controls in a layer that counts."""
    return one.q is not None and one.q <= ALPHA


def by_q(found: Iterable[Intervention]) -> list[Intervention]:
    """The least q first, what has none last."""
    return sorted(found, key=lambda one: (2.0 if one.q is None else one.q, one.layer, one.key))


def in_words(study: Study, found: Sequence[Intervention], words: Words) -> str:
    """The same for a reader.

    Args:
        study: that was tried.
        found: what was tried, in order.
        words: of each region within the study.
    """
    return "\n\n".join(_parts(study, found, words))


def _parts(study: Study, found: Sequence[Intervention], words: Words) -> Iterator[str]:
    yield _headline(study, found)
    yield from (sentence(one, words) for one in found[:3])
    yield table(COLUMNS, [_row(one, words) for one in found])
    yield EXPLAINED
    if any(one.probability is not None or one.loss is not None for one in found):
        yield table(BESIDES, [_besides(one, words) for one in found])
        yield BESIDES_EXPLAINED
    short_of = [one for one in found if one.details.get("controls", {}).get("moved_less", 0) > one.controls / 20]
    if short_of:
        yield (
            f"Of {', '.join(map(short, short_of))} more than one control in twenty moved the last layer's rows less "
            "than the direction did: its rank is kinder than it should be."
        )
    yield MODEST
    yield f"Stored with {study.name}: mri query interventions --study {study.name}"


def _headline(study: Study, found: Sequence[Intervention]) -> str:
    stand_out = sum(is_causal(one) for one in found)
    return (
        f"{stand_out} of {how_many(len(found), 'intervention')} on {study.name} ({one_line(study.model)}) "
        f"{'changes' if stand_out == 1 else 'change'} later layers more than directions as large do (q <= {ALPHA:g} "
        f"over all that was tried, {found[0].controls} controls each)."
    )


def sentence(one: Intervention, words: Words) -> str:
    """What one intervention did, in a sentence."""
    if one.effect is None or one.effect_layer is None or one.p is None or one.q is None:
        return f"{deed(one, words)}: no layer follows in which an effect counts."
    where = "the target's" if one.operation == "swap" else "its"
    path = f"where {where} documents go in layer {one.effect_layer}"
    if one.effect == one.control_mean == one.control_max == 0:
        return f"{deed(one, words)}: no text came {path} or left, by this or by any control: nothing is shown by that."
    texts, largest = how_many(one.documents, "text"), f"{one.control_max:+.0%}"
    told = f"{deed(one, words)}: of {texts} {_shares(one)} lie {path}"
    as_much = round(one.p * (one.controls + 1)) - 1
    if not is_causal(one):
        return f"{told}: {as_much} of {one.controls} controls do as much (largest {largest}), q {number(one.q)}."
    seen = "" if one.depth is None else f", seen to layer {one.depth}"
    more = f"more than {one.controls - as_much} of {one.controls} controls do (largest {largest})"
    return f"{told}: {more}, q {number(one.q)}{seen}."


def _shares(one: Intervention) -> str:
    """The share of texts on the path with and without: `80% before and 4% then`."""
    before = before_of(one)
    if before is None:
        return f"{one.effect:+.0%}"
    return f"{before:.0%} before and {before + (one.effect or 0):.0%} then"


def before_of(one: Intervention) -> float | None:
    """The share of the untouched texts where the effect is expected, in the effect's layer."""
    shares = {row["layer"]: float(row["before"]) for row in one.details.get("path", [])}
    return shares.get(one.effect_layer)


def deed(one: Intervention, words: Words) -> str:
    """What was done: `Erasing L4/R10 (sleep, depressed)`."""
    region = named(one.region, words)
    via = "" if one.towards is None else f", on the way to {named(one.towards, words)}"
    if one.operation == "swap":
        return f"Moving texts of {named(str(one.source), words)} to {named(str(one.target), words)}{via}"
    times = "" if one.strength == 1 else f" {one.strength:g} times"
    return f"{'Adding' if one.operation == 'add' else 'Erasing'} {region}{times}{via}"


def named(region: str, words: Words) -> str:
    """A region by its id within the study, with its words."""
    return with_words(region, words[region], WORDS) if words.get(region) else region


def short(one: Intervention) -> str:
    """What was done, in few characters: `erase L4/R10 > L5/R8`."""
    via = "" if one.towards is None else f" > {one.towards}"
    subject = f"{one.source} to {one.target}{via}" if one.operation == "swap" else f"{one.region}{via}"
    times = "" if one.strength == 1 else f" × {one.strength:g}"
    return f"{one.operation} {subject}{times}"


def _row(one: Intervention, words: Words) -> tuple[Any, ...]:
    path = one.details.get("path", [])
    following = f"{path[0]['change']:+.2f}" if path else ""
    if one.effect is None:
        return (short(one), one.documents, following, *[""] * 8)
    before = before_of(one)
    return (
        *(short(one), one.documents, following, "" if before is None else f"{before:.2f}"),
        *(f"{one.effect:+.2f}", f"L{one.effect_layer}"),
        f"{one.ci_low:+.2f} to {one.ci_high:+.2f}",
        *(f"{one.control_mean:+.2f}", f"{one.control_max:+.2f}", one.q, "" if one.depth is None else f"L{one.depth}"),
    )


def besides_told(one: Intervention) -> str:
    """What it changes besides, in a sentence."""
    others = one.details.get("side_effects", {}).get("others_moved")
    told = [
        f"rows of the last layer move {one.displacement:.2f} standard deviations, under the controls "
        f"{one.control_displacement:.2f}"
    ]
    if one.probability is not None and one.category is not None:
        told.append(f"probability of {one_line(one.category)} {one.probability:+.2f}{_chance(one.probability_p)}")
    if one.loss is not None:
        told.append(f"loss {one.loss:+.3f} nats a token{_chance(one.loss_p)}")
    if others is not None:
        told.append(f"{others:.0%} of the tried texts of other categories end in another region than before")
    return f"Besides: {'; '.join(told)}."


def _chance(p: float | None) -> str:
    return "" if p is None else f" (p {number(p)})"


def _besides(one: Intervention, words: Words) -> tuple[Any, ...]:
    others = one.details.get("side_effects", {}).get("others_moved")
    return (
        *(short(one), one.category or ""),
        *("" if one.probability is None else f"{one.probability:+.2f}", one.probability_p),
        *("" if one.loss is None else f"{one.loss:+.3f}", one.loss_p, _divergence(one)),
        *(f"{one.displacement:.2f}", f"{one.control_displacement:.2f}"),
        "" if others is None else f"{others:.0%}",
    )


def _divergence(one: Intervention) -> str:
    known = one.details.get("divergence")
    return "" if known is None else f"{known['change']:.3f}"
