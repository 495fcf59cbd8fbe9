"""Home Assistant's MQTT discovery for one door (DR-03). Pure.

Home Assistant's `lock` cannot be described without a topic to command it by, and a door here takes no unsigned command.
So the lock's state is a `binary_sensor` of class `lock` (on means free), the leaf one of class `door`, and what happens
an `event`. Nothing that Home Assistant publishes can move a bolt.
"""

import json
from typing import Final

from drivers.mqtt_lock.messages import DoorTopics, Event

PREFIX: Final = "homeassistant"


def discovery(topics: DoorTopics) -> dict[str, bytes]:
    """Retained messages, topic to payload."""
    node = f"portvakt_{topics.facility}_{topics.door}"
    device = {"identifiers": [node], "name": f"{topics.facility} {topics.door}", "manufacturer": "Portvakt"}
    shared = {"availability_topic": topics.availability, "device": device}
    state = {**shared, "state_topic": topics.state, "payload_on": "ON", "payload_off": "OFF"}
    parts: dict[str, dict[str, object]] = {
        f"{PREFIX}/binary_sensor/{node}/lock/config": {
            **state,
            "name": "Lock",
            "unique_id": f"{node}_lock",
            "device_class": "lock",
            "value_template": "{{ 'OFF' if value_json.lock == 'locked' else 'ON' }}",
        },
        f"{PREFIX}/binary_sensor/{node}/contact/config": {
            **state,
            "name": "Door",
            "unique_id": f"{node}_contact",
            "device_class": "door",
            "value_template": "{{ 'ON' if value_json.contact == 'open' else 'OFF' }}",
        },
        f"{PREFIX}/event/{node}/event/config": {
            **shared,
            "name": "Events",
            "unique_id": f"{node}_event",
            "state_topic": topics.event,
            "event_types": [event.value for event in Event],
        },
    }
    return {topic: json.dumps(payload, separators=(",", ":")).encode() for topic, payload in parts.items()}
