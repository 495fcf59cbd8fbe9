"""With a protection taken away the model of the whole file finds it out, and it shares no code with the product."""

import ast
import inspect
import sqlite3
from contextlib import closing
from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from appliance.booking.actions import waiting
from appliance.customers.contacts import Contact
from appliance.storage import ledger_guard
from tests.oracle import file_oracle, hall
from tests.oracle.file_oracle import Asked
from tests.oracle.hall import Hall
from tests.oracle.test_everything_on import CONTACTS, PLAIN, Crowd
from tests.storage import sweep


class KeysThatOutliveTheirBooking(Crowd):
    """A desk that forgets to kill the keys of what is cancelled or moved."""

    @initialize(drawn=hall.halls())
    def furnish(self, drawn: Hall) -> None:
        super().furnish(drawn)
        consequences = replace(self.desk.consequences, ended=lambda _tx, _booking, _state: None)
        self.desk = replace(self.desk, consequences=consequences)
        self.site = replace(self.site, side=replace(self.site.side, desk=self.desk))


class NobodyIsPromoted(Crowd):
    """A file whose transactions end without a look at who waits."""

    @initialize(drawn=hall.halls())
    def furnish(self, drawn: Hall) -> None:
        super().furnish(drawn)
        self.site.side.book.settling = None

    @precondition(lambda self: self.bookings("confirmed"))
    @rule(who=CONTACTS)
    def wait_and_see_all_freed(self, who: Contact) -> None:
        """What a crowd seldom comes to by itself: somebody waits for a time that is taken, and it is given back."""
        taken = "SELECT DISTINCT slug, starts FROM booking JOIN service ON service.id = service_id WHERE status = ?"
        for service, start in self.site.rows(taken, "confirmed"):
            asked = Asked(str(service), "public", self.ids[who.name])
            waiting.join(self.desk, self.wish(asked, int(str(start))), None, who, "x")
        for booking_id, _ in self.bookings("confirmed", "pending"):
            self.site.cancel(booking_id, by_staff=True)


class ClipsFromNowhere(Crowd):
    """A ledger without its guard, into which somebody writes."""

    @precondition(lambda self: self.bookings("confirmed"))
    @rule()
    def write(self) -> None:
        with closing(sqlite3.connect(self.site.settings.booking_file)) as connection:
            for trigger in ledger_guard.TRIGGERS:
                connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            connection.execute("UPDATE entitlement_use SET delta = delta - 2")
            connection.commit()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("wrong", [KeysThatOutliveTheirBooking, NobodyIsPromoted, ClipsFromNowhere])
def test_a_protection_that_is_taken_away_is_found_out(wrong: type[Crowd]) -> None:
    """DY-06: negative control."""
    # The same crowd each time: whether a control finds its fault is not left to luck.
    quick = settings(
        PLAIN,
        max_examples=120,
        stateful_step_count=25,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(wrong, settings=quick)


@pytest.mark.parametrize("module", [file_oracle, sweep])
def test_the_model_imports_nothing_of_ours(module: ModuleType) -> None:
    """DY-06: a model that shared code with the product would share its mistakes."""
    tree = ast.parse(inspect.getsource(module))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {
        name for name in named if name.partition(".")[0] in ("appliance", "drivers", "kiosk_ui", "cloud_bridge")
    }
    assert {name for name in named if name.startswith("tests")} <= {
        "tests.oracle.brute_force", "tests.oracle.visit_oracle", "tests.oracle.worlds"
    }  # fmt: skip
