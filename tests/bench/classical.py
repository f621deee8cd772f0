# SPDX-License-Identifier: GPL-3.0-or-later
"""The classical methods beside their Python peers (scikit-learn, scikit-image, SciPy, NumPy) on one 256 × 512 × 512 u16
volume: classical.py BENCH_PROGRAM. Each peer runs in a process of its own, so that its memory is its own."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile

SHAPE = (256, 512, 512)


def volume():
    """Balls in noise, 20 % of the volume: raw u16 and mask u8."""
    rng = np.random.default_rng(1)
    mask = np.zeros(SHAPE, bool)
    r = 18
    z, y, x = np.mgrid[-r:r + 1, -r:r + 1, -r:r + 1]
    ball = z ** 2 + y ** 2 + x ** 2 <= r * r
    for _ in range(640):
        c = [rng.integers(r, n - r) for n in SHAPE]
        s = tuple(slice(i - r, i + r + 1) for i in c)
        mask[s] |= ball
    raw = rng.normal(20000, 1500, SHAPE).astype(np.float32) + mask * np.float32(9000)
    raw[0, 0, 0], raw[0, 0, 1] = 0, 65535
    return np.clip(raw, 0, 65535).astype(np.uint16), mask.astype(np.uint8)


def peer(name, raw_path, mask_path):
    """Seconds for the whole volume (an iteration for K-means), measured on part of it where the whole takes minutes."""
    raw, mask = tifffile.imread(raw_path), tifffile.imread(mask_path)
    voxels = raw.size
    start = time.perf_counter()
    if name.startswith("kmeans"):
        from sklearn.cluster import KMeans

        def fit(iterations):
            KMeans(3, init=features[[0, len(features) // 2, -1]], n_init=1, tol=0, max_iter=iterations, algorithm="lloyd",
                   copy_x=False).fit(features)

        z, y, x = np.indices(SHAPE, dtype=np.float32)
        features = np.stack([raw.astype(np.float32).ravel(), z.ravel(), y.ravel(), x.ravel()], 1)
        del z, y, x
        features -= features.mean(0)
        features /= features.std(0)
        if name == "kmeans":  # all it takes, over the iterations
            fit(10)
            return (time.perf_counter() - start) / 10
        start = time.perf_counter()
        fit(1)
        one = time.perf_counter() - start
        start = time.perf_counter()
        fit(6)
        return (time.perf_counter() - start - one) / 5
    if name == "clahe":
        from skimage.exposure import equalize_adapthist
        n = 24
        for s in range(n):
            equalize_adapthist(raw[s * len(raw) // n], clip_limit=0.01)
        return (time.perf_counter() - start) * len(raw) / n
    if name == "otsu":
        from skimage.filters import threshold_otsu
        threshold_otsu(raw)
    if name == "depthmap":
        from scipy import ndimage
        from skimage.filters import threshold_otsu
        total = ndimage.gaussian_filter(np.abs(np.gradient(raw.astype(np.float32), axis=0)).sum(0), 2)
        ndimage.label(total > threshold_otsu(total))
    if name == "gaussian":
        from scipy import ndimage
        ndimage.gaussian_filter(raw.astype(np.float32), 2)
    if name == "components":
        from scipy import ndimage
        ndimage.label(mask, np.ones((3, 3, 3)))
    if name == "distance":
        from scipy import ndimage
        ndimage.distance_transform_edt(mask)
    if name == "split":
        from scipy import ndimage
        from skimage.morphology import h_maxima
        from skimage.segmentation import watershed
        n = 64
        distance = ndimage.distance_transform_edt(mask[:n])
        watershed(-distance, ndimage.label(h_maxima(distance, 1.0))[0], mask=mask[:n].astype(bool))
        return (time.perf_counter() - start) * len(raw) / n
    if name == "mask":
        from skimage.exposure import equalize_adapthist
        from skimage.filters import threshold_otsu
        start = time.perf_counter()
        n = 24
        part = tifffile.imread(raw_path, key=range(n))
        equal = np.stack([equalize_adapthist(s, clip_limit=0.01) for s in part])
        tifffile.imwrite(raw_path + ".peer.tif", (equal > threshold_otsu(equal)).astype(np.uint8))
        os.remove(raw_path + ".peer.tif")
        return (time.perf_counter() - start) * len(raw) / n
    return time.perf_counter() - start


def main():
    if sys.argv[1] == "--peer":
        seconds = peer(*sys.argv[2:5])
        print(json.dumps({"seconds": seconds, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
        return
    program = sys.argv[1]
    rows = [("K-means of 10 iterations, each", "kmeans", "scikit-learn"), ("K-means, one more iteration", "kmeans-more", "scikit-learn"),
            ("CLAHE", "clahe", "scikit-image"), ("Otsu", "otsu", "scikit-image"),
            ("depth map", "depthmap", "NumPy + SciPy"), ("Gaussian, sigma 2", "gaussian", "SciPy"),
            ("components, 26", "components", "SciPy"), ("exact distance map", "distance", "SciPy"),
            ("watershed split", "split", "scikit-image"), ("initial mask, end to end", "mask", "tifffile + scikit-image")]
    with tempfile.TemporaryDirectory() as folder:
        raw_path, mask_path = f"{folder}/raw.tif", f"{folder}/mask.tif"
        raw, mask = volume()
        tifffile.imwrite(raw_path, raw)
        tifffile.imwrite(mask_path, mask)
        del raw, mask

        def ours(name):
            return json.loads(subprocess.run([program, name, raw_path, mask_path, "3"], check=True, capture_output=True).stdout)

        bandwidth = ours("bandwidth")["bytes_per_s"]
        print(f"256 x 512 x 512 u16, {os.cpu_count()} cores, copy {bandwidth / 1e9:.1f} GB/s")
        print(f"{'':31}{'MVoxel/s':>9}{'peer':>9}{'ratio':>8}{'of copy':>9}{'memory':>10}{'peer':>10}  peer")
        for title, name, who in rows:
            mine = ours(name)
            # Memory as it is when the stack stays on disk, where that is how it is used.
            memory = ours(name + "-streamed")["peak_bytes"] if name in ("kmeans", "kmeans-more", "depthmap", "otsu") else mine["peak_bytes"]
            theirs = json.loads(subprocess.run([sys.executable, __file__, "--peer", name, raw_path, mask_path], check=True,
                                               capture_output=True).stdout)
            n = np.prod(SHAPE)
            print(f"{title:31}{n / mine['seconds'] / 1e6:9.0f}{n / theirs['seconds'] / 1e6:9.1f}"
                  f"{theirs['seconds'] / mine['seconds']:7.1f}x{mine['bytes'] / mine['seconds'] / bandwidth:8.0%}"
                  f"{memory / 1e6:7.0f} MB{theirs['peak_bytes'] / 1e6:7.0f} MB  {who}", flush=True)


main()
