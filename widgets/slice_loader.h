// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"
#include "render/slice_geometry.h"
#include "volume/oblique.h"
#include "volume/pyramid.h"
#include "volume/read_priority.h"
#include "volume/volume_source.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace interstice {

/// What one pane wants to see.
struct SliceRequest {
    int pane = 0;
    SourcePtr raw;
    /// Drawn as `display` says when there is one.
    SourcePtr mask;
    /// The labels that the mask is made of, to be shown each in its own colour; null where it has one kind.
    SourcePtr labels;
    /// Which of those are shown, wherever the mask is drawn but in an error map; null for all.
    std::shared_ptr<const LabelChoice> shown;
    /// For the error map.
    SourcePtr truth;
    /// Of so many methods how many say foreground: drawn in place of a mask.
    SourcePtr counts;
    int mostCount = 0;
    /// Drawn alone, in the colours of `mapColours` over `mapRange`.
    SourcePtr map;
    GreyWindow mapRange;
    ColourMap mapColours = ColourMap::Viridis;
    Orientation orientation = Orientation::XY;
    std::int64_t index = 0;
    /// A slice at any angle in place of that one.
    std::optional<ObliqueGrid> oblique;
    GreyWindow window;
    GreyLook look;
    /// The window follows each slice instead.
    bool windowOfSlice = false;
    MaskDisplay display = MaskDisplay::OverRaw;
    bool showMask = true;
    Overlay overlay;
    /// +1 or −1 while somebody scrolls that way: neighbours are read ahead.
    int direction = 0;
};

/// One drawn slice, or why there is none.
struct SliceImage {
    int pane = 0;
    Orientation orientation = Orientation::XY;
    std::int64_t index = 0;
    QImage image;
    /// Grey values behind the pixels, row by row.
    std::shared_ptr<const std::vector<float>> values;
    GreyWindow window;
    QString error;
    /// Numbers of the map behind the pixels; null without one.
    std::shared_ptr<const std::vector<float>> mapValues = nullptr;
    /// The mask behind the pixels, where it is to be outlined; null otherwise.
    std::shared_ptr<const std::vector<std::uint8_t>> outlined = nullptr;
    Rgb outlineColour {};
    /// What was read: more than 1 along an axis for a first, coarse look, which a sharp one follows.
    Reduction reduction {};
    /// Where the pixels lie, of a slice at an angle.
    std::optional<ObliqueGrid> oblique {};
};

/// Reads and composes slices on a thread of its own, the newest request of each pane only, and keeps what
/// it read in a cache of limited size. Neighbours in the direction of scrolling are read ahead when
/// there is nothing else to do. XZ and YZ slices and
/// those at an angle, of a volume with a pyramid, are shown coarse at once and sharp when
/// nobody has moved on for a moment; reading a sharp one is given up as soon as something else is wanted.
class SliceLoader : public QObject {
    Q_OBJECT

public:
    explicit SliceLoader(std::uint64_t cacheBytes = std::uint64_t { 512 } << 20, QObject* parent = nullptr);
    ~SliceLoader() override;

    /// Replaces what the pane asked for before.
    void request(const SliceRequest& request);
    /// The pane shows nothing any more: what is under way for it is dropped.
    void cancel(int pane);
    /// From now on used for first looks at `source`.
    void setPyramid(const SourcePtr& source, std::shared_ptr<const Pyramid> pyramid);
    /// Nothing asked for is still to be delivered.
    bool idle() const;
    std::uint64_t cachedBytes() const;
    /// Held while a slice that somebody waits for is read, not while neighbours are read ahead.
    const std::shared_ptr<ReadPriority>& priority() const { return m_priority; }

signals:
    void sliceReady(const interstice::SliceImage& slice);

private:
    struct Shared;
    class Worker;
    void deliver(const SliceImage& slice, quint64 serial, const SliceRequest& request);

    std::shared_ptr<ReadPriority> m_priority;
    std::shared_ptr<Shared> m_shared;
    std::unique_ptr<Worker> m_worker;
};

} // namespace interstice
