# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_scores tst_surface_distance)
  interstice_test(core/measure ${test} LINKS Interstice::measure)
endforeach()
