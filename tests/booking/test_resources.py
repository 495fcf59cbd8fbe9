"""Resources and their tree: who claims the whole claims every part."""

from typing import Any

import pytest

from appliance.booking.resources import Pool, Resource, ResourceKind, leaves, tree_of
from appliance.foundation.errors import Invalid


def court(name: str, parent: str | None = None, **more: Any) -> Resource:
    return Resource(name, name, name, parent_id=parent, **more)


def test_claiming_a_hall_claims_each_court_of_it_and_nothing_else() -> None:
    """SH-16: a split court has one level of truth, its leaves."""
    hall = court("hall")
    tree = tree_of(
        [court("a", "half"), court("half", "hall"), hall, court("b", "half"), court("c", "hall"), court("d")]
    )
    assert [leaf.id for leaf in leaves(hall, tree)] == ["a", "b", "c"]
    assert [leaf.id for leaf in leaves(tree.resources["half"], tree)] == ["a", "b"]
    assert [leaf.id for leaf in leaves(tree.resources["d"], tree)] == ["d"]
    assert tree.lineage["a"] == ("a", "half", "hall")


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        ([court("a", "nowhere")], "unknown"),
        ([court("a", "b"), court("b", "a")], "too_deep"),
        ([court("a", "a")], "too_deep"),
        ([court("a"), court("b", "a"), court("c", "b"), court("d", "c")], "too_deep"),
        ([court("a", kind=ResourceKind.COUNTED, capacity=3), court("b", "a")], "counted_parent"),
    ],
)
def test_a_tree_that_is_none_is_refused(resources: list[Resource], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        tree_of(resources)
    assert {error.code for error in refused.value.errors} == {code}


def test_every_mistake_in_a_tree_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        tree_of([court("a", "x"), court("b", "y"), court("c")])
    assert [error.field for error in refused.value.errors] == ["resources.a.parent_id", "resources.b.parent_id"]


def test_only_a_counted_resource_holds_more_than_one() -> None:
    with pytest.raises(ValueError, match="capacity is 1"):
        court("a", capacity=2)
    with pytest.raises(ValueError, match="at least 1"):
        court("a", kind=ResourceKind.COUNTED, capacity=0)
    assert court("a", kind=ResourceKind.COUNTED, capacity=12).is_counted


def test_a_pool_names_a_member_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Pool("p", "p", ("a", "a"))
