// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/read_priority.h"

#include <algorithm>

namespace interstice {

namespace {

/// Read in a fraction of the time of a slice's, also from a disk that turns.
constexpr std::int64_t kPartBytes = std::int64_t { 4 } << 20;
/// A slice across a huge stack may take longer than this: the long reading still gets on, slowly.
constexpr std::chrono::milliseconds kPatience { 5000 };

} // namespace

ReadPriority::Turn::Turn(ReadPriority& priority)
    : m_priority(priority)
{
    const std::lock_guard lock(m_priority.m_mutex);
    ++m_priority.m_turns;
}

ReadPriority::Turn::~Turn()
{
    {
        const std::lock_guard lock(m_priority.m_mutex);
        --m_priority.m_turns;
    }
    m_priority.m_free.notify_all();
}

void ReadPriority::giveWay(std::chrono::milliseconds most)
{
    std::unique_lock lock(m_mutex);
    m_free.wait_for(lock, most, [this] { return m_turns == 0; });
}

PoliteView::PoliteView(SourcePtr source, std::shared_ptr<ReadPriority> priority)
    : m_source(std::move(source))
    , m_priority(std::move(priority))
{
}

void PoliteView::read(const Box& box, std::span<std::byte> to) const
{
    const std::int64_t sliceBytes = box.size.sliceVoxels() * static_cast<std::int64_t>(bytesOf(scalar()));
    const std::int64_t depth = std::clamp<std::int64_t>(kPartBytes / std::max<std::int64_t>(1, sliceBytes), 1, box.size.z);
    for (std::int64_t z = 0; z < box.size.z; z += depth) {
        Box part = box;
        part.start.z += z;
        part.size.z = std::min(depth, box.size.z - z);
        m_priority->giveWay(kPatience);
        m_source->read(
            part, to.subspan(static_cast<std::size_t>(z * sliceBytes), static_cast<std::size_t>(part.size.z * sliceBytes)));
    }
}

} // namespace interstice
