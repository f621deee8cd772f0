# SPDX-License-Identifier: GPL-3.0-or-later
"""Training steps, tiles and whole volumes of the study's network on a GPU, ours and PyTorch's in turn, in float32 (TF32
convolutions) and bfloat16: samples and voxels a second, their ratio, and the share of what one large convolution reaches
on the same GPU. Then whether the GPU agrees with the processor, and what a 12 GB stack takes.
Usage: gpu.py BENCH_PROGRAM [RUNS [all|timings|stream]]"""
import os
import statistics
import subprocess
import sys
import time

import torch

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "core", "learn"))
from reference_network import UNet, dice  # noqa: E402

FLOPS = 1.2737e6  # of `paper`, a voxel of a forward pass: tst_architecture holds it
BLOCK = (10, 256, 256)
VOLUME = (40, 1024, 2048)
VOXELS = BLOCK[0] * BLOCK[1] * BLOCK[2]


def starts(length, tile):
    steps = list(range(0, max(length - tile, 0), tile // 2))
    return steps + [max(length - tile, 0)]


class Peer:
    """PyTorch as a careful user writes it: channels last, cuDNN's benchmark, fused Adam, autocast."""

    def __init__(self, half):
        self.half = half
        self.net = UNet([32, 64, 128, 256], [(1, 2, 2)] * 4, 512).cuda().to(memory_format=torch.channels_last_3d)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-4, eps=1e-7, fused=True)
        self.x = torch.rand(4, 1, *BLOCK, device="cuda").to(memory_format=torch.channels_last_3d)
        self.target = (self.x > 0.5).float()

    def autocast(self):
        return torch.autocast("cuda", torch.bfloat16, enabled=self.half)

    def timed(self, work, times=10):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(times):
            work()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) / times

    def step(self):
        def work():
            self.net.train()
            self.adam.zero_grad()
            with self.autocast():
                logits = self.net(self.x)
            dice(logits.float(), self.target).backward()
            self.adam.step()
        return self.timed(work)

    def forward(self):
        def work():
            self.net.train()
            with self.autocast():
                logits = self.net(self.x)
            dice(logits.float(), self.target)
        return self.timed(work)

    def tile(self):
        def work():
            with torch.inference_mode(), self.autocast():
                torch.sigmoid(self.net.eval()(self.x))
        return self.timed(work)

    def volume(self):
        """Overlapping windows with Gaussian weights and a volume of counts on the GPU, four windows at once, as MONAI's
        sliding_window_inference does it."""
        x = torch.randint(0, 255, VOLUME, dtype=torch.uint8)
        self.net.eval()
        start = time.perf_counter()
        weight = torch.ones(BLOCK, device="cuda")
        for axis, n in enumerate(BLOCK):
            w = torch.exp(-0.5 * ((torch.arange(n, device="cuda") - (n - 1) / 2) / (n / 8)) ** 2)
            weight = weight * w.view([-1 if a == axis else 1 for a in range(3)])
        weight = weight.clamp_min(1e-3)
        grey = x.cuda().float() / 255
        total, counts = torch.zeros(VOLUME, device="cuda"), torch.zeros(VOLUME, device="cuda")
        places = [(z, y, c) for z in starts(VOLUME[0], BLOCK[0]) for y in starts(VOLUME[1], BLOCK[1])
                  for c in starts(VOLUME[2], BLOCK[2])]
        cut = [tuple(slice(a, a + n) for a, n in zip(p, BLOCK)) for p in places]
        with torch.inference_mode(), self.autocast():
            for first in range(0, len(cut), 4):
                some = cut[first:first + 4]
                p = torch.sigmoid(self.net(torch.stack([grey[at] for at in some])[:, None]).float())[:, 0]
                for k, at in enumerate(some):
                    total[at] += p[k] * weight
                    counts[at] += weight
            _ = (total / counts > 0.5).to(torch.uint8).cpu()
        return time.perf_counter() - start


def timings(ask, runs):
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, "
          f"{runs} runs each in turn, medians; blocks of {'x'.join(map(str, BLOCK))}, four at once")
    print(f"{'':8}{'numbers':10}{'ours':>12}{'PyTorch':>12}{'ratio':>7}{'unit':>14}{'of peak':>9}")
    for numbers in ("float32", "bfloat16"):
        peer = Peer(numbers == "bfloat16")
        peak = 2 * 27 * 256 * 256 * 32 * 96 * 96 / min(ask(f"convolution:{numbers}", (32, 96, 96))[0] for _ in range(5))
        for what, unit, each, flops in (("step", "samples/s", 4, 3 * FLOPS * VOXELS),
                                        ("forward", "samples/s", 4, FLOPS * VOXELS), ("tile", "samples/s", 4, FLOPS * VOXELS),
                                        ("volume", "Mvoxel/s", VOLUME[0] * VOLUME[1] * VOLUME[2] / 1e6, None)):
            size = VOLUME if what == "volume" else BLOCK
            mine, theirs = [], []
            for run in range(runs + 1):  # the first of each warms up
                a, b = ask(f"{what}:{numbers}", size)[0], getattr(peer, what)()
                if run:
                    mine.append(a)
                    theirs.append(b)
            a, b = each / statistics.median(mine), each / statistics.median(theirs)
            share = f"{100 * a * flops / peak:.0f} %" if flops else ""
            print(f"{what:8}{numbers:10}{a:12.1f}{b:12.1f}{a / b:7.2f}{unit:>14}{share:>9}", flush=True)
        print(f"peak    {numbers:10}{peak / 1e12:12.0f} TFLOP/s (256 to 256 channels, 32x96x96)")
        seconds = ask(f"epoch:{numbers}", (40, 1024, 1024))[0]
        print(f"epoch   {numbers:10}{1 / seconds / VOXELS:12.1f} samples/s with reading, validation and checkpoint", flush=True)
        del peer
        torch.cuda.empty_cache()


def agreement(ask):
    for trial in ask("trials", BLOCK, "paper", str).strip().strip(";").split("; "):
        what, rest = trial.split(": ", 1)
        numbers, milliseconds, _, difference = rest.rsplit(" ", 3)
        print(f"{what} in {numbers}: {float(milliseconds):.1f} ms, {100 * float(difference):.2g} % from float32", flush=True)
    worst, changed = ask("agree", (24, 192, 192), "quick")
    print(f"exact mode, GPU against processor, quick: largest difference of a probability {worst:.2g}, "
          f"{100 * changed:.4f} % of the voxels change sides")
    for numbers in ("float32", "bfloat16"):
        worst, changed = ask(f"agree:{numbers}", (20, 256, 256), "paper")
        print(f"paper mode in {numbers}, GPU against processor, paper: largest difference {worst:.2g}, "
              f"{100 * changed:.4f} % change sides (an untrained network: all probabilities lie near one half)", flush=True)


def ranks(program):
    """Without TF32, which cuDNN's backward passes take in spite of what they are told, so that rounding does not hide a fault."""
    words = "joined quick 10 64 64\njoined strong 16 32 32\n"
    done = subprocess.run([program, "0", "cuda:0"], input=words, stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, "NVIDIA_TF32_OVERRIDE": "0"})
    quick, strong = map(float, done.stdout.split())
    print(f"one rank joined by NCCL against one alone: gradients {quick:.2g} apart (quick), {strong:.2g} (strong)", flush=True)


def stack(ask):
    shape = (1431, 2048, 2048)
    seconds, estimated, before, most = ask("stream", shape, "quick")
    voxels = shape[0] * shape[1] * shape[2]
    print(f"a stack of {2 * voxels / 1e9:.1f} GB by quick: {seconds:.0f} s, {voxels / seconds / 1e6:.0f} Mvoxel/s; estimated "
          f"{estimated / 1e9:.2f} GB of memory; resident {before / 1e9:.2f} GB before (CUDA's libraries), {most / 1e9:.2f} GB at most")


def main():
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    part = sys.argv[3] if len(sys.argv) > 3 else "all"
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = True
    ours = subprocess.Popen([sys.argv[1], "0", "cuda:0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(what, shape, preset="paper", kind=list):
        ours.stdin.write(f"{what} {preset} {' '.join(map(str, shape))}\n")
        ours.stdin.flush()
        line = ours.stdout.readline()
        return line if kind is str else [float(word) for word in line.split()]

    if part != "stream":
        timings(ask, runs)
        agreement(ask)
    if part != "timings":
        stack(ask)
    ours.stdin.close()
    ours.wait()
    ranks(sys.argv[1])


main()
