// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/left_training.h"
#include "app/window/session_folder.h"
#include "app/window/workspace.h"
#include "learn/devices.h"
#include "learn/predict.h"
#include "learn/train.h"

#include <QObject>

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>

namespace interstice {

/// Everything that the U-Net does for the window: train, predict, keep the model. The only file of the
/// window that calls LibTorch's functions, each on the heavy lane but for what devices have free.
class TrainController : public QObject {
    Q_OBJECT

public:
    TrainController(Workspace& workspace, JobQueue& queue, SessionFolder& session, QObject* parent = nullptr);

    void listDevicesSoon();
    /// For somebody who looks at them: how much of each is free.
    void listDevicesAgain();
    const std::vector<Device>& devices() const { return m_devices; }
    const std::string& learnVersionText() const { return m_version; }

    /// Trains on the raw volume and the truth, then predicts the whole stack.
    void train(const TrainOptions& options);
    /// Goes on with one that ended before its time, from its checkpoint where there is one, with its options.
    void resume(const LeftTraining& training);
    /// Ends the training after its current step; the best epoch so far is kept and predicted.
    void stopAndKeep();
    void predictStack();
    /// How the next prediction runs, and whether it makes a map of the network's doubt (kDoubtId).
    void setPredictOptions(const PredictOptions& options, bool doubt);
    /// A model of Interstice, or a TorchScript archive, whose code then runs with the next prediction.
    void loadModel(const std::filesystem::path& path);
    void saveModel(const std::filesystem::path& path);
    /// The slice that is predicted every few seconds while a network trains, to see how far the network is.
    void watchSlice(std::int64_t slice) { *m_watched = slice; }
    bool hasModel() const { return m_model.has_value(); }
    bool modelIsScript() const { return m_card && m_card->script; }
    QString modelText() const { return m_modelText; }
    /// What predicting the volume will need and what there is, in sentences; empty without a model or a volume.
    QString predictionCost() const;

    bool training() const { return m_trainJob != 0; }
    bool busy() const { return m_trainJob != 0 || m_predictJob != 0; }

    /// Voxels per second of this network on this device; measured in the background on first asking
    /// (0 until then).
    double trainingSpeed(const TrainOptions& options);

signals:
    void devicesListed();
    void speedMeasured();
    void stateChanged();
    void trainingStarted(int epochs);
    void epochFinished(const interstice::EpochMetrics& metrics);
    /// Of the watched slice, by the weights as they are; 255 elsewhere. With labels where there are more than two.
    void slicePredicted(const interstice::SourcePtr& mask, int epoch, const interstice::SourcePtr& labels);
    void trainingFinished(const interstice::TrainResult& result);
    void modelChanged();
    /// From a file.
    void modelOpened(const interstice::ModelCard& card);
    /// Stopped with nothing to keep: what was shown of it on the way is no mask.
    void nothingKept();
    void noted(const QString& text);
    void failed(const QString& error);
    /// A training failed that could go on, or could be done in smaller steps.
    void interrupted(const interstice::LeftTraining& training, const QString& error, bool outOfMemory);

private:
    void listDevicesOn(JobLane lane);
    void run(LeftTraining training);
    void setModel(const std::filesystem::path& path, const ModelCard& card, const QString& text);
    void showLogOf(const ModelCard& card);
    void noteFindings(const Findings& findings);

    Workspace& m_workspace;
    JobQueue& m_queue;
    SessionFolder& m_session;
    std::vector<Device> m_devices;
    std::string m_version;
    std::map<std::string, double> m_speeds;
    std::string m_measuring;
    JobId m_speedJob = 0;
    JobId m_trainJob = 0;
    JobId m_predictJob = 0;
    std::optional<std::filesystem::path> m_model;
    PredictOptions m_predicting;
    bool m_doubt = false;
    std::shared_ptr<std::atomic<std::int64_t>> m_watched = std::make_shared<std::atomic<std::int64_t>>(0);
    std::optional<ModelCard> m_card; ///< of the model
    QString m_modelText;
    /// What the training of the present model took, when it was done here.
    double m_trainSeconds = 0;
};

} // namespace interstice
