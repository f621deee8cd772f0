# SPDX-License-Identifier: GPL-3.0-or-later
"""A 6 GB stack through every classical method on the command line, with time and peak of resident memory:
large.py INTERSTICE_CLI [FOLDER]. Needs about 40 GB in the folder (default: a temporary one)."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import tifffile

SLICES, SIDE = 1500, 1414


def make(path):
    """Balls in noise, written slice by slice."""
    rng = np.random.default_rng(0)
    noise = rng.normal(20000, 1500, (4, SIDE, SIDE)).astype(np.float32)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        for z in range(SLICES):
            dz = z % 90 - 45
            ball = (y % 100 - 50) ** 2 + ((x + z // 90 * 37) % 100 - 50) ** 2 + dz * dz < 1600
            file.write((noise[z % 4] + ball * 9000).astype(np.uint16), contiguous=True)


def main():
    cli = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        os.chdir(folder)
        environment = dict(os.environ, XDG_CACHE_HOME=folder + "/cache")
        make("raw.tif")
        print(f"{SIDE} x {SIDE} x {SLICES} u16, {os.path.getsize('raw.tif') / 1e9:.1f} GB", flush=True)
        for title, *arguments in [
                ("initial mask (CLAHE + Otsu)", "mask", "raw.tif", "-o", "mask.tif"),
                ("K-means, 3 iterations", "kmeans", "raw.tif", "-o", "k.tif", "--mask", "km.tif", "--iterations", "3", "--threshold", "none",
                 "--spatial-weight", "0"),
                ("depth map, whole depth", "depthmap", "raw.tif", "-o", "d.tif", "--map", "dmap.tif"),
                ("depth map, window of 9", "depthmap", "raw.tif", "-o", "d9.tif", "--window", "9"),
                ("components of the mask", "objects", "mask.tif", "-o", "o.tif"),
                ("split of touching bodies", "objects", "km.tif", "-o", "s.tif", "--split-touching"),
                ("scores with surfaces", "score", "km.tif", "mask.tif"),
                ("multi-Otsu after Gaussian", "mask", "raw.tif", "-o", "g.tif", "--no-clahe", "--classes", "3", "--smooth", "gaussian:1"),
                ("Otsu after median", "mask", "raw.tif", "-o", "m.tif", "--no-clahe", "--smooth", "median"),
                ("Otsu after ring reduction", "mask", "raw.tif", "-o", "r.tif", "--no-clahe", "--rings")]:
            run = subprocess.run([cli, "--quiet", "--json", *arguments], capture_output=True, env=environment, text=True)
            # The children's peak grows only when a larger one comes, so the program's own figure is taken.
            if run.returncode:
                print(f"{title:30} FAILED: {run.stderr.strip()}", flush=True)
                continue
            result = json.loads(run.stdout)
            print(f"{title:30}{result['seconds']:8.0f} s{result['peak_bytes'] / 1e6:8.0f} MB", flush=True)


main()
