# SPDX-License-Identifier: GPL-3.0-or-later
"""The window on a stack larger than memory: viewing.py BENCH_VIEWING [STACK]. Without one, 16 GB are generated in a
temporary folder (which needs 20 GB)."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import tifffile

SIDE = 2000


def make(path):
    """Balls in noise, 2000 x 2000 x 2000 u16, written slice by slice."""
    rng = np.random.default_rng(0)
    noise = rng.normal(20000, 1500, (4, SIDE, SIDE)).astype(np.uint16)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        for z in range(SIDE):
            dz = z % 90 - 45
            ball = (y % 100 - 50) ** 2 + ((x + z // 90 * 37) % 100 - 50) ** 2 + dz * dz < 1600
            file.write(noise[z % 4] + ball.astype(np.uint16) * np.uint16(9000), contiguous=True)


def main():
    bench = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        stack = sys.argv[2] if len(sys.argv) > 2 else os.path.join(folder, "stack.tif")
        if len(sys.argv) < 3:
            make(stack)
        environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"), QT_QPA_PLATFORM="offscreen")
        for turn in ("for the first time", "again"):
            print(f"-- opened {turn}", flush=True)
            subprocess.run([bench, stack], env=environment, check=True)


main()
