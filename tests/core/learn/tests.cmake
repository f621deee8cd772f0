# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/learn tst_architecture LINKS Interstice::learn)
interstice_test(core/learn tst_split LINKS Interstice::learn)
interstice_test(core/learn tst_tiles LINKS Interstice::learn)
interstice_test(core/learn tst_chunk_sampler LINKS Interstice::learn)
interstice_test(core/learn tst_model_file LINKS Interstice::learn)
interstice_test(core/learn tst_train LINKS Interstice::learn TIMEOUT 300 SERIAL)
# These look inside and include LibTorch.
interstice_test(core/learn tst_network LINKS Interstice::learn torch TIMEOUT 300 SERIAL)
