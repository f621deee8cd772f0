# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the numbers that tst_clahe, tst_otsu and tst_initial_mask compare with (NumPy, scikit-image)."""
import numpy as np
import skimage
from skimage.exposure import equalize_adapthist
from skimage.filters import threshold_otsu


def known(seed, n):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 16)
    return np.array(out, dtype=np.int64)


def picture(n, seed):
    """A disc on a slope, with noise: u8, smallest 0, largest 255."""
    y, x = np.mgrid[0:n, 0:n]
    grey = 60 + 60 * x // n + known(seed, n * n).reshape(n, n) % 31
    grey[(y - n // 2) ** 2 + (x - n // 2) ** 2 < (n // 4) ** 2] += 70
    grey[0, 0], grey[0, 1] = 0, 255
    return grey.astype(np.uint8)



def main():
    print("# scikit-image", skimage.__version__)
    e = equalize_adapthist(picture(256, 7), clip_limit=0.01)
    print("clahe 256, every 32nd from 16, mean", e.mean())
    print(np.round(e[16::32, 16::32], 4).tolist())

    p = picture(64, 7)

    print("otsu u8", threshold_otsu(p))
    print("otsu u16", threshold_otsu(p.astype(np.uint16) * 200 + 11))
    print("otsu i16", threshold_otsu(p.astype(np.int16) * 100 - 20000))
    print("otsu f32", repr(float(threshold_otsu((p.astype(np.float32) - 100) / 7))))
    two = np.array([3] * 50 + [9] * 20, np.uint8)
    print("otsu two values", threshold_otsu(two))

    # The initial mask of a volume of 4 pictures: slices share one grey range as they all have 0 and 255.
    volume = np.stack([picture(128, 7 + z) for z in range(4)])
    equalised = np.stack([equalize_adapthist(s, clip_limit=0.01) for s in volume])
    t = threshold_otsu(equalised)
    mask = equalised > t
    print("mask threshold", t, "fraction", mask.mean())


if __name__ == "__main__":
    main()
