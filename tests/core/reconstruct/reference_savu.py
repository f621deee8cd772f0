# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the numbers of tst_real_scans.cpp: one slice of savu-projections by skimage.transform.iradon about column 86
(python3-skimage, python3-tifffile). Run: python3 reference_savu.py FOLDER"""
import sys
import numpy as np
import tifffile
from skimage.transform import iradon

folder, row = sys.argv[1], 67
lines = np.loadtxt(folder + "/angles.txt")
angles = lines[10:101]  # ten fields come first
raw = np.stack([tifffile.imread(f"{folder}/raw_{i:05d}.tiff")[row] for i in range(91)]).astype(np.float64)
white = tifffile.imread(folder + "/flat_00001.tiff")[row].astype(np.float64)
dark = tifffile.imread(folder + "/dark_00001.tiff")[row].astype(np.float64)
light = (raw - dark) / np.where(white > dark, white - dark, np.inf)
attenuation = np.where(white > dark, -np.log(np.maximum(light, 1e-4)), 0)
padded = np.zeros((91, 173))
padded[:, :160] = attenuation  # column 86 is the middle of 173
image = iradon(padded.T, theta=-angles, filter_name="hann", interpolation="linear", circle=True)
blocks = image[6:166, 6:166].reshape(8, 20, 8, 20).mean(axis=(1, 3))
print("{ " + ", ".join(f"{v:.6f}" for v in blocks.ravel()) + " }")
