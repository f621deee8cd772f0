// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_strip.h"

#include "widgets/theme.h"

#include <QHelpEvent>
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

const QColor kTraining(0x2f, 0x7f, 0xc4);
const QColor kValidation(0x8d, 0x78, 0xd6);
const QColor kGuard(0xa8, 0x8c, 0x2c);

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

void SliceStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Window));
    painter.fillRect(QRectF(0, 0, width(), 1), palette().color(QPalette::Mid));
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetricsF metrics(font());
    const double baseline = 7 + metrics.ascent();
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const QRectF curves = curveArea();
    const QRectF uses = useArea();
    double low = 1;
    for (const auto& curve : m_curves) {
        for (const double dice : curve.dice)
            low = std::isnan(dice) ? low : std::min(low, dice);
    }
    const bool scored = !m_curves.empty();
    painter.drawText(QPointF(kSide, baseline),
        m_count == 0 ? tr("Dice by slice")
            : scored ? tr("Dice by slice  —  click to jump, N next worst")
                     : tr("Dice by slice  —  appears with a ground truth and a mask"));
    if (m_count == 0)
        return;
    if (scored) {
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
            painter.setPen(QPen(
                QColor(curve.colour.r, curve.colour.g, curve.colour.b), 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.drawPath(path);
        }
        painter.setPen(palette().color(QPalette::PlaceholderText));
        const QString range = tr("%1 … 1").arg(low, 0, 'f', 1);
        painter.drawText(QPointF(width() - kSide - QFontMetricsF(painter.font()).horizontalAdvance(range), baseline), range);
    }
    painter.setRenderHint(QPainter::Antialiasing); // shares are fractions of a pixel
    const QColor test = palette().color(QPalette::Midlight);
    painter.fillRect(uses, test);
    for (std::size_t z = 0; z < m_uses.size(); ++z) {
        const double left = std::floor(uses.left() + double(z) / double(m_count) * uses.width());
        const double right = std::floor(uses.left() + double(z + 1) / double(m_count) * uses.width());
        double bottom = uses.bottom();
        const auto stack = [&](double share, const QColor& colour) {
            // Blocks are a small part of each slice; what is there must be seen.
            const double high = share > 0 ? std::min(std::max(share * uses.height(), 3.0), bottom - uses.top()) : 0;
            painter.fillRect(QRectF(left, bottom - high, right - left, high), colour);
            bottom -= high;
        };
        stack(m_uses[z].training, kTraining);
        stack(m_uses[z].validation, kValidation);
        stack(m_uses[z].guard, kGuard);
    }
    if (!m_uses.empty()) {
        painter.setFont(font());
        double x = width() / 2.0;
        const struct {
            QColor colour;
            QString text;
        } keys[] = { { kTraining, tr("training") }, { kValidation, tr("validation") }, { kGuard, tr("guard") },
            { test, tr("test") } };
        painter.setRenderHint(QPainter::Antialiasing);
        for (const auto& key : keys) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(key.colour);
            painter.drawRoundedRect(QRectF(x, baseline - 8, 8, 8), 2, 2);
            painter.setPen(palette().color(QPalette::PlaceholderText));
            painter.drawText(QPointF(x + 12, baseline), key.text);
            x += 24 + metrics.horizontalAdvance(key.text);
        }
    }
    const double x = uses.left() + (double(m_current) + 0.5) / double(m_count) * uses.width();
    painter.fillRect(
        QRectF(x - 1, curves.top(), 2, uses.bottom() + 4 - curves.top()), palette().color(QPalette::WindowText));
}

void SliceStrip::mousePressEvent(QMouseEvent* event)
{
    if (m_count > 0 && event->button() == Qt::LeftButton)
        emit slicePicked(sliceAt(event->position().x()));
}

void SliceStrip::mouseMoveEvent(QMouseEvent* event)
{
    if (m_count > 0 && (event->buttons() & Qt::LeftButton))
        emit slicePicked(sliceAt(event->position().x()));
}

bool SliceStrip::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_count == 0)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t z = sliceAt(help->pos().x());
    QString text = tr("Slice %1").arg(z + 1);
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
