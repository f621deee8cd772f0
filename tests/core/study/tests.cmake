# SPDX-License-Identifier: GPL-3.0-or-later
foreach(test tst_recipe tst_step tst_tables tst_plan)
  interstice_test(core/study ${test} LINKS Interstice::study)
endforeach()
interstice_test(core/study tst_study LINKS Interstice::study TIMEOUT 300 SERIAL)
