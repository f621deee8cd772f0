// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"

#include <QDialog>
#include <QTimer>

#include <functional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace interstice {

/// The views as a figure for print: what goes in, how wide, how fine; with a preview. Does not block the window.
class FigureDialog : public QDialog {
    Q_OBJECT

public:
    /// `panels` says what the views show now; the first of `presets` is that, the others change it.
    FigureDialog(const QStringList& presets, std::function<std::vector<FigurePanel>()> panels, QWidget* parent);

    FigureSpec spec() const;
    /// What the views show has changed.
    void refreshSoon();

signals:
    void presetChosen(int index);
    void saveClicked(const interstice::FigureSpec& spec);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();

    std::function<std::vector<FigurePanel>()> m_panels;
    QComboBox* m_preset;
    QDoubleSpinBox* m_width;
    QSpinBox* m_dpi;
    QSpinBox* m_columns;
    QDoubleSpinBox* m_points;
    QComboBox* m_background;
    QCheckBox* m_letters;
    QCheckBox* m_captions;
    QCheckBox* m_scaleBar;
    QCheckBox* m_colourBars;
    QLabel* m_preview;
    QLabel* m_size;
    QTimer m_soon;
};

} // namespace interstice
