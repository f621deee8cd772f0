# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(render tst_colour_maps LINKS Interstice::render)
interstice_test(render tst_compose LINKS Interstice::render)
interstice_test(render tst_slice_geometry LINKS Interstice::render)
