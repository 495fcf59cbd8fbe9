"""Resources, what a booking occupies, and the pools from which a service takes them.

Resources may form a tree at most three deep, such as a hall split into courts. Only its leaves are ever claimed: to
claim a resource that has parts is to claim each leaf below it, so that there is one level of truth (SH-16).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.booking.start_grids import StartGrid
from appliance.foundation.errors import FieldError, Invalid

DEEPEST_TREE: Final = 3


class ResourceKind(StrEnum):
    """What a resource is, and with it how it is counted."""

    UNIT = "unit"  # a room, a court, a machine: one at a time
    STAFF = "staff"  # a person: one at a time
    COUNTED = "counted"  # places or things that are all alike: `capacity` of them at a time


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be occupied; `capacity` is how many units of it may be claimed at one instant.

    grid: where bookings of it start, in place of the grid of their service. staff_id: who signs in as this person.
    """

    id: str
    slug: str
    name: str
    kind: ResourceKind = ResourceKind.UNIT
    capacity: int = 1
    parent_id: str | None = None
    grid: StartGrid | None = None
    staff_id: str | None = None

    def __post_init__(self) -> None:
        if self.capacity < 1:
            raise ValueError(f"resource {self.slug} needs a capacity of at least 1, got {self.capacity}")
        if self.kind is not ResourceKind.COUNTED and self.capacity != 1:
            raise ValueError(f"resource {self.slug} is one {self.kind}: its capacity is 1, got {self.capacity}")

    @property
    def is_counted(self) -> bool:
        return self.kind is ResourceKind.COUNTED


@dataclass(frozen=True, slots=True)
class Pool:
    """Resources that serve a need equally well; `members` are resource ids in the order in which they are preferred."""

    id: str
    slug: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.members)) != len(self.members):
            raise ValueError(f"pool {self.slug} names a member twice")

    def only(self, resource_id: str) -> "Pool":
        """The same with no member but that one; with none if it is no member."""
        return Pool(self.id, self.slug, tuple(member for member in self.members if member == resource_id))


@dataclass(frozen=True, slots=True)
class Tree:
    """The resources of a facility with their ancestry worked out. Make one with `tree_of`.

    `lineage` holds each resource's id followed by those of its parent and so on up; `below` its leaves, itself if it
    has no parts.
    """

    resources: Mapping[str, Resource]
    lineage: Mapping[str, tuple[str, ...]]
    below: Mapping[str, tuple[Resource, ...]]


def tree_of(resources: Iterable[Resource]) -> Tree:
    """Order `resources` into their tree. Unknown parents, circles, counted parents and depth over three are Invalid."""
    by_id = {resource.id: resource for resource in resources}
    errors: list[FieldError] = []
    lineage: dict[str, tuple[str, ...]] = {}
    for resource in by_id.values():
        line, error = _climb(resource, by_id)
        lineage[resource.id] = line
        if error is not None:
            errors.append(error)
    if errors:
        raise Invalid(*errors)
    parents = {resource.parent_id for resource in by_id.values()}
    below: dict[str, list[Resource]] = {resource_id: [] for resource_id in by_id}
    for resource in by_id.values():
        if resource.id not in parents:
            for ancestor in lineage[resource.id]:
                below[ancestor].append(resource)
    return Tree(by_id, lineage, {resource_id: tuple(leaves) for resource_id, leaves in below.items()})


def leaves(resource: Resource, tree: Tree) -> tuple[Resource, ...]:
    """What is claimed when `resource` is: its leaves in the order of the tree, or itself when it has no parts."""
    return tree.below[resource.id]


def _climb(resource: Resource, by_id: Mapping[str, Resource]) -> tuple[tuple[str, ...], FieldError | None]:
    line = [resource.id]
    while (parent_id := by_id[line[-1]].parent_id) is not None:
        where = f"resources.{resource.slug}.parent_id"
        if parent_id not in by_id:
            return tuple(line), FieldError(where, "unknown", "there is no such resource")
        if by_id[parent_id].is_counted:
            return tuple(line), FieldError(where, "counted_parent", "a counted resource cannot have parts")
        line.append(parent_id)
        if len(line) > DEEPEST_TREE:
            message = f"resources may be nested at most {DEEPEST_TREE} deep and not in a circle"
            return tuple(line), FieldError(where, "too_deep", message)
    return tuple(line), None
