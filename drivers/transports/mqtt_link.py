"""One connection to the site's MQTT broker, shared by every door of the process that needs it (DR-03, DR-10).

MQTT 3.1.1 with what NATS and Mosquitto both do: QoS 1, clean session, last will, levels of `[A-Za-z0-9_-]`. Each
connection has a client object of its own, so that nothing which was under way on the old one is ever sent again: a
command is published while the broker is there, or not at all. A PUBACK is not taken for an answer.
"""

import logging
import re
import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from appliance.foundation.clock import Clock
from drivers.contract import Broker, DriverHealth, DriverRefused, DriverUnreachable, Site
from drivers.supervision import SupervisedLink

log = logging.getLogger(__name__)

CONNECT_S: Final = 1.0
SUBSCRIBED_S: Final = 5.0
KEEPALIVE_S: Final = 10
TICK_S: Final = 0.5
ASK_AGAIN_TICK: Final = 2
LONGEST_TOPIC: Final = 240
LARGEST_PAYLOAD: Final = 64 * 1024
_TOPIC = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")


class Member(Protocol):
    """A door on the link. All three are called from the link's threads, one at a time, and return quickly."""

    topics: Sequence[str]

    def connected(self) -> None:
        """The broker is there and the topics are subscribed."""

    def heard(self, topic: str, payload: bytes) -> None:
        """A message came in, a retained one included."""

    def tick(self) -> None:
        """Called about twice a second while connected."""

    def lost(self) -> None:
        """The broker is away."""


class MqttLink:
    """Connects when its first member attaches and leaves when the last one detaches."""

    def __init__(self, broker: Broker, client_id: str, will_topic: str, clock: Clock) -> None:
        self._broker = broker
        self._client_id = checked_topic(client_id)
        self._will_topic = checked_topic(will_topic)
        self._link = SupervisedLink(f"mqtt-{broker.host}-{broker.port}", self._serve, self._wake, clock)
        self._membership = threading.Lock()
        self._members: tuple[Member, ...] = ()
        self._calls = threading.RLock()
        self._changed = threading.Condition()
        self._client: Client | None = None
        self._subscribed: set[str] = set()
        self._ready = False
        self._lost = ""
        self._refused = False

    def attach(self, member: Member) -> None:
        """Serve this door too; it hears `connected` when that is so, in the link's thread."""
        for topic in member.topics:
            checked_topic(topic)
        with self._membership:
            first = not self._members
            self._members = (*self._members, member)
        client = self._client
        if first:
            self._link.start()
        elif client is not None:
            self._subscribe_missing(client)
            member.connected()

    def detach(self, member: Member) -> None:
        """Serve this door no longer."""
        with self._membership:
            before = len(self._members)
            self._members = tuple(other for other in self._members if other is not member)
            last = before > 0 and not self._members
        if last:
            self._link.stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Callable[[float], bool]:
        """Send at QoS 1 now, or raise `DriverUnreachable`; returns a way to wait for the broker's PUBACK."""
        checked_topic(topic)
        client = self._client
        if client is None:
            raise DriverUnreachable(self._link.health().fault or "not connected to the broker")
        info = client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise DriverUnreachable(f"the broker does not take the message (error {info.rc.value})")

        def acknowledged(seconds: float) -> bool:
            try:
                info.wait_for_publish(seconds)
            except RuntimeError:  # the connection ended meanwhile
                return False
            return info.is_published()

        return acknowledged

    @property
    def online(self) -> bool:
        return self._client is not None

    def health(self) -> DriverHealth:
        """How the connection is."""
        return self._link.health()

    def _serve(self, link: SupervisedLink) -> None:
        with self._changed:
            self._lost, self._refused, self._ready, self._subscribed = "", False, False, set()
        client = self._fresh_client()
        where = f"{self._broker.host}:{self._broker.port}"
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        except OSError as away:
            raise DriverUnreachable(f"no MQTT broker answers at {where} ({away})") from away
        client.loop_start()
        try:
            self._await_subscription(link, client)
            self._watch(link)
        finally:
            self._leave(client, orderly=link.stopping.is_set())

    def _fresh_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=True,
            protocol=MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password)
        client.will_set(self._will_topic, b"offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _await_subscription(self, link: SupervisedLink, client: Client) -> None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._lost) or self._ready or link.stopping.is_set(), SUBSCRIBED_S)
            ready = self._ready
        if ready:
            link.came_online()
            self._subscribe_missing(client)  # for a door that was added between the two halves of subscribing
            self.publish(self._will_topic, b"online", retain=True)
            self._each(lambda member: member.connected())
        elif not self._lost and not link.stopping.is_set():
            raise DriverUnreachable("the broker took the connection and does not speak MQTT")

    def _watch(self, link: SupervisedLink) -> None:
        ticks = 0
        while not link.stopping.is_set():
            with self._changed:
                if self._lost:
                    break
                self._changed.wait(TICK_S)
            ticks += 1
            if ticks == ASK_AGAIN_TICK:
                self._ask_again()
            if not self._lost:
                self._each(lambda member: member.tick())
        if self._lost and not link.stopping.is_set():
            raise (DriverRefused if self._refused else DriverUnreachable)(self._lost)

    def _leave(self, client: Client, orderly: bool) -> None:
        with self._changed:
            was_online, self._client = self._client is client, None
        if orderly and was_online:
            # An orderly goodbye suppresses the last will, so say it ourselves.
            client.publish(self._will_topic, b"offline", qos=1, retain=True)
        client.disconnect()
        client.loop_stop()
        if was_online:
            self._each(lambda member: member.lost())

    def _subscribe_missing(self, client: Client) -> None:
        with self._membership:
            wanted = {topic for member in self._members for topic in member.topics}
            missing, self._subscribed = sorted(wanted - self._subscribed), wanted
            if missing and client.subscribe([(topic, 1) for topic in missing])[0] != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._lose("the subscription could not be sent")

    def _ask_again(self) -> None:
        """Subscribe once more, which brings the retained messages once more.

        A message that is published while we subscribe can escape NATS twice, as a live one and as a retained one
        (seen with 2.15.1, about once in ten simultaneous starts).
        """
        client = self._client
        if client is not None:
            with self._membership:
                self._subscribed = set()
            self._subscribe_missing(client)

    def _each(self, tell: Callable[[Member], None]) -> None:
        with self._calls:
            for member in self._members:
                tell(member)

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._lose(f"the broker refuses us: {code}; check the user name and password", refused=True)
        else:
            # From here on doors may publish: retained messages may come before the subscription is confirmed.
            self._client = client
            self._subscribe_missing(client)

    def _on_subscribe(
        self, client: Client, _data: object, _id: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            self._lose("the broker forbids us the topics of our doors; check its access list", refused=True)
            return
        with self._changed:
            self._ready = True
            self._changed.notify_all()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if len(message.payload) > LARGEST_PAYLOAD:
            return
        self._link.seen()
        try:
            with self._calls:
                for member in self._members:
                    if message.topic in member.topics:
                        member.heard(message.topic, bytes(message.payload))
        except DriverUnreachable as away:  # a door wanted to answer and could not
            self._lose(str(away))
        except Exception:
            # The rim of paho's thread: an exception would end it silently, and with it every door on this link.
            log.exception("a message on %s could not be handled", message.topic)
            self._lose("internal fault while handling a message; connecting again, report it")

    def _on_disconnect(
        self, client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._lose(f"the broker hung up ({code})")

    def _lose(self, why: str, refused: bool = False) -> None:
        with self._changed:
            if not self._lost:
                self._lost, self._refused = why, refused
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def shared_link(site: Site, facility: str, clock: Clock) -> MqttLink:
    """The one connection of this process, made for the first who asks. facility: its slug, which names the topics."""
    broker, will = site.broker or Broker("127.0.0.1", 1883), f"portvakt/v1/{facility}/unit/availability"
    return site.shared.get(MqttLink, lambda: MqttLink(broker, f"portvakt-{facility}-doors", will, clock))


def checked_topic(topic: str) -> str:
    """The topic, if both brokers can carry it; a space, for one, makes NATS hang up and paho send it again for ever."""
    if len(topic) > LONGEST_TOPIC or _TOPIC.fullmatch(topic) is None:
        raise DriverRefused(f"the topic {topic[:60]!r} has characters other than letters, digits, - and _")
    return topic
