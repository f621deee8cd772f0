# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the table of core/phantom/materials.cpp: delta and beta of each material from xraylib
(Schoonjans et al., Spectrochim. Acta B 66, 2011; package python3-xraylib). Run: python3 reference_materials.py"""
import xraylib

ENERGIES = [8, 10, 12, 15, 18, 20, 22, 25, 27.4, 30, 35, 40, 50, 60, 80, 100]
MATERIALS = [  # name, compound as xraylib knows or reads it, density in g/cm3
    ("polypropylene", "Polypropylene", 0.90),
    ("borosilicate", "Glass, Pyrex", 2.23),
    ("water", "H2O", 1.0),
    ("quartz", "SiO2", 2.65),
    ("illite", "KAl3Si3O12H2", 2.75),
    ("kerogen", "C100H120O8N2S1", 1.30),
    ("pyrite", "FeS2", 5.01),
    ("cellulose", "C6H10O5", 1.50),
]
for name, compound, density in MATERIALS:
    for part in ("delta", "beta"):
        f = (lambda e: 1 - xraylib.Refractive_Index_Re(compound, e, density)) if part == "delta" else (
            lambda e: xraylib.Refractive_Index_Im(compound, e, density))
        print(f"{name} {density} {part}:", ", ".join(f"{f(e):.5g}" for e in ENERGIES))
# Values between the table's energies, for the test.
for e in (11.0, 24.0, 27.4, 70.0):
    for name, compound, density in MATERIALS[:2] + MATERIALS[6:7]:
        print(f"check {name} {e}: {1 - xraylib.Refractive_Index_Re(compound, e, density):.6g} "
              f"{xraylib.Refractive_Index_Im(compound, e, density):.6g}")
