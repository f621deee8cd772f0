# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes data/*.tif with tifffile: layouts that createTiff does not write, read by tst_open_volume.

Voxel (z, y, x) holds z * 1000 + y * 40 + x, minus 500 in signed and floating-point types (plus 0.25 in
the latter), modulo 256 in 8 bits, so that the tests need no recorded values. Run it in this folder:
python3 reference_tiff.py (tifffile 2025.3.30, NumPy 2.2).
"""
import struct

import numpy
import tifffile

SHAPE = (3, 13, 21)


def volume(dtype, shape=SHAPE):
    z, y, x = numpy.indices(shape)
    values = z * 1000 + y * 40 + x
    kind = numpy.dtype(dtype).kind
    if kind in "if":
        values = values - 500
    if kind == "f":
        values = values + 0.25
    return values.astype(dtype)


def write(name, data, **options):
    options.setdefault("metadata", None)
    options.setdefault("software", False)
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(f"data/{name}.tif", data, **options)


def one_header(source, name):
    """ImageJ's layout above 4 GB: the chain of directories ends after the first."""
    with open(f"data/{source}.tif", "rb") as file:
        content = bytearray(file.read())
    order = "<" if content[:2] == b"II" else ">"
    first = struct.unpack(order + "I", content[4:8])[0]
    entries = struct.unpack(order + "H", content[first : first + 2])[0]
    after = first + 2 + 12 * entries
    content[after : after + 4] = b"\0\0\0\0"
    with open(f"data/{name}.tif", "wb") as file:
        file.write(content)


for kind in ("u1", "u2", "i2", "u4", "f4", "f8", "i1", "i4", "u8", "f2"):
    write(f"big_endian_{kind}", volume(kind), byteorder=">")
write("big_endian_big_tiff_tiled_u2", volume("u2"), byteorder=">", bigtiff=True, tile=(16, 16))
write("little_endian_tiled_f4", volume("f4"), byteorder="<", tile=(16, 16))
write("strips_of_two_rows_u2", volume("u2"), byteorder=">", rowsperstrip=2)
write("deflate_strips_big_endian_u2", volume("u2"), byteorder=">", rowsperstrip=4, compression="zlib")
write("deflate_tiled_big_endian_f4", volume("f4"), byteorder=">", tile=(16, 32), compression="zlib")
write("min_is_white_u1", 255 - volume("u1"), photometric="miniswhite")
write("min_is_white_big_endian_u2", 65535 - volume("u2"), photometric="miniswhite", byteorder=">")
write("one_bit", volume("u1") % 2 == 1)
tifffile.imwrite("data/shaped_truncated_u2.tif", volume("u2"), truncate=True, photometric="minisblack", software=False)

IMAGEJ = {"imagej": True, "resolution": (1 / 0.65, 1 / 0.65), "software": False}
write("imagej_u2", volume("u2"), metadata={"axes": "ZYX", "spacing": 1.3, "unit": "um"}, **IMAGEJ)
one_header("imagej_u2", "imagej_one_header_u2")
write("imagej_two_channels_u2", numpy.stack([volume("u2")] * 2, axis=1), metadata={"axes": "ZCYX"}, **IMAGEJ)
write("imagej_frames_u2", volume("u2"), metadata={"axes": "TYX", "unit": "um"}, **IMAGEJ)
SIZES = {"PhysicalSizeX": 0.65, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.65, "PhysicalSizeYUnit": "µm"}
SIZES |= {"PhysicalSizeZ": 1.3, "PhysicalSizeZUnit": "µm"}
write("ome_u2", volume("u2"), ome=True, metadata={"axes": "ZYX"} | SIZES)
write("ome_two_channels_u2", numpy.stack([volume("u2")] * 2), ome=True, metadata={"axes": "CZYX"} | SIZES)

write("rgb", numpy.zeros((13, 21, 3), "u1"), photometric="rgb")
write("palette", volume("u1")[0], photometric="palette", colormap=numpy.zeros((3, 256), "u2"))
write("complex", volume("f4")[0].astype("c8"))
write("volumetric", numpy.zeros((16, 16, 16), "u1"), volumetric=True, tile=(16, 16, 16))
with tifffile.TiffWriter("data/thumbnail_in_the_chain.tif") as tiff:
    for page in volume("u2"):
        tiff.write(page, photometric="minisblack", metadata=None, software=False)
        tiff.write(page[::4, ::4], photometric="minisblack", metadata=None, software=False, subfiletype=1)
with tifffile.TiffWriter("data/overview_below_the_page.tif") as tiff:
    for page in volume("u2"):
        tiff.write(page, photometric="minisblack", metadata=None, software=False, subifds=1)
        tiff.write(page[::2, ::2], photometric="minisblack", metadata=None, software=False, subfiletype=1)
with tifffile.TiffWriter("data/pages_of_two_sizes.tif") as tiff:
    tiff.write(volume("u2")[0], photometric="minisblack", metadata=None, software=False)
    tiff.write(volume("u2")[0, :5], photometric="minisblack", metadata=None, software=False)
with tifffile.TiffWriter("data/pages_of_two_types.tif") as tiff:
    tiff.write(volume("u2")[0], photometric="minisblack", metadata=None, software=False)
    tiff.write(volume("i2")[0], photometric="minisblack", metadata=None, software=False)
