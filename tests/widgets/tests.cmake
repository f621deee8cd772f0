# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(widgets tst_job_queue LINKS Interstice::widgets)
interstice_test(widgets tst_slice_loader LINKS Interstice::widgets)
interstice_test(widgets tst_slice_view LINKS Interstice::widgets)
interstice_test(widgets tst_results LINKS Interstice::widgets)
interstice_test(widgets tst_swipe LINKS Interstice::widgets)
interstice_test(widgets tst_figure LINKS Interstice::widgets)
