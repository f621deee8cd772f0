// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/movie.h"

#include <QDialog>

#include <functional>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QTableWidget;

namespace interstice {

/// What a movie of the 3-D view shows: a turn of the sample, or the way through views that were kept. Does not block the
/// window: one goes to the next view there.
class MovieDialog : public QDialog {
    Q_OBJECT

public:
    /// `state` says what the 3-D view shows now.
    MovieDialog(std::function<SceneState()> state, QWidget* parent);

    std::vector<KeyFrame> keys() const;
    MovieOptions options() const;

signals:
    void saveClicked(const interstice::SceneState& state, const std::vector<interstice::KeyFrame>& keys,
        const interstice::MovieOptions& options);
    /// A kept view is to be looked at again.
    void viewPicked(const interstice::KeyFrame& key);

private:
    void addView();
    void removeView();
    void showKeys();
    void showLength();

    std::function<SceneState()> m_state;
    std::vector<KeyFrame> m_views;
    QComboBox* m_kind;
    QDoubleSpinBox* m_seconds;
    QComboBox* m_size;
    QDoubleSpinBox* m_rate;
    QWidget* m_keys;
    QTableWidget* m_table;
    QPushButton* m_save;
    QLabel* m_length;
};

} // namespace interstice
