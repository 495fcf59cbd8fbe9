"""Vectors that nobody here wrote, through the functions that doors rely on (AC-03, AC-01)."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.foundation.signatures import signature_holds
from appliance.keys.prf import mac

VECTORS = Path(__file__).parents[1] / "vectors"


def read(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", read("ed25519_rfc8032.json"), ids=lambda vector: vector["name"])
def test_ed25519_does_what_rfc_8032_section_7_1_says(vector: dict[str, str]) -> None:
    """AC-03"""
    private_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["secret"]))
    message, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])

    assert private_key.public_key().public_bytes_raw().hex() == vector["public"]
    assert private_key.sign(message) == signature
    assert signature_holds(private_key.public_key(), message, signature)
    assert not signature_holds(private_key.public_key(), message + b"\x00", signature)


def wycheproof() -> list[tuple[str, dict[str, Any]]]:
    return [(group["pk"], vector) for group in read("ed25519_wycheproof.json")["groups"] for vector in group["tests"]]


@pytest.mark.parametrize("expected", ["valid", "invalid"])
def test_signatures_hold_exactly_when_wycheproof_says_so(expected: str) -> None:
    """AC-03: malleable, truncated, padded and badly encoded signatures are refused."""
    wrong = [
        vector["tcId"]
        for pk, vector in wycheproof()
        if vector["result"] == expected
        and signature_holds(
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(pk)),
            bytes.fromhex(vector["msg"]),
            bytes.fromhex(vector["sig"]),
        )
        is not (expected == "valid")
    ]
    assert wrong == []


def test_the_wycheproof_file_is_whole() -> None:
    """AC-03: a file that lost its hard cases would prove nothing."""
    results = Counter(vector["result"] for _, vector in wycheproof())
    assert results == {"valid": 117, "invalid": 64, "acceptable": 29}
    flags = Counter(flag for _, vector in wycheproof() for flag in vector["flags"])
    assert flags["SignatureMalleability"] == 8
    assert flags["InvalidEncoding"] == 22
    assert flags["SignatureWithGarbage"] == 5
    assert flags["TruncatedSignature"] == 3


def test_a_weak_public_key_of_wycheproof_raises_nothing() -> None:
    """AC-03: such keys are never ours; whatever the answer, it is an answer."""
    for pk, vector in wycheproof():
        if vector["result"] == "acceptable":
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(pk))
            assert signature_holds(key, bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])) in (True, False)


@pytest.mark.parametrize("vector", read("hmac_rfc4231.json"), ids=lambda vector: f"case {vector['case']}")
def test_the_keyed_function_does_what_rfc_4231_says(vector: dict[str, str]) -> None:
    """AC-01"""
    made = mac(bytes.fromhex(vector["key"]), bytes.fromhex(vector["data"])).hex()
    assert made[: len(vector["hmac_sha256"])] == vector["hmac_sha256"]
