from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from netlore.data.sources.pictures import FORMATS, decode_picture, extensions
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
    assert decode_picture(data, "row 7", 3).shape == (3, 3, 3)
    with pytest.raises(UnreadableData, match="row 7 is 3 x 3 and the first one is 4 x 4; resize"):
        decode_picture(data, "row 7", 4)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """A PNG file whose header says another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((13_000, 13_000), "at most 4,096 x 4,096 pixels, but row 7 is 13000 x 13000; resize"),
        ((4_097, 4_097), "at most 4,096 x 4,096 pixels, but row 7 is 4097 x 4097; resize"),
        ((13_000, 1), "square, but row 7 is 13000 x 1; crop"),
        ((2**31 - 1, 2**31 - 1), "row 7 is not \\(Image size .* exceeds limit"),
    ],
)
def test_a_size_is_refused_before_pixels_are_decoded(size, message, monkeypatch):
    def loaded(*_):
        raise AssertionError("it is decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", loaded)
    with pytest.raises(UnreadableData, match=message):
        decode_picture(claiming(WHOLE, *size), "row 7")
    with pytest.raises(UnreadableData, match="row 7 is 16 x 16 and the first one is 8 x 8"):
        decode_picture(WHOLE, "row 7", 8)


def test_no_program_is_started_whatever_a_row_holds(tmp_path, monkeypatch):
    """Pillow hands PostScript to Ghostscript; a stand-in, first in PATH, would note that it was started."""
    stand_in, mark = tmp_path / "gs", tmp_path / "started"
    stand_in.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(UnreadableData, match=r"a whole PNG, JPEG, WEBP, TIFF, BMP or GIF file, but row 7 is not"):
        decode_picture(postscript, "row 7")
    assert not mark.exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_that_is_named_is_decoded(kind):
    assert decode_picture(encoded(Image.new("RGB", (4, 4), "white"), kind), "x").shape == (4, 4, 3)


def test_formats_that_are_not_named_are_no_images_of_a_folder():
    assert {".png", ".jpg", ".webp", ".tif", ".bmp", ".gif"} <= extensions()
    assert not {".eps", ".ps", ".pdf", ".psd"} & extensions()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_is_stored_turned_is_turned_upright(orientation):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4, :2] = 255
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(stream, "PNG", exif=exif)
    # By hand: what the eight values of the tag mean, as numpy's turns and mirrors.
    upright = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.transpose(1, 0, 2),
        6: np.rot90(pixels, -1),
        7: pixels[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(pixels),
    }[orientation]
    assert np.array_equal(decode_picture(stream.getvalue(), "x"), upright)
