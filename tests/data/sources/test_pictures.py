from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from netlore.data.sources.pictures import decode_picture, decode_sized_picture
from netlore.errors import UnreadableData


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format=kind)
    return stream.getvalue()


def test_colour_is_exact():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(decode_picture(encoded(Image.fromarray(pixels)), "x"), pixels)


@pytest.mark.parametrize(
    ("picture", "colour"),
    [
        (Image.new("L", (2, 2), 77), (77, 77, 77)),
        (Image.new("LA", (2, 2), (77, 10)), (77, 77, 77)),
        (Image.new("1", (2, 2), 1), (255, 255, 255)),
        (Image.new("RGBA", (2, 2), (1, 2, 3, 0)), (1, 2, 3)),
        (Image.new("RGB", (2, 2), (9, 8, 7)).convert("P", palette=Image.Palette.ADAPTIVE), (9, 8, 7)),
    ],
)
def test_every_mode_becomes_rgb(picture, colour):
    pixels = decode_picture(encoded(picture), "x")
    assert pixels.shape == (2, 2, 3) and pixels.dtype == np.uint8
    assert (pixels == np.array(colour)).all()


WHOLE = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"row 7 is not \(not an image file\)"),
        (b"plain text", r"row 7 is not \(not an image file\)"),
        (WHOLE[: len(WHOLE) // 2], r"row 7 is not \("),
        (WHOLE[:60] + b"\0" * 40 + WHOLE[100:], r"row 7 is not \("),
        (encoded(Image.new("RGB", (3, 2))), "square, but row 7 is 3 x 2; crop"),
        (
            encoded(Image.fromarray(np.full((2, 2), 1000, np.uint16))),
            "8 bits a channel, but row 7 has the mode 'I",
        ),
        (encoded(Image.new("F", (2, 2)), "TIFF"), "8 bits a channel, but row 7 has the mode 'F'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(data, message):
    with pytest.raises(UnreadableData, match=message) as caught:
        decode_picture(data, "row 7")
    assert "\n" not in str(caught.value)


def test_another_size_is_refused():
    data = encoded(Image.new("RGB", (3, 3)))
    assert decode_sized_picture(data, "row 7", 3).shape == (3, 3, 3)
    with pytest.raises(UnreadableData, match="row 7 is 3 x 3 and the first one is 4 x 4; resize"):
        decode_sized_picture(data, "row 7", 4)
