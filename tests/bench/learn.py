# SPDX-License-Identifier: GPL-3.0-or-later
"""One training step, one predicted tile and one predicted volume of the same network, ours and PyTorch's in turn, with
the same threads: prints the ratio of the medians; then how much of the machine's peak the tiles reach, and how training
scales over ranks on the processor. Usage: learn.py BENCH_PROGRAM [RUNS]"""
import os
import statistics
import subprocess
import sys
import time

threads = len(os.sched_getaffinity(0))
os.environ["OMP_NUM_THREADS"] = str(threads)
import torch  # noqa: E402

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "core", "learn"))
from reference_network import UNet, dice  # noqa: E402

PRESETS = {"paper": ([32, 64, 128, 256], [(1, 2, 2)] * 4, 512), "quick": ([8, 16], [(1, 2, 2)] * 2, 32)}
CASES = [("step", "quick", (10, 128, 128)), ("tile", "quick", (10, 256, 256)),
         ("step", "paper", (10, 64, 64)), ("tile", "paper", (10, 128, 128)),
         ("volume", "quick", (40, 512, 512))]
FLOPS = {"quick": 41920.0, "paper": 1.2737e6}  # a voxel of a forward pass: tst_architecture holds them


def python_step(net, adam, shape):
    x = torch.rand(1, 1, *shape)
    target = (x > 0.5).float()
    start = time.perf_counter()
    net.train()
    adam.zero_grad()
    dice(net(x), target).backward()
    adam.step()
    return time.perf_counter() - start


def python_tile(net, shape):
    x = torch.rand(1, 1, *shape)
    start = time.perf_counter()
    with torch.inference_mode():
        torch.sigmoid(net.eval()(x))
    return time.perf_counter() - start


def starts(length, tile):
    steps = list(range(0, max(length - tile, 0), tile // 2))
    return steps + [max(length - tile, 0)]


def python_volume(net, shape):
    """Overlapping windows with Gaussian weights and a volume of counts, as MONAI's sliding_window_inference does it."""
    x = torch.randint(0, 255, shape, dtype=torch.uint8)
    start = time.perf_counter()
    net.eval()
    tile = [min(10, shape[0]), min(256, shape[1]), min(256, shape[2])]
    weight = torch.ones(tile)
    for axis, n in enumerate(tile):
        w = torch.exp(-0.5 * ((torch.arange(n) - (n - 1) / 2) / (n / 8)) ** 2)
        weight = weight * w.view([-1 if a == axis else 1 for a in range(3)])
    weight = weight.clamp_min(1e-3)
    total, counts = torch.zeros(shape), torch.zeros(shape)
    with torch.inference_mode():
        for z in starts(shape[0], tile[0]):
            for y in starts(shape[1], tile[1]):
                for c in starts(shape[2], tile[2]):
                    at = (slice(z, z + tile[0]), slice(y, y + tile[1]), slice(c, c + tile[2]))
                    p = torch.sigmoid(net(x[at].float()[None, None] / 255))[0, 0]
                    total[at] += p * weight
                    counts[at] += weight
        _ = total / counts > 0.5
    return time.perf_counter() - start


def main():
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(threads)
    ours = subprocess.Popen([sys.argv[1], str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(f"PyTorch {torch.__version__}, {threads} threads, {runs} runs each in turn, medians")
    print(f"{'':6}{'network':8}{'input':>14}{'ours s':>10}{'Python s':>10}{'ratio':>8}")
    def ask(what, preset, shape):
        ours.stdin.write(f"{what} {preset} {' '.join(map(str, shape))}\n")
        ours.stdin.flush()
        return float(ours.stdout.readline())

    tiles = {}
    for what, preset, shape in CASES:
        net = UNet(*PRESETS[preset])
        adam = torch.optim.Adam(net.parameters(), lr=1e-4, eps=1e-7)
        mine, theirs = [], []
        for run in range(runs + 1):  # the first of each warms up
            a = ask(what, preset, shape)
            b = {"step": lambda: python_step(net, adam, shape), "tile": lambda: python_tile(net, shape),
                 "volume": lambda: python_volume(net, shape)}[what]()
            if run:
                mine.append(a)
                theirs.append(b)
        a, b = statistics.median(mine), statistics.median(theirs)
        print(f"{what:6}{preset:8}{'x'.join(map(str, shape)):>14}{a:10.3f}{b:10.3f}{a / b:8.2f}", flush=True)
        if what == "tile":
            voxels = shape[0] * shape[1] * shape[2]
            tiles[preset] = voxels * FLOPS[preset] / min(mine)
    size = (16, 96, 96)
    peak = 2 * 27 * 64 * 64 * size[0] * size[1] * size[2] / min(ask("convolution", "-", size) for _ in range(runs + 1))
    print(f"peak (64 to 64 channels, {'x'.join(map(str, size))}): {peak / 1e9:.0f} GFLOP/s; of it "
          + ", ".join(f"{preset} tile {100 * speed / peak:.0f} %" for preset, speed in tiles.items()))
    one = min(ask("ranks1", "quick", (40, 192, 192)) for _ in range(2))
    two = min(ask("ranks2", "quick", (40, 192, 192)) for _ in range(2))
    print(f"an epoch of quick: 1 rank with {threads} threads {one:.2f} s, 2 ranks with {max(1, threads // 2)} each {two:.2f} s")
    ours.stdin.close()
    ours.wait()


main()
