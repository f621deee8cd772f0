// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_strip.h"

#include "widgets/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kSide = 14;
constexpr double kUseHeight = 12;

QColor colourOf(Rgb rgb)
{
    return { rgb.r, rgb.g, rgb.b };
}

} // namespace

SliceStrip::SliceStrip(QWidget* parent)
    : QWidget(parent)
{
    setFont(resized(font(), -1));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    setAccessibleName(tr("Dice by slice"));
}

void SliceStrip::setSlices(std::int64_t count)
{
    m_count = count;
    update();
}

void SliceStrip::setCurrent(std::int64_t index)
{
    m_current = index;
    update();
}

void SliceStrip::setCurves(std::vector<Curve> curves)
{
    m_curves = std::move(curves);
    update();
}

void SliceStrip::setUses(std::vector<SliceUse> uses)
{
    m_uses = std::move(uses);
    update();
}

std::int64_t SliceStrip::nextWorst() const
{
    std::vector<std::pair<double, std::int64_t>> ranked;
    for (std::int64_t z = 0; z < m_count; ++z) {
        double worst = 2;
        for (const auto& curve : m_curves) {
            if (z < static_cast<std::int64_t>(curve.dice.size()) && !std::isnan(curve.dice[static_cast<std::size_t>(z)]))
                worst = std::min(worst, curve.dice[static_cast<std::size_t>(z)]);
        }
        if (worst <= 1)
            ranked.emplace_back(worst, z);
    }
    if (ranked.empty())
        return -1;
    std::sort(ranked.begin(), ranked.end());
    const auto here
        = std::find_if(ranked.begin(), ranked.end(), [this](const auto& entry) { return entry.second == m_current; });
    // From a slice that is not among the worst tenth, begin with the very worst.
    const auto tenth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(5, ranked.size() / 10));
    if (here == ranked.end() || here - ranked.begin() >= std::min<std::ptrdiff_t>(tenth, std::ssize(ranked))
        || here + 1 == ranked.end())
        return ranked.front().second;
    return (here + 1)->second;
}

QRectF SliceStrip::useArea() const
{
    return { kSide, height() - 12 - kUseHeight, width() - 2 * kSide, kUseHeight };
}

QRectF SliceStrip::curveArea() const
{
    const double top = QFontMetricsF(font()).height() + 12;
    return { kSide, top, width() - 2 * kSide, useArea().top() - 7 - top };
}

std::int64_t SliceStrip::sliceAt(double x) const
{
    const QRectF area = useArea();
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>((x - area.left()) / area.width() * double(m_count)), 0, m_count - 1);
}

double SliceStrip::leftOf(std::int64_t slice) const
{
    const QRectF area = useArea();
    return std::floor(area.left() + double(slice) / double(m_count) * area.width());
}

QPoint SliceStrip::placeOf(std::int64_t slice) const
{
    const QRectF area = useArea();
    return { int(area.left() + (double(slice) + 0.5) / double(m_count) * area.width()), int(area.center().y()) };
}

QString SliceStrip::heading() const
{
    if (!m_slabs.empty())
        return tr("Slabs that train  —  click or drag; arrow keys and Space");
    if (m_count == 0)
        return tr("Dice by slice");
    return m_curves.empty() ? tr("Dice by slice  —  appears with a ground truth and a mask")
                            : tr("Dice by slice  —  click to jump, N next worst");
}

void SliceStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Window));
    painter.fillRect(QRectF(0, 0, width(), 1), palette().color(QPalette::Mid));
    painter.setRenderHint(QPainter::Antialiasing);
    const double baseline = 7 + QFontMetricsF(font()).ascent();
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(QPointF(kSide, baseline), heading());
    if (m_count == 0)
        return;
    if (!m_curves.empty())
        paintCurves(painter, baseline);
    paintUses(painter);
    if (!m_uses.empty())
        paintKeys(painter, baseline);
    const QRectF curves = curveArea();
    const QRectF uses = useArea();
    const double x = uses.left() + (double(m_current) + 0.5) / double(m_count) * uses.width();
    painter.fillRect(
        QRectF(x - 1, curves.top(), 2, uses.bottom() + 4 - curves.top()), palette().color(QPalette::WindowText));
    paintSlabs(painter);
}

void SliceStrip::paintCurves(QPainter& painter, double baseline)
{
    const QRectF curves = curveArea();
    double low = 1;
    for (const auto& curve : m_curves) {
        for (const double dice : curve.dice)
            low = std::isnan(dice) ? low : std::min(low, dice);
    }
    // The axis begins at a round number below the worst slice, so that good methods can be told apart.
    low = std::max(0.0, std::floor(std::min(low, 0.95) * 10) / 10);
    const auto yOf = [&](double dice) { return curves.bottom() - (dice - low) / (1 - low) * curves.height(); };
    painter.setFont(tabular(font()));
    painter.setPen(QPen(palette().color(QPalette::Mid), 1));
    for (const double level : { low, 1.0 })
        painter.drawLine(QPointF(curves.left(), yOf(level)), QPointF(curves.right(), yOf(level)));
    const auto xOf = [&](std::size_t z) { return curves.left() + (double(z) + 0.5) / double(m_count) * curves.width(); };
    for (const auto& curve : m_curves) {
        QPainterPath path;
        bool begun = false;
        for (std::size_t z = 0; z < curve.dice.size(); ++z) {
            if (std::isnan(curve.dice[z])) {
                begun = false;
                continue;
            }
            const QPointF point(xOf(z), yOf(curve.dice[z]));
            if (begun)
                path.lineTo(point);
            else
                path.moveTo(point);
            begun = true;
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colourOf(curve.colour), 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPath(path);
    }
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const QString range = tr("%1 … 1").arg(low, 0, 'f', 1);
    painter.drawText(QPointF(width() - kSide - QFontMetricsF(painter.font()).horizontalAdvance(range), baseline), range);
}

void SliceStrip::paintUses(QPainter& painter)
{
    const QRectF uses = useArea();
    painter.fillRect(uses, palette().color(QPalette::Midlight));
    for (std::size_t z = 0; z < m_uses.size(); ++z) {
        const double left = leftOf(std::int64_t(z));
        const double right = leftOf(std::int64_t(z + 1));
        double bottom = uses.bottom();
        const auto stack = [&](double share, Rgb colour) {
            // Blocks are a small part of each slice; what is there must be seen.
            const double high = share > 0 ? std::min(std::max(share * uses.height(), 3.0), bottom - uses.top()) : 0;
            painter.fillRect(QRectF(left, bottom - high, right - left, high), colourOf(colour));
            bottom -= high;
        };
        stack(m_uses[z].training, kTrainingColour);
        stack(m_uses[z].validation, kValidationColour);
        stack(m_uses[z].guard, kGuardColour);
    }
}

void SliceStrip::paintSlabs(QPainter& painter)
{
    const QRectF uses = useArea();
    for (std::size_t i = 0; i < m_slabs.size(); ++i) {
        const SliceSlab& slab = m_slabs[i];
        const QRectF cell(QPointF(leftOf(slab.first), uses.top()), QPointF(leftOf(slab.first + slab.count), uses.bottom()));
        painter.fillRect(QRectF(cell.right() - 1, cell.top(), 1, cell.height()), palette().color(QPalette::Window));
        if (slab.chosen) // also where another colour hides it
            painter.fillRect(QRectF(cell.left(), cell.bottom() + 1, cell.width() - 1, 2), colourOf(kTrainingColour));
        if (hasFocus() && int(i) == m_slab) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(palette().color(QPalette::Accent), 2));
            painter.drawRoundedRect(cell.adjusted(-1, -2, 0, 4), 3, 3);
        }
    }
}

void SliceStrip::paintKeys(QPainter& painter, double baseline)
{
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    double x = std::max(width() / 2.0, kSide + metrics.horizontalAdvance(heading()) + 24);
    const struct {
        QColor colour;
        QString text;
    } keys[] = { { colourOf(kTrainingColour), tr("training") }, { colourOf(kValidationColour), tr("validation") },
        { colourOf(kGuardColour), tr("guard") }, { palette().color(QPalette::Midlight), tr("test") } };
    for (const auto& key : keys) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(key.colour);
        painter.drawRoundedRect(QRectF(x, baseline - 8, 8, 8), 2, 2);
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(QPointF(x + 12, baseline), key.text);
        x += 24 + metrics.horizontalAdvance(key.text);
    }
}

void SliceStrip::setSlabs(std::vector<SliceSlab> slabs)
{
    if (slabs == m_slabs)
        return;
    m_slabs = std::move(slabs);
    m_slab = std::clamp(m_slab, 0, std::max(0, int(m_slabs.size()) - 1));
    setFocusPolicy(m_slabs.empty() ? Qt::NoFocus : Qt::StrongFocus);
    setAccessibleName(m_slabs.empty() ? tr("Dice by slice") : tr("Slabs that train"));
    update();
}

int SliceStrip::slabAt(std::int64_t slice) const
{
    for (std::size_t i = 0; i < m_slabs.size(); ++i) {
        if (m_slabs[i].first <= slice && slice < m_slabs[i].first + m_slabs[i].count)
            return int(i);
    }
    return -1;
}

void SliceStrip::choose(int slab, bool chosen)
{
    if (slab < 0)
        return;
    m_slab = slab;
    update();
    if (m_slabs[std::size_t(slab)].chosen == chosen)
        return;
    m_slabs[std::size_t(slab)].chosen = chosen;
    emit slabsChosen();
}

void SliceStrip::mousePressEvent(QMouseEvent* event)
{
    if (m_count == 0 || event->button() != Qt::LeftButton)
        return;
    const std::int64_t slice = sliceAt(event->position().x());
    if (m_slabs.empty() || event->position().y() < useArea().top() - 4) {
        m_drag = Drag::Slice;
        emit slicePicked(slice);
        return;
    }
    const int slab = slabAt(slice);
    m_drag = slab >= 0 && m_slabs[std::size_t(slab)].chosen ? Drag::Drop : Drag::Choose;
    choose(slab, m_drag == Drag::Choose);
}

void SliceStrip::mouseMoveEvent(QMouseEvent* event)
{
    if (m_count == 0 || !(event->buttons() & Qt::LeftButton))
        return;
    const std::int64_t slice = sliceAt(event->position().x());
    if (m_drag == Drag::Slice)
        emit slicePicked(slice);
    else if (m_drag != Drag::None)
        choose(slabAt(slice), m_drag == Drag::Choose);
}

void SliceStrip::mouseReleaseEvent(QMouseEvent*)
{
    m_drag = Drag::None;
}

void SliceStrip::keyPressEvent(QKeyEvent* event)
{
    if (m_slabs.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const int last = int(m_slabs.size()) - 1;
    const auto go = [&](int slab) {
        m_slab = std::clamp(slab, 0, last);
        const SliceSlab& at = m_slabs[std::size_t(m_slab)];
        update();
        emit slicePicked(at.first + at.count / 2);
    };
    switch (event->key()) {
    case Qt::Key_Left:
        return go(m_slab - 1);
    case Qt::Key_Right:
        return go(m_slab + 1);
    case Qt::Key_Home:
        return go(0);
    case Qt::Key_End:
        return go(last);
    case Qt::Key_Space:
        return choose(m_slab, !m_slabs[std::size_t(m_slab)].chosen);
    default:
        QWidget::keyPressEvent(event);
    }
}

bool SliceStrip::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_count == 0)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t z = sliceAt(help->pos().x());
    QString text = tr("Slice %1").arg(z + 1);
    if (z < std::ssize(m_uses)) {
        const SliceUse& use = m_uses[std::size_t(z)];
        const auto percent = [](double share) { return QString::number(100 * share, 'f', 0); };
        text += "\n"
            + tr("%1 % training, %2 % validation, %3 % guard, %4 % test")
                  .arg(percent(use.training), percent(use.validation), percent(use.guard),
                      percent(std::max(0.0, 1 - use.training - use.validation - use.guard)));
    }
    if (const int at = slabAt(z); at >= 0) {
        const SliceSlab& slab = m_slabs[std::size_t(at)];
        text += "\n"
            + (slab.chosen ? tr("Slices %1 to %2 train: click to leave them out")
                           : tr("Slices %1 to %2 do not train: click to let them"))
                  .arg(slab.first + 1)
                  .arg(slab.first + slab.count);
    }
    for (const auto& curve : m_curves) {
        const auto i = static_cast<std::size_t>(z);
        if (i < curve.dice.size())
            text += "\n" + curve.name + ": "
                + (std::isnan(curve.dice[i]) ? tr("not scored") : QString::number(curve.dice[i], 'f', 3));
    }
    QToolTip::showText(help->globalPos(), text, this);
    return true;
}

} // namespace interstice
