"""R-CARD M5 with its emulator as a process: over a pty, over a real broker and over HTTP (DR-04)."""

from importlib import resources

from drivers.contract import Site
from drivers.local_broker import free_port
from tests.contract.gateway_rigs import GatewayRig, OverMqtt, OverSerial
from tests.contract.programs import told

EXAMPLE = (resources.files("drivers.rco") / "example_mapping.toml").read_text(encoding="utf-8")


class RcoRig(GatewayRig):
    """Two doors on a sub-controller each, and a card template for every set of them."""

    driver_name = "rco"
    module = "drivers.emulators.rco"
    faults = (*GatewayRig.faults, "cut_off")

    def system(self) -> list[object]:
        return ["--sub", "north=D1", "--sub", "south=D2"]

    def driver_settings(self) -> dict[str, object]:
        sets = (["D1"], ["D2"], ["D1", "D2"])
        templates = [{"name": "+".join(doors), "devices": doors} for doors in sets]
        return {**super().driver_settings(), "templates": templates}

    def plan_fault(self, fault: str) -> None:
        if fault != "cut_off":
            super().plan_fault(fault)
            return
        told(self.control, act="unlink", sub="south")
        self._later(3, lambda: told(self.control, act="link", sub="south"))


class RcoSerialRig(RcoRig, OverSerial):
    """Over a pty."""


class RcoMqttRig(RcoRig, OverMqtt):
    """Over a real broker."""

    routine = tuple(fault for fault in RcoRig.faults if not fault.startswith(("bit_flip", "reorder", "delay")))


class RcoHttpRig(RcoRig):
    """Over HTTP, as the example of a mapping file says."""

    routine = ("drop@put", "expired@put", "delay@put", "error_after@put", "never_applied@put", "error_after@delete",
               "cut@list", "power_cut", "cut_off")  # fmt: skip

    faults = (
        *(f"{kind}@list" for kind in ("drop", "error", "cut", "half_json", "expired")),
        *(f"{kind}@put" for kind in ("drop", "error", "cut", "half_json", "expired", "duplicate", "delay")),
        *(f"{kind}@put" for kind in ("error_after", "too_many", "never_applied")),
        "drop@delete", "error_after@delete", "power_cut", "clock_skew", "cut_off",
    )  # fmt: skip

    def way(self) -> list[object]:
        self.port = free_port()
        return ["--port", self.port, "--template", "D1=D1", "--template", "D2=D2", "--template", "D1+D2=D1,D2"]

    def driver_settings(self) -> dict[str, object]:
        where = {"base_url": f"http://127.0.0.1:{self.port}", "mapping": "rco.toml", "user": "portvakt"}
        return {**super().driver_settings(), **where, "transport": "http", "secret": "rco.txt"}

    def secrets(self) -> dict[str, str]:
        return {"mapping": EXAMPLE, "secret": "emulated-secret\n"}

    def site(self) -> Site:
        return Site()

    def _looked(self) -> dict[str, list[int]]:
        return {grant.removeprefix("portvakt-"): held for grant, held in super()._looked().items()}

    def plan_fault(self, fault: str) -> None:
        if fault == "power_cut":
            told(self.control, act="power_cut")
            self._later(0, self._power_again)
        else:
            super().plan_fault(fault)
