"""What a user asks of an ingest: each option with its name, its default and its one description."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from ingest.corpus.corpus import CorpusOptions, Match
from ingest.extract.poolings import POOLINGS
from ingest.model.device import Compiling, Device, Dtype, Engine
from ingest.model.sites import SITES
from ingest.model.source import ALIASES
from ingest.options import Option, about, described, options_of
from ingest.request_checks import OF_TOKENS, check_request
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.kinds.grid import FINEST
from mri_core.atlas.reducers import REDUCERS
from mri_core.errors import UsageError
from mri_core.records.arrays import REFITS, SEEDS, AtlasSpec, Stack
from mri_core.records.graph import Unit
from mri_core.statistics.fdr import Method

COLUMN = "found by its name"  # where no column is named
STORED_DOCUMENTS = 100_000  # as nodes of the graph, by default
OF_OTHERS = ("unit", *OF_TOKENS)  # options of units other than the document
Subtokens = Literal["first", "last", "mean"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A corpus or given activations, a model, an atlas, and the study's name.

    The options of `mri ingest` stand in this order, those of `mri.ingest` have these names and defaults, and the page
    takes its labels and help from here (`OPTIONS`).
    """

    corpus: str | Path | None = described(
        None, "Corpus", "File, folder or dataset of the Hugging Face hub that holds the texts.", "corpus"
    )
    activations: str | Path | None = described(
        None,
        "Given activations",
        "Folder of activations that were computed elsewhere: L0.npy, L1.npy, … and documents.csv.",
        "corpus",
        metavar="FOLDER",
    )
    name: str = field(
        metadata=about(
            "Study name",
            "Name of the study: 1 to 100 letters, digits, dots, underscores or hyphens.",
            "study",
            stored=False,
        )
    )
    replace: bool = described(
        False,
        "Replace the study of this name",
        "Replace another study of this name, which can be read until the new one is ready.",
        "study",
        stored=False,
    )
    keep_documents: int | None = described(
        STORED_DOCUMENTS,
        "Documents in the graph",
        "Number of documents that the graph holds, beside every region's exemplars: of more, a seeded sample, "
        "stratified by category; counts are of all, and a file beside the store has the regions of each.",
        "study",
        unit="documents",
        least=2,
        word="all",
        metavar="N|all",
        stored=False,
    )
    unit: Unit = described(
        "document",
        "Unit",
        "What is placed in regions and counted: documents, or each of a text's own tokens, of which the text is the "
        "block that is tested.",
        "corpus",
    )
    tags: str | None = described(
        None,
        "Column of the tokens' labels",
        "With --unit token, the column of tags, one for each word, or of character spans: its name, or in a CoNLL file "
        "its number.",
        "corpus",
        unset="found by its name where there is no label column; without one tokens have the category of their text",
        metavar="COL",
    )
    subtokens: Subtokens = described(
        "first",
        "Pieces of a word",
        "With --unit token and tags, which pieces of a word give its row: the first, the last, or the mean of all.",
        "model",
    )
    untagged: bool = described(
        False,
        "Words without a tag",
        "With --unit token and tags, make a category `untagged` of the words without one, which are else left out.",
        "corpus",
    )
    text: str | None = described(None, "Text column", "Column of the texts.", "corpus", unset=COLUMN, metavar="COL")
    label: str | tuple[str, ...] | None = described(
        None,
        "Label column",
        "Column of the labels; several are crossed into categories such as law/plain.",
        "corpus",
        unset=COLUMN,
        metavar="COL",
    )
    title: str | None = described(None, "Title column", "Column of the titles.", "corpus", unset=COLUMN, metavar="COL")
    id: str | None = described(
        None, "Id column", "Column of the documents' ids.", "corpus", unset=COLUMN, metavar="COL"
    )
    group: str | None = described(
        None,
        "Group column",
        "Column that groups dependent documents, such as those of one author: a group is tested as a unit.",
        "corpus",
        unset="documents are independent",
        metavar="COL",
    )
    limit: int | None = described(
        None,
        "Sample size",
        "Size of a seeded random sample, stratified by category.",
        "corpus",
        unset="all documents",
        unit="documents",
        least=1,
    )
    categories: tuple[str, ...] | None = described(
        None, "Categories", "The only categories to scan.", "corpus", unset="all categories", metavar="A,B,C"
    )
    match: Match | None = described(
        None,
        "Match on length",
        "Take a seeded subsample with as many texts of each length in every category.",
        "corpus",
        unset="no matching",
    )
    bins: int | None = described(
        None,
        "Bins",
        "Number of quantile bins for numeric labels, named by place and range as in `2: 0.5 to 1.75`; equal labels "
        "share one.",
        "corpus",
        unset="each label is a category",
        least=2,
    )
    top: int | None = described(
        None,
        "Most frequent categories",
        "Number of the most frequent categories to scan; rows of the others are counted as left out.",
        "corpus",
        unset="all categories",
        least=2,
    )
    holdout: float | None = described(
        None,
        "Holdout",
        "Share of the documents that is held out before anything is fitted, and that findings are then tested on; "
        "refused with --unit token, where the graph has no region of each token to test them by.",
        "corpus",
        unset="none",
    )
    held_out: bool = described(
        False, "Held-out documents", "Scan the documents that --holdout leaves out, in place of the others.", "corpus"
    )
    separator: str | None = described(
        None,
        "Field separator",
        "Separator of the fields of CSV or TSV: a character, or comma, semicolon, tab or pipe.",
        "corpus",
        unset="found in the first rows",
        metavar="CHAR",
    )
    model: str = described(
        "minilm",
        "Model",
        "Alias (minilm, smollm2), folder of a model or an adapter, .gguf file, or name on the Hugging Face hub.",
        "model",
    )
    revision: str | None = described(
        None, "Model revision", "Branch, tag or commit of a model on the hub.", "model", unset="the hub's main branch"
    )
    trust_remote_code: bool = described(False, "Trust remote code", "Run code that the model brings along.", "model")
    max_length: int | None = described(
        None,
        "Maximum length",
        "Number of tokens after which a text is truncated.",
        "model",
        unset="the model's limit, at most 512",
        unit="tokens",
        least=1,
    )
    site: str = described(
        "residual",
        "Site",
        "Where activations are read: in the residual stream, or what each block's attention or MLP adds to it.",
        "model",
        parts=SITES,
    )
    stack: Stack | None = described(
        None, "Stack", "Stack of an encoder–decoder model that is read.", "model", unset="the encoder"
    )
    pooling: str = described(
        "mean",
        "Pooling",
        "How a text's token states become one vector: their mean, the last or the first; mean-all is the mean with "
        "special tokens.",
        "model",
        parts=POOLINGS,
    )
    template: str | None = described(
        None,
        "Prompt template",
        "Prompt with {text} in place of the text, as 'Classify: {text}'; only the text's own tokens are pooled.",
        "model",
        unset="no prompt",
        metavar="PROMPT",
    )
    chat: bool = described(
        False,
        "Chat template",
        "Present each text as a user's message in the tokenizer's chat template, and pool the text's own tokens.",
        "model",
    )
    device: Device = described(
        "auto", "Device", "Where the model runs; auto takes an accelerator where there is one.", "model"
    )
    dtype: Dtype = described(
        "auto",
        "Precision",
        "Type of the model's matrix products; auto is float32 on a CPU, else the checkpoint's own type.",
        "model",
    )
    batch_tokens: int | None = described(
        None,
        "Batch size",
        "Number of tokens in a batch, padding included.",
        "model",
        unset="what suits the device",
        unit="tokens",
        least=1,
    )
    compile: Compiling = described(
        "auto",
        "Compile",
        "Whether the model is compiled; auto does so where the scan is long enough to pay for it.",
        "model",
    )
    split: bool = described(
        False,
        "Split",
        "Spread a model that is larger than one card over all cards, then memory, then the disk.",
        "model",
    )
    split_memory: float | None = described(
        None,
        "Memory of a split model",
        "GiB that a split model's weights take at most on each card, without cards in memory.",
        "model",
        unset="what is free",
        unit="GiB",
    )
    engine: Engine = described(
        "local",
        "Engine",
        "Who runs the model: this process, or the workers of a Ray cluster.",
        "model",
        stored=False,
    )
    ray_address: str | None = described(
        None,
        "Ray cluster",
        "Address of a running Ray cluster that this machine is part of, as HOST:PORT; auto finds it.",
        "model",
        unset="one is started on this machine, and ended",
        metavar="ADDRESS",
        stored=False,
    )
    workers: int | None = described(
        None,
        "Workers",
        "Number of Ray's workers, each of which loads the model.",
        "model",
        unset="one for each GPU with --gpus-per-worker, else for every four cores",
        least=1,
        stored=False,
    )
    gpus_per_worker: float | None = described(
        None,
        "GPUs per worker",
        "GPUs of each of Ray's workers: 1, the share of one that it uses with others, such as 0.5, or with --split "
        "several.",
        "model",
        unset="workers run on processors",
        stored=False,
    )
    shards: str | None = described(
        None,
        "Shards",
        "Folder or object store, such as s3://bucket/folder, to which whoever reads a batch of texts also writes its "
        "rows, as Parquet.",
        "model",
        unset="rows are stored in the cache alone",
        metavar="URL",
        stored=False,
    )
    atlas_of: str | None = described(
        None,
        "Atlas of a study",
        "Place the documents in the frozen atlas of this study, by its model unless --model names another; nothing is "
        "fitted.",
        "atlas",
        unset="an atlas is fitted to the documents",
        metavar="STUDY",
    )
    align: bool = described(
        False,
        "Align",
        "Rotate each layer's activations onto those of the atlas' study, which has the same documents: fitted on one "
        "half of them and judged by the other.",
        "atlas",
    )
    atlas: str = described(
        "clusters",
        "Atlas",
        "What the regions of a layer are: clusters carried from layer to layer, cells of a grid, or components.",
        "atlas",
        parts=ATLAS_KINDS,
    )
    clusters: int | None = described(
        None,
        "Clusters",
        "Number of clusters in each layer.",
        "atlas",
        unset="half the square root of the documents that it is fitted to, from 6 to 24",
        least=1,
        word="auto",
    )
    reducer: str = described(
        "pca",
        "Reducer",
        "Dimension reduction of a grid or of components.",
        "atlas",
        parts=REDUCERS,
    )
    resolution: int = described(
        10,
        "Resolution",
        "Number of bins on each axis of a grid.",
        "atlas",
        unit="bins",
        least=1,
        most=FINEST,
    )
    components: int | None = described(
        None,
        "Components",
        "Number of components in each layer.",
        "atlas",
        unset="10, or one less than the documents",
        least=1,
    )
    threshold: float = described(0.3, "Threshold", "Value of |rho| above which two components are connected.", "atlas")
    standardize: bool = described(
        True,
        "Standardize",
        "Scale every column of the activations to unit variance before the atlas is fitted.",
        "atlas",
    )
    fit_on: int | None = described(
        None,
        "Fit on",
        "Size of the sample that the atlas is fitted to, stratified by category with groups whole, and so at times "
        "larger; the other documents are placed in it as they are read, and only their regions are stored.",
        "atlas",
        unset="all up to 200,000; of tokens up to 50,000, of whole texts",
        unit="documents or tokens",
        least=1,
    )
    length_adjust: bool = described(
        True, "Length adjustment", "Regress text length out of the activations before the atlas is fitted.", "atlas"
    )
    fdr: Method = described(
        "discrete",
        "Multiple testing",
        "How errors over many tests are controlled: discrete, dbh and bh bound the false discovery rate, fwer the "
        "family-wise error rate.",
        "statistics",
    )
    refits: int = described(
        REFITS,
        "Refits",
        "Number of bootstrap samples that the atlas is refitted to, to show how stable findings are; 0 for none.",
        "statistics",
        least=0,
        variable="MRI_REFITS",
        stored=False,
    )
    controls: bool = described(
        False,
        "Controls",
        "Compare findings with shuffled labels, five models with random blocks, token embeddings and a bag of "
        "words, which takes several times as long.",
        "statistics",
        stored=False,
    )
    seed: int = described(0, "Seed", "Seed of the random number generators.", "statistics", least=0, most=SEEDS - 1)
    force: bool = described(
        False, "Force", "Accept a pooling that says little about this kind of model.", "model", stored=False
    )

    given: frozenset[str] = field(default=frozenset(), repr=False, compare=False)  # options named, even as defaults are

    def check(self) -> None:
        """Raises `UsageError` for whatever is wrong before anything is read."""
        check_request(self, OPTIONS)

    def chosen(self) -> list[Option]:
        """The options that are not at their defaults."""
        return [option for option in OPTIONS.values() if getattr(self, option.name) != option.default]

    @property
    def named(self) -> frozenset[str]:
        """The options that were given, or are not at their defaults."""
        return self.given | {option.name for option in self.chosen()}

    @property
    def corpus_options(self) -> CorpusOptions:
        """What the user asks of the corpus."""
        return CorpusOptions(**{own.name: getattr(self, own.name) for own in fields(CorpusOptions)})

    @property
    def atlas_spec(self) -> AtlasSpec:
        """What the user asks of the atlas."""
        own = {own.name: getattr(self, own.name) for own in fields(AtlasSpec) if own.name != "kind"}
        return AtlasSpec(kind=self.atlas, **own)

    def sample_of(self, documents: int) -> dict[str, int]:
        """The size of the sample of documents that the graph holds, as a parameter; empty if it holds all of them.

        Args:
            documents: number of documents of the study.

        Raises:
            UsageError: the documents are texts of tokens, which the graph holds all.
        """
        most = self.keep_documents
        if most is None or most >= documents:
            return {}
        if self.unit == "token":
            fact = f"There are {documents:,} texts, and --keep-documents is {most:,}"
            raise UsageError(
                "The graph of a scan of tokens holds every text", fact, "Raise it, or draw texts by --limit"
            )
        return {"keep_documents": most}

    def parameters(self) -> dict[str, Any]:
        """Everything needed to run it again under any name, as JSON values."""
        model = self.model if self.model in ALIASES else _lasting(self.model)
        sources = {"corpus": _lasting(self.corpus), "activations": _lasting(self.activations), "model": model}
        chosen = asdict(self) | sources
        return {
            option.name: chosen[option.name]
            for option in OPTIONS.values()
            if chosen[option.name] is not None and self._is_stored(option)
        }

    def _is_stored(self, option: Option) -> bool:
        of_others = option.name in OF_OTHERS and self.unit == "document"  # stored as before there were other units
        return option.stored and not of_others and (self.activations is None or option.group != "model")


OPTIONS = options_of(Request)


def _lasting(source: str | Path | None) -> str | None:
    """A source as it is found from any folder; a name on the hub is one already."""
    if source is None:
        return None
    return str(Path(source).resolve()) if Path(source).exists() else str(source)
