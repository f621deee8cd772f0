// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/augment_controller.h"

#include "app/window/augment_dialog.h"
#include "app/window/method_page.h"
#include "base/error.h"
#include "learn/augment_preview.h"
#include "picture/compose.h"

namespace interstice {

namespace {

SamplePicture pictureOf(const PreviewBlock& block)
{
    const RgbImage grey = composeGrey(block.grey, block.width, block.height, { 0, 1 });
    SamplePicture picture;
    picture.slice.image = QImage(reinterpret_cast<const uchar*>(grey.pixels.data()), grey.width, grey.height,
        grey.width * int(sizeof(std::uint32_t)), QImage::Format_RGB32)
                              .copy();
    auto mask = std::make_shared<std::vector<std::uint8_t>>();
    for (const float target : block.target)
        mask->push_back(target < 0 ? kIgnoreLabel : target > 0 ? 1 : 0);
    picture.slice.outlined = std::move(mask);
    picture.slice.outlineColour = kTruthColour;
    picture.place = AugmentDialog::tr("Block from slice %1, row %2, column %3; epoch %4")
                        .arg(block.start.z + 1)
                        .arg(block.start.y + 1)
                        .arg(block.start.x + 1)
                        .arg(block.epoch);
    return picture;
}

} // namespace

AugmentController::AugmentController(Workspace& workspace, JobQueue& queue, MethodPage& page, QWidget* window)
    : QObject(window)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_page(page)
    , m_window(window)
{
    connect(&page, &MethodPage::optionsChanged, this, [this] {
        if (m_dialog)
            m_dialog->setAugment(m_page.options().augment);
        draw();
    });
    connect(&workspace, &Workspace::rawOpened, this, [this] {
        m_kept = {};
        draw();
    });
    connect(&workspace, &Workspace::maskChanged, this, [this](const QString& method) {
        if (method == kTruthId)
            draw();
    });
}

void AugmentController::openDialog()
{
    if (!m_dialog) {
        m_dialog = new AugmentDialog(m_window);
        connect(m_dialog, &AugmentDialog::augmentChanged, this, [this] { m_page.setAugment(m_dialog->augment()); });
        connect(m_dialog, &AugmentDialog::opened, this, &AugmentController::draw);
        connect(m_dialog, &AugmentDialog::othersClicked, this, [this] {
            m_first += AugmentDialog::kSamples;
            draw();
        });
    }
    m_dialog->setAugment(m_page.options().augment);
    m_dialog->show();
    m_dialog->raise();
}

void AugmentController::draw()
{
    if (!m_dialog || !m_dialog->isVisible())
        return;
    const TrainOptions options = m_page.options();
    const SourcePtr truth = m_workspace.learnt(options.architecture.classes);
    if (!m_workspace.raw() || !truth) {
        m_dialog->showProblem(tr("Samples take a volume and its ground truth: open both first."));
        return;
    }
    Kept next = m_kept;
    const std::string normalise = toJson(options.normalise).dump();
    const std::string split = (toJson(options.split).dump() + toJson(options.architecture).dump())
        + std::to_string(options.seed) + '/' + std::to_string(options.minimumSteps * options.batch);
    const bool newRange = next.raw != m_workspace.raw() || next.normalise != normalise;
    const bool newBlocks = newRange || next.truth != truth || next.split != split;
    next.raw = m_workspace.raw();
    next.normalise = normalise;
    next.truth = truth;
    next.split = split;
    m_dialog->showBusy();
    struct Drawn {
        Kept kept;
        std::vector<SamplePicture> samples;
        QString problem;
    };
    m_queue.submit(
        { tr("Drawing samples"), JobLane::Light, "augment-preview", true }, this,
        [next, newRange, newBlocks, options, first = m_first](Task& task) {
            Drawn drawn { next, {}, {} };
            try {
                Task finding = task.part(0, 0.8);
                if (newRange)
                    drawn.kept.range = findRange(*next.raw, options.normalise, finding);
                if (newBlocks)
                    drawn.kept.preview = std::make_shared<AugmentPreview>(next.raw, next.truth, drawn.kept.range, options);
                Task drawing = task.part(0.8, 1);
                for (const PreviewBlock& block :
                    drawn.kept.preview->blocks(options.augment, first, AugmentDialog::kSamples, drawing))
                    drawn.samples.push_back(pictureOf(block));
            } catch (const Error& error) { // the options do not fit yet: no failed job
                drawn.kept = {};
                drawn.problem = QString::fromUtf8(error.what());
            }
            return drawn;
        },
        [this, raw = next.raw](const Drawn& drawn) {
            if (raw != m_workspace.raw())
                return;
            m_kept = drawn.kept;
            if (drawn.problem.isEmpty())
                m_dialog->showSamples(drawn.samples);
            else
                m_dialog->showProblem(drawn.problem);
        });
}

} // namespace interstice
