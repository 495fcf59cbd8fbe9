"""Vectors that nobody here wrote, through the functions that doors rely on (AC-03, AC-01)."""

import base64
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.foundation.signatures import signature_holds
from appliance.keys.mobile_keys import p256_holds
from appliance.keys.one_time_codes import STEP_S, Hash, hotp, step, truncated
from appliance.keys.prf import hkdf, mac

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


def test_the_keyed_function_says_what_wycheproof_says() -> None:
    """AC-01: whole tags and those cut to 128 bits; and a tag with any bit flipped is another tag."""
    results: Counter[str] = Counter()
    for vector in read("hmac_wycheproof.json"):
        made = mac(bytes.fromhex(vector["key"]), bytes.fromhex(vector["msg"])).hex()[: len(vector["tag"])]
        assert (made == vector["tag"]) is (vector["result"] == "valid"), vector["tcId"]
        results[vector["result"]] += 1
    assert results == {"valid": 66, "invalid": 108}


@pytest.mark.parametrize("vector", read("hkdf_rfc5869.json"), ids=lambda vector: f"{len(vector['ikm']) // 2} bytes")
def test_secrets_for_one_purpose_are_those_of_rfc_5869_appendix_a(vector: dict[str, str]) -> None:
    """AC-04"""
    ikm, salt, info, okm = (bytes.fromhex(vector[name]) for name in ("ikm", "salt", "info", "okm"))
    assert hkdf(ikm, info, len(okm), salt) == okm


def test_secrets_for_one_purpose_say_what_wycheproof_says() -> None:
    """AC-04: the longest too, and one byte more than that is refused."""
    results: Counter[str] = Counter()
    for vector in read("hkdf_wycheproof.json"):
        ikm, salt, info = (bytes.fromhex(vector[name]) for name in ("ikm", "salt", "info"))
        results[vector["result"]] += 1
        if vector["result"] == "valid":
            assert hkdf(ikm, info, vector["size"], salt).hex() == vector["okm"], vector["tcId"]
        else:
            with pytest.raises(ValueError, match="derive"):
                hkdf(ikm, info, vector["size"], salt)
    assert results == {"valid": 83, "invalid": 3}


@pytest.mark.parametrize("vector", read("hotp_rfc4226.json"), ids=lambda vector: f"counter {vector['counter']}")
def test_one_time_codes_are_those_of_rfc_4226_appendix_d(vector: dict[str, Any]) -> None:
    """AC-02"""
    secret, counter = vector["secret"].encode(), vector["counter"]
    assert f"{truncated(secret, counter):x}" == vector["truncated"]
    assert hotp(secret, counter, 6) == vector["hotp"]


@pytest.mark.parametrize("vector", read("totp_rfc6238.json"), ids=lambda vector: f"{vector['mode']} {vector['time']}")
def test_timed_codes_are_those_of_rfc_6238_appendix_b(vector: dict[str, Any]) -> None:
    """AC-04: eight digits, thirty seconds, every hash that the RFC names."""
    mode: Hash = vector["mode"]
    assert hotp(vector["secret"].encode(), step(vector["time"]), 8, mode) == vector["totp"]


@pytest.mark.parametrize("digits", [6, 8, 9])
def test_one_time_codes_are_those_of_an_independent_program(digits: int) -> None:
    """AC-02, AC-04"""
    secret = bytes(range(32))
    other = pyotp.HOTP(base64.b32encode(secret).decode(), digits=digits)
    assert [hotp(secret, counter, digits) for counter in range(200)] == [other.at(counter) for counter in range(200)]
    timed = pyotp.TOTP(base64.b32encode(secret).decode(), digits=digits, digest=hashlib.sha256, interval=STEP_S)
    assert hotp(secret, step(1_800_000_000), digits, "sha256") == timed.at(1_800_000_000)


def test_signatures_on_p_256_hold_exactly_when_wycheproof_says_so() -> None:
    """AC-05: r and s of 32 bytes each, as a browser makes them; nought, too large or too long is refused."""
    said = {
        vector["tcId"]: p256_holds(
            bytes.fromhex(group["pk"]), bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
        )
        for group in read("ecdsa_p256_wycheproof.json")
        for vector in group["tests"]
    }
    wanted = {
        vector["tcId"]: vector["result"] for group in read("ecdsa_p256_wycheproof.json") for vector in group["tests"]
    }
    assert [number for number, holds in said.items() if holds is not (wanted[number] == "valid")] == []
    assert Counter(wanted.values()) == {"valid": 173, "invalid": 89}
