// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/classical_setup.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace interstice {

/// One of the study's methods that need no training: what it does, its few parameters, first steps, a live preview and
/// the button that applies it to the volume.
class ClassicalPage : public QWidget {
    Q_OBJECT

public:
    QString method() const { return m_method; }
    virtual ClassicalSetup setup() const = 0;
    /// The voxel's edge in the slice, for lengths in micrometres; 0 while unknown.
    void setMicrometresPerVoxel(double micrometres);
    /// What can be pressed.
    void setState(bool hasRaw, bool running);
    bool previewWanted() const;
    /// Unticks the preview without saying so.
    void endPreview();
    /// What it will need, or why it cannot.
    void setNote(const QString& text, bool problem = false);

signals:
    void setupChanged();
    void applyClicked();
    void stopClicked();
    void previewToggled(bool on);

protected:
    ClassicalPage(const QString& method, const QString& explanation, QWidget* parent);
    /// After the method's own rows.
    void finishRows();
    void watch(QSpinBox* box);
    void watch(QDoubleSpinBox* box);
    void watch(QComboBox* box);
    void watch(QCheckBox* box);
    PreprocessOptions firstSteps() const;
    /// Rows that show lengths in voxels say in their tool tip what that is in micrometres.
    virtual void showLengths(double) { }

    QFormLayout* m_form;

private:
    void showSmoothing();

    QString m_method;
    QComboBox* m_smooth;
    QDoubleSpinBox* m_amount;
    QCheckBox* m_rings;
    QCheckBox* m_preview;
    QLabel* m_note;
    QPushButton* m_apply;
    QPushButton* m_stop;
    QVBoxLayout* m_layout;
};

class KMeansPage : public ClassicalPage {
    Q_OBJECT

public:
    explicit KMeansPage(QWidget* parent = nullptr);
    ClassicalSetup setup() const override;

private:
    QSpinBox* m_clusters;
    QDoubleSpinBox* m_weight;
    QComboBox* m_threshold;
    QDoubleSpinBox* m_value;
    QSpinBox* m_starts;
    QSpinBox* m_seed;
};

class DepthMapPage : public ClassicalPage {
    Q_OBJECT

public:
    explicit DepthMapPage(QWidget* parent = nullptr);
    ClassicalSetup setup() const override;

protected:
    void showLengths(double micrometres) override;

private:
    double m_micrometres = 0;
    QSpinBox* m_window;
    QDoubleSpinBox* m_sigma;
    QComboBox* m_threshold;
    QDoubleSpinBox* m_value;
    QSpinBox* m_smallest;
};

class InitialMaskPage : public ClassicalPage {
    Q_OBJECT

public:
    explicit InitialMaskPage(QWidget* parent = nullptr);
    ClassicalSetup setup() const override;

private:
    QCheckBox* m_equalise;
    QDoubleSpinBox* m_clip;
    QSpinBox* m_tiles;
    QSpinBox* m_classes;
};

} // namespace interstice
