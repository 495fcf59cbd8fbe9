"""What the answers of vendors' servers mean to a driver, where all mean the same (RFC 9110 section 15). Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from drivers.contract import DriverRefused, DriverUnreachable

LONGEST_WORD: Final = 200
ADVICE: Final = {
    401: "does not accept our credentials; renew them, and check the unit's date",
    403: "does not allow us this; check the rights of our account there",
    404: "does not know what we named; check the ids in the controller's settings",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of a call, whole. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def settled(answer: Answer, vendor: str, advice: Mapping[int, str] | None = None) -> Answer:
    """The answer, when it is a success. `DriverUnreachable` for what may pass, `DriverRefused` for what will not.

    advice: what a person should do, by status, where this call has more to say than `ADVICE`.
    """
    status = answer.status
    if 200 <= status < 300 or status == 304:
        return answer
    if status in (408, 425, 429) or status >= 500:
        raise DriverUnreachable(f"{vendor} is busy or out of order (status {status})")
    hint = {**ADVICE, **(advice or {})}.get(status, "refuses this; check the controller's settings")
    raise DriverRefused(f"{vendor} {hint} (status {status})")


def word(value: object) -> str:
    """What a vendor wrote, fit to be shown: one line of at most 200 characters; empty for what is no text."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value[:LONGEST_WORD]).split())


def is_same_secret(given: str | None, wanted: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is; none is never the same."""
    return bool(wanted) and hmac.compare_digest((given or "").encode(), wanted.encode())
