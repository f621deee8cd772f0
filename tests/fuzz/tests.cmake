# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(fuzz tst_tiff_fuzz LINKS Interstice::io)
interstice_test(fuzz tst_hdf5_fuzz LINKS Interstice::io)
