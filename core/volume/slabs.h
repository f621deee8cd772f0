// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <functional>

namespace interstice {

/// Slices per slab so that one slab takes about `bytes`; at least 1, at most the volume.
std::int64_t slabDepth(const VolumeSource& source, std::uint64_t bytes = std::uint64_t { 32 } << 20);

/// Reads the volume once, slab by slab in ascending z, the next slab being read on another thread
/// while `visit` works on this one: two slabs are in memory. Progress is reported over 0…1 with
/// `text`, and a stop is answered between slabs.
void forEachSlab(const VolumeSource& source, std::int64_t depth, Task& task, const std::string& text,
    const std::function<void(const Box&, std::span<const std::byte>)>& visit);

/// The same, typed: `visit(box, std::span<const T>)` is called with the source's own type.
template <class F>
void forEachTypedSlab(const VolumeSource& source, std::int64_t depth, Task& task, const std::string& text, F&& visit)
{
    dispatch(source.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        forEachSlab(source, depth, task, text, [&](const Box& box, std::span<const std::byte> bytes) {
            visit(box, std::span<const T>(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)));
        });
    });
}

/// Copies a source to a sink of the same shape and type, slab by slab, and finishes the sink.
void copy(const VolumeSource& from, VolumeSink& to, Task& task, const std::string& text = "Writing");

} // namespace interstice
