"""What may be asked of the outputs: how they are, and that staff have their will of one for a while (AC-17)."""

from collections.abc import Mapping

from appliance.access.output_keeping import OutputKeeping, OutputStatus
from appliance.access.outputs import Override
from appliance.door_socket.operations import required_text
from appliance.door_socket.server import Answer, Operations
from appliance.foundation.errors import FieldError, Invalid


def output_operations(outputs: OutputKeeping) -> Operations:
    """The operations by their names, for the control socket."""

    def look(_ask: Mapping[str, object]) -> Answer:
        return {"outputs": [_output(status) for status in outputs.statuses()]}

    def override(ask: Mapping[str, object]) -> Answer:
        wish = None
        if ask.get("on") is not None:
            until = ask.get("until")
            if not isinstance(until, int) or isinstance(until, bool):
                raise Invalid(FieldError("until", "malformed", "must be UTC seconds"))
            wish = Override(ask["on"] is True, until)
        output, actor, reason = (required_text(ask, name) for name in ("output", "actor", "reason"))
        return {"output": _output(outputs.override(output, wish, actor, reason))}

    return {"outputs": look, "override": override}


def _output(status: OutputStatus) -> dict[str, object]:
    plan, override = status.plan, status.override
    return {
        "id": plan.id, "slug": plan.slug, "name": plan.name, "driver": plan.driver, "on": status.is_on,
        "override_until": override.until if override else None, "online": status.health.online,
        "fault": status.health.fault,
    }  # fmt: skip
