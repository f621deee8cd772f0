// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "base/page_vector.h"
#include "learn/tile_runner.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace interstice {

/// Slices of the padded volume that tiles are cut from.
struct Slab {
    std::size_t number = 0; ///< tells slabs apart
    Shape shape;
    PageVector<float> grey;
};

/// Tiles of one slab that go through the network at once.
struct TileUnit {
    struct Place {
        std::int64_t y;
        std::int64_t x;
    };
    std::shared_ptr<const Slab> slab;
    std::vector<Place> tiles;
    Shape size; ///< of each tile
    /// The part of each tile that is wanted, within the tile.
    Box wanted;
};

/// The devices that share a prediction. Whoever is free takes the next unit, so that a slow card does not hold up a fast
/// one, and results are handed out in the order in which units were added, so that what is summed from them does not
/// depend on who computed what.
class TileCrew {
public:
    /// `devices` as resolveDevices gives them; `tile` and `count` are what they will be given mostly. Processors share
    /// the options' threads.
    TileCrew(LoadedModel& model, const std::vector<std::string>& devices, const PredictOptions& options, const Shape& tile,
        std::int64_t count, Task& task);
    ~TileCrew();
    TileCrew(const TileCrew&) = delete;
    TileCrew& operator=(const TileCrew&) = delete;

    void add(TileUnit unit);
    /// Probabilities (n, C, D, H, W) of what is wanted of the next unit, in home(). One device computes them now, on this
    /// thread; several have begun already. What any of them throws is thrown here at once, and the others end.
    torch::Tensor next();
    bool several() const { return m_workers.size() > 1; }
    /// Where results lie: on the device when there is one, in main memory when there are several.
    const torch::Device& home() const { return m_home; }
    int channels() const { return m_channels; }
    const LayerMode& mode() const { return m_workers.front()->runner.mode(); }
    Findings findings() const;
    /// That of the first device.
    const TileNetwork& network() const { return m_workers.front()->runner.network(); }

private:
    struct Worker {
        torch::Device device;
        TileRunner runner;
        int threads;
        std::size_t slab = 0; ///< number of what lies on the device
        torch::Tensor onDevice;
        bool slabsStay = false; ///< in main memory: they do not fit the device beside the network
        std::size_t most = std::numeric_limits<std::size_t>::max(); ///< tiles at once; more have failed already
        Findings findings {};
    };
    struct Slot {
        TileUnit unit;
        torch::Tensor result;
    };
    torch::Tensor slabOn(Worker& worker, const Slab& slab) const;
    /// In smaller parts when memory runs out around the network; within it the runner sees to that.
    torch::Tensor compute(Worker& worker, const TileUnit& unit) const;
    torch::Tensor computeAtOnce(Worker& worker, const TileUnit& unit) const;
    /// False when there is nothing smaller to try.
    bool retreat(Worker& worker, std::size_t count) const;
    void work(Worker& worker);
    void throwIfEnded() const;

    PredictOptions m_options;
    Task& m_task;
    torch::Device m_home;
    int m_channels;
    std::int64_t m_count;
    std::size_t m_most; ///< units that may be computed and not yet handed out
    Findings m_findings;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Slot> m_slots; ///< units in order: taken ones first
    std::size_t m_taken = 0;
    std::exception_ptr m_problem;
    std::atomic<bool> m_ending = false;
    std::vector<std::thread> m_threads;
};

} // namespace interstice
