// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/classical_controller.h"
#include "app/window/command_line.h"
#include "app/window/methods.h"
#include "app/window/opener.h"
#include "app/window/pyramid_controller.h"
#include "app/window/scene_controller.h"
#include "app/window/train_controller.h"
#include "app/window/workspace.h"
#include "widgets/compare_view.h"

#include <QMainWindow>
#include <QPointer>
#include <QTimer>

class QDockWidget;
class QLabel;
class QSettings;
class QSplitter;
class QStackedWidget;

namespace interstice {

class AugmentController;
class ContrastPage;
class DataPage;
class FigureController;
class JobStatus;
class LabelsPage;
class LogPane;
class MessageBar;
class MethodPage;
class MethodsPanel;
class MovieController;
class MprView;
class OverlayPage;
class ResumeController;
class ScenePage;
class ScoresPage;
class SliceStrip;
class SplitController;
class StudyController;
class PhantomController;
class SweepController;
class SwipeBar;
class TrainingPlot;
class WelcomePage;
class WindowActions;

/// Builds the window, connects its parts and delegates to them.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `settings` keeps geometry, recent files and the like; all outlive the window.
    MainWindow(const MethodRegistry& methods, JobQueue& queue, SessionFolder& session, Theme& theme, QSettings& settings);
    ~MainWindow() override;

    /// Opens what the command line names and arranges the window as it says.
    void start(const CommandLine& line);
    /// Jobs done, slices drawn.
    bool settled() const;
    Workspace& workspace() { return m_workspace; }
    Opener& opener() { return *m_opener; }
    TrainController& trainer() { return m_trainer; }
    MethodsPanel& methodsPanel() { return *m_methodsPanel; }
    CompareView& views() { return *m_views; }
    MprView& mpr() { return *m_mpr; }
    SceneController& scene() { return *m_scene; }
    FigureController& figures() { return *m_figures; }
    MovieController& movies() { return *m_movies; }
    void setLayoutOfWindow(WindowLayout layout);
    /// Asks first where a model brings code of its own.
    void loadModel(const QString& path);

signals:
    void openingFailed(const QString& error);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildCentre();
    void buildDocks();
    void buildStatusBar();
    void buildMaskMenus();
    void connectActions();
    void connectData();
    void connectTraining();
    void connectSplit();
    void connectResuming(SessionFolder& session);
    void connectMethods();
    void connectScene();
    void connectFigures();
    void connectMovies();
    void connectStudies();
    void restore();
    void addDock(const QString& id, const QString& title, QWidget* widget, Qt::DockWidgetArea area, bool shown = true);

    void showRaw();
    void showMask(const QString& method);
    void showScores();
    void showTitle();
    void showState();
    void showCost();
    void showClassicalCost();
    void showPreview(const QString& method, const interstice::SourcePtr& mask, const interstice::MapLayer& map,
        double seconds, bool rough);
    void showMap(const QString& id);
    void showAgreement();
    /// Shows a pane that has something new, unless the command line said which panes to show.
    void revealPane(const QString& id);
    void preview();
    void endPreview();
    void makeInitialMask();
    void startSwipe();
    void showDevices();
    void showSlicePosition();
    void showCursor(const Index& voxel, double value);
    void applyAutoContrast();
    void applyOverlay();
    void applyWindow(GreyWindow window);
    void showMpr(bool shown);
    void askColourOf(const QString& method, const QPoint& place);
    void runCommand(const QString& link);
    void noteRecent(const QString& path);
    void showRecent();
    QString askFile(const QString& title, const QString& filter, bool folder = false);
    QString askTarget(const QString& title, const QString& name, const QString& filter);
    void askToQuit(bool running);

    JobQueue& m_queue;
    Theme& m_theme;
    QSettings& m_settings;
    const MethodRegistry& m_methods;
    Workspace m_workspace;
    TrainController m_trainer;
    ClassicalController m_classical;
    SliceLoader m_loader;
    PyramidController m_pyramids;
    Opener* m_opener;
    WindowActions* m_actions;
    MessageBar* m_messages = nullptr;
    QStackedWidget* m_stack = nullptr;
    WelcomePage* m_welcome = nullptr;
    CompareView* m_views = nullptr;
    MprView* m_mpr = nullptr;
    ScenePage* m_scenePage = nullptr;
    SceneController* m_scene = nullptr;
    FigureController* m_figures = nullptr;
    MovieController* m_movies = nullptr;
    SplitController* m_split = nullptr;
    AugmentController* m_augment = nullptr;
    SweepController* m_sweep = nullptr;
    ResumeController* m_resume = nullptr;
    StudyController* m_studies = nullptr;
    PhantomController* m_phantoms = nullptr;
    TrainingPlot* m_largePlot = nullptr;
    QList<QDockWidget*> m_docksAside; ///< hidden while the 3-D page has their place
    TrainingPlot* m_plot = nullptr;
    SliceStrip* m_strip = nullptr;
    DataPage* m_data = nullptr;
    MethodsPanel* m_methodsPanel = nullptr;
    MethodPage* m_method = nullptr; ///< of the panel, the U-Net's
    SwipeBar* m_swipeBar = nullptr;
    QTimer m_previewSoon;
    QStringList m_fixedPanes;
    QString m_previewed; ///< the method whose pane shows a preview
    OverlayPage* m_overlay = nullptr;
    ContrastPage* m_contrast = nullptr;
    ScoresPage* m_scores = nullptr;
    LogPane* m_log = nullptr;
    LabelsPage* m_labels = nullptr;
    JobStatus* m_jobStatus = nullptr;
    QLabel* m_sliceText = nullptr;
    QLabel* m_cursorText = nullptr;
    bool m_keepSettings = true;
    bool m_quitAnyway = false;
    bool m_autoWindow = true; ///< until somebody drags a handle
};

} // namespace interstice
