// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_loader.h"

#include "volume/histogram.h"
#include "widgets/job_queue.h"
#include "widgets/slice_cache.h"

#include <QMetaObject>

#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

namespace interstice {

namespace {

constexpr int kReadAhead = 4;

QImage toQImage(const RgbImage& image)
{
    QImage result(image.width, image.height, QImage::Format_RGB32);
    for (int row = 0; row < image.height; ++row) {
        std::memcpy(result.scanLine(row),
            image.pixels.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width),
            static_cast<std::size_t>(image.width) * sizeof(std::uint32_t));
    }
    return result;
}

} // namespace

struct SliceLoader::Shared {
    std::mutex mutex;
    std::condition_variable wake;
    struct Wanted {
        SliceRequest request;
        quint64 serial = 0;
        bool taken = false;
    };
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
        , m_shared(std::move(shared))
        , m_cache(cacheBytes)
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

    std::uint64_t cachedBytes() const { return m_cache.bytes(); }

private:
    /// The oldest request that nobody works on.
    Shared::Wanted* next()
    {
        Shared::Wanted* oldest = nullptr;
        for (auto& [pane, wanted] : m_shared->wanted) {
            if (!wanted.taken && (!oldest || wanted.serial < oldest->serial))
                oldest = &wanted;
        }
        return oldest;
    }

    void loop()
    {
        std::unique_lock lock(m_shared->mutex);
        for (;;) {
            m_shared->wake.wait(lock, [this] { return m_shared->quit || next() || m_shared->readAhead; });
            if (m_shared->quit)
                return;
            if (auto* wanted = next()) {
                wanted->taken = true;
                const SliceRequest request = wanted->request;
                const quint64 serial = wanted->serial;
                lock.unlock();
                const SliceImage slice = compose(request);
                QMetaObject::invokeMethod(
                    &m_loader, [loader = &m_loader, slice, serial, request] { loader->deliver(slice, serial, request); },
                    Qt::QueuedConnection);
                lock.lock();
                continue;
            }
            const SliceRequest ahead = *m_shared->readAhead;
            const std::int64_t index = ahead.index + ahead.direction * ++m_shared->readAheadDone;
            if (m_shared->readAheadDone >= kReadAhead)
                m_shared->readAhead.reset();
            if (index < 0 || index >= sliceCount(ahead.raw->shape(), ahead.orientation)) {
                m_shared->readAhead.reset();
                continue;
            }
            lock.unlock();
            try {
                (void)m_cache.grey(ahead.raw, ahead.orientation, index);
                for (const auto& labels : { ahead.mask, ahead.counts }) {
                    if (labels)
                        (void)m_cache.labels(labels, ahead.orientation, index);
                }
                if (ahead.map)
                    (void)m_cache.grey(ahead.map, ahead.orientation, index);
            } catch (const std::exception&) { // said when the slice itself is asked for
            }
            lock.lock();
        }
    }

    SliceImage compose(const SliceRequest& request)
    {
        SliceImage slice { request.pane, request.orientation, request.index, {}, nullptr, request.window, {} };
        try {
            const SliceSize size = sliceSize(request.raw->shape(), request.orientation);
            slice.values = m_cache.grey(request.raw, request.orientation, request.index);
            if (request.windowOfSlice)
                slice.window = autoContrast(histogramOf(*slice.values));
            slice.image = toQImage(request.map ? composeMapOf(request, size, slice) : composeLabels(request, size, slice));
        } catch (...) {
            slice.error = describeException(std::current_exception());
        }
        return slice;
    }

    RgbImage composeMapOf(const SliceRequest& request, SliceSize size, SliceImage& slice)
    {
        slice.mapValues = m_cache.grey(request.map, request.orientation, request.index);
        return composeMap(*slice.mapValues, size.width, size.height, request.mapRange, request.mapColours);
    }

    RgbImage composeLabels(const SliceRequest& request, SliceSize size, const SliceImage& slice)
    {
        const bool alone = (request.mask || request.counts) && request.display == MaskDisplay::Alone;
        RgbImage image = alone ? composeEmpty(size.width, size.height)
                               : composeGrey(*slice.values, size.width, size.height, slice.window, request.look);
        if (!request.showMask && !alone)
            return image;
        const auto labels
            = [&](const SourcePtr& source) { return m_cache.labels(source, request.orientation, request.index); };
        Overlay overlay = request.overlay;
        if (alone) {
            overlay.opacity = 1;
            overlay.style = OverlayStyle::Fill;
        }
        // Steps of a ramp are harder to tell apart than one mask from none, so a faint overlay is less faint here.
        if (request.counts)
            overlayCounts(image, *labels(request.counts), request.mostCount, 0.35 + 0.65 * overlay.opacity);
        else if (request.mask && request.display == MaskDisplay::ErrorMap && request.truth && request.truth != request.mask)
            overlayErrors(image, *labels(request.mask), *labels(request.truth), overlay);
        else if (request.mask)
            overlayMask(image, *labels(request.mask), overlay);
        return image;
    }

    SliceLoader& m_loader;
    std::shared_ptr<Shared> m_shared;
    SliceCache m_cache;
    std::thread m_thread;
};

SliceLoader::SliceLoader(std::uint64_t cacheBytes, QObject* parent)
    : QObject(parent)
    , m_shared(std::make_shared<Shared>())
    , m_worker(std::make_unique<Worker>(*this, m_shared, cacheBytes))
{
}

SliceLoader::~SliceLoader() = default;

void SliceLoader::request(const SliceRequest& request)
{
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->wanted[request.pane] = { request, ++m_shared->lastSerial, false };
        if (request.direction != 0) {
            m_shared->readAhead = request;
            m_shared->readAheadDone = 0;
        }
    }
    m_shared->wake.notify_all();
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
    return m_worker->cachedBytes();
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
        if (wanted->second.serial == serial)
            m_shared->wanted.erase(wanted);
        else if (newest.raw != request.raw || newest.map != request.map || newest.orientation != slice.orientation)
            return;
    }
    emit sliceReady(slice);
}

} // namespace interstice
