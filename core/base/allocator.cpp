// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/allocator.h"

#include "base/page_vector.h"

#include <sys/mman.h>

#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>
#endif

namespace interstice {

void keepLargeBlocks()
{
#if defined(__GLIBC__)
    // Threads' own arenas are limited to 64 MB and would send every tensor to mmap.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 2147483647);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

void returnFreeMemory()
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void* takePages(std::size_t bytes)
{
    void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        throw std::bad_alloc();
    return pages;
}

void givePages(void* pages, std::size_t bytes) noexcept
{
    ::munmap(pages, bytes);
}

} // namespace interstice
