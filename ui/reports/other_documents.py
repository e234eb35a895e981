"""Two studies of other documents in one atlas, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mri_core.errors import one_line
from mri_core.evidence.unpaired import found_items
from mri_core.numbers import finite, how_many
from mri_core.studies.other_documents import OtherDocuments
from queries.text import number
from ui.wording.evidence import chance, percent
from ui.wording.labels import with_words
from ui.wording.terminal import table

LISTED = 10  # findings of each category; --json has all
ALL = "all, categories held constant"
COLUMNS = ("from", "to", "first", "second", "odds ratio", "interval", "q", "q between")


def as_json(compared: OtherDocuments) -> dict[str, Any]:
    """The facts as JSON values; `connections` has every connection that was tested."""
    found = compared.contrast
    families = [*compared.categories, None]
    return {
        "base": compared.base.id,
        "other": compared.other.id,
        "fdr": compared.fdr,
        "documents": {
            name: {"base": int(own[0]), "other": int(own[1])}
            for name, own in zip(compared.categories, compared.sizes, strict=True)
        },
        "left_out": compared.left_out,
        "warnings": list(compared.warnings),
        "families": [
            {"category": name, "tests": int(found.tests[row]), "findings": int(found.passed[row])}
            for row, name in enumerate(families)
        ],
        "connections": [
            {
                "layer": int(found.layer[item]),
                "source": compared.regions[found.source[item]],
                "target": compared.regions[found.target[item]],
                "interaction_q": finite(found.interaction_q[item]),
                "tests": [
                    {
                        "category": name,
                        "effect": finite(found.effect[item, row]),
                        "ci_low": finite(found.ci_low[item, row]),
                        "ci_high": finite(found.ci_high[item, row]),
                        "p": finite(found.p[item, row]),
                        "q": finite(found.q[item, row]),
                    }
                    for row, name in enumerate(families)
                    if finite(found.q[item, row]) is not None
                ],
            }
            for item in range(len(found.layer))
        ],
    }


def in_words(compared: OtherDocuments) -> str:
    """The same for a reader."""
    return "\n\n".join(_parts(compared))


def _parts(compared: OtherDocuments) -> Iterator[str]:
    base, other, found = compared.base, compared.other, compared.contrast
    sizes = ", ".join(
        f"{one_line(name)} ({own[0]} and {own[1]})"
        for name, own in zip(compared.categories, compared.sizes, strict=True)
    )
    yield (
        f"{other.name} against {base.name}, other documents in one atlas, each category against its namesake: {sizes}; "
        f"q by {compared.fdr}."
    )
    yield "\n".join(counts(compared))
    if compared.left_out:
        yield left_out(compared)
    yield from compared.warnings
    if told := fitted_to_one(compared):
        yield told
    for row, name in enumerate([*compared.categories, ALL]):
        items = found_items(found, row if name != ALL else -1)
        if len(items):
            more = f" ({LISTED} of {len(items)}; --json has all)" if len(items) > LISTED else ""
            rows = [_row(compared, int(item), row) for item in items[:LISTED]]
            yield f"{one_line(name)}{more}\n\n{table(COLUMNS, rows)}"
    if not found.passed.any():
        return
    yield (
        f"first, second: share of the documents in {base.name} and in {other.name}; odds ratio: of the second against "
        "the first; q between: that this odds ratio differs between the categories."
    )


def headline(compared: OtherDocuments) -> str:
    """How much differs, in a sentence."""
    passed, tests = int(compared.contrast.passed[-1]), int(compared.contrast.tests[-1])
    return (
        f"{passed} of {tests} connections differ between the corpora by more than chance, categories held constant "
        "(q <= 0.05)."
    )


def left_out(compared: OtherDocuments) -> str:
    """How many documents were not compared, and why."""
    documents = how_many(compared.left_out, "document")
    return f"Left out: {documents} of {compared.other.name}, near-duplicates of {compared.base.name}'s."


def fitted_to_one(compared: OtherDocuments) -> str:
    """What it does to the comparison that the atlas was fitted to one of the corpora; "" if it was to neither."""
    owner = next((study for study in (compared.base, compared.other) if study.atlas_of is None), None)
    if owner is None:
        return ""
    sample = json.loads(owner.report).get("fitted_to")
    fitted = "the" if sample is None else f"{sample:,}"
    often = "about one comparison in nine" if sample is None else "somewhat more than one in twenty comparisons"
    return (
        f"The atlas was fitted to {fitted} documents of {owner.name}, which sit a little closer to its centres for "
        f"that: {often} of equal corpora then finds some difference over all categories. Where that matters scan "
        f"{owner.name} with --holdout, and compare its held-out documents with the others."
    )


def counts(compared: OtherDocuments) -> Iterator[str]:
    """How many connections differ, a line for each category, for all of them, and for how categories differ in it."""
    found = compared.contrast
    for row, name in enumerate([*compared.categories, ALL]):
        passed, tests = int(found.passed[row]), int(found.tests[row])
        yield f"{one_line(name)}: {passed} of {tests} connections differ by more than chance (q <= 0.05)."
    if told := interaction(compared):
        yield told


def interaction(compared: OtherDocuments) -> str:
    """On how many connections the categories differ in how the corpora differ; "" where none could be tested."""
    q = compared.contrast.interaction_q
    tested = int((q == q).sum())
    differ = int((q <= 0.05).sum())
    told = f"How the corpora differ depends on the category in {differ} of {tested} connections (Woolf, q <= 0.05)."
    return told if tested else ""


def _row(compared: OtherDocuments, item: int, family: int) -> tuple[Any, ...]:
    found = compared.contrast
    ends = (
        with_words(compared.regions[end], compared.keywords[end], 2)
        if compared.keywords[end]
        else compared.regions[end]
        for end in (int(found.source[item]), int(found.target[item]))
    )
    evidence = (finite(float(part[item, family])) for part in (found.effect, found.ci_low, found.ci_high))
    unlike = finite(float(found.interaction_q[item]))
    told = (percent(share) for share in shares(compared, item, family))
    return (*ends, *told, *chance(*evidence), float(found.q[item, family]), "" if unlike is None else number(unlike))


def shares(compared: OtherDocuments, item: int, family: int) -> tuple[float, float]:
    """Shares of the documents of both studies that take a connection.

    Args:
        compared: the comparison.
        item: number of the connection.
        family: number of the category; of all of them the number after the last.
    """
    of_all = family == len(compared.categories)
    taken = compared.contrast.counts[item].sum(axis=0) if of_all else compared.contrast.counts[item, family]
    sizes = compared.sizes.sum(axis=0) if of_all else compared.sizes[family]
    first, second = (taken / sizes).tolist()
    return first, second
