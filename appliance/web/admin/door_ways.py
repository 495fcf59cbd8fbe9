"""Which doors lead to what: the keys of a booking open the doors on the way to what was booked (AC-08)."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import text
from appliance.keys import store as key_store
from appliance.keys.site_store import sites
from appliance.web.admin import choices
from appliance.web.admin.console import Console
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now


class DoorWays:
    """`/admin/setup/doors`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup/doors", "ways", self.all)
        blueprint.add_url_rule("/setup/doors", "ways_change", self.change, methods=["POST"])

    def all(self) -> ResponseReturnValue:
        with self._desk.book.read(self._desk.scope) as tx:
            ways, plan = sites().current(tx).ways, key_store.site_plan_or_none(tx) or {}
        doors = plan.get("doors")
        listed = doors if isinstance(doors, list) else []
        leaves = [(each, name) for each, name in choices.resources() if self._is_leaf(each)]
        return self._console.page("ways.html", doors=listed, resources=leaves, ways=ways)

    def change(self) -> ResponseReturnValue:
        wanted = {each: set(request.form.getlist(f"way.{each}")) for each, _ in choices.resources()}
        with self._desk.book.write(self._desk.scope, self._console.actor) as tx:
            site = sites().current(tx)
            for resource_id, doors in wanted.items():
                there = set(site.ways.get(resource_id, ()))
                for door_id in sorted(doors & set(site.door_ids) - there):
                    key_store.add_way(tx, resource_id, door_id)
                for door_id in sorted(there - doors if self._is_leaf(resource_id) else ()):
                    key_store.drop_way(tx, resource_id, door_id)
        return self._console.done(url_for("admin.setup"), text(language(), "It is saved and in force."))

    def _is_leaf(self, resource_id: str) -> bool:
        tree = catalogue_now().tree
        return [each.id for each in tree.below[resource_id]] == [resource_id]
