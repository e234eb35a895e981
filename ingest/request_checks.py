"""What is wrong with a request before anything is read: options by themselves, and those that do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingest.model.prompts import parse_template
from ingest.options import Option
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.spec import check_spec
from mri_core.errors import UsageError, unknown_name
from mri_core.paths import lay_in_memory
from mri_core.records.ids import check_study_name
from mri_core.statistics.fdr import check_method

if TYPE_CHECKING:
    from ingest.request import Request

OF_LOADING = ("revision", "trust_remote_code", "device", "dtype", "split", "split_memory", "engine")
OF_RAY = ("ray_address", "workers", "gpus_per_worker")
HELD_OUT = "-holdout"  # added to the name of a study, for that of its held-out documents
OF_TOKENS = ("tags", "subtokens", "untagged")  # options that only a scan of tokens has
OF_TAGS = ("subtokens", "untagged")  # and of these those that a corpus without tags has no use for
OF_TEXTS = ("label", "bins", "match")  # options of a text's category, which texts with tagged tokens have not
WHOLE_TEXTS = ("align", "shards")  # options of scans that have a row for each text


def check_request(request: Request, options: Mapping[str, Option]) -> None:
    """Raises `UsageError` for whatever is wrong.

    Args:
        request: to check.
        options: of requests, by name.
    """
    check_study_name(request.name)
    if request.holdout is not None and request.atlas_of is not None and not request.held_out:
        fact = "With --atlas-of nothing is fitted"
        raise UsageError("What is held out confirms what an atlas of the others shows", fact, "Leave --holdout out")
    if request.holdout is not None and not request.held_out:
        check_study_name(f"{request.name}{HELD_OUT}")
    _check_choices(request, options)
    _check_atlas(request)
    _check_numbers(request, options)
    _check_prompt(request)
    _check_source(request)
    _check_loaded(request)
    _check_split(request)
    _check_engine(request, options)
    _check_tokens(request)
    if request.group is not None:
        check_method(request.fdr, grouped=True)


def _check_choices(request: Request, options: Mapping[str, Option]) -> None:
    for option in options.values():
        value = getattr(request, option.name)
        if option.choices and value is not None and value not in option.choices:
            raise unknown_name(option.name, value, option.choices)


def _check_numbers(request: Request, options: Mapping[str, Option]) -> None:
    for option in options.values():
        value = getattr(request, option.name)
        if value is None or option.kind not in ("integer", "number"):
            continue
        if not isinstance(value, int | float) or isinstance(value, bool):
            remedy = f"None stands for {option.word}" if option.word else ""
            raise UsageError(f"{option.label} is a number", f"{option.flag} is {value!r}", remedy)
        if option.kind == "integer" and not isinstance(value, int):
            raise UsageError(f"{option.label} is a whole number", f"{option.flag} is {value!r}")
        if option.least is not None and value < option.least:
            raise UsageError(f"{option.label} is at least {option.least}", f"{option.flag} is {value}")
        if option.most is not None and value > option.most:
            raise UsageError(f"{option.label} is at most {option.most}", f"{option.flag} is {value}")


def _check_prompt(request: Request) -> None:
    if request.template is None:
        return
    parse_template(request.template)
    if request.chat:
        raise UsageError("A text has one prompt around it", "There are --template and --chat", "Leave one out")


def _check_source(request: Request) -> None:
    if (request.corpus is None) == (request.activations is None):
        fact = "Neither was given" if request.corpus is None else "Both were given"
        raise UsageError("An ingest reads a corpus or given activations", fact, "Name one of them")
    if request.activations is None:
        return
    if given := [option.flag for option in request.chosen() if option.group == "model"]:
        fact = f"Given with them: {', '.join(given)}"
        raise UsageError("Given activations are read without a model", fact, "Leave it out")


def _check_loaded(request: Request) -> None:
    """A model that is loaded lies where it lies, in the type that it has."""
    if not lay_in_memory(request.model):
        return
    given = [option.flag for option in request.chosen() if option.name in OF_LOADING]
    if given:
        fact = f"Given with it: {', '.join(given)}"
        raise UsageError("A loaded model is read where it lies, as it is", fact, "Leave it out, or name its folder")


def _check_split(request: Request) -> None:
    if request.split_memory is not None and not request.split:
        fact = "--split-memory would do nothing to a model that lies in one place"
        raise UsageError("A share of memory is that of a split model", fact, "Add --split")
    if request.split_memory is not None and not request.split_memory > 0:
        fact = f"--split-memory is {request.split_memory:g}"
        raise UsageError("Weights take some memory", fact, "Leave it out for what is free")
    if request.split and request.compile == "on":
        fact = "There are --split and --compile on"
        raise UsageError("A model is compiled where all its weights are in one place", fact, "Leave one out")


def _check_engine(request: Request, options: Mapping[str, Option]) -> None:
    of_ray = [options[name] for name in OF_RAY]
    flags = [option.flag for option in of_ray if getattr(request, option.name) != option.default]
    if request.engine != "ray":
        if flags:
            fact = f"{' and '.join(flags)} would do nothing in this process"
            raise UsageError("Workers are those of Ray", fact, "Add --engine ray")
        return
    if request.ray_address is not None and request.ray_address.startswith("ray://"):
        fact = f"--ray-address is {request.ray_address}, that of Ray's client for machines that are no part of it"
        raise UsageError("A scan is started on a machine of the cluster", fact, "Give HOST:PORT, or auto")
    _check_gpus(request)
    if request.device not in ("auto", "cuda" if request.gpus_per_worker else "cpu"):
        fact = f"--device is {request.device}, and workers have {'GPUs' if request.gpus_per_worker else 'none'}"
        raise UsageError("A worker runs on the GPUs that it has, else on its cores", fact, "Leave --device out")


def _check_gpus(request: Request) -> None:
    gpus = request.gpus_per_worker
    if gpus is None or 0 < gpus <= 1:
        return
    fact = f"--gpus-per-worker is {gpus:g}"
    if gpus > 1 and not request.split:
        raise UsageError("A model uses one GPU or a share of one, unless it is split", fact, "Add --split")
    if gpus <= 0 or gpus != int(gpus):
        remedy = "Leave it out for none"
        raise UsageError("A worker has a share of one GPU, or a whole number of them", fact, remedy)


def _check_atlas(request: Request) -> None:
    if request.atlas_of is not None:
        if request.align and request.holdout is not None:
            fact = "--align and --holdout were given, and the rotation of an aligned study is not stored"
            raise UsageError("Documents that are held out are placed as the others were", fact, "Leave one out")
        placing = ("atlas_of", "align")
        fitting = [opt.flag for opt in request.chosen() if opt.group == "atlas" and opt.name not in placing]
        if fitting:
            fact = f"{' and '.join(fitting)} would do nothing to the atlas of {request.atlas_of}"
            raise UsageError("With --atlas-of nothing is fitted", fact, "Leave it out")
        return
    if request.align:
        fact = "There is --align, and no --atlas-of"
        raise UsageError("Activations are aligned with those of an atlas' study", fact, "Name it with --atlas-of")
    own = ATLAS_KINDS.named(request.atlas).options
    foreign = {name for kind in ATLAS_KINDS.own.values() for name in kind.options if name not in own}
    if flags := sorted(option.flag for option in request.chosen() if option.name in foreign):
        fact = f"{' and '.join(flags)} would do nothing to --atlas {request.atlas}"
        raise UsageError("An atlas is made with options of its own", fact, "Leave it out, or choose another --atlas")
    check_spec(request.atlas_spec)


def check_tagged(request: Request, tagged: bool) -> None:
    """Raises `UsageError` for options that say what is done with tags, where a corpus has none.

    Args:
        request: the options; with the atlas of a study come those of its own corpus, which are not the user's.
        tagged: tokens have labels of their own.
    """
    users = request.named if request.atlas_of is None else request.given
    flags = [option.flag for option in request.chosen() if option.name in OF_TAGS and option.name in users]
    if flags and not tagged:
        named = " and ".join(flags)
        fact = f"{named} would do nothing to {request.corpus}, whose tokens have the category of their text"
        remedy = "Name the column of their tags with --tags, or leave it out"
        raise UsageError("Words with and without a tag are those of a corpus that has tags", fact, remedy)


def _check_tokens(request: Request) -> None:
    """What only a scan of tokens has, and what it has not."""
    if request.unit != "token":
        if flags := [option.flag for option in request.chosen() if option.name in OF_TOKENS]:
            fact = f"{' and '.join(flags)} would do nothing to a scan of documents"
            raise UsageError("Labels are those of tokens", fact, "Add --unit token")
        return
    if request.activations is not None:
        fact = "There are --activations and --unit token, and nothing says which rows are of one text"
        raise UsageError("Tokens are read from texts", fact, "Leave --unit out, and name the texts with --group")
    if flags := [option.flag for option in request.chosen() if option.name in WHOLE_TEXTS]:
        fact = f"There {'is' if len(flags) == 1 else 'are'} {' and '.join(flags)} with --unit token"
        raise UsageError("Aligned activations and shards have a row for each text", fact, "Leave it out")
    if request.holdout is not None:
        fact = "There is --holdout with --unit token, and the graph has no region of each token"
        remedy = "Leave it out, or scan with --unit document"
        raise UsageError("Findings are confirmed document by document", fact, remedy)
    if request.atlas == "components":
        fact = "--atlas is components, in which nothing could be counted by text"
        raise UsageError("Tokens are counted in the regions that hold them", fact, "Take clusters or grid")
    if request.compile == "on":
        fact = "There is --compile on with --unit token, and batches differ in their number of tokens"
        raise UsageError("A compiled model reads one row of each text", fact, "Leave it out")
    if request.pooling != "mean":
        fact = f"--pooling is {request.pooling}, and a token has a row of its own"
        raise UsageError("A pooling makes one row of a text's tokens", fact, "Leave it out")
    if request.tags is not None:
        flags = [option.flag for option in request.chosen() if option.name in OF_TEXTS]
        if flags:
            fact = f"There {'is' if len(flags) == 1 else 'are'} {' and '.join(flags)} with --tags"
            raise UsageError("Tokens have the category of their text or a tag of their own", fact, "Leave it out")
