// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace interstice {

// One portable binary: hot loops are compiled twice, for every x86-64 processor and for those with AVX2,
// and the processor decides at run time. FMA stays off in both, so that both give the same bits.
#if defined(__x86_64__) && defined(__GNUC__)
#define INTERSTICE_AVX2 __attribute__((target("avx2")))
#else
#define INTERSTICE_AVX2
#endif

/// For `run` of a kernel and all that it calls: code that is inlined is compiled for its caller's processor.
#define INTERSTICE_KERNEL inline __attribute__((always_inline))

/// True where the processor has AVX2 and INTERSTICE_PORTABLE is not set in the environment.
bool hasAvx2();

template <class Kernel, class... Arguments> INTERSTICE_AVX2 void runWithAvx2(Arguments... arguments)
{
    Kernel::run(arguments...);
}

/// Calls Kernel::run(arguments…), which is a static INTERSTICE_KERNEL function, in its version for this processor.
template <class Kernel, class... Arguments> void vectorised(Arguments... arguments)
{
    if (hasAvx2())
        runWithAvx2<Kernel, Arguments...>(arguments...);
    else
        Kernel::run(arguments...);
}

} // namespace interstice
