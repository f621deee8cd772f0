# SPDX-License-Identifier: GPL-3.0-or-later
# The promise that core needs no Qt and learn nothing but LibTorch, kept by building and trying both.
find_program(INTERSTICE_BASH bash)
foreach(preset core learn)
  add_test(NAME presets/${preset} COMMAND ${INTERSTICE_BASH} ${PROJECT_SOURCE_DIR}/tests/presets/try ${preset}
    ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/../preset-${preset})
  set_tests_properties(presets/${preset} PROPERTIES TIMEOUT 900 RUN_SERIAL ON)
endforeach()
