# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets `paper` and `strong` on stacks with a truth: Dice on voxels that no network was trained on. For a GPU; a
processor takes hours unless each training gets MINUTES. Usage: presets.py BENCH_PROGRAM DATA_FOLDER [DEVICE [SEEDS
[MINUTES]]]. With the program "-" it only writes the volumes as bytes into the folder DEVICE."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import tifffile

# name, stack, truth, classes
SETS = [("weave", "puma-weave/small_weave.tif", "puma-weave/small_weave_tag.tif", 3),
        ("nuclei", "plantseg-nuclei-1135/1135_mini_raw.tif", "plantseg-nuclei-1135/1135_mini_label.tif", 2)]


def write(data, folder):
    """Each volume and its truth as bytes; yields what the program wants to know of them."""
    for name, stack, truth, classes in SETS:
        grey, labels = tifffile.imread(os.path.join(data, stack)), tifffile.imread(os.path.join(data, truth))
        labels = np.minimum(labels, classes - 1)
        paths = [os.path.join(folder, name + end) for end in (".raw", ".truth")]
        for path, values in zip(paths, (grey, labels)):
            values.astype(np.uint8).tofile(path)
        yield [name, *map(str, grey.shape), *paths, str(classes)]


def main():
    program, data, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if program == "-":
        print(list(write(data, rest[0])))
        return
    with tempfile.TemporaryDirectory() as folder:
        for described in write(data, folder):
            subprocess.run([program, rest[0] if rest else "auto", *described, *rest[1:3]], check=True)


main()
