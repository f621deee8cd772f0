# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_child_process tst_cost tst_error tst_file tst_length tst_parallel tst_task)
  interstice_test(core/base ${test} LINKS Interstice::base)
endforeach()
