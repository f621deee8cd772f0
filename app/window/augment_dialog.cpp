// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/augment_dialog.h"

#include "app/window/form_rows.h"
#include "app/window/methods.h"
#include "widgets/slice_view.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShowEvent>
#include <QVBoxLayout>

#include <map>

namespace interstice {

namespace {

constexpr int kColumns = 5;

QString explanationOf(const std::string& name)
{
    static const std::map<std::string, QString> texts = {
        { "flips", AugmentDialog::tr("Mirrored along z, y and x, each for half of the samples") },
        { "turns", AugmentDialog::tr("Quarter turns in the plane, of square blocks") },
        { "rotate", AugmentDialog::tr("Turned by up to ±15° about z and ±5° about y and x") },
        { "scale", AugmentDialog::tr("0.85 to 1.15 times the size") },
        { "elastic", AugmentDialog::tr("Smooth shifts of up to 3 voxels") },
        { "brightness", AugmentDialog::tr("Up to ±0.1 added, of the way from black to white") },
        { "contrast", AugmentDialog::tr("0.75 to 1.25 times the distance from the mean grey value") },
        { "gamma", AugmentDialog::tr("Grey values (0 to 1) to the power 0.7 to 1.5") },
        { "noise", AugmentDialog::tr("Gaussian noise, σ up to 0.1 of the way from black to white") },
        { "blur", AugmentDialog::tr("Gaussian blur, σ 0.5 to 1 voxels") },
        { "rings", AugmentDialog::tr("Rings as reconstructions have, up to ±0.1 of the way from black to white") },
        { "stripes", AugmentDialog::tr("Straight stripes across the plane, up to ±0.1 of the way from black to white") },
    };
    const auto found = texts.find(name);
    return found == texts.end() ? QString() : found->second;
}

} // namespace

AugmentDialog::AugmentDialog(QWidget* parent)
    : QDialog(parent)
    , m_state(new QLabel(this))
    , m_others(new QPushButton(tr("Others"), this))
{
    setObjectName("augmentDialog");
    setWindowTitle(tr("Augmentation"));
    m_state->setObjectName("note");
    m_state->setWordWrap(true);
    m_others->setObjectName("augmentOthers");
    m_others->setToolTip(tr("The next ten blocks that the training would take"));
    auto* about = note(this);
    about->setText(tr("Ten blocks as the training shows them to its network: their middle slices, with the outline of the "
                      "truth where the network is judged. The same seed gives the same samples."));
    auto* grid = new QGridLayout;
    grid->setSpacing(4);
    for (std::size_t i = 0; i < kSamples; ++i) {
        auto* view = new SliceView(this);
        view->setObjectName(QString("sample%1").arg(i));
        view->setFocusPolicy(Qt::NoFocus);
        view->setTitle(QString::number(i + 1), colourOf(kTruthColour));
        view->setMinimumSize(128, 128);
        m_views.push_back(view);
        grid->addWidget(view, int(i) / kColumns, int(i) % kColumns);
    }
    auto* close = new QPushButton(tr("Close"), this);
    auto* left = new QVBoxLayout;
    left->setSpacing(6);
    left->addWidget(sectionLabel(tr("Changes"), this));
    left->addWidget(switches());
    left->addStretch(1);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(18);
    middle->addLayout(left);
    middle->addLayout(grid, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_state, 1);
    buttons->addWidget(m_others);
    buttons->addWidget(close);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(10);
    layout->addWidget(about);
    layout->addLayout(middle, 1);
    layout->addLayout(buttons);
    resize(960, 480);
    connect(m_others, &QPushButton::clicked, this, &AugmentDialog::othersClicked);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

QWidget* AugmentDialog::switches()
{
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(5);
    for (const std::string& name : AugmentOptions::names()) {
        auto* box = new QCheckBox(QString::fromStdString(name), page);
        box->setObjectName("switch-" + QString::fromStdString(name));
        box->setToolTip(explanationOf(name));
        connect(box, &QCheckBox::toggled, this, &AugmentDialog::augmentChanged);
        m_switches.push_back(box);
        layout->addWidget(box);
    }
    return page;
}

AugmentOptions AugmentDialog::augment() const
{
    Json switches = Json::object();
    for (const QCheckBox* box : m_switches)
        switches[box->text().toStdString()] = box->isChecked();
    return augmentOptionsFromJson(switches);
}

void AugmentDialog::setAugment(const AugmentOptions& augment)
{
    const Json switches = toJson(augment);
    for (QCheckBox* box : m_switches) {
        const QSignalBlocker quiet(box);
        box->setChecked(switches.value(box->text().toStdString(), false));
    }
}

void AugmentDialog::showSamples(const std::vector<SamplePicture>& samples)
{
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        if (i < samples.size())
            m_views[i]->setSlice(samples[i].slice);
        else
            m_views[i]->clearSlice();
        m_views[i]->setToolTip(i < samples.size() ? samples[i].place : QString());
    }
    m_state->clear();
    m_others->setEnabled(true);
    fit();
}

void AugmentDialog::showBusy()
{
    m_state->setText(tr("Drawing samples…"));
}

void AugmentDialog::showProblem(const QString& problem)
{
    for (SliceView* view : m_views)
        view->clearSlice();
    m_state->setText(problem);
    m_others->setEnabled(false);
}

void AugmentDialog::fit()
{
    for (SliceView* view : m_views) {
        const QSize pixels = view->slice().image.size();
        if (pixels.isEmpty())
            continue;
        const double zoom = std::min(double(view->width()) / pixels.width(), double(view->height()) / pixels.height());
        view->setTransform({ { (pixels.width() - 1) / 2.0, (pixels.height() - 1) / 2.0 }, zoom });
    }
}

void AugmentDialog::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    if (!event->spontaneous())
        emit opened();
}

void AugmentDialog::resizeEvent(QResizeEvent* event)
{
    QDialog::resizeEvent(event);
    layout()->activate();
    fit();
}

} // namespace interstice
