"""`mri.token_places`: each token of a text with the region that it lies in, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from mri.documents import column_of
from mri.frames import frame
from mri_core.records.graph import Study
from mri_core.records.token_places import TokenPlaces
from mri_core.store import Location, Named, open_store
from queries.runner import EVERY_ROW
from ui.reports import token_places as places
from ui.reports.answers import Answers
from ui.wording.labels import region_words
from ui.wording.terminal import fitted

if TYPE_CHECKING:
    import pandas as pd

TOKEN = {
    "position": "int",
    "token": "string",
    "start": "int",
    "end": "int",
    "type": "string",
    "tag": "string",
    "left_out": "string",
}


@dataclass(frozen=True, repr=False, kw_only=True)
class PlacedText(TokenPlaces):
    """A text in a scan of tokens: `print` it, or take its tokens from `tokens` or as a `frame`.

    Attributes:
        placed_in: the study.
        words: of each region within the study.
        layer: that is printed with the words of its regions; None for a column for each layer.
    """

    placed_in: Study
    words: Mapping[str, Sequence[str]]
    layer: int | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each position, and a column for each layer (`L0`, `L1`, …) with the token's region.

        `token` are its characters, from `start` to before `end` in the text; `type` is it as it is counted; `tag` that
        of a word, where the study's tokens have some; `left_out` why it has no region, missing where it has.
        """
        rows = [
            {"position": place, "token": token.text, "start": token.start, "end": token.end, "tag": token.tag}
            | {"type": token.type or None, "left_out": token.left_out or None}
            | {column_of(layer): region for layer, region in enumerate(token.regions)}
            for place, token in enumerate(self.tokens)
        ]
        return frame(rows, {**TOKEN, **{column_of(layer): "region" for layer in range(self.layers)}})

    def __str__(self) -> str:
        return fitted(places.in_words(self.placed_in, self, self.words, self.layer))

    __repr__ = __str__


def token_places(
    study: Named,
    *,
    document: str | None = None,
    text: str | None = None,
    layer: int | None = None,
    trust_remote_code: bool = False,
    store: Location | None = None,
) -> PlacedText:
    """Each token of a text with its region in every layer of a scan of tokens, as `mri explain` shows it; `print` it.

    The study's own model reads the text again, in one forward pass; nothing is stored.

    >>> made = mri.ingest("news.csv", name="words", unit="token", clusters=3, refits=0)
    >>> found = mri.token_places("words", text="The court heard the cat.")
    >>> found.frame[["token", "left_out", "L0"]].shape[1]
    3
    >>> sum(found.counts(0).values()) == len(found.placed)
    True

    Args:
        study: a name, an id or a view, of a scan of tokens.
        document: a text of the study, `D12` or its own id in the corpus; or else
        text: another text. Where the study's tokens are words with tags, its words are placed.
        layer: that is printed, with the words of its regions; None for all.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        store: as of `show`.

    Returns:
        all positions of the text in order (`tokens`), special tokens and those left out among them: of each its
        characters, its type, and in every layer its region, its distance from the region's centre, and how far it is
        inside the region. `frame` has them as a data frame, `counts(layer)` says how many a region holds.

    Raises:
        MriError: there is no such study, document or layer; it is a scan of documents; its model or, for a document,
            its corpus is gone.
    """
    from ingest.studies.token_places import token_places as placed

    with open_store(store, create=False) as opened:
        of = opened.study(study)
        places.check_layer(of, layer)
        found = placed(opened, of, document=document, text=text, trust_remote_code=trust_remote_code)
        words = region_words(of, Answers(opened, max_rows=EVERY_ROW))
    own = {field.name: getattr(found, field.name) for field in fields(found)}
    return PlacedText(**own, placed_in=of, words=words, layer=layer)
