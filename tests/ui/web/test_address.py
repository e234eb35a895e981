"""What the page shows, in the address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.scene import MEASURES
from ui.drawing.view import CONNECTIONS, GREATEST_Q, LEAST_STABILITY, ORDERS, TABS, View
from ui.web.state.address import read, write

views = st.builds(
    View,
    study=st.text(),
    tab=st.sampled_from(sorted(TABS)),
    category=st.text(),
    order=st.sampled_from(["", *ORDERS]),
    most_q=st.sampled_from(GREATEST_Q),
    least_stability=st.sampled_from(LEAST_STABILITY),
    measure=st.sampled_from(sorted(MEASURES)),
    connections=st.sampled_from(CONNECTIONS),
    first=st.none() | st.integers(0, 999),
    last=st.none() | st.integers(0, 999),
    stay=st.booleans(),
    region=st.text(),
    source=st.text(),
    target=st.text(),
    focus=st.booleans(),
    tried=st.text(),
    picked=st.text(),
)


@given(views)
def test_a_view_is_read_back_from_its_address(view: View) -> None:
    assert read(write(view)) == view


@given(st.dictionaries(st.sampled_from([*View.__dataclass_fields__, "other"]), st.text()))
def test_any_address_can_be_read(params: dict[str, str]) -> None:
    view = read(params)
    assert view.measure in MEASURES
    assert view.connections in CONNECTIONS
    assert view.order in ("", *ORDERS)
    assert view.most_q in GREATEST_Q
    assert view.least_stability in LEAST_STABILITY
    assert view.tab in TABS


def test_the_address_of_the_default_view_is_empty() -> None:
    assert write(View()) == {}


def test_what_cannot_be_understood_is_as_if_it_were_not_there() -> None:
    assert (
        read({"tab": "Graph", "connections": "many", "measure": "beauty", "first": "-1", "stay": "perhaps"}) == View()
    )


def test_picking_something_else_ends_the_focus() -> None:
    view = View(region="L0/R1", focus=True)
    assert view.on("L1/R1").focus
    assert not view.on(source="L0/R1", target="L1/R1").focus
