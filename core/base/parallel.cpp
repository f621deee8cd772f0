// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parallel.h"

#include "base/cost.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace interstice {

void parallelFor(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body)
{
    const auto workers = std::min<std::int64_t>(threads > 0 ? threads : usableCores(), count);
    if (workers <= 1) {
        for (std::int64_t i = 0; i < count; ++i)
            body(i);
        return;
    }
    std::atomic<std::int64_t> next { 0 };
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        for (std::int64_t i = next++; i < count; i = next++) {
            try {
                body(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!failure)
                    failure = std::current_exception();
                next = count;
            }
        }
    };
    std::vector<std::jthread> pool;
    for (std::int64_t w = 1; w < workers; ++w)
        pool.emplace_back(work);
    work();
    pool.clear();
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace interstice
