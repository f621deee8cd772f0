# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_fresnel tst_projection tst_scanned_phantom tst_painted_phantom)
  interstice_test(core/phantom ${test} LINKS Interstice::phantom TIMEOUT 300)
endforeach()
