"""Pictures that staff upload: read strictly, made small, and written anew, so that nothing else in the file is kept."""

import io
import struct
from typing import Final

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked

LARGEST_UPLOAD: Final = 2 * 1024 * 1024
LARGEST_SIDE: Final = 640
MEDIA_TYPE: Final = "image/webp"
TAKEN: Final = ("image/png", "image/jpeg", "image/webp")
_MOST_PIXELS: Final = 24_000_000
_QUALITY: Final = 80


def made_small(upload: bytes) -> bytes | FieldError:
    """The picture as WebP, at most `LARGEST_SIDE` pixels either way, or what is wrong with it."""
    # Here, because most requests can do without.
    from PIL import Image, ImageOps

    unreadable = FieldError("", "invalid", marked("Send a picture: PNG, JPEG or WebP."))
    try:
        with Image.open(io.BytesIO(upload), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return FieldError("", "too_large", marked("This picture has too many pixels."))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            written = io.BytesIO()
            upright.convert("RGBA" if upright.has_transparency_data else "RGB").save(written, "WEBP", quality=_QUALITY)
    # All that a decoder raises on a file that is damaged or made up.
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        struct.error,
        IndexError,
        TypeError,
        Image.DecompressionBombError,
    ):
        return unreadable
    return written.getvalue()
