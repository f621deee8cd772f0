# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_colour_maps tst_compose tst_outline tst_png)
  interstice_test(core/picture ${test} LINKS Interstice::picture)
endforeach()
