# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_histogram tst_label_choice tst_labels tst_oblique tst_read_priority tst_reduce tst_scratch_volume tst_slabs tst_views tst_volume tst_voxel_size)
  interstice_test(core/volume ${test} LINKS Interstice::volume)
endforeach()
