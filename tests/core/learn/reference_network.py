# SPDX-License-Identifier: GPL-3.0-or-later
"""The U-Net written once more with PyTorch, with weights from a formula: prints logits, losses and
gradients that tst_network.cpp holds the C++ network against. Run: python3 reference_network.py"""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Pair(nn.Module):
    def __init__(self, i, o, eps):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(i, o, 3, padding=1), nn.BatchNorm3d(o, eps=eps, momentum=0.1)
        self.conv2, self.norm2 = nn.Conv3d(o, o, 3, padding=1), nn.BatchNorm3d(o, eps=eps, momentum=0.1)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class UNet(nn.Module):
    def __init__(self, filters, pooling, bridge, eps=1e-3):
        super().__init__()
        self.pooling, channels = pooling, 1
        for k, f in enumerate(filters):
            setattr(self, f"encoder{k + 1}", Pair(channels, f, eps))
            channels = f
        self.bridge = Pair(channels, bridge, eps)
        below = list(filters[1:]) + [bridge]
        for k, f in enumerate(filters):
            setattr(self, f"decoder{k + 1}", Pair(below[k] + f, f, eps))
        self.head = nn.Conv3d(filters[0], 1, 1)
        self.levels = len(filters)

    def forward(self, x):
        skips = []
        for k in range(self.levels):
            skips.append(getattr(self, f"encoder{k + 1}")(x))
            x = F.max_pool3d(skips[-1], self.pooling[k])
        x = self.bridge(x)
        for k in reversed(range(self.levels)):
            x = F.interpolate(x, size=skips[k].shape[2:], mode="nearest")
            x = getattr(self, f"decoder{k + 1}")(torch.cat([x, skips[k]], 1))
        return self.head(x)


def wave(n, step, offset):
    return torch.sin(torch.arange(n, dtype=torch.float64) * step + offset)


def fill(net):
    with torch.no_grad():
        for j, (_, p) in enumerate(net.named_parameters()):
            p.copy_((0.3 * wave(p.numel(), 0.37, j)).reshape(p.shape))


def dice(logits, target):
    keep = (target >= 0).float()
    p, t = torch.sigmoid(logits) * keep, target.clamp_min(0)
    axes = (1, 2, 3, 4)
    return 1 - ((2 * (p * t).sum(axes) + 1) / (p.sum(axes) + (t * keep).sum(axes) + 1)).mean()


def bce(logits, target):
    keep = (target >= 0).float()
    each = F.binary_cross_entropy_with_logits(logits, target.clamp_min(0), weight=keep, reduction="sum")
    return each / keep.sum()


def main():
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # oneDNN 3.7.2 is wrong for some channel counts: see network.h
    for name, filters, pooling, bridge, shape in [
            ("quick", [8, 16], [(1, 2, 2)] * 2, 32, (2, 1, 5, 12, 16)),
            ("floor", [8, 16, 24], [(2, 2, 2)] * 3, 32, (2, 1, 10, 16, 24))]:
        net = UNet(filters, pooling, bridge)
        fill(net)
        count = torch.tensor(shape).prod().item()
        x = (0.5 + 0.5 * wave(count, 0.11, 1.0)).float().reshape(shape)
        target = (wave(count, 0.05, 0.0) > 0.3).float().reshape(shape)
        target.view(-1)[::17] = -1
        logits = net.train()(x)
        losses = dice(logits, target), bce(logits, target)
        (losses[0] + losses[1]).backward()
        flat = logits.detach().double().reshape(-1)
        first = dict(net.named_parameters())["encoder1.conv1.weight"].grad.double().reshape(-1)
        print(name, "logits sum %.6f abs %.6f at100 %.6f" % (flat.sum(), flat.abs().sum(), flat[100]),
              "dice %.7f bce %.7f" % (losses[0].item(), losses[1].item()),
              "grad sum %.7f abs %.7f" % (first.sum(), first.abs().sum()))
        flat = net.eval()(x).detach().double().reshape(-1)
        print(name, "eval sum %.6f abs %.6f at100 %.6f" % (flat.sum(), flat.abs().sum(), flat[100]))


if __name__ == "__main__":
    main()
