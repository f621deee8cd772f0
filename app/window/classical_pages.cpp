// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/classical_pages.h"

#include "app/window/form_rows.h"
#include "app/window/methods.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace interstice {

ClassicalPage::ClassicalPage(const QString& method, const QString& explanation, QWidget* parent)
    : QWidget(parent)
    , m_form(newForm())
    , m_method(method)
    , m_smooth(new QComboBox(this))
    , m_amount(realNumber(this, 0.1, 20, 1, 1, 0.5))
    , m_rings(new QCheckBox(tr("Reduce ring artefacts first"), this))
    , m_preview(new QCheckBox(tr("Preview on this slice"), this))
    , m_note(note(this))
    , m_apply(new QPushButton(tr("Apply to volume"), this))
    , m_stop(new QPushButton(tr("Stop"), this))
    , m_layout(new QVBoxLayout(this))
{
    setObjectName("page-" + method);
    m_layout->setContentsMargins(12, 2, 12, 8);
    m_layout->setSpacing(8);
    auto* what = note(this);
    what->setText(explanation);
    m_layout->addWidget(what);
    m_layout->addLayout(m_form);
    m_apply->setObjectName("primary");
    m_stop->setObjectName("stop");
    m_preview->setObjectName("preview");
    m_preview->setToolTip(
        tr("Shows in this method's pane what these settings make of the slice in view, from a sample of the volume."));
    m_rings->setToolTip(
        tr("Circles about the middle of the slices, found in polar coordinates and taken off. Edges of the sample that "
           "run along such circles suffer."));
}

void ClassicalPage::finishRows()
{
    m_smooth->setObjectName("smooth");
    m_smooth->addItems({ tr("none"), tr("Gaussian"), tr("median"), tr("non-local means") });
    addRow(m_form, tr("Smooth first"), m_smooth,
        tr("Takes noise off before the method looks: Gaussian blurs edges too, the median keeps them, non-local means keeps "
           "texture and takes longest."));
    addRow(m_form, tr("Amount"), m_amount, {});
    m_form->addRow(m_rings);
    m_layout->addWidget(m_preview);
    m_layout->addWidget(m_note);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_apply, 1);
    buttons->addWidget(m_stop);
    m_layout->addLayout(buttons);
    m_layout->addStretch();
    showSmoothing();
    connect(m_smooth, &QComboBox::currentIndexChanged, this, &ClassicalPage::showSmoothing);
    watch(m_smooth);
    watch(m_amount);
    watch(m_rings);
    connect(m_preview, &QCheckBox::toggled, this, &ClassicalPage::previewToggled);
    connect(m_apply, &QPushButton::clicked, this, &ClassicalPage::applyClicked);
    connect(m_stop, &QPushButton::clicked, this, &ClassicalPage::stopClicked);
    setState(false, false);
}

void ClassicalPage::watch(QSpinBox* box)
{
    connect(box, &QSpinBox::valueChanged, this, &ClassicalPage::setupChanged);
}

void ClassicalPage::watch(QDoubleSpinBox* box)
{
    connect(box, &QDoubleSpinBox::valueChanged, this, &ClassicalPage::setupChanged);
}

void ClassicalPage::watch(QComboBox* box)
{
    connect(box, &QComboBox::currentIndexChanged, this, &ClassicalPage::setupChanged);
}

void ClassicalPage::watch(QCheckBox* box)
{
    connect(box, &QCheckBox::toggled, this, &ClassicalPage::setupChanged);
}

void ClassicalPage::showSmoothing()
{
    // One field for all: each way of smoothing has one number that matters.
    const QSignalBlocker quiet(m_amount);
    const auto kind = Smoothing(m_smooth->currentIndex());
    m_form->setRowVisible(m_form->rowCount() - 2, kind != Smoothing::None);
    switch (kind) {
    case Smoothing::None:
        break;
    case Smoothing::Gaussian:
        m_amount->setDecimals(1);
        m_amount->setRange(0.3, 10);
        m_amount->setSingleStep(0.5);
        m_amount->setValue(1);
        m_amount->setSuffix(tr(" vx"));
        m_amount->setToolTip(tr("Standard deviation, in voxels"));
        break;
    case Smoothing::Median:
        m_amount->setDecimals(0);
        m_amount->setRange(1, 2);
        m_amount->setSingleStep(1);
        m_amount->setValue(1);
        m_amount->setSuffix(tr(" vx"));
        m_amount->setToolTip(tr("Half the side of the cube of voxels, less one: 1 is 3 × 3 × 3"));
        break;
    case Smoothing::NonLocalMeans:
        m_amount->setDecimals(1);
        m_amount->setRange(0.2, 3);
        m_amount->setSingleStep(0.1);
        m_amount->setValue(0.8);
        m_amount->setSuffix(tr(" σ"));
        m_amount->setToolTip(tr("Strength, in standard deviations of the noise"));
        break;
    }
}

PreprocessOptions ClassicalPage::firstSteps() const
{
    PreprocessOptions first;
    first.rings = m_rings->isChecked();
    first.smooth.kind = Smoothing(m_smooth->currentIndex());
    if (first.smooth.kind == Smoothing::Gaussian)
        first.smooth.sigma = m_amount->value();
    if (first.smooth.kind == Smoothing::Median)
        first.smooth.radius = int(m_amount->value());
    if (first.smooth.kind == Smoothing::NonLocalMeans)
        first.smooth.strength = m_amount->value();
    return first;
}

void ClassicalPage::setMicrometresPerVoxel(double micrometres)
{
    showLengths(micrometres);
}

void ClassicalPage::setState(bool hasRaw, bool running)
{
    m_preview->setEnabled(hasRaw);
    m_apply->setEnabled(hasRaw && !running);
    m_apply->setText(running ? tr("Working…") : tr("Apply to volume"));
    m_stop->setEnabled(running);
}

bool ClassicalPage::previewWanted() const
{
    return m_preview->isChecked() && m_preview->isEnabled();
}

void ClassicalPage::endPreview()
{
    const QSignalBlocker quiet(m_preview);
    m_preview->setChecked(false);
}

void ClassicalPage::setNote(const QString& text, bool problem)
{
    m_note->setText(problem ? QStringLiteral("⚠ ") + text : text);
}

namespace {

/// "Otsu", "none", "value" and the field for the value, which is there when it counts.
QDoubleSpinBox* thresholdRows(
    QFormLayout* form, QComboBox* choice, const QStringList& names, const QString& explanation, QWidget* page)
{
    choice->addItems(names);
    choice->setObjectName("threshold");
    auto* value = realNumber(page, -1e9, 1e9, 0, 1, 100);
    value->setObjectName("thresholdValue");
    addRow(form, ClassicalPage::tr("Threshold"), choice, explanation);
    addRow(form, ClassicalPage::tr("Above"), value, explanation);
    const int row = form->rowCount() - 1;
    const auto follow = [form, choice, row] { form->setRowVisible(row, choice->currentIndex() == choice->count() - 1); };
    QObject::connect(choice, &QComboBox::currentIndexChanged, page, follow);
    follow();
    return value;
}

} // namespace

KMeansPage::KMeansPage(QWidget* parent)
    : ClassicalPage(kKMeansId,
          tr("Groups voxels that are alike in grey value and lie together; the brightest group is the mask. Fails where two "
             "materials share a grey value, and cuts large regions in pieces when position weighs much."),
          parent)
    , m_clusters(wholeNumber(this, 2, 16, 3))
    , m_weight(realNumber(this, 0, 10, 1, 2, 0.1))
    , m_threshold(new QComboBox(this))
    , m_starts(wholeNumber(this, 1, 100, 4))
    , m_seed(wholeNumber(this, 0, 1000000, 1))
{
    m_clusters->setObjectName("clusters");
    m_weight->setObjectName("spatialWeight");
    addRow(m_form, tr("Clusters"), m_clusters, tr("How many groups. The study took 3."));
    addRow(m_form, tr("Spatial weight"), m_weight,
        tr("How much position counts against grey value; 0: grey value alone. The study took 1."));
    m_value = thresholdRows(m_form, m_threshold, { tr("Otsu"), tr("none"), tr("grey value") },
        tr("Only voxels above it are grouped, the rest is background."), this);
    addRow(m_form, tr("Starts"), m_starts, tr("Random beginnings of which the best is taken."));
    addRow(m_form, tr("Seed"), m_seed, tr("The same seed gives the same clusters."));
    for (QSpinBox* box : { m_clusters, m_starts, m_seed })
        watch(box);
    watch(m_weight);
    watch(m_threshold);
    watch(m_value);
    finishRows();
}

ClassicalSetup KMeansPage::setup() const
{
    KMeansOptions options;
    options.clusters = m_clusters->value();
    options.spatialWeight = m_weight->value();
    options.threshold = KMeansOptions::Threshold(m_threshold->currentIndex());
    options.thresholdValue = m_value->value();
    options.starts = m_starts->value();
    options.seed = std::uint64_t(m_seed->value());
    return { method(), options, firstSteps() };
}

DepthMapPage::DepthMapPage(QWidget* parent)
    : ClassicalPage(kDepthMapId,
          tr("Adds up how much the grey value changes along z and keeps where it changes most: the outlines of bodies, seen "
             "along z. Fails inside large even bodies and in strong noise, so smooth first."),
          parent)
    , m_window(wholeNumber(this, 0, 999, 0))
    , m_sigma(realNumber(this, 0, 20, 2, 1, 0.5))
    , m_threshold(new QComboBox(this))
    , m_smallest(wholeNumber(this, 1, 100000000, 1))
{
    m_window->setObjectName("window");
    m_window->setSpecialValueText(tr("whole depth"));
    m_window->setSuffix(tr(" slices"));
    m_sigma->setObjectName("sigma");
    m_sigma->setSuffix(tr(" vx"));
    m_smallest->setSuffix(tr(" vx"));
    m_smallest->setGroupSeparatorShown(true);
    addRow(m_form, tr("Depth"), m_window,
        tr("Slices that are added up around each slice, which then has a map and mask of its own; the whole depth gives one "
           "for "
           "all, as in the study."));
    addRow(m_form, tr("Blur"), m_sigma, {});
    m_value = thresholdRows(
        m_form, m_threshold, { tr("Otsu"), tr("map value") }, tr("What is above it is foreground, in grey values."), this);
    addRow(m_form, tr("Smallest object"), m_smallest,
        tr("Objects of fewer voxels are dropped (for the whole depth: pixels of the map)."));
    for (QSpinBox* box : { m_window, m_smallest })
        watch(box);
    watch(m_sigma);
    watch(m_threshold);
    watch(m_value);
    finishRows();
    connect(m_sigma, &QDoubleSpinBox::valueChanged, this, [this] { showLengths(m_micrometres); });
    showLengths(0);
}

void DepthMapPage::showLengths(double micrometres)
{
    m_micrometres = micrometres;
    QString tip = tr("Standard deviation of the Gaussian over the map");
    if (micrometres > 0)
        tip += tr(": %1 vx = %2 µm").arg(m_sigma->value()).arg(m_sigma->value() * micrometres, 0, 'g', 3);
    m_sigma->setToolTip(tip);
}

ClassicalSetup DepthMapPage::setup() const
{
    DepthMapOptions options;
    options.window = m_window->value();
    options.sigma = m_sigma->value() < 0.1 ? 0 : m_sigma->value();
    options.threshold = DepthMapOptions::Threshold(m_threshold->currentIndex());
    options.thresholdValue = m_value->value();
    options.minimumVoxels = std::uint64_t(m_smallest->value());
    return { method(), options, firstSteps() };
}

InitialMaskPage::InitialMaskPage(QWidget* parent)
    : ClassicalPage(kInitialMaskId,
          tr("Evens out the contrast tile by tile, then splits all grey values at one threshold. Fails where noise is as "
             "strong as "
             "contrast, because that is raised too: smooth first, or do without CLAHE."),
          parent)
    , m_equalise(new QCheckBox(tr("Even out contrast (CLAHE)"), this))
    , m_clip(realNumber(this, 0.001, 1, 0.01, 3, 0.005))
    , m_tiles(wholeNumber(this, 1, 64, 8))
    , m_classes(wholeNumber(this, 2, 5, 2))
{
    m_equalise->setChecked(true);
    m_equalise->setObjectName("equalise");
    m_clip->setObjectName("clip");
    m_classes->setObjectName("classes");
    m_form->addRow(m_equalise);
    addRow(m_form, tr("Clip limit"), m_clip,
        tr("How far contrast may be raised: the largest share of a tile's voxels in one grey level."));
    addRow(m_form, tr("Tiles"), m_tiles, tr("Along each side of a slice."));
    addRow(m_form, tr("Classes"), m_classes, tr("From dark to bright (multi-Otsu); all but the darkest are foreground."));
    watch(m_equalise);
    watch(m_clip);
    watch(m_tiles);
    watch(m_classes);
    const auto follow = [this](bool on) {
        m_clip->setEnabled(on);
        m_tiles->setEnabled(on);
    };
    connect(m_equalise, &QCheckBox::toggled, this, follow);
    finishRows();
}

ClassicalSetup InitialMaskPage::setup() const
{
    InitialMaskOptions options;
    options.equalise = m_equalise->isChecked();
    options.clahe.clipLimit = m_clip->value();
    options.clahe.tiles = m_tiles->value();
    options.classes = m_classes->value();
    return { method(), options, firstSteps() };
}

} // namespace interstice
