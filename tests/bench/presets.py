# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets `paper` and `strong` on stacks with a truth: Dice on voxels that no network was trained on. For a GPU; a
processor takes hours unless each training gets MINUTES. Usage: presets.py BENCH_PROGRAM DATA_FOLDER [DEVICE [SEEDS
[MINUTES]]]. With the program "-" it only writes the volumes as bytes into the folder DEVICE."""
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from byte_volumes import real  # noqa: E402


def main():
    program, data, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if program == "-":
        print(list(real(data, rest[0])))
        return
    with tempfile.TemporaryDirectory() as folder:
        for described in real(data, folder):
            subprocess.run([program, rest[0] if rest else "auto", *described, *rest[1:3]], check=True)


main()
