# SPDX-License-Identifier: GPL-3.0-or-later
interstice_test(core/learn tst_architecture LINKS Interstice::learn)
interstice_test(core/learn tst_split LINKS Interstice::learn)
interstice_test(core/learn tst_tiles LINKS Interstice::learn)
interstice_test(core/learn tst_chunk_sampler LINKS Interstice::learn)
interstice_test(core/learn tst_augment LINKS Interstice::learn)
interstice_test(core/learn tst_model_file LINKS Interstice::learn)
interstice_test(core/learn tst_sweep LINKS Interstice::learn TIMEOUT 300 SERIAL)
interstice_test(core/learn tst_train LINKS Interstice::learn TIMEOUT 300 SERIAL)
# These look inside and include LibTorch.
interstice_test(core/learn tst_network LINKS Interstice::learn torch TIMEOUT 300 SERIAL)
interstice_test(core/learn tst_layer_choice LINKS Interstice::learn torch TIMEOUT 300 SERIAL)
interstice_test(core/learn tst_variants LINKS Interstice::learn torch TIMEOUT 300 SERIAL)
interstice_test(core/learn tst_predict LINKS Interstice::learn torch TIMEOUT 300 SERIAL)
# Two ranks for the processor, as threads and as processes that it starts itself.
find_package(Qt6 COMPONENTS Network QUIET)
if(Qt6Network_FOUND)
  interstice_test(core/learn tst_ranks LINKS Interstice::learn torch gloo Qt6::Network TIMEOUT 300 SERIAL)
endif()
