# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/phantom tst_sphere_phantom LINKS Interstice::phantom)
