// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

#include <vector>

class QChart;
class QChartView;
class QGraphicsSimpleTextItem;
class QLineSeries;
class QScatterSeries;
class QValueAxis;

namespace interstice {

/// One epoch's figures.
struct EpochPoint {
    int epoch = 0;
    double trainLoss = 0;
    double validationLoss = 0;
    double trainDice = 0;
    double validationDice = 0;
    bool best = false;
    /// Of each class but the background on validation blocks, where there are more than two classes.
    std::vector<double> validationDicePerClass {};
};

/// Loss and Dice over the epochs: training solid, validation dashed, the best epoch marked. With several classes the Dice
/// of each on validation in its label's colour.
class TrainingPlot : public QWidget {
    Q_OBJECT

public:
    explicit TrainingPlot(QWidget* parent = nullptr);

    void clear();
    /// The axis is as long as the training will be.
    void setPlannedEpochs(int epochs);
    void addEpoch(const EpochPoint& point);
    int epochs() const { return m_epochs; }
    /// Curves of single classes.
    int classes() const { return static_cast<int>(m_classes.size()); }
    QSize sizeHint() const override { return { 300, 216 }; }

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void applyColours();
    void placeBestLabel();
    QLineSeries* seriesOfClass(std::size_t number);

    QChartView* m_view;
    QChart* m_chart;
    QLineSeries* m_trainLoss;
    QLineSeries* m_validationLoss;
    QLineSeries* m_trainDice;
    QLineSeries* m_validationDice;
    std::vector<QLineSeries*> m_classes; ///< of labels 1, 2, …
    QScatterSeries* m_best;
    QValueAxis* m_epochAxis;
    QValueAxis* m_lossAxis;
    QValueAxis* m_diceAxis;
    QGraphicsSimpleTextItem* m_bestLabel;
    int m_epochs = 0;
    int m_planned = 10;
};

} // namespace interstice
