"""A scan in one call, for notebooks: every option is a parameter with its type and default."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from ingest.bars import reporting
from ingest.confirmation import confirm_held_out
from ingest.corpus.corpus import Match
from ingest.corpus.formats.memory import CELLS, as_names, held_corpus
from ingest.model.device import Compiling, Device, Dtype, Engine
from ingest.options import Option
from ingest.pipeline import Outcome, run
from ingest.progress import Progress
from ingest.request import OPTIONS, STORED_DOCUMENTS, Request, Subtokens
from mri_core.errors import UsageError, unknown_name
from mri_core.records.arrays import REFITS, Stack
from mri_core.records.graph import Unit
from mri_core.statistics.fdr import Method
from mri_core.store import Location, Named

P = ParamSpec("P")
R = TypeVar("R")
OF_THE_CALL = ("tokenizer", "store", "progress")  # parameters of `ingest` that are no options of the scan
WIDTH = 110
NAMED: ContextVar[frozenset[str]] = ContextVar("NAMED", default=frozenset())  # options that the running call was given


def _with_options(function: Callable[P, R]) -> Callable[P, R]:
    """Adds the options to the docstring, and raises our errors for wrong or missing ones; keeps the signature."""
    known = {*OPTIONS, *OF_THE_CALL}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                raise unknown_name("option of ingest", name, known)
        if "name" not in kwargs:
            raise UsageError("A study has a name", "ingest was called without one", 'Name it: ingest(…, name="news")')
        if not isinstance(kwargs["name"], str):
            raise UsageError("A study's name is a string", f"This one is {kwargs['name']!r}", 'Such as name="news"')
        named = NAMED.set(frozenset(kwargs) & OPTIONS.keys())
        try:
            return function(*args, **kwargs)
        finally:
            NAMED.reset(named)

    if call.__doc__ is not None:  # else Python leaves docstrings out
        call.__doc__ = call.__doc__.replace("{options}", "".join(map(_described, OPTIONS.values())).lstrip())
    return call


def _described(option: Option) -> str:
    """A line of `Args`, with more where they are needed."""
    unset = option.unset or (option.word if option.default is not None else "")
    text = f"{option.name}: {option.help}" + (f" None: {unset}." if unset else "")
    return textwrap.fill(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12) + "\n"


@_with_options
def ingest(
    corpus: str | Path | object | None = None,
    *,
    activations: str | Path | None = None,
    name: str,
    replace: bool = False,
    keep_documents: int | None = STORED_DOCUMENTS,
    unit: Unit = "document",
    tags: str | None = None,
    subtokens: Subtokens = "first",
    untagged: bool = False,
    text: str | None = None,
    label: str | tuple[str, ...] | Iterable[object] | None = None,
    title: str | Iterable[object] | None = None,
    id: str | Iterable[object] | None = None,
    group: str | Iterable[object] | None = None,
    limit: int | None = None,
    categories: tuple[str, ...] | None = None,
    match: Match | None = None,
    bins: int | None = None,
    top: int | None = None,
    holdout: float | None = None,
    held_out: bool = False,
    separator: str | None = None,
    model: str | object = "minilm",
    tokenizer: object | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
    max_length: int | None = None,
    site: str = "residual",
    stack: Stack | None = None,
    pooling: str = "mean",
    template: str | None = None,
    chat: bool = False,
    device: Device = "auto",
    dtype: Dtype = "auto",
    batch_tokens: int | None = None,
    compile: Compiling = "auto",
    split: bool = False,
    split_memory: float | None = None,
    engine: Engine = "local",
    ray_address: str | None = None,
    workers: int | None = None,
    gpus_per_worker: float | None = None,
    shards: str | None = None,
    atlas_of: Named | None = None,
    align: bool = False,
    atlas: str = "clusters",
    clusters: int | None = None,
    reducer: str = "pca",
    resolution: int = 10,
    components: int | None = None,
    threshold: float = 0.3,
    standardize: bool = True,
    fit_on: int | None = None,
    length_adjust: bool = True,
    fdr: Method = "discrete",
    refits: int = REFITS,
    controls: bool = False,
    seed: int = 0,
    force: bool = False,
    store: Location | None = None,
    progress: Progress | bool | None = True,
) -> Outcome:
    """Scans a corpus with a model and stores the study.

    The options are those of `mri ingest`. What a notebook has in memory is taken, too:

    - `corpus`: a pandas DataFrame, a `Dataset` of Hugging Face, an Arrow table, a list of dicts, a dict of columns; or
      texts as a list, an array or a Series, and then `label`, and if wanted `title`, `id` and `group`, with one for
      each. It gives the study of a file with the same content.
    - `model`: one of Transformers or PEFT that is loaded, with its `tokenizer`. It is identified by its weights in
      memory, and left as it is; on a CPU it is in float32.

    Later work on the study finds them while they are in memory.

    >>> made = mri.ingest("news.csv", name="news", clusters=4, refits=0)
    >>> made.study.documents
    60

    Args:
        {options}
        tokenizer: Of a loaded model.
        store: A folder for the embedded engine, or a server's URL. None: `MRI_STORE`, else `./mri-store`.
        progress: True for bars and notes in a notebook or a terminal, False for silence; or receives them.

    Returns:
        The study, whether it was there already, and the seconds of each stage.

    Raises:
        MriError: One line that says what is wrong and what to do; no partial study is then visible.
    """
    given = locals()
    options = {option: given[option] for option in OPTIONS}
    options["atlas_of"] = getattr(atlas_of, "id", atlas_of)
    if isinstance(corpus, str | Path | None):
        options |= as_names({name: options[name] for name in CELLS})
    else:
        options |= held_corpus(corpus, options)
    if not isinstance(model, str):
        from ingest.model.memory import hold_model

        options["model"] = hold_model(model, tokenizer)
    elif tokenizer is not None:
        raise UsageError("A tokenizer is that of a loaded model", f"The model is named, {model!r}", "Leave it out")
    request = Request(**options, given=NAMED.get())
    with reporting(progress) as reports:
        made = run(request, store=store, progress=reports)
        if request.holdout is not None and not request.held_out:
            confirm_held_out(request, store=store, progress=reports)
    return made
