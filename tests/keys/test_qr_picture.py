"""A pass as a picture is read by a decoder that is not ours (AC-03)."""

import io
import re

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from appliance.keys.passes import PassClaims, facility_tag, sign
from appliance.keys.qr_picture import png, svg, svg_of_link

PASS = sign(
    PassClaims("01890a5d-ac96-774b-bcce-b302099a8057", facility_tag("x"), 1, 1_800_000_000, 90, 1),
    Ed25519PrivateKey.from_private_bytes(bytes(32)),
)
SIDE = 53  # version 7 is 45 modules wide, and 4 of quiet zone stand on either side

alphanumeric = st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=300)


def drawn(picture: str, scale: int) -> Image.Image:
    """The rectangles of an SVG made by us, on black so that a missing background shows."""
    image = Image.new("L", (SIDE * scale * 4, SIDE * scale * 4), 0)
    draw = ImageDraw.Draw(image)
    match = re.fullmatch(
        r'<svg [^>]*><path fill="#fff" d="M0 0h(\d+)v\1H0z"/><path fill="#000" d="([^"]*)"/></svg>', picture
    )
    assert match is not None
    draw.rectangle((0, 0, int(match[1]) * scale - 1, int(match[1]) * scale - 1), fill=255)
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", match[2]):
        assert width == back
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    return image.crop((0, 0, int(match[1]) * scale, int(match[1]) * scale))


def read(image: Image.Image) -> str:
    results = zxingcpp.read_barcodes(image)
    assert len(results) == 1
    return str(results[0].text)


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_the_png_reads_as_the_pass(scale: int) -> None:
    """AC-03"""
    image = Image.open(io.BytesIO(png(PASS, scale)))
    assert image.size == (SIDE * scale, SIDE * scale)
    assert read(image.convert("L")) == PASS


def test_the_svg_reads_as_the_pass() -> None:
    """AC-03"""
    assert read(drawn(svg(PASS), 4)) == PASS


def test_the_svg_of_a_link_reads_as_the_link() -> None:
    """DY-18: with small letters; nothing long and nothing foreign."""
    link = "https://hall.test/w/01890a5d-ac96-774b-bcce-b302099a8057?sig=aB_-9z"
    assert read(drawn(svg_of_link(link), 4)) == link
    for wrong in ("", "é", "x" * 601):
        with pytest.raises(ValueError, match="a link is of 1 to"):
            svg_of_link(wrong)


def test_svg_and_png_are_the_same_picture() -> None:
    """AC-03"""
    picture = Image.open(io.BytesIO(png(PASS, 3))).convert("L")
    assert picture.tobytes() == drawn(svg(PASS), 3).tobytes()


def test_the_quiet_zone_is_white_and_four_modules_wide() -> None:
    """AC-03: ISO/IEC 18004 asks for it, and scanners fail without."""
    picture = drawn(svg(PASS), 1)
    inner = picture.crop((4, 4, SIDE - 4, SIDE - 4))
    picture.paste(255, (4, 4, SIDE - 4, SIDE - 4))
    assert picture.getextrema() == (255, 255)
    assert inner.getpixel((0, 0)) == 0


def test_the_strictest_content_policy_lets_it_through() -> None:
    """AC-03: nothing in it is a style, a script or a link to elsewhere."""
    picture = svg(PASS)
    assert "style" not in picture
    assert "<script" not in picture
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]


@settings(max_examples=20)
@given(alphanumeric)
def test_every_text_that_a_pass_could_have_reads_back(text: str) -> None:
    """AC-03"""
    assert read(Image.open(io.BytesIO(png(text, 4))).convert("L")) == text


@pytest.mark.parametrize("text", ["", "pv1abc", "PV1Å", "A" * 4_000], ids=["empty", "small", "beyond", "long"])
def test_a_text_without_such_a_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="alphanumeric"):
        svg(text)


@pytest.mark.parametrize("scale", [0, 41])
def test_a_picture_has_a_sensible_size(scale: int) -> None:
    with pytest.raises(ValueError, match="pixels"):
        png(PASS, scale)
