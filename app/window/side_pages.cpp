// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/side_pages.h"

#include "app/window/form_rows.h"
#include "base/file.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QListWidget>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QSlider>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <functional>

namespace interstice {

namespace {

constexpr int kColourRole = Qt::UserRole + 1;
constexpr int kValueRole = Qt::UserRole + 2;
const char* const kStyles[] = { "fill + outline", "fill", "outline" };

/// Swatch, name, value at the right.
class DataDelegate : public QStyledItemDelegate {
public:
    using Clicked = std::function<void(const QString& id, const QPoint& place)>;
    DataDelegate(QAbstractItemView* view, Clicked swatchClicked)
        : QStyledItemDelegate(view)
        , m_view(view)
        , m_swatchClicked(std::move(swatchClicked))
    {
    }

    bool editorEvent(
        QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override
    {
        if (event->type() == QEvent::MouseButtonRelease) {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (mouse->button() == Qt::LeftButton && mouse->position().x() < option.rect.left() + kSwatchRoom) {
                m_swatchClicked(index.data(Qt::UserRole).toString(),
                    m_view->viewport()->mapToGlobal(QPoint(option.rect.left() + 7, option.rect.bottom())));
                return true;
            }
        }
        return QStyledItemDelegate::editorEvent(event, model, option, index);
    }

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

private:
    static constexpr int kSwatchRoom = 24;
    QAbstractItemView* m_view;
    Clicked m_swatchClicked;
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
    const auto wantColour = [this](const QString& id, const QPoint& place) {
        if (id != kRawId)
            emit colourWanted(id, place);
    };
    m_list->setItemDelegate(new DataDelegate(m_list, wantColour));
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_list, &QListWidget::customContextMenuRequested, this, [this, wantColour](const QPoint& at) {
        if (const QListWidgetItem* item = m_list->itemAt(at))
            wantColour(item->data(Qt::UserRole).toString(), m_list->viewport()->mapToGlobal(at));
    });
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Data"));
    m_list->setToolTip(tr("Double-click to see one alone, click its square for another colour"));
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
            add(method.id, method.name, colourOf(workspace.looks().colour(method.id)), value, layer->label);
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

OverlayPage::OverlayPage(QWidget* parent)
    : QWidget(parent)
    , m_opacity(new QSlider(Qt::Horizontal, this))
    , m_percent(new QLabel(this))
    , m_style(new QComboBox(this))
    , m_display(new QComboBox(this))
    , m_split(new QCheckBox(this))
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
    m_split->setObjectName("showSplit");
    addRow(form, tr("Training blocks"), m_split,
        tr("Draws on the slices what trains (blue), validates (violet) and is kept free around both (ochre); all else "
           "tests (B)."));
    connect(m_split, &QCheckBox::toggled, this, &OverlayPage::splitToggled);
    auto* labels = new QPushButton(tr("Choose…"), this);
    labels->setObjectName("chooseLabels");
    addRow(form, tr("Labels"), labels, tr("Which labels of a mask are shown, in slices, 3-D and figures"));
    connect(labels, &QPushButton::clicked, this, &OverlayPage::labelsClicked);
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

bool OverlayPage::splitShown() const
{
    return m_split->isChecked();
}

void OverlayPage::setSplitShown(bool shown)
{
    m_split->setChecked(shown);
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
