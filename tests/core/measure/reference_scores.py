# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the numbers that tst_scores compares with (NumPy, scikit-learn)."""
import numpy as np
import sklearn
from sklearn.metrics import confusion_matrix, f1_score, jaccard_score, precision_score, recall_score


def known(seed, n):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 16)
    return np.array(out, dtype=np.int64)


shape = (5, 17, 61)
a = known(3, np.prod(shape)).reshape(shape) % 10
mask = (a < 4).astype(np.uint8)
b = known(4, np.prod(shape)).reshape(shape) % 10
truth = np.where(b < 7, mask, 1 - mask).astype(np.uint8)
truth[b == 9] = 255

print("# scikit-learn", sklearn.__version__)


def scores(t, m):
    tn, fp, fn, tp = confusion_matrix(t, m, labels=[0, 1]).ravel()
    print(tp, fp, fn, tn, *(repr(float(f(t, m))) for f in (f1_score, jaccard_score, precision_score, recall_score)),
          repr((float(m.sum()) - t.sum()) / t.sum()))


keep = truth != 255
print("ignored", (~keep).sum())
scores(truth[keep], mask[keep])
for z in range(shape[0]):
    scores(truth[z][keep[z]], mask[z][keep[z]])

# Boxes left out: z 1:4, y 2:9, x 5:40 and an overlapping one, z 3:9, y 8:30, x 30:61.
out = np.zeros(shape, bool)
out[1:4, 2:9, 5:40] = True
out[3:9, 8:30, 30:61] = True
keep = ~out & (truth != 255)
print("excluded", out.sum(), "ignored", (~out & (truth == 255)).sum())
scores(truth[keep], mask[keep])
