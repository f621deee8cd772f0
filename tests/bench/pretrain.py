# SPDX-License-Identifier: GPL-3.0-or-later
"""Does pretraining without labels help where few voxels are labelled? bench_pretrain on a phantom of glass spheres and on real
stacks with a truth. Usage: pretrain.py BENCH_PROGRAM INTERSTICE_CLI DATA_FOLDER [SEEDS [DEVICE]]. With the program "-" it
only writes the volumes as bytes into the folder SEEDS."""
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from byte_volumes import real, spheres  # noqa: E402


def main():
    program, cli, data, rest = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    if program == "-":
        print([spheres(cli, rest[0]), *real(data, rest[0])])
        return
    seeds, device = (rest + ["3", "auto"][len(rest):])[:2]
    with tempfile.TemporaryDirectory() as folder:
        print("| stack | labelled | seed | from random weights, Dice | from pretrained ones, Dice | difference |")
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
        for described in (spheres(cli, folder), *real(data, folder)):
            subprocess.run([program, device, *described, seeds], check=True)


main()
