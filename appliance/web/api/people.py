"""Who comes, by customer category, as a body says."""

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from appliance.foundation.i18n import marked
from appliance.web.api.complaints import Asked, Complaint
from appliance.web.api.fields import category_name, counted

MOST_OF_A_CATEGORY: Final = 1000
TWICE = Complaint("twice", marked("Name each customer category once."))
OTHER_QUANTITY = Complaint("out_of_range", marked("They do not add up to the quantity."))


class PeopleSchema(Asked):
    """How many of one customer category come."""

    category = category_name(required=True)
    quantity = counted(1, MOST_OF_A_CATEGORY, required=True)


def people_list() -> ma.fields.Field[Any]:
    """Who comes, by customer category, each named once; they make up the quantity."""
    return ma.fields.List(ma.fields.Nested(PeopleSchema), validate=_each_once)


def _each_once(people: list[dict[str, object]]) -> None:
    if len({each["category"] for each in people}) < len(people):
        raise ma.ValidationError(TWICE)


def require_sum(data: Mapping[str, Any]) -> None:
    """Refuse a quantity that is not that of the people."""
    people = data.get("people")
    if people and data.get("quantity") not in (None, sum(each["quantity"] for each in people)):
        raise ma.ValidationError({"people": [OTHER_QUANTITY]})
