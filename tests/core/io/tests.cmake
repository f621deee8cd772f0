# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/io tst_calibration LINKS Interstice::io)
interstice_test(core/io tst_hdf5 LINKS Interstice::io)
interstice_test(core/io tst_open_volume LINKS Interstice::io)
interstice_test(core/io tst_side_car LINKS Interstice::io)
interstice_test(core/io tst_slice_list LINKS Interstice::io)
interstice_test(core/io tst_tiff_corpus LINKS Interstice::io)
interstice_test(core/io tst_tiff_round_trip LINKS Interstice::io)
interstice_test(core/io tst_tiff_writer LINKS Interstice::io)
