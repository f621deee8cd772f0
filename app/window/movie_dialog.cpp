// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/movie_dialog.h"

#include "app/window/form_rows.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace interstice {

namespace {

constexpr int kTurn = 0;
constexpr QSize kSizes[] = { { 1280, 720 }, { 1920, 1080 }, { 3840, 2160 }, { 1080, 1080 }, { 640, 360 } };
constexpr double kBetweenViews = 2; ///< seconds

} // namespace

MovieDialog::MovieDialog(std::function<SceneState()> state, QWidget* parent)
    : QDialog(parent)
    , m_state(std::move(state))
    , m_kind(new QComboBox(this))
    , m_seconds(realNumber(this, 1, 600, 8, 1, 1))
    , m_size(new QComboBox(this))
    , m_rate(realNumber(this, 1, 60, 25, 0, 1))
    , m_keys(new QWidget(this))
    , m_table(new QTableWidget(0, 2, m_keys))
    , m_save(new QPushButton(tr("Save…"), this))
    , m_length(note(this))
{
    setObjectName("movieDialog");
    setWindowTitle(tr("Movie"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_kind->setObjectName("movieKind");
    m_kind->addItems({ tr("A turn of the sample"), tr("A way through views") });
    for (const QSize& size : kSizes)
        m_size->addItem(QString("%1 × %2").arg(size.width()).arg(size.height()));
    m_seconds->setSuffix(tr(" s"));
    m_seconds->setObjectName("movieSeconds");
    m_table->setHorizontalHeaderLabels({ tr("Seconds"), tr("View") });
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->verticalHeader()->hide();
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Views of the movie"));
    m_table->setObjectName("movieViews");

    auto* form = newForm();
    addRow(form, tr("Length"), m_seconds, tr("Of the turn."));
    addRow(form, tr("Pixels"), m_size, tr("Of a frame."));
    addRow(form, tr("Per second"), m_rate, tr("Frames. 25 is smooth; 10 is enough for a slide and a small file."));
    auto* add = new QPushButton(tr("Keep this view"), m_keys);
    add->setObjectName("movieAdd");
    add->setToolTip(tr("The camera, the cut and the slices as they are now, two seconds after the last"));
    auto* remove = new QPushButton(tr("Remove"), m_keys);
    auto* keyButtons = new QHBoxLayout;
    keyButtons->addWidget(add);
    keyButtons->addWidget(remove);
    auto* keyLayout = new QVBoxLayout(m_keys);
    keyLayout->setContentsMargins(0, 0, 0, 0);
    keyLayout->addLayout(keyButtons);
    keyLayout->addWidget(m_table);
    m_save->setObjectName("primary");
    m_save->setDefault(true);
    auto* close = new QPushButton(tr("Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_save);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addWidget(m_kind);
    layout->addLayout(form);
    layout->addWidget(m_keys, 1);
    layout->addWidget(m_length);
    layout->addStretch(0);
    layout->addLayout(buttons);
    resize(360, 300);

    connect(m_kind, &QComboBox::activated, this, &MovieDialog::showKeys);
    for (QDoubleSpinBox* box : { m_seconds, m_rate })
        connect(box, &QDoubleSpinBox::valueChanged, this, &MovieDialog::showLength);
    connect(add, &QPushButton::clicked, this, &MovieDialog::addView);
    connect(remove, &QPushButton::clicked, this, &MovieDialog::removeView);
    connect(m_table, &QTableWidget::cellDoubleClicked, this, [this](int row, int column) {
        if (column == 1 && row < int(m_views.size()))
            emit viewPicked(m_views[std::size_t(row)]);
    });
    connect(m_table, &QTableWidget::itemChanged, this, [this](QTableWidgetItem* item) {
        if (item->column() != 0)
            return;
        bool number = false;
        const double seconds = item->text().toDouble(&number);
        if (number && seconds >= 0 && seconds <= 3600)
            m_views[std::size_t(item->row())].seconds = seconds;
        showKeys();
    });
    connect(m_save, &QPushButton::clicked, this, [this] { emit saveClicked(m_state(), keys(), options()); });
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    showKeys();
}

std::vector<KeyFrame> MovieDialog::keys() const
{
    if (m_kind->currentIndex() == kTurn)
        return turntable(m_state(), m_seconds->value());
    return m_views;
}

MovieOptions MovieDialog::options() const
{
    MovieOptions options;
    const QSize size = kSizes[m_size->currentIndex()];
    options.width = size.width();
    options.height = size.height();
    options.framesPerSecond = m_rate->value();
    options.scale = size.height() / 480.0;
    return options;
}

void MovieDialog::addView()
{
    m_views.push_back(keyFrameOf(m_state(), m_views.empty() ? 0 : m_views.back().seconds + kBetweenViews));
    showKeys();
}

void MovieDialog::removeView()
{
    const int row = m_table->currentRow();
    if (row < 0 || row >= int(m_views.size()))
        return;
    m_views.erase(m_views.begin() + row);
    showKeys();
}

void MovieDialog::showKeys()
{
    const bool turn = m_kind->currentIndex() == kTurn;
    m_keys->setVisible(!turn);
    m_seconds->setEnabled(turn);
    std::stable_sort(
        m_views.begin(), m_views.end(), [](const KeyFrame& a, const KeyFrame& b) { return a.seconds < b.seconds; });
    const QSignalBlocker quiet(m_table);
    m_table->setRowCount(int(m_views.size()));
    for (int row = 0; row < int(m_views.size()); ++row) {
        const KeyFrame& key = m_views[std::size_t(row)];
        m_table->setItem(row, 0, new QTableWidgetItem(QString::number(key.seconds)));
        const Vector3& d = key.camera.direction;
        auto* view = new QTableWidgetItem(tr("from %1, %2, %3%4")
                .arg(d[0], 0, 'f', 2)
                .arg(d[1], 0, 'f', 2)
                .arg(d[2], 0, 'f', 2)
                .arg(key.clip.whole() ? QString() : tr(", cut")));
        view->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        view->setToolTip(tr("Double-click to look at it again"));
        m_table->setItem(row, 1, view);
    }
    showLength();
}

void MovieDialog::showLength()
{
    const auto views = keys();
    m_save->setEnabled(!views.empty());
    if (views.empty()) {
        m_length->setText(tr("Turn the sample, keep views; the movie goes from one to the next."));
        return;
    }
    const int frames = frameCount(views, options());
    m_length->setText(tr("%1 frames, %2 s").arg(frames).arg(frames / m_rate->value(), 0, 'f', 1));
}

} // namespace interstice
