# SPDX-License-Identifier: GPL-3.0-or-later
"""The choices of ArchitectureSpec and the losses of several classes, written once more with PyTorch: prints what
tst_variants.cpp holds the C++ ones against. Run: python3 reference_variants.py"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from reference_network import fill, wave


def norm(kind, channels, eps):
    if kind == "batch":
        return nn.BatchNorm3d(channels, eps=eps, momentum=0.1)
    if kind == "instance":
        return nn.InstanceNorm3d(channels, eps=eps, affine=True)
    return nn.GroupNorm(4, channels, eps=eps)


class Pair(nn.Module):
    def __init__(self, i, o, kind, eps, residual):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(i, o, 3, padding=1, bias=False), norm(kind, o, eps)
        self.conv2, self.norm2 = nn.Conv3d(o, o, 3, padding=1, bias=False), norm(kind, o, eps)
        self.residual = residual
        if residual:
            self.shortcut, self.shortcut_norm = nn.Conv3d(i, o, 1, bias=False), norm(kind, o, eps)

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut_norm(self.shortcut(x))) if self.residual else F.relu(y)


class UNet(nn.Module):
    def __init__(self, filters, pooling, bridge, outputs, kind, residual, transposed, deep, eps=1e-5):
        super().__init__()
        self.pooling, self.levels, self.transposed, self.deep, channels = pooling, len(filters), transposed, deep, 1
        for k, f in enumerate(filters):
            setattr(self, f"encoder{k + 1}", Pair(channels, f, kind, eps, residual))
            channels = f
        self.bridge = Pair(channels, bridge, kind, eps, residual)
        below = list(filters[1:]) + [bridge]
        for k, f in enumerate(filters):
            setattr(self, f"decoder{k + 1}", Pair((f if transposed else below[k]) + f, f, kind, eps, False))
        self.head = nn.Conv3d(filters[0], outputs, 1)
        for k, f in enumerate(filters):
            if transposed:
                setattr(self, f"up{k + 1}", nn.ConvTranspose3d(below[k], f, pooling[k], stride=pooling[k]))
        for k, f in enumerate(filters):
            if deep and k > 0:
                setattr(self, f"head{k + 1}", nn.Conv3d(f, outputs, 1))

    def forward(self, x):
        skips, lower = [], []
        for k in range(self.levels):
            skips.append(getattr(self, f"encoder{k + 1}")(x))
            x = F.max_pool3d(skips[-1], self.pooling[k])
        x = self.bridge(x)
        for k in reversed(range(self.levels)):
            x = getattr(self, f"up{k + 1}")(x) if self.transposed else F.interpolate(x, size=skips[k].shape[2:])
            x = getattr(self, f"decoder{k + 1}")(torch.cat([x, skips[k]], 1))
            if self.deep and k > 0 and self.training:
                lower.insert(0, getattr(self, f"head{k + 1}")(x))
        return [self.head(x)] + lower


def loss(logits, target, weights):
    """Dice, weighted over the foreground classes, plus cross-entropy; -1 is ignored."""
    keep = (target >= 0)
    weights = torch.tensor(weights)
    if logits.shape[1] == 1:
        p, t = torch.sigmoid(logits) * keep, (target == 1).float()
        entropy = F.binary_cross_entropy_with_logits(logits, target.clamp_min(0), reduction="none")
        w = weights[target.clamp_min(0).long()] * keep
        entropy = (entropy * w).sum() / w.sum()
        dice_weights = torch.ones(1)
    else:
        p = torch.softmax(logits, 1)[:, 1:] * keep
        t = torch.cat([(target == c).float() for c in range(1, logits.shape[1])], 1)
        entropy = F.cross_entropy(logits, target[:, 0].long(), weight=weights, ignore_index=-1)
        dice_weights = weights[1:]
    ratio = (2 * (p * t).sum((2, 3, 4)) + 1) / (p.sum((2, 3, 4)) + t.sum((2, 3, 4)) + 1)
    return (((1 - ratio) * dice_weights).sum(1) / dice_weights.sum()).mean() + entropy


def main():
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # oneDNN 3.7.2 is wrong for some channel counts: see network.h
    pooling = [(2, 2, 2), (1, 2, 2)]
    for name, outputs, kind, residual, transposed, deep, weights in [
            ("strong, three classes", 3, "batch", True, True, True, [1.0, 2.0, 3.0]),
            ("group", 1, "group", False, False, True, [1.0, 2.0]),
            ("instance", 1, "instance", True, False, False, [1.0, 1.0])]:
        net = UNet([8, 16], pooling, 24, outputs, kind, residual, transposed, deep)
        fill(net)
        shape = (2, 1, 6, 12, 16)
        count = torch.tensor(shape).prod().item()
        x = (0.5 + 0.5 * wave(count, 0.11, 1.0)).float().reshape(shape)
        w = wave(count, 0.05, 0.0)
        target = (w > 0.3).float() + (w > 0.8).float() * (outputs > 1)
        target = target.reshape(shape)
        target.view(-1)[::17] = -1
        outs = net.train()(x)
        total = scale = 0
        for i, out in enumerate(outs):
            coarse = F.interpolate(target, size=out.shape[2:], mode="nearest")
            total = total + loss(out, coarse, weights) / 2**i
            scale += 1 / 2**i
        total = total / scale
        total.backward()
        flat = outs[0].detach().double().reshape(-1)
        grad = dict(net.named_parameters())["encoder1.conv1.weight"].grad.double().reshape(-1)
        after = net.eval()(x)[0].detach().double().reshape(-1)
        print(name, "%.6f, %.6f, %.6f, %.7f, %.7f, %.7f, %.6f, %.6f" % (
            flat.sum(), flat.abs().sum(), flat[100], total.item(), grad.sum(), grad.abs().sum(), after.sum(), after[100]))


if __name__ == "__main__":
    main()
