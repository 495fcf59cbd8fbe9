"""Sessions and devices hold a token; the file holds its digest only."""

import hashlib

import pytest

from appliance.identity.session_tokens import is_token, new_token, token_digest


def test_tokens_are_long_random_and_fit_in_a_cookie() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(is_token(token) and len(token) == 43 for token in tokens)


def test_what_is_stored_is_the_digest() -> None:
    token = new_token()
    assert token_digest(token) == hashlib.sha256(token.encode()).digest()
    assert token.encode() not in token_digest(token)


@pytest.mark.parametrize(
    "text",
    ["", "x", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "\n", "a" * 43 + "\n", "å" * 43, "a" * 10_000, "\ud800"],
)
def test_anything_else_is_no_token_and_no_error(text: str) -> None:
    assert not is_token(text)
    assert len(token_digest(text)) == 32
