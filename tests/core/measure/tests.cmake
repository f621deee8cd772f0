# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/measure tst_scores LINKS Interstice::measure)
