// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_loader.h"

#include "widgets/slice_composer.h"

#include <QMetaObject>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace interstice {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReadAhead = 4;

/// How long nobody must have moved on before a sharp slice is read after a coarse one.
constexpr std::chrono::milliseconds kRest { 120 };
/// A slice that is read longer than this is given up for a newer one; a quicker one is shown on the way.
constexpr std::chrono::milliseconds kLong { 300 };

} // namespace

struct SliceLoader::Shared {
    std::mutex mutex;
    std::condition_variable wake;
    struct Wanted {
        SliceRequest request;
        quint64 serial = 0;
        bool taken = false; ///< by the worker, until it is delivered
        std::optional<Clock::time_point> sharpAt; ///< a coarse one was delivered
    };
    /// The oldest request that nobody works on.
    Wanted* next()
    {
        Wanted* oldest = nullptr;
        for (auto& [pane, wanted] : this->wanted) {
            if (!wanted.taken && !wanted.sharpAt && (!oldest || wanted.serial < oldest->serial))
                oldest = &wanted;
        }
        return oldest;
    }
    /// The one whose coarse slice has been shown for longest.
    Wanted* nextSharp()
    {
        Wanted* first = nullptr;
        for (auto& [pane, wanted] : this->wanted) {
            if (!wanted.taken && wanted.sharpAt && (!first || *wanted.sharpAt < *first->sharpAt))
                first = &wanted;
        }
        return first;
    }
    /// Null when something newer has been asked for in its place.
    Wanted* find(int pane, quint64 serial)
    {
        const auto found = wanted.find(pane);
        return found != wanted.end() && found->second.serial == serial ? &found->second : nullptr;
    }

    std::map<int, Wanted> wanted; // newest of each pane until it is delivered
    std::optional<SliceRequest> readAhead;
    int readAheadDone = 0;
    quint64 lastSerial = 0;
    bool quit = false;
};

class SliceLoader::Worker {
public:
    Worker(SliceLoader& loader, std::shared_ptr<Shared> shared, std::uint64_t cacheBytes)
        : m_loader(loader)
        , m_priority(loader.priority())
        , m_shared(std::move(shared))
        , m_composer(cacheBytes)
        , m_thread([this] { loop(); })
    {
    }

    ~Worker()
    {
        {
            const std::lock_guard lock(m_shared->mutex);
            m_shared->quit = true;
        }
        m_shared->wake.notify_all();
        m_thread.join();
    }

    SliceComposer& composer() { return m_composer; }

private:
    void loop()
    {
        std::unique_lock lock(m_shared->mutex);
        while (!m_shared->quit) {
            Shared::Wanted* wanted = m_shared->next();
            Shared::Wanted* sharp = m_shared->nextSharp();
            if (wanted)
                compose(*wanted, lock);
            else if (sharp && *sharp->sharpAt <= Clock::now())
                compose(*sharp, lock);
            else if (m_shared->readAhead)
                readAhead(lock);
            else if (sharp)
                m_shared->wake.wait_until(lock, *sharp->sharpAt);
            else
                m_shared->wake.wait(lock);
        }
    }

    void compose(Shared::Wanted& wanted, std::unique_lock<std::mutex>& lock)
    {
        wanted.taken = true;
        const SliceRequest request = wanted.request;
        const quint64 serial = wanted.serial;
        const bool sharpening = wanted.sharpAt.has_value();
        lock.unlock();
        const Clock::time_point started = Clock::now();
        const auto goOn = [&] {
            const std::lock_guard again(m_shared->mutex);
            if (m_shared->quit)
                return false;
            if (sharpening)
                return !m_shared->next();
            return m_shared->find(request.pane, serial) || Clock::now() - started < kLong;
        };
        std::optional<SliceImage> slice;
        try {
            const ReadPriority::Turn turn(*m_priority);
            slice = m_composer.compose(request, !sharpening && m_composer.quickHelps(request), goOn);
        } catch (const SliceCache::Abandoned&) { // for something newer
        }
        lock.lock();
        if (Shared::Wanted* still = m_shared->find(request.pane, serial)) {
            const bool coarse = !slice || !slice->reduction.none();
            still->taken = !coarse; // sharp: until it is delivered
            if (coarse)
                still->sharpAt = Clock::now() + kRest;
        }
        if (slice)
            QMetaObject::invokeMethod(
                &m_loader,
                [loader = &m_loader, slice = *slice, serial, request] { loader->deliver(slice, serial, request); },
                Qt::QueuedConnection);
    }

    void readAhead(std::unique_lock<std::mutex>& lock)
    {
        const SliceRequest ahead = *m_shared->readAhead;
        const std::int64_t index = ahead.index + ahead.direction * ++m_shared->readAheadDone;
        if (m_shared->readAheadDone >= kReadAhead)
            m_shared->readAhead.reset();
        if (index < 0 || index >= sliceCount(ahead.raw->shape(), ahead.orientation)) {
            m_shared->readAhead.reset();
            return;
        }
        lock.unlock();
        try {
            m_composer.readAhead(ahead, index, [&] {
                const std::lock_guard again(m_shared->mutex);
                return !m_shared->quit && !m_shared->next();
            });
        } catch (const SliceCache::Abandoned&) { // somebody wants something
        } catch (const std::exception&) { // said when the slice itself is asked for
        }
        lock.lock();
    }

    SliceLoader& m_loader;
    std::shared_ptr<ReadPriority> m_priority;
    std::shared_ptr<Shared> m_shared;
    SliceComposer m_composer;
    std::thread m_thread;
};

SliceLoader::SliceLoader(std::uint64_t cacheBytes, QObject* parent)
    : QObject(parent)
    , m_priority(std::make_shared<ReadPriority>())
    , m_shared(std::make_shared<Shared>())
    , m_worker(std::make_unique<Worker>(*this, m_shared, cacheBytes))
{
}

SliceLoader::~SliceLoader() = default;

void SliceLoader::request(const SliceRequest& request)
{
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->wanted[request.pane] = { request, ++m_shared->lastSerial, false, {} };
        if (request.direction != 0) {
            m_shared->readAhead = request;
            m_shared->readAheadDone = 0;
        }
    }
    m_shared->wake.notify_all();
}

void SliceLoader::setPyramid(const SourcePtr& source, std::shared_ptr<const Pyramid> pyramid)
{
    m_worker->composer().setPyramid(source, std::move(pyramid));
}

void SliceLoader::cancel(int pane)
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->wanted.erase(pane);
}

bool SliceLoader::idle() const
{
    const std::lock_guard lock(m_shared->mutex);
    return m_shared->wanted.empty();
}

std::uint64_t SliceLoader::cachedBytes() const
{
    return m_worker->composer().cachedBytes();
}

void SliceLoader::deliver(const SliceImage& slice, quint64 serial, const SliceRequest& request)
{
    {
        const std::lock_guard lock(m_shared->mutex);
        const auto wanted = m_shared->wanted.find(slice.pane);
        if (wanted == m_shared->wanted.end())
            return;
        const SliceRequest& newest = wanted->second.request;
        // While somebody scrolls faster than slices can be drawn, the one that is ready is shown on the
        // way; of another volume, map or orientation it would only confuse.
        if (wanted->second.serial == serial) {
            if (slice.reduction.none())
                m_shared->wanted.erase(wanted);
        } else if (newest.raw != request.raw || newest.map != request.map || newest.orientation != slice.orientation)
            return;
    }
    emit sliceReady(slice);
}

} // namespace interstice
