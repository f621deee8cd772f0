# SPDX-License-Identifier: GPL-3.0-or-later
"""Does pretraining without labels help where few voxels are labelled? `quick` on 1 % and 2 % of a phantom's voxels (blocks of
10×16×16), from random weights and from pretrained ones, with the same blocks, steps and seeds; Dice on voxels that neither
training saw with labels. Usage: pretrain.py INTERSTICE_CLI [SEEDS]"""
import json
import subprocess
import sys
import tempfile
import time

FRACTIONS = (0.01, 0.02)
EPOCHS = 25
PRETRAINED_EPOCHS = 10


def run(cli, *arguments):
    done = subprocess.run([cli, "--quiet", "--json", *map(str, arguments)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def dice(cli, folder, raw, truth, fraction, seed, *start):
    # The last epoch's weights: so few labels leave a validation block that may have no foreground and chooses badly.
    model, last, mask = f"{folder}/m.safetensors", f"{folder}/m_last.safetensors", f"{folder}/m.tif"
    run(cli, "train", raw, truth, "--foreground", 1, "-o", model, "--preset", "quick", "--tile", 16, "--train-fraction", fraction,
        "--epochs", EPOCHS, "--seed", seed, "--keep-last", *start)
    run(cli, "predict", raw, "--model", last, "-o", mask)
    return run(cli, "score", mask, truth, "--foreground", 1, "--test-of", last)["dice"]


def main():
    cli = sys.argv[1]
    seeds = range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 2))
    begun = time.time()
    with tempfile.TemporaryDirectory() as folder:
        sample, start = f"{folder}/sample", f"{folder}/start.safetensors"
        run(cli, "phantom", sample, "--size", "64,128,128", "--fraction", 0.2, "--seed", 5)
        raw, truth = f"{sample}/raw.tif", f"{sample}/truth.tif"
        first = run(cli, "pretrain", raw, "-o", start, "--preset", "quick", "--epochs", PRETRAINED_EPOCHS, "--train-fraction", 0.2)
        print(f"glass spheres, 64×128×128; pretrained for {PRETRAINED_EPOCHS} epochs in {first['seconds']:.0f} s to a loss of "
              f"{first['val_loss']:.3f} (1: as good as the mean); {EPOCHS} epochs with labels\n")
        print("| labelled | seed | from random weights, Dice | from pretrained ones, Dice | difference |")
        print("| --- | --- | --- | --- | --- |", flush=True)
        for fraction in FRACTIONS:
            for seed in seeds:
                plain = dice(cli, folder, raw, truth, fraction, seed)
                tuned = dice(cli, folder, raw, truth, fraction, seed, "--start-from", start)
                print(f"| {100 * fraction:.0f} % | {seed} | {plain:.3f} | {tuned:.3f} | {tuned - plain:+.3f} |", flush=True)
    print(f"\n{time.time() - begun:.0f} s in all")


main()
