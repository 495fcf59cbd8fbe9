"""The tenant scope: whose rows a piece of work may see."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Scope:
    """One facility. Every store takes a scope and puts it in every query; a unit is a tenant of one."""

    facility_id: str
    zone: ZoneInfo
    currency: str
