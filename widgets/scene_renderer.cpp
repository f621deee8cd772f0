// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/scene_renderer.h"

#include "render/volume_scene.h"
#include "widgets/job_queue.h"

#include <QMetaObject>
#include <QPointer>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace interstice {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMovingSeconds = 1.0 / 15; ///< a frame, while the camera moves
constexpr auto kRest = std::chrono::milliseconds(150); ///< after the last move, before it refines

/// Step along the ray, and share of the pixels along an edge, of the frames at rest.
struct Level {
    double step;
    double edge;
};
constexpr Level kLevels[] = { { 1.5, 0.5 }, { 0.6, 1 } };

} // namespace

struct SceneRenderer::Shared {
    struct Wanted {
        SceneState state;
        QSize pixels;
        double scale = 1;
        bool moving = false;
        Clock::time_point at;
    };
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::optional<Wanted> wanted;
    std::size_t level = 0; ///< of `wanted`: what comes next once it rests
    bool drawn = false; ///< `wanted` has been drawn once
    bool busy = false;
    bool release = false; ///< the scene is to go
    quint64 serial = 0;
    bool quit = false;
};

class SceneRenderer::Worker {
public:
    Worker(SceneRenderer& owner, std::shared_ptr<Shared> shared)
        : m_owner(owner)
        , m_shared(std::move(shared))
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

private:
    void loop()
    {
        Shared& s = *m_shared;
        std::unique_lock lock(s.mutex);
        for (;;) {
            s.wake.wait(lock, [&] { return s.quit || s.wanted || s.release; });
            if (s.quit) {
                m_scene.reset();
                return;
            }
            if (s.release) {
                s.release = false;
                s.busy = true;
                lock.unlock();
                m_scene.reset();
                m_drawnOnce = false; // the first frame will upload the volume again
                lock.lock();
                s.busy = false;
                continue;
            }
            if (s.wanted->moving && s.drawn) {
                // Drawn once: wait for the next move, or for rest.
                const auto until = s.wanted->at + kRest;
                const quint64 before = s.serial;
                if (s.wake.wait_until(lock, until, [&] { return s.quit || s.serial != before || !s.wanted; }))
                    continue;
                s.wanted->moving = false;
            }
            const Shared::Wanted wanted = *s.wanted;
            const quint64 serial = s.serial;
            const bool moving = wanted.moving;
            const Level level = moving ? movingLevel(wanted) : kLevels[s.level];
            const bool last = !moving && s.level + 1 == std::size(kLevels);
            s.busy = true;
            lock.unlock();
            draw(wanted, level, last, serial);
            lock.lock();
            s.busy = false;
            if (s.serial != serial || !s.wanted)
                continue; // something newer came meanwhile
            s.drawn = true;
            if (moving)
                continue;
            if (last || m_failed)
                s.wanted.reset();
            else
                ++s.level;
        }
    }

    /// As many pixels as the time of the last frames allows.
    Level movingLevel(const Shared::Wanted& wanted) const
    {
        const double pixels = std::max(1.0, double(wanted.pixels.width()) * wanted.pixels.height());
        const double edge = m_secondsPerPixel > 0 ? std::sqrt(kMovingSeconds / (m_secondsPerPixel * pixels)) : 0.35;
        return { 2, std::clamp(edge, 0.12, 1.0) };
    }

    void draw(const Shared::Wanted& wanted, const Level& level, bool last, quint64 serial)
    {
        const auto start = Clock::now();
        SceneFrame frame;
        QString error;
        try {
            if (!m_scene)
                m_scene = std::make_unique<VolumeScene>();
            SceneQuality quality;
            quality.width = std::max(16, int(wanted.pixels.width() * level.edge));
            quality.height = std::max(16, int(wanted.pixels.height() * level.edge));
            quality.step = level.step;
            quality.scale = wanted.scale * level.edge;
            const RgbImage image = m_scene->draw(wanted.state, quality);
            frame.image = QImage(reinterpret_cast<const uchar*>(image.pixels.data()), image.width, image.height,
                wanted.state.transparent ? QImage::Format_ARGB32 : QImage::Format_RGB32)
                              .copy();
            frame.asked = wanted.pixels;
            frame.camera = wanted.state.camera;
            frame.final = last;
            frame.seconds = std::chrono::duration<double>(Clock::now() - start).count();
            m_failed = false;
            if (wanted.moving && m_drawnOnce) {
                const double now = frame.seconds / (double(quality.width) * quality.height);
                m_secondsPerPixel = m_secondsPerPixel > 0 ? 0.6 * m_secondsPerPixel + 0.4 * now : now;
            }
            m_drawnOnce = true; // the first frame uploads the volume
        } catch (...) {
            m_failed = true;
            error = describeException(std::current_exception());
        }
        QMetaObject::invokeMethod(
            &m_owner,
            [owner = &m_owner, shared = m_shared, frame, error, serial] {
                {
                    const std::lock_guard lock(shared->mutex);
                    if (serial + 8 < shared->serial && !frame.final)
                        return; // far behind
                }
                if (error.isEmpty())
                    emit owner->frameReady(frame);
                else
                    emit owner->failed(error);
            },
            Qt::QueuedConnection);
    }

    SceneRenderer& m_owner;
    std::shared_ptr<Shared> m_shared;
    std::unique_ptr<VolumeScene> m_scene; // made, used and destroyed on the thread
    double m_secondsPerPixel = 0;
    bool m_drawnOnce = false;
    bool m_failed = false;
    std::thread m_thread;
};

SceneRenderer::SceneRenderer(QObject* parent)
    : QObject(parent)
    , m_shared(std::make_shared<Shared>())
{
}

SceneRenderer::~SceneRenderer() = default;

void SceneRenderer::request(const SceneState& state, QSize pixels, double scale, bool moving)
{
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->wanted = Shared::Wanted { state, pixels, scale, moving, Clock::now() };
        m_shared->level = 0;
        m_shared->drawn = false;
        ++m_shared->serial;
    }
    if (!m_worker) // not before somebody wants 3-D
        m_worker = std::make_unique<Worker>(*this, m_shared);
    m_shared->wake.notify_all();
}

void SceneRenderer::cancel()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->wanted.reset();
    ++m_shared->serial;
}

void SceneRenderer::release()
{
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->wanted.reset();
        ++m_shared->serial;
        m_shared->release = m_worker != nullptr;
    }
    m_shared->wake.notify_all();
}

bool SceneRenderer::idle() const
{
    const std::lock_guard lock(m_shared->mutex);
    return !m_shared->wanted && !m_shared->busy;
}

} // namespace interstice
