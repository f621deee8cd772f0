// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/mask_looks.h"
#include "app/window/methods.h"
#include "base/finding.h"
#include "learn/split.h"
#include "measure/scores.h"
#include "measure/surface_distance.h"
#include "volume/histogram.h"
#include "volume/labels.h"
#include "volume/read_priority.h"
#include "widgets/job_queue.h"
#include "widgets/score_table.h"
#include "widgets/slice_strip.h"

#include <QObject>

#include <filesystem>
#include <map>
#include <optional>

namespace interstice {

/// A grey volume or labels from disk, as the import page hands it on.
struct ImportedVolume {
    std::filesystem::path path;
    SourcePtr source;
    Findings findings;
    /// Labels only.
    LabelRule rule;
};

/// One method's mask of the raw volume.
struct MaskLayer {
    SourcePtr source; ///< u8: 0, 1, 255 ignored
    SourcePtr labels; ///< what it was made of, where there are several kinds or objects; null otherwise
    bool savesLabels = false; ///< its labels are classes that somebody wants in a file, not just what is foreground
    QString label; ///< what it is: a file's name, "CLAHE + Otsu", "trained 12 epochs"
    std::filesystem::path file;
    LabelRule rule; ///< by which it was read from the file
    int classes = 0; ///< of `labels`, where they are fit to be learnt each (classesOf); the ground truth's alone is counted
    /// Shares of the volume; absent until counted.
    std::optional<double> foreground;
    std::optional<ScoreResult> score;
    /// What a network was trained on: left out of its scores.
    std::optional<Split> split;
    /// Made here and not saved yet.
    bool unsaved = false;
    /// Foreground objects (26 neighbours) and distances of the surface to the truth's; absent until known.
    std::optional<std::uint64_t> objects;
    std::optional<SurfaceResult> surfaces;
    /// What making it took; absent where nobody measured.
    std::optional<double> seconds;
    std::optional<std::uint64_t> peakBytes;
};

/// Numbers of a volume that are no mask, in the shape of the raw volume: a depth map, a network's doubt.
struct MapLayer {
    SourcePtr source;
    double low = 0;
    double high = 0;
};

/// The data of one window: a raw volume and masks of it, and what is known about them. Counting and
/// scoring run as jobs and follow every change by themselves.
class Workspace : public QObject {
    Q_OBJECT

public:
    Workspace(const MethodRegistry& methods, JobQueue& queue, QObject* parent = nullptr);

    const MethodRegistry& methods() const { return m_methods; }
    /// Colours and shown labels of the masks.
    MaskLooks& looks() { return m_looks; }
    const MaskLooks& looks() const { return m_looks; }
    /// Counting grey values gives way to who holds a turn of it; before the first volume.
    void setPriority(std::shared_ptr<ReadPriority> priority) { m_priority = std::move(priority); }
    /// Drops all masks.
    void setRaw(const ImportedVolume& volume);
    const SourcePtr& raw() const { return m_raw.source; }
    const std::filesystem::path& rawPath() const { return m_raw.path; }
    const Findings& findings() const { return m_raw.findings; }
    const std::optional<Histogram>& histogram() const { return m_histogram; }

    /// Throws Error when its shape is not the raw volume's.
    void setMask(const QString& method, MaskLayer layer);
    const MaskLayer* mask(const QString& method) const;
    const MaskLayer* truth() const { return mask(kTruthId); }
    /// The ground truth as a network of so many classes learns it: its foreground, or its labels from three on; null where
    /// there is none.
    SourcePtr learnt(int classes) const;
    /// By the name of the pane that shows it; without a source it is dropped.
    void setMap(const QString& id, const MapLayer& map);
    const MapLayer* map(const QString& id) const;
    void markSaved(const QString& method);
    bool unsaved() const;

    std::vector<MethodScore> scoreRows() const;
    /// "µm", or "vx" where the voxel size is unknown: what distances in the rows are in.
    QString distanceUnit() const;
    std::vector<SliceStrip::Curve> diceCurves() const;
    /// The blocks of the model behind one of the masks; null when none has a model of this volume. All
    /// methods are scored outside them, so that the rows of the table can be compared.
    const Split* currentSplit() const;

signals:
    void rawOpened();
    void histogramComputed();
    void maskChanged(const QString& method);
    void foregroundCounted(const QString& method);
    /// Of the ground truth.
    void classesCounted(int classes);
    void scored(const QString& method);
    void savedStateChanged();
    void mapChanged(const QString& id);

private:
    void countForeground(const QString& method);
    void countClasses();
    void scoreMask(const QString& method);
    void measureSurfaces(const QString& method);

    const MethodRegistry& m_methods;
    JobQueue& m_queue;
    MaskLooks m_looks;
    std::shared_ptr<ReadPriority> m_priority = std::make_shared<ReadPriority>();
    ImportedVolume m_raw;
    std::optional<Histogram> m_histogram;
    std::map<QString, MaskLayer> m_masks;
    std::map<QString, MapLayer> m_maps;
};

} // namespace interstice
