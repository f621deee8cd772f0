# SPDX-License-Identifier: GPL-3.0-or-later
"""One training step and one predicted tile of the same network, ours and PyTorch's in turn, with the same
threads: prints the ratio of the medians. Usage: learn.py BENCH_PROGRAM [RUNS]"""
import os
import statistics
import subprocess
import sys
import time

threads = len(os.sched_getaffinity(0))
os.environ["OMP_NUM_THREADS"] = str(threads)
import torch  # noqa: E402

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "core", "learn", "reference_network.py")
source = open(path, encoding="utf-8").read().split("torch.set_num_threads(1)")[0]  # the network, not its numbers
scope = {}
exec(compile(source, path, "exec"), scope)  # noqa: S102

PRESETS = {"paper": ([32, 64, 128, 256], [(1, 2, 2)] * 4, 512), "quick": ([8, 16], [(1, 2, 2)] * 2, 32)}
CASES = [("step", "quick", (10, 128, 128)), ("tile", "quick", (10, 256, 256)),
         ("step", "paper", (10, 64, 64)), ("tile", "paper", (10, 128, 128))]


def python_step(net, adam, shape):
    x = torch.rand(1, 1, *shape)
    target = (x > 0.5).float()
    start = time.perf_counter()
    net.train()
    adam.zero_grad()
    scope["dice"](net(x), target).backward()
    adam.step()
    return time.perf_counter() - start


def python_tile(net, shape):
    x = torch.rand(1, 1, *shape)
    start = time.perf_counter()
    with torch.inference_mode():
        torch.sigmoid(net.eval()(x))
    return time.perf_counter() - start


def main():
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(threads)
    ours = subprocess.Popen([sys.argv[1], str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(f"PyTorch {torch.__version__}, {threads} threads, {runs} runs each in turn, medians")
    print(f"{'':6}{'network':8}{'input':>14}{'ours s':>10}{'Python s':>10}{'ratio':>8}")
    for what, preset, shape in CASES:
        net = scope["UNet"](*PRESETS[preset])
        adam = torch.optim.Adam(net.parameters(), lr=1e-4, eps=1e-7)
        mine, theirs = [], []
        for run in range(runs + 1):  # the first of each warms up
            ours.stdin.write(f"{what} {preset} {' '.join(map(str, shape))}\n")
            ours.stdin.flush()
            a = float(ours.stdout.readline())
            b = python_step(net, adam, shape) if what == "step" else python_tile(net, shape)
            if run:
                mine.append(a)
                theirs.append(b)
        a, b = statistics.median(mine), statistics.median(theirs)
        print(f"{what:6}{preset:8}{'x'.join(map(str, shape)):>14}{a:10.3f}{b:10.3f}{a / b:8.2f}", flush=True)
    ours.stdin.close()
    ours.wait()


main()
