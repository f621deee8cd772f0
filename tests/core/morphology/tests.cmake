# SPDX-License-Identifier: GPL-3.0-or-later
find_package(TIFF REQUIRED)
foreach(test tst_components tst_distance_map tst_split_touching)
  interstice_test(core/morphology ${test} LINKS Interstice::morphology Interstice::io TIFF::TIFF)
endforeach()
