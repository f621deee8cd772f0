// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/augment.h"
#include "widgets/slice_loader.h"

#include <QDialog>

#include <vector>

class QCheckBox;
class QLabel;
class QPushButton;

namespace interstice {

class SliceView;

/// One sample as the network sees it, with its mask outlined.
struct SamplePicture {
    SliceImage slice;
    QString place; ///< which block it is
};

/// Ten samples as the training would show them to its network, and the switches of the augmentations. Does not block
/// the window.
class AugmentDialog : public QDialog {
    Q_OBJECT

public:
    static constexpr std::size_t kSamples = 10;

    explicit AugmentDialog(QWidget* parent);

    AugmentOptions augment() const;
    /// Switches as they are elsewhere; nothing is signalled.
    void setAugment(const AugmentOptions& augment);
    void showSamples(const std::vector<SamplePicture>& samples);
    void showBusy();
    /// Why there is nothing to see.
    void showProblem(const QString& problem);
    const std::vector<SliceView*>& samples() const { return m_views; }

signals:
    void augmentChanged();
    void othersClicked();
    /// The dialog is seen again after it was closed.
    void opened();

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* switches();
    void fit();

    std::vector<QCheckBox*> m_switches; ///< in the order of AugmentOptions::names
    std::vector<SliceView*> m_views;
    QLabel* m_state;
    QPushButton* m_others;
};

} // namespace interstice
