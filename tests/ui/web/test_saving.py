"""What the page's buttons save."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from matplotlib.figure import Figure
from PIL import Image

from mri_core.records.graph import GIVEN
from tests.planted import planted_graph
from ui.web.widgets.saving import pictures


def test_a_picture_of_the_page_says_which_study_model_and_documents_it_is_of() -> None:
    study = replace(planted_graph("news", seed=7).study, model="minilm", model_revision="0123456789abcdef")
    (png, name, kind, content), (*_, vector) = pictures(lambda: Figure((3.4, 2)), "news-layers", study)
    assert (png, name, kind) == ("PNG", "news-layers.png", "image/png")
    with Image.open(io.BytesIO(bytes(content()))) as saved:  # type: ignore[arg-type]
        known = saved.text  # type: ignore[attr-defined]
    assert (known["Study-ID"], known["Model"], known["Documents"]) == ("news-00000007", "minilm", "60")
    assert b">news: minilm (revision 0123456789ab), n = 60 documents</text>" in bytes(vector())  # type: ignore[arg-type]


def test_a_picture_of_two_studies_names_both() -> None:
    base, other = (planted_graph(name, seed=seed).study for name, seed in (("news", 7), ("tuned", 8)))
    (_, _, _, content), (*_, vector) = pictures(lambda: Figure((3.4, 2)), "news-tuned-changes", other, base)
    with Image.open(io.BytesIO(bytes(content()))) as saved:  # type: ignore[arg-type]
        known = saved.text  # type: ignore[attr-defined]
    assert (known["Title"], known["Study"], known["Base-Study"]) == ("tuned against news", "tuned", "news")
    assert known["Base-Study-ID"] == "news-00000007"
    assert "against news: planted-model" in " ".join(re.findall(r">([^<>]*)</text>", bytes(vector()).decode()))  # type: ignore[arg-type]


def test_where_activations_were_given_no_model_is_named() -> None:
    study = replace(planted_graph("news").study, model=GIVEN, model_revision="0123456789abcdef")
    *_, (*_, vector) = pictures(lambda: Figure((3.4, 2)), "news-layers", study)
    assert b">news: given activations, n = 60 documents</text>" in bytes(vector())  # type: ignore[arg-type]
