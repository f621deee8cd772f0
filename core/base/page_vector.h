// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace interstice {

/// Memory straight from the system, zeroed, and given back to it at once. Throws std::bad_alloc.
void* takePages(std::size_t bytes);
void givePages(void* pages, std::size_t bytes) noexcept;

template <class T> struct PageAllocator {
    using value_type = T;

    PageAllocator() = default;
    template <class U> PageAllocator(const PageAllocator<U>&) noexcept { }
    T* allocate(std::size_t n) { return static_cast<T*>(takePages(n * sizeof(T))); }
    void deallocate(T* pages, std::size_t n) noexcept { givePages(pages, n * sizeof(T)); }
    bool operator==(const PageAllocator&) const { return true; }
};

/// For slabs of hundreds of megabytes that come and go among smaller blocks: on the heap (keepLargeBlocks) they would leave
/// holes that nothing else fits, and a process that streams would grow.
template <class T> using PageVector = std::vector<T, PageAllocator<T>>;

} // namespace interstice
