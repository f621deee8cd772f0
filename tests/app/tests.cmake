# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(app tst_window LINKS Interstice::window TIMEOUT 300 SERIAL)
