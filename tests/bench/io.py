# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole commands beside Python doing the same: the initial mask (read, CLAHE, Otsu, write) against
tifffile + scikit-image on one u16 stack, and the memory of masking and scoring a stack of 3 GB.
Usage: io.py INTERSTICE_CLI"""
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile
from skimage import exposure, filters

cli = sys.argv[1]


def measured(*command):
    """Seconds and peak resident bytes of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([cli, "--quiet", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


with tempfile.TemporaryDirectory() as folder:
    rng = np.random.default_rng(1)
    small = rng.normal(20000, 4000, (64, 512, 512)).astype(np.uint16)
    small[:, 100:300, 100:300] += 9000
    raw = os.path.join(folder, "small.tif")
    tifffile.imwrite(raw, small)
    ours, _ = measured("mask", raw, "-o", os.path.join(folder, "mask.tif"))
    start = time.perf_counter()
    stack = tifffile.imread(raw)
    equal = np.stack([exposure.equalize_adapthist(s) for s in stack])
    tifffile.imwrite(os.path.join(folder, "python.tif"), (equal > filters.threshold_otsu(equal)).astype(np.uint8), compression="zlib")
    theirs = time.perf_counter() - start
    print(f"initial mask of 64x512x512 u16: ours {ours:.2f} s, tifffile + scikit-image {theirs:.2f} s, {theirs / ours:.1f} times as fast")

    big = os.path.join(folder, "big.tif")
    slab = small[:, :, :]
    with tifffile.TiffWriter(big, bigtiff=True) as tiff:
        for _ in range(90):
            for page in slab:
                tiff.write(page, contiguous=True)
    size = os.path.getsize(big)
    mask = os.path.join(folder, "bigmask.tif")
    seconds, peak = measured("mask", big, "-o", mask)
    print(f"mask of {size / 1e9:.1f} GB: {seconds:.0f} s, peak resident {peak / 1e6:.0f} MB")
    seconds, peak = measured("score", mask, mask)
    print(f"score of the same: {seconds:.0f} s, peak resident {peak / 1e6:.0f} MB")
