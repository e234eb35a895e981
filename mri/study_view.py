"""A study as a notebook has it: data frames, arrays, pictures and tests of one study, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mri.arguments import as_texts, several, whole
from mri_core.errors import MriError
from mri_core.records.graph import Study
from mri_core.records.units import refuse_documents, refuse_tokens
from mri_core.store import Location, Named, locate, open_store

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ingest.studies.later_texts import LaterReader
    from mri.activations import StudyRows
    from mri.card import Glance
    from mri.explaining import Explanation
    from mri.pictures import Picture
    from mri.placed_tokens import PlacedText
    from mri.showing import Summary
    from mri_core.records.annotations import Annotation
    from mri_core.records.measures import Measure
    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared
    from queries.result import Result


def study(name: Named, *, store: Location | None = None) -> StudyView:
    """A study with all that it holds: data frames, arrays, pictures and tests.

    >>> study = mri.study("demo")
    >>> study.documents[["category", "L0", "L1"]].shape
    (60, 3)
    >>> bool((study.regions.groupby("layer")["documents"].sum() == 60).all())
    True
    >>> study.activations(1).shape
    (60, 4)

    What it holds is read when it is asked for. A notebook shows it as a card with its first findings.

    Args:
        name: a name or an id, or what `mri.studies` gives.
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Raises:
        MriError: there is no such study or store.
    """
    place = locate(store)  # a notebook may go to another folder later
    with open_store(place, create=False) as opened:
        found = opened.study(name)
    return StudyView(found, place.absolute() if isinstance(place, Path) else place)


class StudyView:
    """A study in a store, as `mri.study` gives it.

    Frames and arrays are read from the store with their first use and stay with the object; `mri.study` again reads
    what was added to the study meanwhile. A study that was deleted or replaced is an error, never another study's
    numbers. Every failure raises `MriError`.

    Attributes:
        record: the properties of its node, such as `record.model` and `record.documents`.
        store: where it is.
    """

    def __init__(self, record: Study, store: Location) -> None:
        self.record = record
        self.store = store
        self._read: StudyRows | None = None
        self._loaded: LaterReader | None = None
        self._glance: Glance | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def id(self) -> str:
        """Its id: the name, and a hash of all that determines its result."""
        return self.record.id

    @cached_property
    def regions(self) -> pd.DataFrame:
        """The regions, one a row, layer by layer.

        `region` is the region's name in the study (`L4/R10`), `layer` and `name` its parts; `reader_name` and
        `reader_note` are what its readers say of it (`mri.name`); `documents` lie in it;
        `keywords` and `exemplars` are lists, the latter of ordinals, the index of `documents`; `dominant_category` has
        the largest share there, and `entropy`, in bits, is 0 where it has all. `x` and `y` are its position;
        `strength_in`, `strength_out`, `pagerank`, `betweenness`, `community` and `participation` are of the graph of
        all categories; `parting_q` is the q value that where its documents go depends on their category. What is not
        known is missing, as documents are of components. Of a study of tokens `tokens` lie in it, `documents` are the
        texts with one of them, and `contexts` has the text around each exemplar.
        """
        from mri import frames

        with self._opened() as store:
            return frames.regions(store, self.record)

    @cached_property
    def connections(self) -> pd.DataFrame:
        """The connections, one a row for each category that takes it, layer by layer.

        From region `source` to region `target` of the next layer; `layer` is the source's. `weight` documents of
        `category` take it, a `share` of them; `lift` is that share over the mean of all categories' shares. `finding`
        is `more`, `less` or missing; `effect` is the log odds ratio against all other categories but those of
        `named_before`, with its interval (`ci_low`, `ci_high`); `q` is that of the connection, `p` and `name_q` are
        those of the category; `stability` is the share of refits that find it again; `routing` and `routing_q` are
        effect and q value among the documents of the source; `causal_q` is that of an intervention; `keywords`, of a
        connection with a finding, are the words that its documents have more often than the source's others, missing
        where none is beyond chance. Of a study of tokens `weight` and shares count tokens, `documents` the texts that
        these are of, and `within` and `within_q` are effect and q value within token types. Between
        components `weight` is Spearman's rho. A connection that a category never takes has no row; where that is a
        finding, it is in `findings`.
        """
        from mri import frames

        with self._opened() as store:
            return frames.connections(store, self.record)

    @cached_property
    def documents(self) -> pd.DataFrame:
        """The documents, one a row, in the order of the corpus, with the region of each in every layer.

        The index is their ordinal, from 0. `category`; `document` as questions name it (`D12`); `title`; `id`, their
        own; `group`; `excerpt`, the beginning of the text; and for each layer a column (`L0`, `L1`, …) with the name of
        its region (`L0/R3`). Components hold no documents, and there are no such columns. Where the graph holds a
        sample, all documents come from the file beside the store; if that is not there, these are the sample: a warning
        and `attrs["sample"]` say so. Of a study of tokens these are its texts, whose tokens lie in many regions: there
        are no such columns, `tokens` is how many tokens of each are placed, and `category` is missing where tokens have
        labels of their own.
        """
        from mri import documents

        with self._opened() as store:
            return documents.documents(store, self.record)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The findings on connections, one a row, in order of trust: how often refits find them again, then effect.

        The columns are those of the question `findings`: `source`, `target`, `layer`, `category`, `finding`, `weight`,
        `share` and `others_share`, `effect` with `ci_low` and `ci_high`, `q`, `p`, `name_q`, `stability`, `routing_q`
        and the words, `keywords` as in `connections`, but an empty list where there are none. The intervals are
        adjusted for the selection. There are no rows where nothing was found, or tested (`record.fdr` is None).
        """
        from mri import frames

        with self._opened() as store:
            return frames.findings(store, self.record)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """All measures, one a row: `kind`, what it is of (`layer`, `category`, `other`), `value`, and how sure it is.

        `ci_low` and `ci_high`, `p` and `q` where they are known; `details` is a dictionary. The graph's reference says
        what each kind measures.
        """
        from mri import frames

        with self._opened() as store:
            return frames.measures(store, self.record)

    @cached_property
    def codes(self) -> np.ndarray:
        """The documents' regions as integers, documents × layers, in the rows of `documents`; it cannot be written to.

        A code is the number in the region's name: 10 of `L4/R10` in column 4; of a grid the cell's column times the
        resolution plus its row.

        Raises:
            MriError: the regions are components, which hold no documents; or hold tokens, of which none is stored.
        """
        from mri import documents

        return documents.codes(self.documents, self.record)

    @property
    def fitted(self) -> np.ndarray:
        """Ordinals of the documents that the rows of `activations` are of: all, or the sample of an atlas on one.

        Raises:
            MriError: as `activations`; or the rows are of tokens.
        """
        refuse_tokens(
            self.record, "Ordinals are those of documents", "study.fitted_tokens says which token a row is of"
        )
        return cast("np.ndarray", self._rows().fitted)

    @property
    def fitted_tokens(self) -> pd.DataFrame:
        """The tokens that the rows of `activations` are of: all, or the sample of an atlas on one.

        A row for each: the `document` that it is in, its characters from `start` to before `end`, its `type`, and its
        `category`.

        Raises:
            MriError: as `activations`; or the rows are of documents.
        """
        refuse_documents(self.record, "A row is of a token in a scan of tokens", "study.fitted has documents' ordinals")
        return cast("pd.DataFrame", self._rows().tokens)

    def activations(self, layer: int, *, run_model: bool = False, trust_remote_code: bool = False) -> np.ndarray:
        """The activations of a layer, documents (or tokens) × width, as the scan read them.

        They are read from the cache, or the folder of given activations; the store has none. They may be mapped from a
        file, which is read as they are used. Of an atlas that was fitted to a sample they are those of its documents,
        whose ordinals are in `fitted`, or of its tokens, which `fitted_tokens` has; a warning says so.

        Args:
            layer: from 0 to the study's layers less one.
            run_model: run the model again where the cache lacks rows.
            trust_remote_code: run code that the model brings along, where it has to run.

        Raises:
            MriError: there is no such layer; the cache lacks rows; or corpus, model or folder are gone or were changed,
                as where the study was imported from another machine.
        """
        from mri.activations import check_layer

        number = whole("A layer's number", layer)
        check_layer(self.record, number)
        return self._rows(run_model=run_model, trust_remote_code=trust_remote_code).layers[number]

    def place(self, texts: str | Iterable[str], *, trust_remote_code: bool = False) -> pd.DataFrame:
        """Later texts, run through the study's own model and placed in its atlas; nothing is stored.

        Args:
            texts: one string, or a list, an array or a Series of them.
            trust_remote_code: run code that the model brings along, whether or not its scan did.

        Returns:
            a row for each: `text`; `tokens` that were read and `cut` off its end; its region in each layer (`L0`, `L1`,
            …), missing where no token could be read. Of components a column for each, with the text's score.

        Raises:
            MriError: a text is blank, or no string; the study was made of given activations or aligned ones; or its
                model is gone or was changed.
        """
        from mri.placing import placed_frame
        from ui.reports.placed_texts import Placed

        listed = as_texts(texts)
        reader = self._reader(trust_remote_code=trust_remote_code)
        return placed_frame(Placed.by(reader, self.id, listed))

    def plot(
        self,
        kind: str = "graph",
        *,
        categories: str | Sequence[str] = (),
        connections: int | None = None,
        least_stability: float | None = None,
        region: str | None = None,
        layer: int | str | None = None,
        value: str | None = None,
        colour_by: str | None = None,
    ) -> Picture:
        """A picture, which a notebook shows: the graph to move through and to hover over, others as they are printed.

        `.save("graph.pdf")` of it writes a file. The arguments are those of `mri.plot`.

        Raises:
            MriError: there is no such kind or category, or the arguments do not go together.
        """
        from mri.pictures import picture
        from ui.reports.plot_request import Wanted

        step = None if layer is None else str(layer)
        named = several(categories)
        wanted = Wanted(kind, named, connections, least_stability, region, step, value, colour_by)
        return picture(self, wanted, self.store)

    def show(self, *, full: bool = False) -> Summary:
        """What it found, as `mri.show`."""
        import mri

        return mri.show(self, full=full, store=self.store)

    def query(self, question: str, /, **parameters: Any) -> Result:
        """The answer to a question about it, as `mri.query`."""
        import mri

        return mri.query(question, study=self, store=self.store, **parameters)

    def cypher(self, statement: str, **limits: Any) -> Result:
        """The answer to a Cypher statement that only reads, in which `$study` is its id, as `mri.cypher`."""
        import mri

        return mri.cypher(statement, study=self, store=self.store, **limits)

    def compare(self, *categories: str, fdr: Any = None) -> Compared:
        """Some of its categories against one another, as `mri.compare`."""
        import mri

        return mri.compare(self, *categories, fdr=fdr, store=self.store)

    def probe(self, **options: Any) -> list[Measure]:
        """How well the category is read from each layer, as `mri.probe`; `measures` then has it, too."""
        import mri

        found = mri.probe(self, store=self.store, **options)
        self.__dict__.pop("measures", None)
        return found

    def explain(self, **options: Any) -> Explanation:
        """Which tokens put a document or another text in its regions, as `mri.explain`."""
        import mri

        return mri.explain(self, store=self.store, **options)

    def token_places(
        self, *, document: str | None = None, text: str | None = None, layer: int | None = None, **options: Any
    ) -> PlacedText:
        """Each token of a text of it, or of another, with its regions, in a scan of tokens, as `mri.token_places`."""
        import mri

        return mri.token_places(self, document=document, text=text, layer=layer, store=self.store, **options)

    def names(self) -> list[Annotation]:
        """The names and notes that readers gave to its regions, as `mri.names`."""
        import mri

        return mri.names(self, store=self.store)

    def report(self, file: str | Path) -> Path:
        """Writes its report into one HTML file, as `mri.report`."""
        import mri

        return mri.report(self, file, store=self.store)

    def export(self, format: str, file: str | Path, **options: Any) -> Path:
        """Writes it as files for other programs, or as one file for another store, as `mri.export`."""
        import mri

        return mri.export(self, format, file, store=self.store, **options)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def __repr__(self) -> str:
        card = self._card()
        return card if isinstance(card, str) else card.as_text()

    def _repr_html_(self) -> str:
        card = self._card()
        return f"<p>{escape(card)}</p>" if isinstance(card, str) else card.as_html()

    def _card(self) -> Glance | str:
        """Its card; a line on why there is none, as where it is not in the store any more, whatever was read before."""
        from mri.card import glance

        try:
            with self._opened() as store:
                self._glance = self._glance or glance(store, self.record)
                return self._glance
        except MriError as error:  # what is printed is no place for a traceback
            return f"{self.name} ({self.id}): {error}"

    @contextmanager
    def _opened(self) -> Iterator[Store]:
        """The store, in which the study is, and still is when all was read."""
        with open_store(self.store, create=False) as opened:
            opened.study(self)
            yield opened
            opened.study(self)

    def _rows(self, *, run_model: bool = False, trust_remote_code: bool = False) -> StudyRows:
        from mri.activations import study_rows

        if self._read is None:
            self._read = study_rows(self.record, run_model=run_model, trust_remote_code=trust_remote_code)
        return self._read

    def _reader(self, *, trust_remote_code: bool) -> LaterReader:
        from ingest.studies.later_texts import open_later

        if self._loaded is None:
            with self._opened() as store:
                self._loaded = open_later(store, self.record, trust_remote_code=trust_remote_code)
        return self._loaded
