"""Customer categories: the words by which a facility tells prices of people apart, such as adult and child (DY-16)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerCategory:
    """One category; lists show those of lower position first."""

    name: str
    position: int = 0
