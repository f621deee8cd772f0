# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(architecture tst_arrows LINKS Qt6::Core)
