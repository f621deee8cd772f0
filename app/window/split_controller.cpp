// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/split_controller.h"

#include "app/window/method_page.h"
#include "base/error.h"
#include "widgets/compare_view.h"
#include "widgets/mpr_view.h"

namespace interstice {

namespace {

constexpr double kGuardOpacity = 0.2;
constexpr double kBlockOpacity = 0.32;

/// A slab of the grid is chosen when more than half of it is: what was chosen may lie beside the grid.
bool covers(const std::vector<SliceRange>& chosen, const SliceRange& slab)
{
    std::int64_t covered = 0;
    for (const SliceRange& range : chosen)
        covered += std::max<std::int64_t>(0, std::min(range.last, slab.last) - std::max(range.first, slab.first) + 1);
    return 2 * covered > slab.count();
}

std::vector<SliceRange> onGrid(const std::vector<SliceRange>& chosen, const std::vector<SliceRange>& grid)
{
    std::vector<SliceRange> slabs;
    for (const SliceRange& slab : grid) {
        if (covers(chosen, slab))
            slabs.push_back(slab);
    }
    return mergedRanges(std::move(slabs));
}

std::vector<SliceUse> sharesOf(const Split& split)
{
    std::vector<SliceUse> shares;
    const auto all = double(split.volume.sliceVoxels());
    for (const UseCounts& counts : countUses(split))
        shares.push_back({ double(counts.training) / all, double(counts.validation) / all, double(counts.guard) / all });
    return shares;
}

QString inWords(const UseCounts& counts, bool seesBlocks)
{
    const auto percent = [&](std::int64_t part) {
        return QString::number(100.0 * double(part) / double(counts.voxels()), 'f', 1) + QStringLiteral(" %");
    };
    QString text = SplitController::tr("Trains on %1 of the voxels, validates on %2, tests on %3.")
                       .arg(percent(counts.training), percent(counts.validation), percent(counts.test));
    if (counts.test == 0)
        text = SplitController::tr("Nothing is left to test, so no score will be fair: choose fewer slabs, or a narrow "
                                   "guard. Trains on %1 of the voxels, validates on %2.")
                   .arg(percent(counts.training), percent(counts.validation));
    if (seesBlocks)
        text += SplitController::tr(" Some test voxels see a block.");
    return text;
}

} // namespace

/// What a job found out.
struct SplitController::Plan {
    SplitOptions options;
    std::vector<SliceRange> grid;
    QString words; ///< about what would train
    bool possible = false;
    std::optional<Split> shown;
    std::vector<SliceUse> uses;
};

SplitController::SplitController(Workspace& workspace, JobQueue& queue, MethodPage& page, CompareView& views, MprView& mpr,
    SliceStrip& strip, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_page(page)
    , m_views(views)
    , m_mpr(mpr)
    , m_strip(strip)
{
    connect(&workspace, &Workspace::rawOpened, this, [this] {
        clear();
        m_page.setSlabs(std::nullopt, false);
        replan();
    });
    connect(&workspace, &Workspace::maskChanged, this, &SplitController::replan);
    connect(&page, &MethodPage::optionsChanged, this, &SplitController::replan);
    connect(&strip, &SliceStrip::slabsChosen, this, &SplitController::chooseAsInStrip);
}

void SplitController::replan()
{
    const SourcePtr raw = m_workspace.raw();
    if (!raw)
        return;
    const TrainOptions options = m_page.options();
    const Split* model = m_page.choosesSlabs() ? nullptr : m_workspace.currentSplit();
    m_queue.submit(
        { tr("Which voxels train"), JobLane::Prompt, "split", true }, this,
        [shape = raw->shape(), options, model = model ? std::optional(*model) : std::nullopt](Task&) {
            Plan plan;
            plan.options = options.split;
            plan.shown = model;
            try {
                plan.grid = slabGrid(shape, options.architecture, options.split);
                const Split split = makeSplit(shape, options.architecture, options.split);
                plan.possible = true;
                plan.words = inWords(sumOf(countUses(split)), testSeesBlocks(split, options.architecture).has_value());
                if (!plan.shown)
                    plan.shown = split;
            } catch (const Error&) {
                // The page says so where it says what training needs.
            }
            if (plan.shown)
                plan.uses = sharesOf(*plan.shown);
            return plan;
        },
        [this, raw](const Plan& plan) {
            if (m_workspace.raw() == raw)
                take(plan);
        });
}

void SplitController::take(const Plan& plan)
{
    if (m_page.choosesSlabs() && !plan.grid.empty()) {
        // Begins with as much as would be drawn, and follows blocks that became thicker or thinner.
        const auto& chosen = m_page.slabs();
        const auto better = chosen ? onGrid(*chosen, plan.grid) : spreadSlabs(plan.grid, plan.options);
        if (!chosen || (!plan.possible && !better.empty() && better != *chosen)) {
            m_page.setSlabs(better, m_page.narrowGuard());
            return; // with another plan
        }
    }
    m_shown = plan.shown;
    m_page.setSplitText(plan.words);
    m_strip.setUses(plan.uses);
    showSlabs(m_page.choosesSlabs() ? plan.grid : std::vector<SliceRange>());
    showMarks();
}

void SplitController::clear()
{
    m_shown.reset();
    m_page.setSplitText({});
    m_strip.setUses({});
    m_strip.setSlabs({});
    showMarks();
}

void SplitController::showSlabs(const std::vector<SliceRange>& grid)
{
    std::vector<SliceSlab> slabs;
    for (const SliceRange& slab : grid)
        slabs.push_back({ slab.first, slab.count(), covers(m_page.slabs().value_or(std::vector<SliceRange>()), slab) });
    m_strip.setSlabs(std::move(slabs));
}

void SplitController::chooseAsInStrip()
{
    std::vector<SliceRange> chosen;
    for (const SliceSlab& slab : m_strip.slabs()) {
        if (slab.chosen)
            chosen.push_back({ slab.first, slab.first + slab.count - 1 });
    }
    m_page.setSlabs(mergedRanges(std::move(chosen)), m_page.narrowGuard());
}

void SplitController::takeChoiceOf(const ModelCard& card)
{
    if (!m_workspace.raw() || m_workspace.raw()->shape() != card.split.volume)
        return;
    const SplitOptions options = splitOptionsOf(card.training.value("split", Json::object()));
    if (options.slabs)
        m_page.setPreset(QString::fromStdString(card.architecture.name));
    m_page.setSlabs(options.slabs, options.narrowGuard);
}

void SplitController::setShown(bool shown)
{
    m_drawn = shown;
    showMarks();
}

void SplitController::showMarks()
{
    std::vector<BoxMark> marks;
    if (m_drawn && m_shown) {
        for (const Box& box : m_shown->excluded())
            marks.push_back({ box, kGuardColour, kGuardOpacity, false });
        for (const Index& start : m_shown->training)
            marks.push_back({ m_shown->boxOf(start), kTrainingColour, kBlockOpacity, true });
        for (const Index& start : m_shown->validation)
            marks.push_back({ m_shown->boxOf(start), kValidationColour, kBlockOpacity, true });
    }
    m_views.setMarks(marks);
    m_mpr.setMarks(std::move(marks));
}

} // namespace interstice
