# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints classical_reference.h: the numbers that the tests of CLAHE, multi-Otsu, smoothing, K-means and depth maps
compare with (NumPy, SciPy, scikit-image, scikit-learn). Run: python3 reference_classical.py > classical_reference.h"""
import numpy as np
import scipy
import skimage
import sklearn
from scipy import ndimage
from skimage.exposure import equalize_adapthist
from skimage.filters import threshold_multiotsu, threshold_otsu
from sklearn.cluster import KMeans

from reference_segment import known, picture

print("// SPDX-License-Identifier: GPL-3.0-or-later")
print("// Made by reference_classical.py with NumPy", np.__version__, "SciPy", scipy.__version__, "scikit-image",
      skimage.__version__, "scikit-learn", sklearn.__version__ + ".")
print("#pragma once\n\n#include <vector>\n\nnamespace interstice::reference {\n")


def put(name, values, kind="double"):
    values = np.asarray(values).ravel()
    text = ", ".join(repr(float(v)) if kind == "double" else str(int(v)) for v in values)
    print(f"inline const std::vector<{kind}> {name} = {{ {text} }};")


def scene(seed):
    """Bright balls and dark holes in grey, noisy: (14, 40, 37) u16."""
    shape = (14, 40, 37)
    z, y, x = np.mgrid[0:14, 0:40, 0:37]
    v = 20000 + known(seed, np.prod(shape)).reshape(shape) % 3000
    v[(z - 5) ** 2 + (y - 12) ** 2 + (x - 11) ** 2 < 36] += 9000
    v[(z - 9) ** 2 + (y - 27) ** 2 + (x - 25) ** 2 < 49] += 9000
    v[(z - 4) ** 2 + (y - 30) ** 2 + (x - 9) ** 2 < 25] -= 8000
    return v.astype(np.uint16)


# CLAHE
put("claheSquare", equalize_adapthist(picture(256, 7), clip_limit=0.01)[16::32, 16::32])
odd = picture(256, 9)[:203, :171].copy()
odd[0, 0], odd[0, 1] = 0, 255
put("claheOdd", equalize_adapthist(odd, clip_limit=0.03)[5::32, 5::32])
wide = odd.astype(np.uint16) * 211 + 17
put("claheWide", equalize_adapthist(wide, clip_limit=0.2, kernel_size=(203 // 4, 171 // 4))[5::32, 5::32])

# Multi-Otsu
p = picture(64, 7)
for classes in (2, 3, 4, 5):
    put(f"multiOtsu{classes}", threshold_multiotsu(p, classes))
f = (p.astype(np.float32) - 100) / 7
put("multiOtsuFloat3", threshold_multiotsu(f, 3))

# Smoothing
v = scene(11)
put("gaussian", ndimage.gaussian_filter(v.astype(np.float32), 1.3)[::3, ::7, ::7])
put("gaussianWide", ndimage.gaussian_filter(v.astype(np.float32), 6)[::3, ::7, ::7])
put("median3", ndimage.median_filter(v, 3)[::3, ::7, ::7], "int")
put("median5", ndimage.median_filter(v, 5)[::3, ::7, ::7], "int")

slices = v[[(2 * i + 1) * len(v) // 10 for i in range(5)]].astype(np.float64)
second = np.abs(slices[:, :, :-2] - 2 * slices[:, :, 1:-1] + slices[:, :, 2:]).ravel()
noise = np.sort(second)[second.size // 2] / (0.6745 * np.sqrt(6))
put("noise", [noise])
strength, patch, search = 0.8, 1, 2
r = patch + search
padded = np.pad(v.astype(np.float64), r, mode="symmetric")
core = lambda dz, dy, dx: padded[r - patch + dz:padded.shape[0] - r + patch + dz, r - patch + dy:padded.shape[1] - r + patch + dy,
                                 r - patch + dx:padded.shape[2] - r + patch + dx]
weights, values = np.zeros(v.shape), np.zeros(v.shape)
offsets = range(-search, search + 1)
for dz in offsets:
    for dy in offsets:
        for dx in offsets:
            squares = (core(0, 0, 0) - core(dz, dy, dx)) ** 2
            mean = ndimage.uniform_filter(squares, 2 * patch + 1)[patch:-patch, patch:-patch, patch:-patch]
            w = np.exp(-np.maximum(mean - 2 * noise ** 2, 0) / (strength * noise) ** 2)
            weights += w
            values += w * core(dz, dy, dx)[patch:-patch, patch:-patch, patch:-patch]
put("nonLocalMeans", (values / weights)[::3, ::7, ::7])

# K-means: standardised (intensity, z, y, x) of the voxels above a threshold, from given centres to the very end.
spacing = np.array([1.3, 0.65, 0.65])


def kmeans(name, threshold, k, weight, one_scale=False):
    z, y, x = np.nonzero(v > threshold)
    raw = np.stack([v[z, y, x], z, y, x], 1).astype(np.float64)
    mean, deviation = raw.mean(0), raw.std(0)
    gain = 1 / deviation
    if one_scale:
        pooled = np.sqrt(np.mean((deviation[1:] * spacing) ** 2))
        gain[1:] = spacing / pooled
    gain[1:] *= weight
    features = (raw - mean) * gain
    start = features[np.linspace(0, len(features) - 1, k).astype(int)]
    fit = KMeans(k, init=start, n_init=1, tol=0, max_iter=1000, algorithm="lloyd").fit(features)
    order = np.lexsort(fit.cluster_centers_.T[::-1])
    if weight == 0:
        means = np.stack([raw[fit.labels_ == c].mean(0) for c in order])
        centres = np.concatenate([means[:, :1], np.tile(mean[1:], (k, 1))], 1)
    else:
        centres = (fit.cluster_centers_ / gain + mean)[order]
    start_raw = raw[np.linspace(0, len(features) - 1, k).astype(int)]
    put(name + "Start", start_raw * [1, *spacing])
    put(name + "Centres", centres * [1, *spacing])
    put(name + "Inertia", [fit.inertia_])
    put(name + "Sizes", [np.sum(fit.labels_ == c) for c in order], "int")
    labels = np.zeros(v.shape, int)
    labels[z, y, x] = np.argsort(order)[fit.labels_] + 1
    digits = "".join(map(str, labels.ravel()))
    print(f"inline const char* const {name}Labels =")
    for i in range(0, len(digits), 120):
        print(f'    "{digits[i:i + 120]}"' + (";" if i + 120 >= len(digits) else ""))


kmeans("kmeansStudy", 21000, 3, 1)
kmeans("kmeansHalf", 0, 5, 0.5)
kmeans("kmeansIntensity", 0, 3, 0)
kmeans("kmeansOneScale", 21000, 4, 1, True)

# Depth map
change = np.abs(np.gradient(v.astype(np.float64), axis=0))
whole = ndimage.gaussian_filter(change.sum(0), 2)
put("depthWhole", whole[::5, ::5])
put("depthWholeOtsu", [threshold_otsu(whole.astype(np.float32))])
maps = []
for s in range(len(v)):
    low, high = max(0, s - 2), min(len(v), s + 3)
    maps.append(ndimage.gaussian_filter(change[low:high].sum(0) * 5 / (high - low), 1))
put("depthWindow", np.stack(maps)[::3, ::7, ::7])

print("\n} // namespace interstice::reference")
