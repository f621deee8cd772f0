// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/figure_dialog.h"

#include "app/window/form_rows.h"

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

FigureDialog::FigureDialog(const QStringList& presets, std::function<std::vector<FigurePanel>()> panels, QWidget* parent)
    : QDialog(parent)
    , m_panels(std::move(panels))
    , m_preset(new QComboBox(this))
    , m_width(realNumber(this, 20, 400, 170, 1, 5))
    , m_dpi(wholeNumber(this, 72, 1200, 300))
    , m_columns(wholeNumber(this, 0, 12, 0))
    , m_points(realNumber(this, 4, 24, 8, 1, 0.5))
    , m_background(new QComboBox(this))
    , m_letters(new QCheckBox(tr("Letters (a), (b), (c)"), this))
    , m_captions(new QCheckBox(tr("Captions"), this))
    , m_scaleBar(new QCheckBox(tr("Scale bar"), this))
    , m_colourBars(new QCheckBox(tr("Colour bars and legends"), this))
    , m_preview(new QLabel(this))
    , m_size(note(this))
{
    setObjectName("figureDialog");
    setWindowTitle(tr("Figure"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(980, 560);
    m_preset->addItems(presets);
    m_preset->setObjectName("figurePreset");
    m_width->setObjectName("figureWidth");
    m_dpi->setObjectName("figureDpi");
    m_width->setSuffix(tr(" mm"));
    m_points->setSuffix(tr(" pt"));
    m_columns->setSpecialValueText(tr("one row"));
    m_background->addItems({ tr("white"), tr("black"), tr("transparent") });
    for (QCheckBox* box : { m_letters, m_captions, m_scaleBar, m_colourBars })
        box->setChecked(true);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setMinimumSize(360, 240);
    m_preview->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    m_preview->setAccessibleName(tr("Preview of the figure"));

    auto* form = newForm();
    addRow(form, tr("Width"), m_width, tr("Of the whole figure. Journals print 85 mm in one column, 170 mm in two."));
    addRow(form, tr("Dots per inch"), m_dpi, tr("For PNG and TIFF: 300 for halftones, 600 for line art."));
    addRow(form, tr("Columns"), m_columns, tr("Panels beside each other."));
    addRow(form, tr("Text"), m_points, tr("Size of letters and numbers in print."));
    addRow(form, tr("Background"), m_background, tr("Around the panels, and of 3-D views."));
    auto* side = new QVBoxLayout;
    side->addWidget(m_preset);
    side->addLayout(form);
    for (QCheckBox* box : { m_letters, m_captions, m_scaleBar, m_colourBars })
        side->addWidget(box);
    side->addWidget(m_size);
    side->addStretch(1);
    auto* save = new QPushButton(tr("Save…"), this);
    save->setObjectName("primary");
    save->setDefault(true);
    auto* close = new QPushButton(tr("Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(close);
    buttons->addWidget(save);
    side->addLayout(buttons);
    auto* layout = new QHBoxLayout(this);
    layout->addWidget(m_preview, 1);
    layout->addLayout(side);

    m_soon.setSingleShot(true);
    m_soon.setInterval(60);
    connect(&m_soon, &QTimer::timeout, this, &FigureDialog::refresh);
    connect(m_preset, &QComboBox::activated, this, &FigureDialog::presetChosen);
    for (QDoubleSpinBox* box : { m_width, m_points })
        connect(box, &QDoubleSpinBox::valueChanged, this, &FigureDialog::refreshSoon);
    for (QSpinBox* box : { m_dpi, m_columns })
        connect(box, &QSpinBox::valueChanged, this, &FigureDialog::refreshSoon);
    connect(m_background, &QComboBox::activated, this, &FigureDialog::refreshSoon);
    for (QCheckBox* box : { m_letters, m_captions, m_scaleBar, m_colourBars })
        connect(box, &QCheckBox::toggled, this, &FigureDialog::refreshSoon);
    connect(save, &QPushButton::clicked, this, [this] { emit saveClicked(spec()); });
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    refreshSoon();
}

FigureSpec FigureDialog::spec() const
{
    FigureSpec spec;
    spec.panels = m_panels();
    spec.widthMm = m_width->value();
    spec.dpi = m_dpi->value();
    spec.columns = m_columns->value();
    spec.textPoints = m_points->value();
    spec.background = FigureBackground(m_background->currentIndex());
    spec.letters = m_letters->isChecked();
    spec.captions = m_captions->isChecked();
    spec.scaleBar = m_scaleBar->isChecked();
    spec.colourBars = m_colourBars->isChecked();
    return spec;
}

void FigureDialog::refreshSoon()
{
    m_soon.start();
}

void FigureDialog::refresh()
{
    const FigureSpec now = spec();
    if (now.panels.empty()) {
        m_preview->setText(tr("No view shows anything yet."));
        m_size->clear();
        return;
    }
    const QSizeF mm = figureSize(now);
    const QSize pixels = figurePixels(now);
    m_size->setText(tr("%1 × %2 mm, %3 × %4 pixels")
            .arg(mm.width(), 0, 'f', 1)
            .arg(mm.height(), 0, 'f', 1)
            .arg(pixels.width())
            .arg(pixels.height()));
    const QSizeF room = QSizeF(m_preview->size()) * devicePixelRatioF() * 0.96;
    QImage image = renderFigure(now, (mm * std::min(room.width() / mm.width(), room.height() / mm.height())).toSize());
    image.setDevicePixelRatio(devicePixelRatioF());
    m_preview->setPixmap(QPixmap::fromImage(image));
}

void FigureDialog::resizeEvent(QResizeEvent* event)
{
    QDialog::resizeEvent(event);
    refreshSoon();
}

} // namespace interstice
