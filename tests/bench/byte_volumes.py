# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks with a truth as raw bytes, as bench_volumes.h reads them."""
import os
import subprocess

import numpy as np
import tifffile

# name, stack, truth, classes
REAL = [("weave", "puma-weave/small_weave.tif", "puma-weave/small_weave_tag.tif", 3),
        ("nuclei", "plantseg-nuclei-1135/1135_mini_raw.tif", "plantseg-nuclei-1135/1135_mini_label.tif", 2)]


def described(name, grey, labels, classes, folder):
    """Writes both into the folder and returns what the programs want to know: NAME Z Y X RAW TRUTH CLASSES."""
    paths = [os.path.join(folder, name + end) for end in (".raw", ".truth")]
    for path, values in zip(paths, (grey, np.minimum(labels, classes - 1))):
        values.astype(np.uint8).tofile(path)
    return [name, *map(str, grey.shape), *paths, str(classes)]


def real(data, folder):
    for name, stack, truth, classes in REAL:
        yield described(name, tifffile.imread(os.path.join(data, stack)), tifffile.imread(os.path.join(data, truth)), classes,
                        folder)


def spheres(cli, folder, size=(64, 128, 128)):
    """A phantom of glass spheres, its grey values between the 0.1st and the 99.9th percentile as bytes."""
    sample = os.path.join(folder, "sample")
    subprocess.run([cli, "--quiet", "phantom", sample, "--size", ",".join(map(str, size)), "--fraction", "0.2", "--seed", "5"],
                   check=True, stdout=subprocess.DEVNULL)
    grey = tifffile.imread(os.path.join(sample, "raw.tif")).astype(np.float64)
    low, high = np.percentile(grey, (0.1, 99.9))
    truth = tifffile.imread(os.path.join(sample, "truth.tif"))
    return described("spheres", np.clip((grey - low) / (high - low) * 255, 0, 255), truth == 1, 2, folder)
