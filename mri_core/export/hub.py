"""Bundles on the Hugging Face hub: a dataset with the file and a card that says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mri_core.errors import MriError, UsageError, one_line
from mri_core.export.bundle import Bundle
from mri_core.export.formats import Written, export
from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.store.contents import Contents, without_texts

SCHEME = "hf://"
PATIENCE = 10  # seconds for the hub to answer
FILE, CARD = "study.mri", "README.md"
TAGS = ["llm-mri-graph", "interpretability"]
RULE = "A study on the Hugging Face hub is a dataset with a bundle"
_PLACE = re.compile(r"hf://(?:datasets/)?(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?", re.ASCII)
ABOUT = """
# {name}

A study of LLM-MRI Graph: which regions of a language model's activations the documents of each category fall into, and
how they pass from layer to layer.

| | |
|---|---|
{rows}

```sh
pip install llm-mri-graph
mri import hf://{repo}
mri show {name}
```

`{file}` is a zip archive of JSON lines, which anything can read; its `manifest.json` says what is in it.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A dataset on the hub.

    Attributes:
        repo: its owner and name.
        revision: a branch, tag or commit; None for the newest.
    """

    repo: str
    revision: str | None = None

    @classmethod
    def parse(cls, name: str) -> Place:
        """The dataset of `hf://owner/name` or `hf://owner/name@revision`; raises `UsageError` for anything else."""
        found = _PLACE.fullmatch(name)
        if found is None:
            rule = "A dataset of the hub is named as hf://OWNER/NAME, or hf://OWNER/NAME@REVISION"
            raise UsageError(rule, f"{name!r} is not", "Name its owner and itself")
        return cls(found["repo"], found["revision"])


def is_on_hub(name: str) -> bool:
    """Whether a file is named as a dataset of the hub."""
    return name.startswith(SCHEME)


def push(contents: Contents, place: Place, *, public: bool = False) -> tuple[Written, str]:
    """Writes a study's bundle and its card to the hub, as one commit; makes the dataset if it is not there.

    Args:
        contents: the study, as `mri_core.export.shared.Shared` gives it away.
        place: the dataset.
        public: whether everybody may read it; else a dataset that is made is private, and one that is public refused.

    Returns:
        what the bundle holds, and the address of the commit.

    Raises:
        UsageError: the place names a revision; or the dataset is public, which was not asked for.
        MriError: the hub cannot be reached or refuses.
    """
    if place.revision is not None:
        raise UsageError("A study is written to a dataset's main branch", f"{place.revision} is named", "Leave it out")
    with TemporaryDirectory(prefix="llm-mri-graph-") as folder:
        path = Path(folder) / FILE
        written = export(contents, "bundle", path)
        with _reaching(place):
            from huggingface_hub import CommitOperationAdd, HfApi

            api = HfApi(library_name="llm-mri-graph")
            api.create_repo(place.repo, repo_type="dataset", private=not public, exist_ok=True)
            private = api.dataset_info(place.repo).private
            if public and private:
                fact = f"{place.repo} is private already"
                raise UsageError(
                    "A dataset is made public by its owner", fact, "Change it on the hub, or leave --public out"
                )
            if not public and not private:
                fact = f"{place.repo} is public already"
                raise UsageError("A study is private on the hub unless it is said to be public", fact, "Add --public")
            with Bundle(path) as bundle:
                text = card(bundle.study, bundle.manifest["checksum"], place)
            done = api.create_commit(
                place.repo,
                [CommitOperationAdd(CARD, text.encode()), CommitOperationAdd(FILE, path)],
                commit_message=f"Study {contents.study.id}",
                repo_type="dataset",
            )
    return written, str(done.commit_url)


def found(name: str | Path) -> Path:
    """The file of a bundle that is a file, or a dataset of the hub, which is fetched."""
    return fetch(Place.parse(str(name))) if is_on_hub(str(name)) else Path(name)


def fetch(place: Place) -> Path:
    """The bundle of a dataset, downloaded once into the hub's cache.

    Raises:
        MriError: there is none, or the hub cannot be reached and the cache has none.
    """
    with _reaching(place):
        from huggingface_hub import hf_hub_download

        return Path(
            hf_hub_download(
                place.repo,
                FILE,
                repo_type="dataset",
                revision=place.revision,
                library_name="llm-mri-graph",
                local_files_only=not _answers(place),
            )
        )


def _answers(place: Place) -> bool:
    """Whether the hub answers, if only to refuse. A download without an answer is tried for half a minute."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        HfApi(library_name="llm-mri-graph").dataset_info(place.repo, revision=place.revision, timeout=PATIENCE)
    except HfHubHTTPError:
        return True
    except Exception:  # noqa: BLE001 -- each version of the client has its own HTTP errors; a wrong name is refused later
        return False
    return True


def card(study: Study, checksum: str, place: Place) -> str:
    """What a dataset's page says of its study: how it was made, what it holds, and how it is read."""
    from huggingface_hub import DatasetCardData

    texts = "left out" if without_texts(study) else "their first 280 characters, and titles"
    told = {
        "Model": f"{study.model} ({study.model_revision[:12]}), {study.site}, {study.pooling}",
        "Corpus": f"{study.corpus}, {how_many(study.documents, 'document')} in {study.categories} categories",
        "Atlas": f"{study.atlas}, {how_many(study.regions, 'region')} in {study.layers} layers",
        "Connections": f"{study.connections:,}",
        "Texts": texts,
        "Made": f"{study.created_at[:10]} by {study.software}",
        "Study": study.id,
        "Checksum": checksum,
    }
    rows = "\n".join(f"| {name} | {_cell(value)} |" for name, value in told.items())
    header = DatasetCardData(pretty_name=f"LLM-MRI Graph: {study.name}", tags=TAGS, viewer=False)
    return f"---\n{header.to_yaml()}\n---\n{ABOUT.format(name=study.name, rows=rows, repo=place.repo, file=FILE)}"


def _cell(text: str) -> str:
    """A text in a cell of a Markdown table, whatever is in it."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", one_line(text))


@contextmanager
def _reaching(place: Place) -> Iterator[None]:
    """What goes wrong on the hub as an error of ours: its client lets through whatever its HTTP library raises.

    What the client logs meanwhile, a line for each attempt, is not shown.
    """
    import logging as levels

    from huggingface_hub.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity(levels.ERROR)
    try:
        yield
    except MriError:
        raise
    except Exception as error:
        raise _refused(place, error) from error
    finally:
        logging.set_verbosity(level)


def _refused(place: Place, error: Exception) -> MriError:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if isinstance(error, HFValidationError):
        return UsageError("A dataset has a name that the hub takes", str(error), "Choose another name")
    if isinstance(error, LocalEntryNotFoundError):
        return MriError(RULE, f"The hub cannot be reached, and the cache has no {place.repo}", "Try again when it can")
    if isinstance(error, EntryNotFoundError):
        return MriError(RULE, f"{place.repo} has no {FILE}", "Name one that `mri export STUDY bundle -o hf://…` wrote")
    if isinstance(error, RevisionNotFoundError):
        return MriError(RULE, f"{place.repo} has no revision {place.revision}", "Name another one, or none")
    if isinstance(error, RepositoryNotFoundError):
        fact = f"There is no {place.repo} that this account may read"
        return MriError(RULE, fact, "Name another one, or sign in: hf auth login")
    if isinstance(error, HfHubHTTPError):
        code = getattr(error.response, "status_code", None)
        signed_out = code in (401, 403)
        remedy = "Sign in with an account that may write there: hf auth login" if signed_out else "Try again later"
        return MriError(RULE, f"The hub refuses {place.repo}: {str(error)[:200]}", remedy)
    fact = f"The hub cannot be reached: {str(error)[:200] or type(error).__name__}"
    return MriError(RULE, fact, "Try again when it can")
