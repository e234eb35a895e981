"""A text's place in a study's regions, token by token: in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from math import isnan
from typing import Any

from mri_core.numbers import finite, how_many
from mri_core.records.explained import Explained, LayerParts, Token, layers_told
from mri_core.records.graph import Study
from queries.text import number, words_told
from ui.wording.terminal import table

Words = Mapping[str, Sequence[str]]  # of a region within the study

SHOWN = 20  # tokens of a layer's table
STRONGEST = 4  # tokens of a layer's line
WORDS = 3
COLUMNS = ("layer", "number", "region", "over", "value", "tokens", "length", "constant", "strongest tokens")
OF_TOKENS = ("position", "token", "part")
PARTS = (
    "A token's part is what the state at its position adds to the number beyond an average state; length is the "
    "adjustment for length, compared with a text of the study's mean length; constant is the number at the origin, "
    "where an average document lies. They sum to the number, without approximation."
)
CAUTION = (
    "A token's state holds its context: a part is what the position adds, not what the word adds. It says where the "
    "region is read from, not what the model uses: for that, change the model's states with mri intervene."
)
BY_LENGTH = (
    "In {} the part of length has the sign of the number and outweighs all tokens: it is the text's length, more than "
    "its tokens, that gives the number."
)
BY_CONSTANT = (
    "In {} the constant decides the sign of the number: tokens and length together have the other one, and an average "
    "document lies on this side already."
)
NUMBERS = {
    "margin": "margin: half the difference of squared distances to the other region's centre and to this one's, above "
    "0 where this one is nearer.",
    "column": "column, row: the two coordinates that the grid's cells are cut from.",
    "component": "component: the text's score on it.",
}


def as_json(found: Explained) -> dict[str, Any]:
    """The facts as JSON values; null for tokens that a layer does not pool."""
    tokens = [token._asdict() | {"position": place} for place, token in enumerate(found.tokens)]
    layers = [
        asdict(parts)
        | {"tokens": [finite(part) for part in parts.tokens.tolist()], "of_tokens": parts.of_tokens}
        | {"total": parts.total}
        for parts in found.layers
    ]
    return asdict(found) | {"tokens": tokens, "layers": layers, "notes": list(found.notes)}


def in_words(study: Study, found: Explained, words: Words, most: int = SHOWN) -> str:
    """The same for a reader.

    Args:
        study: that the text is explained in.
        found: of the text.
        words: of each region within the study.
        most: tokens of a layer's table; it is printed where one layer was asked about.
    """
    return "\n\n".join(_told(study, found, words, most))


def _told(study: Study, found: Explained, words: Words, most: int) -> Iterator[str]:
    yield headline(study, found)
    yield from found.notes
    yield from cautions(found.layers)
    if len({parts.layer for parts in found.layers}) == 1:
        for parts in found.layers:
            yield sentence(parts, words)
            yield table(OF_TOKENS, [(place, shown(token), part) for place, token, part in ranked(found, parts)[:most]])
            yield from left_out(found, parts)
    else:
        yield table(COLUMNS, [_row(found, parts) for parts in found.layers])
        yield "The tokens of one layer: add --layer."
    yield " ".join([*(NUMBERS[name] for name in NUMBERS if name in {each.name for each in found.layers}), PARTS])
    yield CAUTION


def cautions(layers: Sequence[LayerParts]) -> Iterator[str]:
    """Where a text's length or the constant gives a number, rather than its tokens, if there are such layers."""
    for caution, gives in ((BY_LENGTH, _length_gives), (BY_CONSTANT, _constant_decides)):
        if found := sorted({parts.layer for parts in layers if gives(parts)}):
            yield caution.format(layers_told(found))


def _length_gives(parts: LayerParts) -> bool:
    return parts.length * parts.value > 0 and abs(parts.length) > abs(parts.of_tokens)


def _constant_decides(parts: LayerParts) -> bool:
    return parts.constant * parts.value > 0 and (parts.of_tokens + parts.length) * parts.value < 0


def headline(study: Study, found: Explained) -> str:
    """What is explained, and how much of it is read."""
    what = "The text" if found.document is None else found.document
    read = sum(not token.left_out for token in found.tokens)
    return f"{what} in {study.name}: {how_many(read, 'token')} read of {len(found.tokens)}."


def sentence(parts: LayerParts, words: Words) -> str:
    """The number of a layer, and its sum."""
    adds = f"tokens {signed(parts.of_tokens)}, length {signed(parts.length)}, constant {signed(parts.constant)}"
    sums = f"{parts.name} {number(parts.value)} = {adds} (sum {number(parts.total)})"
    region = f"{parts.region} ({words_told(words.get(parts.region, ()), WORDS)})"
    if parts.versus is None:
        return f"Layer {parts.layer}, {region}: {sums}."
    other = f"{parts.versus} ({words_told(words.get(parts.versus, ()), WORDS)})"
    nearer = "nearer to" if parts.value >= 0 else "farther from"
    return f"Layer {parts.layer}: {nearer} {region} than {other}; {sums}."


def ranked(found: Explained, parts: LayerParts) -> list[tuple[int, Token, float]]:
    """Positions that have a part, the largest first, with their tokens and parts."""
    known = [(place, token, float(parts.tokens[place])) for place, token in enumerate(found.tokens)]
    return sorted((each for each in known if not isnan(each[2])), key=lambda each: (-abs(each[2]), each[0]))


def left_out(found: Explained, parts: LayerParts) -> Iterator[str]:
    """Which positions have no part, by the reason, a line if there are any."""
    return left_out_told((shown(token), parts.why(place, token)) for place, token in enumerate(found.tokens))


def left_out_told(named: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names by the reason why they are left out, a line if there are any; "" is no reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in named:
        if reason:
            reasons.setdefault(reason, []).append(name)
    if reasons:
        yield f"Left out: {'; '.join(f'{reason}: {_listed(names)}' for reason, names in reasons.items())}."


def shown(token: Token) -> str:
    """A token as it is printed: white space by its escapes."""
    return token.text.strip() or repr(token.text)[1:-1]


def signed(value: float) -> str:
    """A part as it is printed, with its sign."""
    return f"{'-' if value < 0 else '+'}{number(abs(value))}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{', '.join(names[:8])}{more}"


def _row(found: Explained, parts: LayerParts) -> tuple[Any, ...]:
    strongest = ", ".join(f"{shown(token)} {signed(part)}" for _, token, part in ranked(found, parts)[:STRONGEST])
    numbers = parts.value, parts.of_tokens, parts.length, parts.constant
    return parts.layer, parts.name, _within(parts.region), _within(parts.versus), *numbers, strongest


def _within(region: str | None) -> str:
    """A region's name within its layer."""
    return "" if region is None else region.partition("/")[2]
