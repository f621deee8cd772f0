// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/score_table.h"

#include "widgets/theme.h"

#include <QEvent>
#include <QFontMetrics>
#include <QHeaderView>
#include <QScrollBar>
#include <QSortFilterProxyModel>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr int kRowHeight = 26;
constexpr int kPadding = 10; ///< beside a number
constexpr int kIndicator = 11; ///< the arrow of the column that is sorted by
constexpr int kNameLeast = 96;
constexpr int kNameMost = 128; ///< while other columns want for room
constexpr int kDot = 10;

/// By the numbers, with rows that have none below the others whichever way they are sorted.
class SortedScores : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        if (left.column() == int(ScoreColumn::Method))
            return QSortFilterProxyModel::lessThan(left, right);
        const double a = left.data(Qt::UserRole).toDouble();
        const double b = right.data(Qt::UserRole).toDouble();
        if (!std::isfinite(a) || !std::isfinite(b))
            return sortOrder() == Qt::AscendingOrder ? std::isfinite(a) && !std::isfinite(b)
                                                     : !std::isfinite(a) && std::isfinite(b);
        return a < b;
    }
};

void dress(QTableView& view)
{
    view.setFont(tabular(resized(view.font(), -0.5)));
    view.setSortingEnabled(true);
    view.verticalHeader()->hide();
    view.verticalHeader()->setDefaultSectionSize(kRowHeight);
    view.horizontalHeader()->setFont(resized(view.font(), -1));
    view.horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view.horizontalHeader()->setHighlightSections(false);
    view.horizontalHeader()->setMinimumSectionSize(30);
    view.setSelectionBehavior(QTableView::SelectRows);
    view.setShowGrid(false);
    view.setFrameShape(QFrame::NoFrame);
    view.setIconSize({ kDot, kDot });
    view.setEditTriggers(QTableView::NoEditTriggers);
}

} // namespace

ScoreTable::ScoreTable(QWidget* parent)
    : QTableView(parent)
    , m_model(new ScoreModel(this))
    , m_sorted(new SortedScores(this))
    , m_names(new QTableView(this))
{
    setObjectName("plain");
    setAccessibleName(tr("Scores"));
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(Qt::UserRole);
    setModel(m_sorted);
    dress(*this);
    setHorizontalScrollMode(ScrollPerPixel);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    buildNames();
    sortByColumn(int(ScoreColumn::Dice), Qt::DescendingOrder);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ScoreTable::arrangeColumns);
    connect(m_model, &QAbstractItemModel::headerDataChanged, this, &ScoreTable::arrangeColumns);
}

void ScoreTable::buildNames()
{
    m_names->setObjectName("names");
    m_names->setModel(m_sorted);
    m_names->setSelectionModel(selectionModel());
    dress(*m_names);
    m_names->setFont(font());
    m_names->horizontalHeader()->setFont(horizontalHeader()->font());
    m_names->setFocusPolicy(Qt::NoFocus);
    m_names->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_names->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (int c = 1; c < m_sorted->columnCount(); ++c)
        m_names->setColumnHidden(c, true);
    m_names->hide();
    connect(verticalScrollBar(), &QScrollBar::valueChanged, m_names->verticalScrollBar(), &QScrollBar::setValue);
    connect(m_names->verticalScrollBar(), &QScrollBar::valueChanged, verticalScrollBar(), &QScrollBar::setValue);
    // Either header sorts; both show by what.
    connect(
        m_names->horizontalHeader(), &QHeaderView::sortIndicatorChanged, horizontalHeader(), &QHeaderView::setSortIndicator);
    connect(
        horizontalHeader(), &QHeaderView::sortIndicatorChanged, m_names->horizontalHeader(), &QHeaderView::setSortIndicator);
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, this, &ScoreTable::placeNames);
}

int ScoreTable::widthFor(int column) const
{
    const QFontMetrics numbers(font());
    const QFontMetrics titles(horizontalHeader()->font());
    int wide
        = titles.horizontalAdvance(m_sorted->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()) + kIndicator;
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        wide = std::max(
            wide, numbers.horizontalAdvance(m_sorted->index(row, column).data().toString()) + (column == 0 ? kDot + 8 : 0));
    return wide + kPadding;
}

void ScoreTable::arrangeColumns()
{
    const int room = viewport()->width();
    const int columns = m_sorted->columnCount();
    const int name = widthFor(0);
    std::vector<int> widths { std::clamp(name, kNameLeast, kNameMost) };
    int used = widths[0]; // by those columns that are in sight as a whole
    int seen = 1;
    for (int c = 1; c < columns; ++c) {
        widths.push_back(widthFor(c));
        if (seen == c && (used + widths.back() <= room || c == 1)) {
            used += widths.back();
            ++seen;
        }
    }
    m_scrolls = seen < columns;
    // What is left over shows the whole of the longest name, then goes to all numbers alike: no number is cut
    // off at the right edge, where it would read as another one.
    if (used < room && seen > 1) {
        const int more = std::clamp(name - widths[0], 0, room - used);
        widths[0] += more;
        used += more;
        const int each = (room - used) / (seen - 1);
        for (int c = 1; c < seen; ++c)
            widths[std::size_t(c)] += each;
        widths[0] += room - used - each * (seen - 1);
    }
    for (int c = 0; c < columns; ++c)
        setColumnWidth(c, widths[std::size_t(c)]);
    m_names->setColumnWidth(0, widths[0]);
    placeNames();
    updateGeometry(); // the scroll bar takes a row's worth of height
}

void ScoreTable::placeNames()
{
    // Needed only while something has been scrolled under them.
    const bool needed = m_scrolls && horizontalScrollBar()->value() > 0;
    if (needed) {
        const int header = horizontalHeader()->height();
        m_names->horizontalHeader()->setFixedHeight(header);
        m_names->setGeometry(frameWidth(), frameWidth(), columnWidth(0), header + viewport()->height());
        m_names->verticalScrollBar()->setValue(verticalScrollBar()->value());
        m_names->raise();
    }
    m_names->setVisible(needed);
}

QSize ScoreTable::sizeHint() const
{
    const int rows = std::max(2, m_model->rowCount());
    return { 300,
        horizontalHeader()->sizeHint().height() + rows * verticalHeader()->defaultSectionSize() + 2
            + (m_scrolls ? horizontalScrollBar()->sizeHint().height() : 0) };
}

void ScoreTable::scrollTo(const QModelIndex& index, ScrollHint hint)
{
    QTableView::scrollTo(index, hint);
    if (!index.isValid() || index.column() == 0)
        return;
    const int hidden = columnWidth(0) - visualRect(index).left();
    if (hidden > 0)
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - hidden);
}

void ScoreTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    arrangeColumns();
}

void ScoreTable::changeEvent(QEvent* event)
{
    QTableView::changeEvent(event);
    if ((event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) && m_names)
        arrangeColumns();
}

} // namespace interstice
