# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_clahe tst_depth_map tst_initial_mask tst_kmeans tst_smooth tst_normalise tst_otsu tst_preview)
  interstice_test(core/segment ${test} LINKS Interstice::segment)
endforeach()
