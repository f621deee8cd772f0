# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints morphology_reference.h: the numbers that the tests of components, distance maps, splitting and surface distances
compare with (NumPy, SciPy, scikit-image). Run: python3 reference_morphology.py > morphology_reference.h"""
import numpy as np
import scipy
import skimage
from scipy import ndimage
from skimage.morphology import h_maxima

MOST = 2**32


def known(seed, n):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % MOST
        out.append(state >> 16)
    return np.array(out, dtype=np.int64)


def noise(shape, seed, percent):
    return (known(seed, np.prod(shape)).reshape(shape) % 100 < percent).astype(np.uint8)


print("// SPDX-License-Identifier: GPL-3.0-or-later")
print("// Made by reference_morphology.py with NumPy", np.__version__, "SciPy", scipy.__version__, "scikit-image",
      skimage.__version__ + ".")
print("#pragma once\n\n#include <cstdint>\n#include <vector>\n\nnamespace interstice::reference {\n")


def checksum(labels):
    """Position-dependent, so that equal numbering in the order of first voxels gives an equal sum."""
    flat = labels.ravel().astype(np.uint64)
    return int((flat * ((np.arange(flat.size, dtype=np.uint64) % np.uint64(9973)) + np.uint64(1))).sum() % np.uint64(MOST))


print("struct Labelled { int z, y, x; unsigned seed; int percent; int connectivity; unsigned objects; unsigned largest; unsigned checksum; };")
print("inline const std::vector<Labelled> labelled = {")
for shape in ((9, 17, 70), (1, 33, 131), (40, 1, 64), (23, 20, 19), (5, 64, 128)):
    for percent in (3, 15, 35, 60, 97):
        mask = noise(shape, 5 + percent, percent)
        for connectivity, structure in ((6, 1), (18, 2), (26, 3)):
            labels, n = ndimage.label(mask, ndimage.generate_binary_structure(3, structure))
            largest = np.bincount(labels.ravel())[1:].max() if n else 0
            print(f"    {{ {shape[0]}, {shape[1]}, {shape[2]}, {5 + percent}, {percent}, {connectivity}, {n}, {largest}, {checksum(labels)}U }},")
print("};\n")


def put(name, values, kind="double"):
    text = ", ".join(repr(float(v)) if kind == "double" else str(int(v)) for v in np.asarray(values).ravel())
    print(f"inline const std::vector<{kind}> {name} = {{ {text} }};")


shape = (21, 30, 45)
mask = noise(shape, 9, 97)
squares = np.rint(ndimage.distance_transform_edt(mask) ** 2).astype(int)
put("distanceSum", [squares.sum()], "std::int64_t")
put("distances", squares[::4, ::5, ::6], "int")
put("distancesOfOtherSpacing", ndimage.distance_transform_edt(mask, sampling=(2.5, 0.7, 1.1))[::4, ::5, ::6])


def balls(centres, shape):
    z, y, x = np.mgrid[0:shape[0], 0:shape[1], 0:shape[2]]
    out = np.zeros(shape, bool)
    for cz, cy, cx, r in centres:
        out |= (z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < r * r
    return out


# Surface distances as in Metrics Reloaded: the two directed percentiles, the larger.
def surface(m):
    return m & ~ndimage.binary_erosion(m)


def surface_distances(a, b, spacing):
    to_b = ndimage.distance_transform_edt(~surface(b), sampling=spacing)[surface(a)]
    to_a = ndimage.distance_transform_edt(~surface(a), sampling=spacing)[surface(b)]
    return [max(np.percentile(to_b, 95), np.percentile(to_a, 95)), (to_a.sum() + to_b.sum()) / (to_a.size + to_b.size),
            max(to_a.max(), to_b.max()), to_b.size, to_a.size]


shape = (30, 40, 50)
a = balls([(14, 18, 20, 11), (5, 30, 40, 6)], shape)
b = balls([(15, 19, 22, 10), (6, 30, 39, 6), (25, 8, 8, 4)], shape)
put("surfaces", surface_distances(a, b, (1, 1, 1)))
put("surfacesOfOtherSpacing", surface_distances(a, b, (2.0, 0.5, 0.5)))

# How many bodies h-maxima of the distance map see in touching balls.
pack = balls([(15, 15, 15, 10), (15, 15, 33, 10), (15, 31, 24, 10), (15, 15, 60, 8), (15, 44, 60, 12), (15, 44, 42, 9)], (31, 60, 75))
distance = ndimage.distance_transform_edt(pack)
put("bodies", [ndimage.label(h_maxima(distance, 1.0), np.ones((3, 3, 3)))[1]], "int")
put("bodiesTouching", [ndimage.label(pack, np.ones((3, 3, 3)))[1]], "int")

print("\n} // namespace interstice::reference")
