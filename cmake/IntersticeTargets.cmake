# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of Interstice is compiled, said once.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(INTERSTICE_CCACHE ccache)
if(INTERSTICE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # base_dir lets a clone at another path use the same cache; the sloppiness is what ccache asks for
  # with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${INTERSTICE_CCACHE})
endif()

if(INTERSTICE_SANITIZE)
  add_compile_options(-fsanitize=${INTERSTICE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${INTERSTICE_SANITIZE})
endif()

function(interstice_compile_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra)
  if(INTERSTICE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# interstice_library(NAME base ROOT core SOURCES … LINKS …): the static library of one folder, as
# Interstice::base. ROOT is the folder that its includes start from.
function(interstice_library)
  cmake_parse_arguments(arg "" "NAME;ROOT" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(target interstice_${arg_NAME})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(Interstice::${arg_NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${arg_ROOT})
  target_link_libraries(${target} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  interstice_compile_flags(${target})
endfunction()
