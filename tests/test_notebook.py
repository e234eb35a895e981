"""What a notebook shows: errors of one line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

FAILING = {
    'mri.show("nothing", store="/no/such/store")': "StoreError: Reading needs a store.",
    'mri.ingest([], name="texts")': "UsageError: Texts have labels. They came without.",
    'mri.ingest("news.csv", name="news", lable="topic")': "UsageError: No option of ingest is called 'lable'.",
    'mri.ingest("news.csv", name="news", label=[1, 2])': "UsageError: What a table's documents are labelled by",
    'mri.ingest("news.csv")': "UsageError: A study has a name.",
    'mri.ingest("/no/such/file.csv", name="news")': "CorpusError: No such file or folder",
    'mri.cypher("RETURN", store="/no/such/store")': "StoreError: Reading needs a store.",
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        shell = InteractiveShell.instance()
        shell.run_cell("import mri")
        yield shell
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("cell", FAILING)
def test_an_error_of_ours_is_one_line_without_a_traceback(cell: str, shell: InteractiveShell) -> None:
    with capture_output() as shown:
        shell.run_cell(cell)
    (line,) = shown.stdout.splitlines()
    assert line.startswith(FAILING[cell])


def test_other_errors_have_their_traceback(shell: InteractiveShell) -> None:
    with capture_output() as shown:
        shell.run_cell("1 / 0")
    assert len(shown.stdout.splitlines()) > 3
