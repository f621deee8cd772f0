// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace interstice {

/// Lets long reading that nobody waits for give way to short reading that somebody does: a disk that serves both at once
/// makes the short one many times as long. Any thread may call any method.
class ReadPriority {
public:
    /// Held while somebody waits for what is read.
    class Turn {
    public:
        explicit Turn(ReadPriority& priority);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        ReadPriority& m_priority;
    };

    /// Returns when nobody holds a turn, or after `most`, so that it gets on in any case.
    void giveWay(std::chrono::milliseconds most);

private:
    std::mutex m_mutex;
    std::condition_variable m_free;
    int m_turns = 0;
};

/// A source that is read in parts of a few MB and gives way before each of them.
class PoliteView : public VolumeSource {
public:
    PoliteView(SourcePtr source, std::shared_ptr<ReadPriority> priority);

    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return m_source->scalar(); }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }
    bool readsRowsAlone() const override { return m_source->readsRowsAlone(); }
    std::span<const std::byte> inMemory(const Box& box) const override { return m_source->inMemory(box); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_source;
    std::shared_ptr<ReadPriority> m_priority;
};

} // namespace interstice
