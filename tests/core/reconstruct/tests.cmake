# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/reconstruct tst_reconstruct LINKS Interstice::reconstruct)
interstice_test(core/reconstruct tst_real_scans LINKS Interstice::reconstruct Interstice::io)
