# SPDX-License-Identifier: GPL-3.0-or-later
"""What a prediction says that it needs, beside what it takes: memory.py INTERSTICE_CLI [GIGABYTES [FOLDER]]. With a number
only a stack of that size, generated in the folder (default: a temporary one): 32-bit numbers, as reconstructions have, chunks
that overlap by a quarter, under --memory 2GiB. 12 GB take an hour or so on two cores."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import tifffile


def make(path, slices, side, truth=None, dtype=np.uint16):
    """Balls in noise, written slice by slice."""
    rng = np.random.default_rng(0)
    noise = rng.normal(20000, 1500, (4, side, side)).astype(np.float32)
    y, x = np.mgrid[0:side, 0:side]
    with tifffile.TiffWriter(path, bigtiff=True) as file, tifffile.TiffWriter(truth or os.devnull) as labels:
        for z in range(slices):
            ball = (y % 28 - 14) ** 2 + ((x + z // 24 * 37) % 28 - 14) ** 2 + (z % 24 - 12) ** 2 < 100
            file.write((noise[z % 4] + ball * 9000).astype(dtype), contiguous=True)
            if truth:
                labels.write(ball.astype(np.uint8), contiguous=True)


def main():
    cli = os.path.abspath(sys.argv[1])
    large = float(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as folder:
        os.chdir(folder)

        def run(*arguments):
            return json.loads(subprocess.run([cli, "--quiet", "--json", *arguments], check=True, capture_output=True, text=True).stdout)

        make("small.tif", 40, 128, "truth.tif")
        run("train", "small.tif", "truth.tif", "-o", "quick.safetensors", "--preset", "quick", "--epochs", "1", "--devices", "cpu")
        print(f"{'stack':18}{'mode':8}{'limit':8}{'estimated':>12}{'used':>12}{'ratio':>8}{'Mvoxel/s':>10}", flush=True)
        rows = [(10, 240, "paper", None), (20, 496, "paper", None), (20, 1000, "paper", None), (20, 2048, "paper", None),
                (60, 2048, "paper", "2GiB"),
                (40, 240, "exact", None), (40, 496, "exact", None), (40, 496, "exact", "1GiB"),
                (40, 1000, "exact", "2GiB"), (40, 1000, "exact", "4GiB")]
        if large:
            rows = [(round(large * 1e9 / 4 / 2048 / 2048), 2048, "paper", "2GiB")]
        for slices, side, mode, limit in rows:
            make("raw.tif", slices, side, dtype=np.float32 if large else np.uint16)
            what = ["predict", "raw.tif", "--model", "quick.safetensors", "-o", "mask.tif", "--mode", mode, "--devices", "cpu",
                    *(["--memory", limit] if limit else []), *(["--overlap", "0.25"] if large else [])]
            estimated = run(*what, "--estimate")["ram_bytes"]
            made = run(*what)
            used = made["peak_bytes"]
            print(f"{f'{slices} x {side} x {side}':18}{mode:8}{limit or 'none':8}{estimated / 1e6:9.0f} MB{used / 1e6:9.0f} MB"
                  f"{estimated / used:8.2f}{made['voxels_per_s'] / 1e6:10.2f}", flush=True)


main()
