"""The controllers of a site plan: checked with it, built from it, kept where nothing about them changed (BM-27)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from appliance.access.device_plan import ControllerPlan
from appliance.access.device_secrets import DeviceSecrets
from appliance.access.grant_planning import GrantPlanning
from appliance.access.holding import HoldingParts, HoldingPost, stop_all, terms_of
from appliance.access.site_plan import SitePlan
from appliance.access.wanted_grants import HoldingController
from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid
from drivers import registry
from drivers.contract import Site
from drivers.controller_contract import ControllerSettings
from drivers.controllers_in_service import ControllersInService
from drivers.registry import ConfiguredController


class ControllerService:
    """Controllers in service. The configurer's thread puts them there; any thread may ask for one."""

    def __init__(
        self,
        secrets: DeviceSecrets,
        site: Site,
        clock: Clock,
        parts: HoldingParts,
        planning: Callable[[Callable[[str], None]], GrantPlanning],
    ) -> None:
        self._secrets = secrets
        self._site = site
        self._clock = clock
        self._parts = parts
        self._in_service = site.shared.get(ControllersInService, ControllersInService)
        self._lock = threading.Lock()
        self._posts: dict[str, tuple[ConfiguredController, HoldingPost]] = {}
        self.planning = planning(self._tell)

    def start(self) -> None:
        """Begin to plan what controllers hold."""
        self.planning.start()

    def stop(self) -> None:
        """Let go of every controller."""
        self.planning.stop()
        with self._lock:
            posts, self._posts = self._posts, {}
        stop_all([post for _, post in posts.values()])

    def posts(self) -> list[HoldingPost]:
        """Every controller in service."""
        with self._lock:
            return [post for _, post in self._posts.values()]

    def find(self, controller: str) -> HoldingPost | None:
        """A controller by its id or slug."""
        return next((post for post in self.posts() if controller in (post.plan.id, post.plan.slug)), None)

    def look_at(self, plan: SitePlan, checking: registry.Checking) -> None:
        """Note every mistake in the controllers of a plan, those in their secret files and of doors on them too."""
        for one in plan.controllers:
            configured, wrong = self._configured(plan, one)
            told = [FieldError(f"controllers.{one.slug}.{each.field}", each.code, each.message) for each in wrong]
            before = len(checking.errors)
            checking.look_at(registry.CONTROLLERS, "controllers", one.slug, one.driver, configured.settings)
            # A driver misses the secret whose file is wrong; once is enough.
            fields = {each.field for each in told}
            checking.errors[before:] = told + [each for each in checking.errors[before:] if each.field not in fields]
        checking.errors += _doors_without(plan)

    def real(self, plan: SitePlan) -> list[str]:
        """Places of those that may be steel."""
        return registry.real_controllers([self._configured(plan, one)[0] for one in plan.controllers], self._site)

    def put_in_service(self, plan: SitePlan) -> None:
        """Serve the controllers of a plan that has no mistakes, before its doors; others are let go of."""
        before, fresh, built = dict(self._posts), dict[str, tuple[ConfiguredController, HoldingPost]](), []
        for one in plan.controllers:
            configured, _ = self._configured(plan, one)
            known = before.get(one.id)
            if known is not None and known[0] == configured:
                known[1].plan = one
                fresh[one.id] = before.pop(one.id)
        # What has gone lets go of its ports before the new takes hold of them.
        stop_all([post for _, post in before.values()])
        for configured, _ in before.values():
            self._in_service.drop(configured.settings.slug)
        for one in plan.controllers:
            if one.id not in fresh:
                configured, _ = self._configured(plan, one)
                controller = registry.build_controller(configured, self._site, self._clock)
                post = HoldingPost(one, controller, terms_of(controller.capabilities), self._parts)
                fresh[one.id] = (configured, post)
                built.append(post)
        self._take_over(plan, fresh, built)

    def _take_over(
        self, plan: SitePlan, fresh: dict[str, tuple[ConfiguredController, HoldingPost]], built: list[HoldingPost]
    ) -> None:
        holding = []
        for one in plan.controllers:
            post, devices = fresh[one.id][1], _devices(plan, one)
            post.doors = {device: door for door, device in devices.items()}
            capabilities = post.controller.capabilities
            holding.append(HoldingController(one.id, capabilities.takes, capabilities.resolution_s, devices))
        with self._lock:
            self._posts = fresh
        if built:
            with ThreadPoolExecutor(len(built)) as pool:
                for started in [pool.submit(post.start) for post in built]:
                    started.result()
        for post in built:
            self._in_service.put(post.plan.slug, post.controller)
        self.planning.hold_at(holding)

    def _tell(self, controller_id: str) -> None:
        post = self.find(controller_id)
        if post is not None:
            post.soon()

    def _configured(self, plan: SitePlan, one: ControllerPlan) -> tuple[ConfiguredController, list[FieldError]]:
        try:
            names = registry.CONTROLLERS.load(one.driver).secrets
        except Invalid:  # said by the registry's own check
            names = frozenset()
        secrets, errors = self._secrets.read(one.settings, names)
        settings = ControllerSettings(one.id, one.slug, plan.facility.slug, one.settings, secrets)
        return ConfiguredController(one.driver, settings), errors


def _devices(plan: SitePlan, controller: ControllerPlan) -> dict[str, str]:
    """The doors on a controller: its own names of them, by the door's id."""
    return {
        door.id: str(door.settings.get("device"))
        for door in plan.doors
        if door.driver == controller.driver and door.settings.get("controller") == controller.slug
    }


def _doors_without(plan: SitePlan) -> list[FieldError]:
    """Doors on a controller that is not in the plan, or is another vendor's."""
    known = {(controller.driver, controller.slug) for controller in plan.controllers}
    vendors = set(registry.CONTROLLERS.built_in) | {driver for driver, _ in known}
    message = "there is no such controller with this driver in the plan"
    return [
        FieldError(f"doors.{door.slug}.settings.controller", "unknown", message)
        for door in plan.doors
        if door.driver in vendors
        and isinstance(door.settings.get("controller"), str)
        and (door.driver, door.settings.get("controller")) not in known
    ]
