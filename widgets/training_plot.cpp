// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/training_plot.h"

#include "picture/colour_maps.h"
#include "widgets/theme.h"

#include <QChart>
#include <QChartView>
#include <QEvent>
#include <QGraphicsLayout>
#include <QGraphicsSimpleTextItem>
#include <QLegend>
#include <QLegendMarker>
#include <QLineSeries>
#include <QPainter>
#include <QScatterSeries>
#include <QVBoxLayout>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

const QColor kLossColour(0xe6, 0x9f, 0x00);
const QColor kDiceColour(0x4a, 0xa3, 0xe0);

/// The next of 1, 2, 5 × 10ⁿ: axes end at numbers that people read at once.
double niceAbove(double value)
{
    const double decade = std::pow(10, std::floor(std::log10(std::max(value, 1e-6))));
    for (const double step : { 1.0, 2.0, 5.0, 10.0 }) {
        if (step * decade >= value)
            return step * decade;
    }
    return 10 * decade;
}

} // namespace

TrainingPlot::TrainingPlot(QWidget* parent)
    : QWidget(parent)
    , m_view(new QChartView(this))
    , m_chart(new QChart)
    , m_trainLoss(new QLineSeries(m_chart))
    , m_validationLoss(new QLineSeries(m_chart))
    , m_trainDice(new QLineSeries(m_chart))
    , m_validationDice(new QLineSeries(m_chart))
    , m_best(new QScatterSeries(m_chart))
    , m_epochAxis(new QValueAxis(m_chart))
    , m_lossAxis(new QValueAxis(m_chart))
    , m_diceAxis(new QValueAxis(m_chart))
    , m_bestLabel(new QGraphicsSimpleTextItem(m_chart))
{
    setAccessibleName(tr("Training curves"));
    m_view->setChart(m_chart);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setBackgroundBrush(Qt::NoBrush);
    m_view->setStyleSheet("background: transparent");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(m_view);
    setMinimumHeight(190);
    m_chart->setMargins({ 4, 2, 6, 2 });
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->setBackgroundVisible(false);
    m_trainLoss->setName(tr("loss"));
    m_validationLoss->setName(tr("validation"));
    m_trainDice->setName(tr("Dice"));
    m_validationDice->setName(tr("Dice, validation"));
    m_best->setName(tr("best"));
    m_best->setMarkerSize(8);
    const std::pair<QLineSeries*, QValueAxis*> lines[] = { { m_trainLoss, m_lossAxis }, { m_validationLoss, m_lossAxis },
        { m_trainDice, m_diceAxis }, { m_validationDice, m_diceAxis } };
    m_chart->addAxis(m_epochAxis, Qt::AlignBottom);
    m_chart->addAxis(m_lossAxis, Qt::AlignLeft);
    m_chart->addAxis(m_diceAxis, Qt::AlignRight);
    for (const auto& [series, axis] : lines) {
        m_chart->addSeries(series);
        series->attachAxis(m_epochAxis);
        series->attachAxis(axis);
        const bool loss = axis == m_lossAxis;
        QPen pen(loss ? kLossColour : kDiceColour, 1.8);
        if (series == m_validationLoss || series == m_validationDice)
            pen.setDashPattern({ 3, 2.2 });
        series->setPen(pen);
    }
    m_chart->addSeries(m_best);
    m_best->attachAxis(m_epochAxis);
    m_best->attachAxis(m_diceAxis);
    m_chart->legend()->setAlignment(Qt::AlignBottom);
    m_chart->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
    // Dashes mean validation in both colours; the best epoch is labelled in the plot.
    for (QAbstractSeries* series :
        { static_cast<QAbstractSeries*>(m_validationDice), static_cast<QAbstractSeries*>(m_best) }) {
        for (auto* marker : m_chart->legend()->markers(series))
            marker->setVisible(false);
    }
    m_diceAxis->setRange(0, 1);
    m_diceAxis->setTickCount(3);
    m_diceAxis->setLabelFormat("%.1f");
    m_diceAxis->setTitleText(tr("Dice"));
    m_lossAxis->setRange(0, 1);
    m_lossAxis->setTickCount(3);
    m_lossAxis->setTitleText(tr("loss"));
    m_epochAxis->setLabelFormat("%d");
    m_epochAxis->setTitleText(tr("epoch"));
    m_diceAxis->setGridLineVisible(false);
    applyColours();
    clear();
}

void TrainingPlot::clear()
{
    for (auto* series : { m_trainLoss, m_validationLoss, m_trainDice, m_validationDice })
        series->clear();
    for (QLineSeries* series : m_classes) {
        m_chart->removeSeries(series);
        delete series;
    }
    m_classes.clear();
    m_best->clear();
    m_bestLabel->setText({});
    m_epochs = 0;
    m_lossAxis->setRange(0, 1);
    m_view->hide();
    update();
}

void TrainingPlot::setPlannedEpochs(int epochs)
{
    m_planned = std::max(2, epochs);
    m_epochAxis->setRange(0, m_planned);
    // Whole epochs on the ticks.
    const int step = std::max(1, static_cast<int>(niceAbove(m_planned / 5.0)));
    m_epochAxis->setTickType(QValueAxis::TicksDynamic);
    m_epochAxis->setTickAnchor(0);
    m_epochAxis->setTickInterval(step);
}

void TrainingPlot::addEpoch(const EpochPoint& point)
{
    m_view->show();
    if (point.epoch > m_planned)
        setPlannedEpochs(point.epoch);
    m_trainLoss->append(point.epoch, point.trainLoss);
    m_validationLoss->append(point.epoch, point.validationLoss);
    m_trainDice->append(point.epoch, point.trainDice);
    m_validationDice->append(point.epoch, point.validationDice);
    for (std::size_t k = 0; k < point.validationDicePerClass.size(); ++k) {
        if (std::isfinite(point.validationDicePerClass[k])) // a class that is nowhere has none
            seriesOfClass(k)->append(point.epoch, point.validationDicePerClass[k]);
    }
    const double most = std::max(point.trainLoss, point.validationLoss);
    if (m_epochs == 0 || most > m_lossAxis->max())
        m_lossAxis->setRange(0, niceAbove(most));
    m_lossAxis->setLabelFormat(m_lossAxis->max() < 0.5 ? "%.2f" : "%.1f");
    ++m_epochs;
    if (point.best) {
        m_best->clear();
        m_best->append(point.epoch, point.validationDice);
        m_bestLabel->setText(tr("best %1").arg(point.epoch));
    }
    placeBestLabel();
}

QLineSeries* TrainingPlot::seriesOfClass(std::size_t number)
{
    while (m_classes.size() <= number) {
        auto* series = new QLineSeries(m_chart);
        const Rgb colour = labelColour(static_cast<std::uint32_t>(m_classes.size() + 1));
        QPen pen(QColor(colour.r, colour.g, colour.b), 1.4);
        pen.setDashPattern({ 1, 2 }); // loss and Dice have colours of labels
        series->setPen(pen);
        series->setName(tr("label %1").arg(m_classes.size() + 1));
        m_chart->addSeries(series);
        series->attachAxis(m_epochAxis);
        series->attachAxis(m_diceAxis);
        m_classes.push_back(series);
    }
    return m_classes[number];
}

void TrainingPlot::placeBestLabel()
{
    if (m_best->count() == 0)
        return;
    const QPointF at = m_chart->mapToPosition(m_best->at(0), m_best);
    const QRectF box = m_bestLabel->boundingRect();
    const QRectF plot = m_chart->plotArea();
    const double left
        = std::clamp(at.x() - box.width() / 2, plot.left() + 2, std::max(plot.left() + 2, plot.right() - box.width() - 2));
    const double above = at.y() - box.height() - 6;
    m_bestLabel->setPos(left, above > plot.top() ? above : at.y() + 8);
    m_bestLabel->setZValue(20);
}

void TrainingPlot::applyColours()
{
    const QColor text = palette().color(QPalette::WindowText);
    const QColor muted = palette().color(QPalette::PlaceholderText);
    const QFont small = tabular(resized(font(), -1.75));
    for (auto* axis : { m_epochAxis, m_lossAxis, m_diceAxis }) {
        axis->setLabelsColor(muted);
        axis->setLabelsFont(small);
        axis->setTitleFont(small);
        axis->setTitleBrush(muted);
        axis->setLinePen(QPen(palette().color(QPalette::Mid), 1));
        axis->setGridLinePen(QPen(palette().color(QPalette::Mid), 1));
    }
    m_epochAxis->setGridLineVisible(false);
    m_chart->legend()->setFont(small);
    m_chart->legend()->setLabelColor(muted);
    m_best->setColor(text);
    m_best->setBorderColor(palette().color(QPalette::Base));
    m_bestLabel->setBrush(text);
    m_bestLabel->setFont(small);
}

void TrainingPlot::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange)
        applyColours();
    QWidget::changeEvent(event);
}

void TrainingPlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placeBestLabel();
}

void TrainingPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Mid), 1));
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    if (m_epochs == 0) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(16, 8, -16, -8), Qt::AlignCenter | Qt::TextWordWrap,
            tr("Curves appear here while a network trains."));
    }
}

} // namespace interstice
