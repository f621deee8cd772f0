// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"
#include "learn/model_file.h"
#include "learn/split_use.h"

#include <QObject>

#include <optional>

namespace interstice {

class CompareView;
class MethodPage;
class MprView;

/// Which voxels train and which test: worked out in a job, drawn on the slices and in the strip, where slabs can be
/// chosen. While slabs are chosen what would train is shown; otherwise the blocks of the model whose mask is there, and
/// without one what would train.
class SplitController : public QObject {
    Q_OBJECT

public:
    SplitController(Workspace& workspace, JobQueue& queue, MethodPage& page, CompareView& views, MprView& mpr,
        SliceStrip& strip, QObject* parent);

    /// Whether blocks are drawn on the slices.
    void setShown(bool shown);
    /// A model was opened: the page chooses as it did.
    void takeChoiceOf(const ModelCard& card);
    /// What is shown; nothing without a volume or where nothing fits.
    const std::optional<Split>& shown() const { return m_shown; }

private:
    struct Plan;
    void replan();
    void take(const Plan& plan);
    void clear();
    void showSlabs(const std::vector<SliceRange>& grid);
    void chooseAsInStrip();
    void showMarks();

    Workspace& m_workspace;
    JobQueue& m_queue;
    MethodPage& m_page;
    CompareView& m_views;
    MprView& m_mpr;
    SliceStrip& m_strip;
    std::optional<Split> m_shown;
    bool m_drawn = false;
};

} // namespace interstice
