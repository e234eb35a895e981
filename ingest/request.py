"""What a user asks of an ingest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from ingest.corpus.corpus import CorpusOptions, Match
from ingest.extract.poolings import POOLINGS
from ingest.model.device import Compiling, Device, Dtype
from ingest.model.prompts import parse_template
from ingest.model.sites import SITES
from ingest.model.source import ALIASES
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.spec import check_spec
from mri_core.errors import UsageError, unknown_name
from mri_core.records.arrays import REFITS, SEEDS, AtlasSpec, Stack
from mri_core.records.ids import check_study_name
from mri_core.statistics.fdr import Method, check_method

OF_THE_RUN = ("name", "replace", "force", "refits", "controls")  # not needed to run a study again under any name
OF_THE_MODEL = (
    "model",
    "revision",
    "trust_remote_code",
    "max_length",
    "site",
    "stack",
    "pooling",
    "template",
    "chat",
    "device",
    "dtype",
    "batch_tokens",
    "compile",
    "force",
)  # not of given activations


@dataclass(frozen=True, kw_only=True)
class Request:
    """A corpus or given activations, a model, an atlas, and the study's name.

    Attributes:
        corpus: a file, a folder, or the name of a dataset on the hub; None where activations are given.
        activations: a folder of given activations.
        name: of the study.
        text, label, title, id: columns of the corpus; None guesses them by name. Several labels are crossed.
        group: column of what belongs together, where documents are not independent.
        limit: documents of a stratified, seeded sample.
        categories: keep these only.
        match: `length` keeps as many texts of each length in every category.
        separator: of the fields of CSV or TSV, as a character or a word; None finds it.
        bins: of labels that are numbers, by quantiles.
        top: keep the so many most frequent categories only.
        model: an alias, a folder, a `.gguf` file, or a name on the hub.
        revision: of a model on the hub.
        trust_remote_code: run code that the model brings along.
        max_length: tokens that a text is cut to; None for what the model can take, at most 512.
        site: where in each block the model's states are read.
        stack: which stack of an encoder–decoder is read; None for its encoder, or a model's only stack.
        pooling: how a text's tokens become one row.
        template: a prompt with `{text}` where the text goes, whose own tokens alone are read.
        chat: the same with the tokenizer's chat template, the text being the user's message.
        device: where the model runs; `auto` for an accelerator where there is one.
        dtype: what matrix products are computed in; `auto` for float32 on a CPU, else the checkpoint's own type.
        batch_tokens: padded tokens in a batch; None for what suits the device.
        compile: `on`, `off`, or `auto` for where a scan is long enough to pay for compiling the model.
        atlas: `clusters`, `grid`, `components`, or a kind that an installed package adds.
        clusters: None for half the square root of the documents, between 6 and 24.
        reducer: of a grid, or of components: `pca`, `svd` or `umap`.
        resolution: of a grid.
        components: of each layer; None for 10, or one less than the documents.
        threshold: components are connected where |rho| is greater.
        standardize, length_adjust: of the activations, before the atlas.
        fdr: how the findings' q is worked out: `discrete`, `dbh`, `bh` or `fwer`.
        refits: of the whole atlas, which tell how stable findings are; 0 for none.
        controls: hold the findings against shuffled labels, random blocks, token embeddings and a bag of words.
        seed: of everything random.
        replace: take the name over from another study.
        force: insist on a pooling that says little about this kind of model.
    """

    name: str
    corpus: str | Path | None = None
    activations: str | Path | None = None
    text: str | None = None
    label: str | tuple[str, ...] | None = None
    title: str | None = None
    id: str | None = None
    group: str | None = None
    limit: int | None = None
    categories: tuple[str, ...] | None = None
    match: Match | None = None
    separator: str | None = None
    bins: int | None = None
    top: int | None = None
    model: str = "minilm"
    revision: str | None = None
    trust_remote_code: bool = False
    max_length: int | None = None
    site: str = "residual"
    stack: Stack | None = None
    pooling: str = "mean"
    template: str | None = None
    chat: bool = False
    device: Device = "auto"
    dtype: Dtype = "auto"
    batch_tokens: int | None = None
    compile: Compiling = "auto"
    atlas: str = "clusters"
    clusters: int | None = None
    reducer: str = "pca"
    resolution: int = 10
    components: int | None = None
    threshold: float = 0.3
    standardize: bool = True
    length_adjust: bool = True
    fdr: Method = "discrete"
    refits: int = REFITS
    controls: bool = False
    seed: int = 0
    replace: bool = False
    force: bool = False

    def check(self) -> None:
        """Raises `UsageError` for whatever is wrong before anything is read."""
        check_study_name(self.name)
        self._check_atlas()
        for kind, name, known in (
            ("match", self.match, Match),
            ("stack", self.stack, Stack),
            ("device", self.device, Device),
            ("dtype", self.dtype, Dtype),
            ("compile", self.compile, Compiling),
            ("fdr", self.fdr, Method),
        ):
            if name is not None and name not in get_args(known):
                raise unknown_name(kind, name, get_args(known))
        SITES.named(self.site)
        POOLINGS.named(self.pooling)
        if self.max_length is not None and self.max_length < 1:
            raise UsageError("A text is cut to at least one token", f"--max-length is {self.max_length}")
        if self.batch_tokens is not None and self.batch_tokens < 1:
            raise UsageError("A batch has at least one token", f"--batch-tokens is {self.batch_tokens}")
        if self.template is not None:
            parse_template(self.template)
            if self.chat:
                raise UsageError("A text has one prompt around it", "There are --template and --chat", "Leave one out")
        if self.refits < 0:
            raise UsageError("Refits are counted from 0, for none", f"--refits is {self.refits}")
        if not 0 <= self.seed < SEEDS:
            raise UsageError(f"A seed is a whole number from 0 to {SEEDS - 1}", f"It is {self.seed}")
        if (self.corpus is None) == (self.activations is None):
            fact = "Neither was given" if self.corpus is None else "Both were given"
            raise UsageError("An ingest reads a corpus or given activations", fact, "Name one of them")
        if self.activations is not None:
            self._check_given()
        if self.group is not None:
            check_method(self.fdr, grouped=True)

    def _check_atlas(self) -> None:
        own = ATLAS_KINDS.named(self.atlas).options
        defaults = {field.name: field.default for field in fields(self)}
        foreign = sorted({name for kind in ATLAS_KINDS.values() for name in kind.options if name not in own})
        told = [f"--{name}" for name in foreign if getattr(self, name) != defaults[name]]
        if told:
            fact = f"{' and '.join(told)} would do nothing to --atlas {self.atlas}"
            raise UsageError(
                "An atlas is made with options of its own", fact, "Leave it out, or choose another --atlas"
            )
        check_spec(self.atlas_spec)

    def _check_given(self) -> None:
        defaults = {field.name: field.default for field in fields(self)}
        told = [name for name in OF_THE_MODEL if getattr(self, name) != defaults[name]]
        if told:
            fact = "Given with them: " + ", ".join("--" + name.replace("_", "-") for name in told)
            raise UsageError("Given activations are read without a model", fact, "Leave it out")

    @property
    def corpus_options(self) -> CorpusOptions:
        """What the user asks of the corpus."""
        columns = (self.text, self.label, self.title, self.id, self.group)
        kept = (self.limit, self.categories, self.seed, self.match)
        return CorpusOptions(*columns, *kept, self.separator, self.bins, self.top)

    @property
    def atlas_spec(self) -> AtlasSpec:
        """What the user asks of the atlas."""
        return AtlasSpec(
            kind=self.atlas,
            clusters=self.clusters,
            reducer=self.reducer,
            resolution=self.resolution,
            components=self.components,
            threshold=self.threshold,
            standardize=self.standardize,
            length_adjust=self.length_adjust,
            seed=self.seed,
        )

    def parameters(self) -> dict[str, Any]:
        """Everything needed to run it again, as JSON values."""
        model = self.model if self.model in ALIASES else _lasting(self.model)
        sources = {"corpus": _lasting(self.corpus), "activations": _lasting(self.activations), "model": model}
        chosen = asdict(self) | sources
        useless = OF_THE_RUN if self.activations is None else OF_THE_RUN + OF_THE_MODEL
        return {key: value for key, value in chosen.items() if key not in useless and value is not None}


def _lasting(source: str | Path | None) -> str | None:
    """A source as it is found from any folder; a name on the hub is one already."""
    if source is None:
        return None
    return str(Path(source).resolve()) if Path(source).exists() else str(source)
