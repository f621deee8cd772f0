# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the numbers that tst_histogram compares with (NumPy)."""
import numpy as np


def known(seed, n):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 16)
    return np.array(out, dtype=np.int64)


print("# NumPy", np.__version__)
n = 6 * 20 * 30
v = known(11, n)
u16 = (v * v // 65536).astype(np.uint16)
i16 = (v - 32768).astype(np.int16)
f32 = (u16.astype(np.float32) / 1000 - 20).astype(np.float32)
for name, a in (("u16", u16), ("i16", i16), ("f32", f32)):
    print(name, a.min(), a.max(), repr(float(a.astype(np.float64).mean())),
          [float(np.percentile(a, q, method="inverted_cdf")) for q in (0.5, 5, 25, 50, 75, 99.5)])
print("f32 in 8 bins", np.histogram(f32, 8)[0].tolist())
