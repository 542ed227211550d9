from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile
from torchvision.transforms import v2

from netlore.data.reading import Reading
from netlore.data.sources.pictures import FORMATS, Misshapen, Unusable, decode, extensions


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format=kind)
    return stream.getvalue()


def test_colour_is_exact():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(decode(encoded(Image.fromarray(pixels))), pixels)


DEEP = np.array([[0, 128], [129, 65_535]], np.uint16)


@pytest.mark.parametrize(
    ("picture", "kind", "colour"),
    [
        (Image.new("L", (2, 2), 77), "PNG", (77, 77, 77)),
        (Image.new("LA", (2, 2), (77, 10)), "PNG", (77, 77, 77)),
        (Image.new("1", (2, 2), 1), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (2, 2), (1, 2, 3, 0)), "PNG", (1, 2, 3)),
        (Image.new("RGBA", (2, 2), (1, 2, 3, 100)), "TIFF", (1, 2, 3)),
        (Image.new("RGB", (2, 2), (9, 8, 7)).convert("P", palette=Image.Palette.ADAPTIVE), "PNG", (9, 8, 7)),
        (Image.new("RGB", (2, 2), (9, 8, 7)), "GIF", (9, 8, 7)),
        # By hand: (255 - C) (255 - K) / 255 = 205 * 155 / 255 = 124.6, and so on.
        (Image.new("CMYK", (2, 2), (50, 0, 255, 100)), "TIFF", (125, 155, 0)),
        (Image.new("I;16", (2, 2), 0x8000), "PNG", (128, 128, 128)),
    ],
)
def test_every_mode_becomes_rgb(picture, kind, colour):
    pixels = decode(encoded(picture, kind))
    assert pixels.shape == (2, 2, 3) and pixels.dtype == np.uint8
    assert (np.abs(pixels.astype(int) - colour) <= (picture.mode == "CMYK")).all()


def test_cmyk_of_a_jpeg_file_is_not_turned_into_its_negative():
    pixels = decode(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    assert (pixels[..., 0] > 250).all() and (pixels[..., 1:] < 5).all()


def test_a_palette_with_several_transparent_colours_is_read_without_a_warning():
    picture = Image.new("P", (2, 2))
    picture.putpalette([1, 2, 3, 200, 100, 50])
    picture.putdata([0, 1, 1, 0])
    stream = io.BytesIO()
    picture.save(stream, "PNG", transparency=bytes([0, 128]))
    assert decode(stream.getvalue())[:, 0].tolist() == [[1, 2, 3], [200, 100, 50]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(kind):
    pixels = decode(encoded(Image.fromarray(DEEP), kind))
    assert pixels[..., 0].tolist() == [[0, 0], [1, 255]] and (pixels == pixels[..., :1]).all()


WHOLE = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an image file"),
        (b"plain text", "not an image file"),
        (WHOLE[: len(WHOLE) // 2], "."),
        (WHOLE[:60] + b"\0" * 40 + WHOLE[100:], "."),
        (encoded(Image.new("RGB", (3, 2))), "3 x 2"),
        (encoded(Image.new("F", (2, 2)), "TIFF"), "mode 'F' is deeper than 16 bits"),
        (encoded(Image.new("I", (2, 2)), "TIFF"), "mode 'I' is deeper than 16 bits"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_few_words(data, message):
    with pytest.raises(Unusable, match=message) as caught:
        decode(data)
    assert "\n" not in str(caught.value)


def test_another_size_is_refused():
    data = encoded(Image.new("RGB", (3, 3)))
    assert decode(data, resolution=3).shape == (3, 3, 3)
    with pytest.raises(Misshapen, match="3 x 3"):
        decode(data, resolution=4)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """A PNG file whose header says another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


@pytest.mark.parametrize(
    ("size", "reading", "message"),
    [
        ((13_000, 13_000), Reading(), "13000 x 13000 pixels, more than 4,096 x 4,096"),
        ((4_097, 4_097), Reading(), "4097 x 4097 pixels, more than 4,096 x 4,096; resize it"),
        ((13_000, 1), Reading(), "13000 x 1"),
        ((8_192, 8_193), Reading(resize=8), "8192 x 8193 pixels, more than 67,108,864"),
        ((8_000, 7), Reading(crop=8), "8000 x 7 pixels, from which 8 cannot be cut"),
        ((2**31 - 1, 2**31 - 1), Reading(resize=8), "Image size .* exceeds limit"),
    ],
)
def test_a_size_is_refused_before_pixels_are_decoded(size, reading, message, monkeypatch):
    def loaded(*_):
        raise AssertionError("it is decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", loaded)
    with pytest.raises(Unusable, match=message):
        decode(claiming(WHOLE, *size), reading)
    with pytest.raises(Misshapen, match="16 x 16"):
        decode(WHOLE, resolution=8)


def test_no_program_is_started_whatever_a_row_holds(tmp_path, monkeypatch):
    """Pillow hands PostScript to Ghostscript; a stand-in, first in PATH, would note that it was started."""
    stand_in, mark = tmp_path / "gs", tmp_path / "started"
    stand_in.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(Unusable, match="not an image file"):
        decode(postscript)
    assert not mark.exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_that_is_named_is_decoded(kind):
    assert decode(encoded(Image.new("RGB", (4, 4), "white"), kind)).shape == (4, 4, 3)


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
    assert np.array_equal(decode(stream.getvalue()), upright)


def torchvision_cut(picture: Image.Image, resize: int, crop: int) -> np.ndarray:
    steps = v2.Compose([v2.Resize(resize), v2.CenterCrop(crop)])
    return np.asarray(steps(picture))


@pytest.mark.parametrize(
    ("size", "reading"),
    [
        ((96, 48), Reading(resize=16)),
        ((48, 144), Reading(resize=24)),
        ((64, 64), Reading(resize=32)),
        ((10, 20), Reading(resize=30)),
        ((96, 64), Reading(resize=32, crop=24)),
        ((320, 160), Reading(resize=256, crop=224)),
    ],
)
def test_scaling_and_cutting_are_those_of_torchvision_to_the_last_bit(size, reading):
    """Where the longer side is a whole number after scaling, and the cut begins at a whole pixel of the source."""
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    found = decode(encoded(picture), reading)
    assert found.shape == (reading.side, reading.side, 3)
    assert np.array_equal(found, torchvision_cut(picture, reading.resize, reading.side))


@pytest.mark.parametrize("size", [(640, 427), (33, 32), (500, 375)])
def test_other_sizes_differ_from_torchvision_by_less_than_a_pixel(size):
    slope = np.linspace(0, 250, size[0])[None, :, None] + np.zeros((size[1], 1, 3))
    picture = Image.fromarray(slope.astype(np.uint8))
    found, other = decode(encoded(picture), Reading(resize=32)), torchvision_cut(picture, 32, 32)
    step = 250 / size[0] * max(1, min(size) / 32)
    assert np.abs(found.astype(int) - other).max() <= step + 1


def test_shrinking_takes_the_mean_and_leaves_no_pattern():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    small = decode(encoded(Image.fromarray(stripes)), Reading(resize=8))
    assert (small[:, 1:-1] == 100).all() and (np.abs(small.astype(int) - 100) <= 4).all()  # less at the edges


def test_a_crop_is_the_middle_as_it_is():
    pixels = np.arange(7 * 6 * 3, dtype=np.uint8).reshape(6, 7, 3)
    data = encoded(Image.fromarray(pixels))
    assert np.array_equal(decode(data, Reading(crop=2)), pixels[2:4, 2:4])
    # The shorter side has that many pixels already: nothing is blurred.
    assert np.array_equal(decode(data, Reading(resize=6)), pixels[:, 0:6])


def test_a_picture_that_is_stored_turned_is_cut_upright():
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = 255
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(stream, "PNG", exif=exif)
    assert np.array_equal(decode(stream.getvalue(), Reading(crop=4)), np.rot90(pixels, -1)[2:6])


def test_a_very_long_picture_takes_little_memory():
    data = encoded(Image.new("RGB", (60_000, 4), (5, 6, 7)))
    tracemalloc.start()
    try:
        assert (decode(data, Reading(resize=64)) == (5, 6, 7)).all()
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()
