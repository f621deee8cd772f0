# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrote threshold.pt and threshold.json: a TorchScript model whose logit is ten times the grey value (0 to 1) minus five, so
that voxels above the middle of 0 to 255 are foreground. Run: python3 threshold_model.py"""
import json

import torch


class Threshold(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.tensor(10.0))

    def forward(self, x):
        return (x - 0.5) * self.slope


torch.jit.script(Threshold()).save("threshold.pt")
with open("threshold.json", "w") as file:
    json.dump({"tile": [10, 32, 32], "lattice": [1, 1, 1], "receptive_field": [0, 0, 0], "output": "logits", "grey": "0:255"}, file)
    file.write("\n")
