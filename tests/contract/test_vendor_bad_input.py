"""Random bytes instead of vendors' answers and webhooks: nothing crashes, nothing is believed (DR-13)."""

import json
import random
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from drivers.axema import messages as axema
from drivers.controller_contract import ControllerGrant
from drivers.parakey import messages as parakey
from tests.contract.test_bad_input import ROUNDS, damaged
from tests.contract.vendor_rigs import AxemaRig
from tests.waiting import until

pytestmark = pytest.mark.slow
TIMES = {"startTime": "2027-01-15T08:00Z", "endTime": "2027-01-15T09:00Z"}
PAGE = {"reservations": [{"id": "r1", "userId": "u1", "resourceId": "c1", **TIMES}], "continuationToken": None}
RESULT = {"correlationId": "c1", "eventType": "reservationResult", "eventData": {"succeded": False, "errorCode": "E1"}}
WEEK = {"timeSchedules": [{"id": "s1", "scheduleType": "Week", "schedule": [[[360, 60]]] * 7}]}
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "a1"}
LOGS = [
    {"id": "e1", "createdAt": "2027-01-15T08:00:00.001Z", "timestamp": "2027-01-15T08:00:00Z", "device": {"id": "d1"}}
]
KEYS = [
    {"access": {"aliasId": "a1"}, "user": {"email": "a@b.se"}, "startDate": "2027-01-15T08:00:00Z", "aliasTag": "t1"}
]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("small_memory")
def test_no_damaged_answer_stops_a_reader(rounds: int) -> None:
    """DR-13: every codec, with what lost its end, got a bit flipped, doubled, swollen, or is noise."""
    dice = random.Random(17)
    readers = [
        (axema.parse_page, PAGE),
        (axema.parse_result, RESULT),
        (axema.parse_schedules, WEEK),
        (axema.parse_token, TOKEN),
        (lambda body: parakey.parse_logs(body, parakey.EventFields()), LOGS),
        (lambda body: parakey.parse_keys(body, parakey.KeyFields()), KEYS),
    ]
    whole = [(read, json.dumps(message).encode()) for read, message in readers]
    assert all(read(body) is not None for read, body in whole), "the control"
    for number in range(rounds):
        read, body = whole[number % len(whole)]
        spoiled = damaged(dice, body)
        found = read(spoiled)
        assert found is None or len(spoiled.strip()) <= len(body) + 62, spoiled


def test_noise_at_the_webhook_confirms_nothing_and_stops_nobody() -> None:
    """DR-13: thousands of calls with the right secret; the driver works on afterwards."""
    dice = random.Random(18)
    with tempfile.TemporaryDirectory(prefix="pv-") as folder, closing(AxemaRig(Path(folder))) as rig:
        vaka = rig.started()
        receipt = vaka.upsert(ControllerGrant("g", 1, (AxemaRig.COURT_DOOR,), rig.tomorrow(9)))
        assert rig.confirmed.came("g", 1)
        whole = json.dumps({**RESULT, "correlationId": receipt.correlation}).encode()
        for _ in range(4_000):
            vaka.hook({"x-portvakt-secret": "hush-hush"}, damaged(dice, whole))
        assert len(rig.confirmed.all()) == 1
        assert vaka.health().online
        vaka.upsert(ControllerGrant("h", 1, (AxemaRig.COURT_DOOR,), rig.tomorrow(11)))
        assert rig.confirmed.came("h", 1)
        assert until(lambda: len(rig.reserved()) == 2)
