# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_components tst_distance_map tst_split_touching)
  interstice_test(core/morphology ${test} LINKS Interstice::morphology Interstice::io TIFF::TIFF)
endforeach()
