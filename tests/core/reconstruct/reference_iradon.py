# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the numbers of tst_reconstruct.cpp: skimage.transform.iradon of the sinogram of three discs (python3-skimage)."""
import numpy as np
from skimage.transform import iradon

N, ANGLES = 65, 90
DISCS = [(0.0, 0.0, 26.0, 1.0), (8.0, -5.0, 7.0, 0.5), (-9.5, 10.25, 4.5, -0.7)]  # y, x, radius, value
# iradon sees rows upside down: its t is x cos − y sin.
theta = np.arange(ANGLES) * 180.0 / ANGLES
u = np.arange(N) - N // 2
sinogram = np.zeros((N, ANGLES))
for a, t in enumerate(np.deg2rad(theta)):
    for y, x, r, v in DISCS:
        centre = x * np.cos(t) - y * np.sin(t)
        sinogram[:, a] += v * 2 * np.sqrt(np.maximum(0, r * r - (u - centre) ** 2))
for name in ("ramp", "shepp-logan", "hann"):
    image = iradon(sinogram, theta=theta, filter_name=name, interpolation="linear", circle=True)
    places = [(32, 32), (40, 27), (22, 42), (32, 58), (10, 32), (35, 20), (40, 34), (55, 40)]
    print(name, ", ".join(f"{image[p]:.6f}" for p in places), "mean %.6f" % image.mean())
