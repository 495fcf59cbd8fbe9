"""Vendors' controllers with their emulators as processes, spoken to over HTTP on loopback, and their webhooks."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from appliance.foundation.clock import Clock, SystemClock
from appliance.foundation.instants import DAY, HOUR, Interval
from drivers.contract import Site
from drivers.controller_contract import (
    HOOK_SECRET,
    Confirmation,
    Controller,
    ControllerGrant,
    ControllerSettings,
)
from drivers.local_broker import free_port
from drivers.registry import CONTROLLERS
from tests.contract.programs import Program, told
from tests.waiting import until


class Confirmations:
    """What a controller told later, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Confirmation] = []

    def __call__(self, confirmation: Confirmation) -> None:
        with self._lock:
            self._all.append(confirmation)

    def all(self) -> list[Confirmation]:
        with self._lock:
            return list(self._all)

    def came(self, grant_id: str, revision: int) -> Confirmation | None:
        """The first word about a grant at a revision, waited for."""

        def found() -> list[Confirmation]:
            return [one for one in self.all() if (one.grant_id, one.revision) == (grant_id, revision)]

        return found()[0] if until(lambda: bool(found()), 5) else None


class HookServer:
    """Stands for the web process: `POST /hooks/{controller}/{secret}`, handed on with the secret as a header.

    handed: takes path, headers and body instead of the controller, where there is a web process.
    """

    def __init__(self) -> None:
        self.controller: Controller | None = None
        self.handed: Callable[[str, dict[str, str], bytes], bool] | None = None
        self.genuine: list[bool] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _hook_handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self, secret: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/vendor/{secret}"

    def called(self, path: str, headers: dict[str, str], body: bytes) -> None:
        if self.handed is not None:
            self.genuine.append(self.handed(path, headers, body))
        elif self.controller is not None:
            self.genuine.append(self.controller.hook({**headers, HOOK_SECRET: path.rpartition("/")[2]}, body))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _hook_handler(server: HookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.called(self.path, dict(self.headers.items()), body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return None

    return Handler


class VendorRig:
    """A controller and the emulator that it speaks to."""

    driver_name: str
    module: str

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(exist_ok=True)
        self.port, self.control, self.journal = free_port(), folder / "hand", folder / "journal"
        self.hooks = HookServer()
        self.clock: Clock = SystemClock()
        self.confirmed = Confirmations()
        self._controller: Controller | None = None
        given = ["--port", str(self.port), "--control", str(self.control), "--journal", str(self.journal)]
        self.program = Program(self.module, [*given, *self.arguments(), *arguments])
        self.program.start()

    def arguments(self) -> list[str]:
        raise NotImplementedError

    def settings(self) -> dict[str, object]:
        raise NotImplementedError

    def secrets(self) -> dict[str, str]:
        raise NotImplementedError

    def controller_settings(self) -> ControllerSettings:
        return ControllerSettings("id-vendor", "vendor", "hall", self.settings(), self.secrets())

    def build(self) -> Controller:
        """A controller that is not started."""
        info = CONTROLLERS.load(self.driver_name)
        assert info.check(self.controller_settings(), Site()) == []
        return info.build(self.controller_settings(), Site(), self.clock)

    def started(self, *known: ControllerGrant) -> Controller:
        """A fresh controller that is online; the one before is stopped."""
        if self._controller is not None:
            self._controller.stop()
        self.confirmed = Confirmations()
        self._controller = controller = self.build()
        self.hooks.controller = controller
        controller.start(self.confirmed, known)
        assert until(lambda: controller.health().online), controller.health()
        return controller

    def act(self, act: str, **values: object) -> dict[str, object]:
        """A hand at the emulator."""
        answer = told(self.control, act=act, **values)
        assert answer["ok"] is True, answer
        return answer

    def fault(self, on: str, kind: str, **values: int) -> None:
        """The next message of a channel, or more of them, goes wrong."""
        self.act("fault", on=on, kind=kind, **values)

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
        self.hooks.close()
        assert self.program.stop() == 0


class AxemaRig(VendorRig):
    driver_name = "axema"
    module = "drivers.emulators.axema"
    SYSTEM, USER, SCHEDULE = "11111111-0000", "22222222-0000", "33333333-0000"
    COURT, HALL = "court-resource", "hall-resource"
    COURT_DOOR, HALL_DOOR, ENTRANCE = "door-court", "door-hall", "door-entrance"
    has_schedules = True
    slots = "06:00-22:00/60"

    def arguments(self) -> list[str]:
        named = ["--system", self.SYSTEM, "--user", self.USER, "--schedule", self.SCHEDULE]
        named += ["--resource", self.COURT, "--resource", self.HALL]
        for door in (self.COURT_DOOR, self.HALL_DOOR, self.ENTRANCE):
            named += ["--door", door]
        return [*named, "--slots", self.slots, "--webhook", self.hooks.url("hush-hush")]

    def settings(self) -> dict[str, object]:
        url = f"http://127.0.0.1:{self.port}"
        resources = {self.COURT_DOOR: self.COURT, self.HALL_DOOR: self.HALL}
        return {
            "base_url": url,
            "token_url": f"{url}/token",
            "client_id": "portvakt",
            "client_secret": "client.txt",
            "api_key": "key.txt",
            "hook_secret": "hook.txt",
            "system_id": self.SYSTEM,
            "user_id": self.USER,
            "resources": resources,
            "schedules": dict.fromkeys(resources, self.SCHEDULE) if self.has_schedules else {},
            "emulated": True,
        }

    def secrets(self) -> dict[str, str]:
        return {"client_secret": "emulated-secret", "api_key": "emulated-api-key", "hook_secret": "hush-hush\n"}

    def reserved(self) -> list[str]:
        """What the emulator holds, as `resource start`, sorted."""
        held = self.act("look")["reservations"]
        assert isinstance(held, list)
        return sorted(f"{one['resourceId']} {one['startTime']}" for one in held)

    def tomorrow(self, hour: int, hours: int = 1) -> Interval:
        """Whole hours of tomorrow, UTC, which are slots at the site too."""
        start = (self.clock.now() // DAY + 1) * DAY + hour * HOUR
        return Interval(start, start + hours * HOUR)


class ParakeyRig(VendorRig):
    driver_name = "parakey"
    module = "drivers.emulators.parakey"
    COURT, HALL, RESTRICTED, CLOSED = "court", "hall", "restricted", "closed"
    lists = True

    def arguments(self) -> list[str]:
        named = ["--access", "hall-1-court", "--access", "hall-1-hall"]
        named += ["--access", "hall-1-restricted,restricted", "--access", "hall-1-closed,no-api"]
        named += ["--webhook", self.hooks.url("none"), "--webhook-header", "X-Our-Word:hush-hush"]
        return [*named, "--token-header", "X-Api-Token"]

    def settings(self) -> dict[str, object]:
        return {
            "base_url": f"http://127.0.0.1:{self.port}",
            "manage_path": "/manageAccess",
            "events_path": "/eventLogs",
            **({"keys_path": "/accessKeys"} if self.lists else {}),
            "token_header": "X-Api-Token",
            "token": "token.txt",
            "hook_header": "X-Our-Word",
            "hook_secret": "hook.txt",
            "alias_prefix": "hall-1-",
            "event_devices": {"lock-hall-1-court": self.COURT, "lock-hall-1-hall": self.HALL},
            "emulated": True,
        }

    def secrets(self) -> dict[str, str]:
        return {"token": "emulated-token\n", "hook_secret": "hush-hush"}

    def listed(self) -> list[str]:
        """What the emulator holds, as `tag alias email start end`, sorted."""
        held = self.act("look")["keys"]
        assert isinstance(held, list)
        return sorted(
            " ".join(
                [key["aliasTag"], key["access"]["aliasId"], key["user"]["email"], key["startDate"], key["endDate"]]
            )
            for key in held
        )

    def calls(self, path: str) -> int:
        """How often the emulator was asked for a path."""
        return self.journal.read_text().count(f'"call": "GET {path}"')

    def today(self) -> Interval:
        """A window that is open now."""
        return Interval(self.clock.now() - HOUR, self.clock.now() + HOUR)
