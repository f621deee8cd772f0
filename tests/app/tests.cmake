# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(app tst_window LINKS Interstice::window TIMEOUT 300 SERIAL)
# Once more on a real X server, where there is one to start: window manager's absence, real key events.
if(INTERSTICE_XVFB AND TARGET tst_window)
  add_test(NAME app/window_x11 COMMAND ${INTERSTICE_XVFB} -a -s "-screen 0 1920x1200x24" $<TARGET_FILE:tst_window>)
  set_tests_properties(app/window_x11 PROPERTIES TIMEOUT 300 RUN_SERIAL ON ENVIRONMENT "QT_QPA_PLATFORM=xcb;UCX_ERROR_SIGNALS=")
endif()
interstice_test(app tst_training LINKS Interstice::window TIMEOUT 600 SERIAL SOURCES app/training_page_test.h)
interstice_test(app tst_training_page LINKS Interstice::window TIMEOUT 600 SERIAL SOURCES app/training_page_test.h)
interstice_test(app tst_search LINKS Interstice::window TIMEOUT 300 SERIAL SOURCES app/training_page_test.h)
interstice_test(app tst_studies LINKS Interstice::window TIMEOUT 300 SERIAL)
interstice_test(app tst_large_volume LINKS Interstice::window TIMEOUT 120 SERIAL)
# 3-D needs an X server; software OpenGL does.
interstice_test(app tst_mpr LINKS Interstice::window TIMEOUT 300 SERIAL XVFB)
interstice_test(app tst_oblique_slice LINKS Interstice::window TIMEOUT 300 SERIAL XVFB)
interstice_test(app tst_mask_looks LINKS Interstice::window TIMEOUT 300 SERIAL XVFB)
interstice_test(app tst_large_axes LINKS Interstice::window TIMEOUT 300 SERIAL XVFB)
