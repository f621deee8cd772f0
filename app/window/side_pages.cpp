// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/side_pages.h"

#include "app/window/form_rows.h"
#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

namespace interstice {

namespace {

constexpr int kColourRole = Qt::UserRole + 1;
constexpr int kValueRole = Qt::UserRole + 2;
const char* const kStyles[] = { "fill + outline", "fill", "outline" };

/// Swatch, name, value at the right.
class DataDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return { 120, QFontMetrics(option.font).height() + 10 };
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(option.rect).adjusted(0, 1, 0, -1);
        painter->setPen(Qt::NoPen);
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
            painter->setBrush(option.palette.color(QPalette::Highlight));
            painter->setOpacity(option.state & QStyle::State_Selected ? 1 : 0.5);
            painter->drawRoundedRect(box, 5, 5);
            painter->setOpacity(1);
        }
        painter->setBrush(index.data(kColourRole).value<QColor>());
        painter->drawRoundedRect(QRectF(box.left() + 7, box.center().y() - 5.5, 11, 11), 3, 3);
        const QString value = index.data(kValueRole).toString();
        const QFont numbers = tabular(option.font);
        const double wide = QFontMetricsF(numbers).horizontalAdvance(value);
        painter->setFont(option.font);
        painter->setPen(option.palette.color(QPalette::WindowText));
        const QRectF name(box.left() + 27, box.top(), box.width() - 27 - wide - 16, box.height());
        painter->drawText(name, Qt::AlignVCenter | Qt::AlignLeft,
            QFontMetricsF(option.font).elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, name.width()));
        painter->setFont(numbers);
        painter->setPen(option.palette.color(QPalette::PlaceholderText));
        painter->drawText(box.adjusted(0, 0, -7, 0), Qt::AlignVCenter | Qt::AlignRight, value);
        painter->restore();
    }
};

} // namespace

DataPage::DataPage(QWidget* parent)
    : QWidget(parent)
    , m_list(new QListWidget(this))
    , m_shape(note(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(6);
    m_list->setObjectName("plain");
    m_list->setItemDelegate(new DataDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Data"));
    m_list->setToolTip(tr("Double-click to see one alone"));
    layout->addWidget(m_list);
    layout->addWidget(m_shape);
    connect(m_list, &QListWidget::itemDoubleClicked, this,
        [this](const QListWidgetItem* item) { emit paneWanted(item->data(Qt::UserRole).toString()); });
}

void DataPage::show(const Workspace& workspace)
{
    const int selected = m_list->currentRow();
    m_list->clear();
    const auto add
        = [this](const QString& id, const QString& name, const QColor& colour, const QString& value, const QString& tip) {
              auto* item = new QListWidgetItem(name, m_list);
              item->setData(Qt::UserRole, id);
              item->setData(kColourRole, colour);
              item->setData(kValueRole, value);
              item->setToolTip(tip);
          };
    if (workspace.raw()) {
        add(kRawId, tr("%1 (raw)").arg(QString::fromStdString(utf8(workspace.rawPath().stem()))), colourOf(kRawColour),
            scalarName(workspace.raw()->scalar()), QString::fromStdString(utf8(workspace.rawPath())));
        for (const auto& method : workspace.methods().all()) {
            const MaskLayer* layer = workspace.mask(method.id);
            if (!layer)
                continue;
            QString value;
            if (layer->score)
                value = QString::number(layer->score->whole.dice(), 'f', 3);
            else if (layer->foreground)
                value = QString::number(*layer->foreground * 100, 'f', 1) + " %";
            add(method.id, method.name, colourOf(method.colour), value, layer->label);
        }
        m_shape->setText(QString::fromStdString(describe(workspace.raw()->shape())) + " · "
            + QString::fromStdString(describe(workspace.raw()->voxelSize())));
    } else {
        m_shape->setText(tr("Nothing is open."));
    }
    m_list->setVisible(m_list->count() > 0);
    m_list->setCurrentRow(std::clamp(selected, 0, std::max(0, m_list->count() - 1)));
    if (m_list->count() > 0)
        m_list->setFixedHeight(m_list->count() * m_list->sizeHintForRow(0) + 2);
    fitHeight();
}

void DataPage::fitHeight()
{
    // Docks ask for a height before they know the width that a wrapped text will get.
    const int text = m_shape->heightForWidth(std::max(120, width() - 24));
    setFixedHeight(2 + (m_list->isVisibleTo(this) ? m_list->height() + 6 : 0) + text + 10);
}

void DataPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

MethodPage::MethodPage(QWidget* parent)
    : QWidget(parent)
    , m_form(newForm())
    , m_preset(new QComboBox(this))
    , m_fraction(wholeNumber(this, 1, 60, 10))
    , m_epochs(wholeNumber(this, 1, 100000, 100))
    , m_batch(wholeNumber(this, 1, 1024, 4))
    , m_rate(new QLineEdit(this))
    , m_loss(new QComboBox(this))
    , m_device(new QComboBox(this))
    , m_seed(wholeNumber(this, 0, 1000000, 1))
    , m_mode(new QComboBox(this))
    , m_truth(note(this))
    , m_cost(note(this))
    , m_model(note(this))
    , m_mask(new QPushButton(tr("Make initial mask (CLAHE + Otsu)"), this))
    , m_train(new QPushButton(tr("Train"), this))
    , m_stop(new QPushButton(tr("Stop and keep"), this))
    , m_predict(new QPushButton(tr("Predict"), this))
{
    m_preset->setObjectName("preset");
    m_epochs->setObjectName("epochs");
    m_train->setObjectName("primary");
    m_stop->setObjectName("stopAndKeep");
    m_predict->setObjectName("predict");
    m_mask->setObjectName("initialMask");
    for (const auto& name : ArchitectureSpec::presetNames()) {
        m_preset->addItem(QString::fromStdString(name));
        m_preset->setItemData(
            m_preset->count() - 1, QString::fromStdString(ArchitectureSpec::presetDescription(name)), Qt::ToolTipRole);
    }
    for (const Loss loss : { Loss::Dice, Loss::Bce, Loss::DiceBce })
        m_loss->addItem(QString(lossName(loss)).replace("dice", "Dice").replace("bce", "BCE").replace("+", " + "),
            QString(lossName(loss)));
    auto* validator = new QDoubleValidator(1e-8, 10, 10, m_rate);
    validator->setLocale(QLocale::c());
    validator->setNotation(QDoubleValidator::ScientificNotation);
    m_rate->setValidator(validator);
    m_rate->setAlignment(Qt::AlignRight);
    m_fraction->setSuffix(" %");
    m_device->addItem(tr("automatic"), "auto");
    addRow(m_form, tr("Preset"), m_preset, tr("The network and the options that suit it."));
    addRow(m_form, tr("Training share"), m_fraction,
        tr("Share of the volume that trains, in whole blocks spread over z; the rest tests. The study took 10 %."));
    addRow(
        m_form, tr("Epochs"), m_epochs, tr("Passes over all training blocks. You can stop at any time and keep the best."));
    addRow(m_form, tr("Batch"), m_batch, tr("Blocks in one step. More need more memory."));
    addRow(m_form, tr("Learning rate"), m_rate, tr("Step of the optimiser (Adam)."));
    addRow(m_form, tr("Loss"), m_loss, tr("What the training makes small."));
    addRow(m_form, tr("Device"), m_device, tr("Where the network runs."));
    addRow(m_form, tr("Seed"), m_seed, tr("The same seed gives the same blocks and weights."));
    m_mode->addItem(tr("chunks"));
    m_mode->addItem(tr("exact"));
    addRow(m_form, tr("Predict in"), m_mode,
        tr("Chunks overlap and are blended, as in the study. Exact tiles overlap by all that the network sees, so that no "
           "border of a chunk can show; they take longer."));
    constexpr int hidden = 2;
    for (int row = m_form->rowCount() - hidden; row < m_form->rowCount(); ++row)
        m_form->setRowVisible(row, false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(8);
    layout->addWidget(m_truth);
    layout->addWidget(m_mask);
    layout->addLayout(m_form);
    auto* more = new QPushButton(tr("More"), this);
    more->setObjectName("flat");
    auto* moreRow = new QHBoxLayout;
    moreRow->addStretch();
    moreRow->addWidget(more);
    layout->addLayout(moreRow);
    layout->addWidget(m_cost);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_train, 1);
    buttons->addWidget(m_stop);
    layout->addLayout(buttons);
    auto* modelRow = new QHBoxLayout;
    modelRow->setSpacing(8);
    modelRow->addWidget(m_model, 1);
    modelRow->addWidget(m_predict);
    layout->addLayout(modelRow);
    layout->addStretch();
    connect(more, &QPushButton::clicked, this, [this, more] {
        const bool shown = !m_form->isRowVisible(m_form->rowCount() - 1);
        for (int row = m_form->rowCount() - hidden; row < m_form->rowCount(); ++row)
            m_form->setRowVisible(row, shown);
        more->setText(shown ? tr("Less") : tr("More"));
    });
    connect(m_preset, &QComboBox::currentIndexChanged, this, &MethodPage::loadPreset);
    for (QSpinBox* box : { m_fraction, m_epochs, m_batch, m_seed })
        connect(box, &QSpinBox::valueChanged, this, &MethodPage::optionsChanged);
    connect(m_rate, &QLineEdit::editingFinished, this, &MethodPage::optionsChanged);
    for (QComboBox* box : { m_loss, m_device })
        connect(box, &QComboBox::currentIndexChanged, this, &MethodPage::optionsChanged);
    for (QComboBox* box : { m_mode, m_device })
        connect(box, &QComboBox::currentIndexChanged, this, &MethodPage::tellPredictOptions);
    connect(m_train, &QPushButton::clicked, this, &MethodPage::trainClicked);
    connect(m_stop, &QPushButton::clicked, this, &MethodPage::stopClicked);
    connect(m_predict, &QPushButton::clicked, this, &MethodPage::predictClicked);
    connect(m_mask, &QPushButton::clicked, this, &MethodPage::initialMaskClicked);
    connect(m_truth, &QLabel::linkActivated, this, &MethodPage::openTruthClicked);
    loadPreset();
}

void MethodPage::tellPredictOptions()
{
    PredictOptions predicting;
    predicting.mode = m_mode->currentIndex() == 1 ? PredictOptions::Mode::Exact : PredictOptions::Mode::Paper;
    predicting.device = options().device;
    emit predictOptionsChanged(predicting);
}

void MethodPage::loadPreset()
{
    const std::string name = m_preset->currentText().toStdString();
    const TrainOptions preset = TrainOptions::preset(name);
    m_preset->setToolTip(QString::fromStdString(ArchitectureSpec::presetDescription(name)));
    m_fraction->setValue(int(std::lround(preset.split.trainFraction * 100)));
    m_epochs->setValue(preset.epochs);
    m_batch->setValue(preset.batch);
    m_rate->setText(QString::number(preset.learningRate, 'g', 3));
    m_loss->setCurrentIndex(m_loss->findData(QString(lossName(preset.loss))));
    emit optionsChanged();
}

TrainOptions MethodPage::options() const
{
    TrainOptions options = TrainOptions::preset(m_preset->currentText().toStdString());
    options.split.trainFraction = m_fraction->value() / 100.0;
    options.epochs = m_epochs->value();
    options.batch = m_batch->value();
    options.learningRate = QLocale::c().toDouble(m_rate->text());
    options.loss = parseLoss(m_loss->currentData().toString().toStdString());
    options.device = m_device->currentData().toString().toStdString();
    options.seed = options.split.seed = std::uint64_t(m_seed->value());
    return options;
}

void MethodPage::setDevices(const std::vector<Device>& devices)
{
    m_device->clear();
    m_device->addItem(tr("automatic"), "auto");
    bool gpu = false;
    for (const auto& device : devices) {
        const QString text = QString::fromStdString(device.id + " · " + formatBytes(device.freeBytes) + " free");
        m_device->addItem(text, QString::fromStdString(device.id));
        m_device->setItemData(m_device->count() - 1,
            QString::fromStdString(device.name + ", " + formatBytes(device.totalBytes)), Qt::ToolTipRole);
        gpu = gpu || device.id.starts_with("cuda");
    }
    m_device->view()->setMinimumWidth(m_device->view()->sizeHintForColumn(0) + 24);
    if (!m_devicesKnown && gpu) // the study's network where there is a machine for it
        m_preset->setCurrentText("paper");
    m_devicesKnown = true;
}

void MethodPage::setTruthText(const QString& text, bool present)
{
    m_truth->setText(text);
    m_mask->setVisible(!present);
}

void MethodPage::setCostText(const QString& text)
{
    m_cost->setText(text);
}

void MethodPage::setModelText(const QString& text)
{
    m_model->setText(text);
}

void MethodPage::setState(bool hasRaw, bool hasTruth, bool hasModel, bool busy, bool training)
{
    m_train->setEnabled(hasRaw && hasTruth && !busy);
    m_train->setText(training ? tr("Training…") : tr("Train"));
    m_stop->setEnabled(busy);
    m_stop->setText(training || !busy ? tr("Stop and keep") : tr("Stop"));
    m_mask->setEnabled(hasRaw && !busy);
    m_predict->setVisible(hasModel);
    m_predict->setEnabled(hasRaw && !busy);
}

OverlayPage::OverlayPage(QWidget* parent)
    : QWidget(parent)
    , m_opacity(new QSlider(Qt::Horizontal, this))
    , m_percent(new QLabel(this))
    , m_style(new QComboBox(this))
    , m_display(new QComboBox(this))
{
    auto* form = newForm();
    form->setContentsMargins(12, 2, 12, 12);
    setLayout(form);
    auto* row = new QWidget(this);
    auto* rowLayout = new QHBoxLayout(row);
    rowLayout->setContentsMargins(0, 0, 0, 0);
    m_opacity->setRange(0, 100);
    m_opacity->setValue(45);
    m_opacity->setAccessibleName(tr("Opacity"));
    m_percent->setMinimumWidth(36);
    m_percent->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_percent->setFont(tabular(font()));
    rowLayout->addWidget(m_opacity, 1);
    rowLayout->addWidget(m_percent);
    for (const char* name : kStyles)
        m_style->addItem(tr(name));
    m_display->addItems({ tr("mask on raw"), tr("mask alone"), tr("error map"), tr("labels") });
    addRow(form, tr("Opacity"), row, tr("How much of the raw volume shows through"));
    addRow(form, tr("Style"), m_style, tr("How a mask is drawn"));
    addRow(form, tr("Show"), m_display,
        tr("Error map: where a mask and the ground truth disagree. Labels: each kind or object of a file in its own "
           "colour."));
    const auto follow = [this] {
        m_percent->setText(QString::number(m_opacity->value()) + " %");
        emit changed();
    };
    connect(m_opacity, &QSlider::valueChanged, this, follow);
    connect(m_style, &QComboBox::currentIndexChanged, this, follow);
    connect(m_display, &QComboBox::currentIndexChanged, this, follow);
    follow();
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

double OverlayPage::opacity() const
{
    return m_opacity->value() / 100.0;
}

OverlayStyle OverlayPage::style() const
{
    constexpr OverlayStyle styles[] = { OverlayStyle::FillAndOutline, OverlayStyle::Fill, OverlayStyle::Outline };
    return styles[std::clamp(m_style->currentIndex(), 0, 2)];
}

MaskDisplay OverlayPage::display() const
{
    constexpr MaskDisplay displays[]
        = { MaskDisplay::OverRaw, MaskDisplay::Alone, MaskDisplay::ErrorMap, MaskDisplay::Labels };
    return displays[std::clamp(m_display->currentIndex(), 0, 3)];
}

void OverlayPage::setState(double opacity, int style, int display)
{
    m_opacity->setValue(int(std::lround(opacity * 100)));
    m_style->setCurrentIndex(style);
    m_display->setCurrentIndex(display);
}

int OverlayPage::styleIndex() const
{
    return m_style->currentIndex();
}

int OverlayPage::displayIndex() const
{
    return m_display->currentIndex();
}

} // namespace interstice
