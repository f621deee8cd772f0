// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/train_controller.h"

#include "app/window/process_preview.h"
#include "app/window/process_training.h"
#include "app/window/slice_predictor.h"
#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "learn/out_of_memory.h"
#include "learn/predict.h"
#include "volume/labels.h"
#include "volume/views.h"

#include <tuple>

namespace fs = std::filesystem;

namespace interstice {

namespace {

const TiffWriteOptions kMaskFile { Compression::Lzw };

void copyModel(const fs::path& from, const fs::path& to)
{
    PendingFile file(to);
    std::error_code problem;
    fs::copy_file(from, file.path(), fs::copy_options::overwrite_existing, problem);
    if (problem)
        throw Error("The model could not be written to " + utf8(to) + ": " + problem.message(),
            "Choose another folder or free some space.");
    file.commit();
}

/// Bytes of which 255 is one, as whole percents.
SourcePtr inPercent(const SourcePtr& bytes)
{
    return std::make_shared<CastView>(bytes, Scalar::U8, 0, 255.0 * 255 / 100);
}

} // namespace

TrainController::TrainController(Workspace& workspace, JobQueue& queue, SessionFolder& session, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_session(session)
{
}

void TrainController::listDevicesSoon()
{
    listDevicesOn(JobLane::Heavy);
}

void TrainController::listDevicesAgain()
{
    if (!m_devices.empty()) // LibTorch is there by now, and how much is free is told at once
        listDevicesOn(JobLane::Light);
}

void TrainController::listDevicesOn(JobLane lane)
{
    m_queue.submit(
        { tr("Looking for devices"), lane, "devices", true }, this,
        [](Task&) { return std::pair(listDevices(), learnVersion()); },
        [this](std::pair<std::vector<Device>, std::string> found) {
            std::tie(m_devices, m_version) = std::move(found);
            emit devicesListed();
        });
}

double TrainController::trainingSpeed(const TrainOptions& options)
{
    const std::string key = options.architecture.name + " on " + options.device;
    if (const auto known = m_speeds.find(key); known != m_speeds.end())
        return known->second;
    if (m_measuring == key || busy())
        return 0;
    m_measuring = key;
    m_speedJob = m_queue.submit(
        { tr("Measuring the speed of training"), JobLane::Heavy, "speed", true }, this,
        [options](Task& task) { return measureTrainingSpeed(options, task); },
        [this, key](double speed) {
            m_speeds[key] = speed;
            m_measuring.clear();
            emit speedMeasured();
        },
        [this, key](const QString& error) {
            m_measuring.clear();
            if (!error.isEmpty())
                m_speeds[key] = 0; // not asked again
        });
    return 0;
}

void TrainController::train(const TrainOptions& options)
{
    const MaskLayer* truth = m_workspace.truth();
    if (busy() || !m_workspace.raw() || !truth)
        return;
    run({ m_session.newFile("unet", ".safetensors"), m_workspace.rawPath(), truth->file, truth->rule, options, {} });
}

void TrainController::resume(const LeftTraining& training)
{
    if (busy() || !m_workspace.raw() || !m_workspace.truth())
        return;
    LeftTraining again = training;
    again.options.resume = training.reached.has_value();
    run(std::move(again));
}

void TrainController::run(LeftTraining training)
{
    const SourcePtr learnt = m_workspace.learnt(training.options.architecture.classes);
    if (!learnt) {
        emit failed(tr("The ground truth has no labels to tell apart. Open one that has, or learn its foreground."));
        return;
    }
    m_queue.stop(m_speedJob); // nobody should wait for an estimate
    emit trainingStarted(training.options.epochs);
    /// How it failed.
    struct Ending {
        bool outOfMemory = false;
        std::optional<CheckpointProgress> reached;
    };
    const auto ending = std::make_shared<Ending>();
    const QPointer<QObject> self(this);
    const auto work = [this, self, queue = &m_queue, raw = m_workspace.raw(), mask = learnt, training,
                          watched = std::shared_ptr<const std::atomic<std::int64_t>>(m_watched)](Task& task) {
        const fs::path& model = training.model;
        const TrainOptions& options = training.options;
        resetPeakResidentBytes();
        const auto tell
            = [&](const EpochMetrics& metrics) { queue->post(self, [this, metrics] { emit epochFinished(metrics); }); };
        if (needsProcesses(options)) {
            if (!volumeIsThere(training.raw) || !volumeIsThere(training.truth))
                throw Error("Several devices train in processes of their own, which read the volume and the ground "
                            "truth from files, and these were made in the window",
                    "Open them from files, or choose one device.");
            ProcessPreview preview(raw, model, options, training.rule, watched,
                [queue, self, this](const SlicePredictor::Look& now, int epoch) {
                    queue->post(self, [this, now, epoch] { emit slicePredicted(now.mask, epoch, now.labels); });
                });
            TrainResult result
                = trainInProcesses({ commandLineProgram(), training.raw, training.truth, training.rule, options, model },
                    task, [&](const EpochMetrics& metrics) {
                        tell(metrics);
                        preview.epochDone(metrics);
                    });
            return std::pair(std::move(result), readModelCard(model));
        }
        SlicePredictor look(raw, model, options, training.rule, watched);
        const auto show = [&](int epoch, const WriteWeights& writeWeights) {
            if (const auto now = look.predictSoon(writeWeights, task))
                queue->post(self, [this, now = *now, epoch] { emit slicePredicted(now.mask, epoch, now.labels); });
        };
        TrainResult result = interstice::train(*raw, *mask, options, model, task, tell, {}, show);
        return std::pair(std::move(result), readModelCard(model));
    };
    m_trainJob = m_queue.submit(
        { tr("Training"), JobLane::Heavy, "train" }, this,
        [work, training, ending](Task& task) {
            writeRecord(training);
            try {
                auto done = work(task);
                forgetRecord(training.model);
                return done;
            } catch (const Stopped&) {
                forgetRecord(training.model);
                throw;
            } catch (const std::exception& problem) {
                ending->outOfMemory = dynamic_cast<const OutOfMemory*>(&problem) != nullptr;
                ending->reached = readCheckpointProgress(checkpointPath(training.model));
                throw;
            }
        },
        [this, model = training.model](std::pair<TrainResult, ModelCard> done) {
            const auto& [result, card] = done;
            m_trainJob = 0;
            m_trainSeconds = result.seconds;
            setModel(model, card,
                tr("%1 network, best of %n epoch(s)", nullptr, int(result.epochs.size()))
                    .arg(QString::fromStdString(card.architecture.name)));
            noteFindings(result.findings);
            emit trainingFinished(result);
            predictStack();
        },
        [this, training, ending](const QString& error) {
            m_trainJob = 0;
            emit stateChanged();
            if (error.isEmpty()) {
                emit nothingKept();
                emit noted(tr("Training was stopped before its first epoch was done, so there is nothing to keep."));
                return;
            }
            LeftTraining left = training;
            left.reached = ending->reached;
            if (left.reached || ending->outOfMemory)
                emit interrupted(left, error, ending->outOfMemory);
            else
                emit failed(error);
        });
    emit stateChanged();
}

void TrainController::stopAndKeep()
{
    for (const JobId job : { m_trainJob, m_predictJob })
        m_queue.stop(job);
}

void TrainController::setPredictOptions(const PredictOptions& options, bool doubt)
{
    m_predicting = options;
    m_doubt = doubt;
}

void TrainController::predictStack()
{
    if (!m_model || !m_workspace.raw() || m_predictJob != 0)
        return;
    m_queue.stop(m_speedJob);
    /// What a prediction leaves.
    struct Done {
        SourcePtr mask;
        SourcePtr doubt; ///< entropy in percent of what it can be, where it is wanted
        PredictResult result;
        std::uint64_t peak = 0;
    };
    const fs::path file = m_session.newFile("unet", ".tif");
    const fs::path doubtFile = m_doubt ? m_session.newFile("unet_doubt", ".tif") : fs::path();
    const SourcePtr raw = m_workspace.raw();
    m_predictJob = m_queue.submit(
        { tr("Predicting"), JobLane::Heavy, "predict" }, this,
        [raw, model = *m_model, file, doubtFile, options = m_predicting, trained = m_trainSeconds > 0](Task& task) {
            if (!trained)
                resetPeakResidentBytes();
            const auto sink = createTiff(file, raw->shape(), Scalar::U8, raw->voxelSize(), kMaskFile);
            const auto doubt
                = doubtFile.empty() ? nullptr : createTiff(doubtFile, raw->shape(), Scalar::U8, raw->voxelSize(), kMaskFile);
            Done done;
            done.result = predict(*raw, model, *sink, nullptr, options, task, doubt.get());
            done.mask = openVolume(file).source;
            if (doubt)
                done.doubt = inPercent(openVolume(doubtFile).source);
            done.peak = peakResidentBytes();
            return done;
        },
        [this, raw, file, card = *m_card, text = m_modelText](const Done& done) {
            m_predictJob = 0;
            emit stateChanged();
            noteFindings(done.result.findings);
            if (m_workspace.raw() != raw)
                return; // another volume was opened meanwhile
            MaskLayer layer;
            layer.source = done.mask;
            if (done.result.classes > 2) {
                // What counts as foreground is what does in the ground truth, so that both can be compared.
                if (const MaskLayer* truth = m_workspace.truth(); truth && truth->classes == done.result.classes)
                    layer.rule.foreground = truth->rule.foreground;
                layer.labels = done.mask;
                layer.savesLabels = true;
                layer.source = std::make_shared<MaskView>(done.mask, layer.rule);
            }
            layer.seconds = m_trainSeconds + done.result.seconds;
            layer.peakBytes = done.peak;
            layer.label = text;
            layer.file = file;
            if (!card.script)
                layer.split = card.split;
            layer.unsaved = true;
            m_workspace.setMask(kUNetId, std::move(layer));
            m_workspace.setMap(kDoubtId, { done.doubt, 0, 100 });
        },
        [this](const QString& error) {
            m_predictJob = 0;
            emit stateChanged();
            if (error.isEmpty())
                emit nothingKept();
            else
                emit failed(error);
        });
    emit stateChanged();
}

void TrainController::loadModel(const fs::path& path)
{
    m_queue.submit(
        { tr("Reading the model"), JobLane::Light, "read-model", true }, this,
        [path](Task&) { return readPredictorCard(path, {}); },
        [this, path](const ModelCard& card) {
            showLogOf(card);
            m_trainSeconds = 0; // not trained here
            const QString kind = card.script ? tr("TorchScript") : QString::fromStdString(card.architecture.name);
            setModel(path, card, tr("%1, from %2").arg(kind, QString::fromStdString(utf8(path.filename()))));
            emit modelOpened(card);
            if (m_workspace.raw())
                predictStack();
        },
        [this](const QString& error) { emit failed(error); });
}

void TrainController::saveModel(const fs::path& path)
{
    if (!m_model)
        return;
    m_queue.submit(
        { tr("Saving the model"), JobLane::Light, {}, false }, this,
        [from = *m_model, path, script = modelIsScript()](Task&) {
            copyModel(from, path);
            std::error_code ignored;
            const fs::path description = fs::path(from).replace_extension(".json"); // what a script does not say itself
            if (script && fs::exists(description, ignored))
                copyModel(description, fs::path(path).replace_extension(".json"));
        },
        [this, path] { emit noted(tr("The model was saved as %1.").arg(QString::fromStdString(utf8(path)))); },
        [this](const QString& error) { emit failed(error); });
}

void TrainController::setModel(const fs::path& path, const ModelCard& card, const QString& text)
{
    m_model = path;
    m_card = card;
    m_modelText = text;
    emit modelChanged();
    emit stateChanged();
}

QString TrainController::predictionCost() const
{
    if (!m_card || !m_workspace.raw())
        return {};
    PredictOptions options = m_predicting;
    for (const Device& device : m_devices) {
        if (options.device == "auto" && device.id.starts_with("cuda"))
            options.device = device.id; // what "automatic" will choose
    }
    try {
        QString needs = QString::fromStdString(describePredictionCost(m_workspace.raw()->shape(), *m_card, options));
        needs.replace(0, 1, needs.front().toLower());
        return tr("Predicting %1").arg(needs); // "needs about 1.2 GB …"
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
}

void TrainController::showLogOf(const ModelCard& card)
{
    emit trainingStarted(int(card.log.size()));
    std::vector<EpochMetrics> epochs;
    for (const auto& line : card.log)
        epochs.push_back(epochMetricsFromJson(line));
    markBest(epochs);
    for (const EpochMetrics& metrics : epochs)
        emit epochFinished(metrics);
}

void TrainController::noteFindings(const Findings& findings)
{
    // The last one stays in sight: a warning rather than a note.
    for (const auto severity : { Finding::Severity::Note, Finding::Severity::Warning }) {
        for (const auto& finding : findings) {
            if (finding.severity == severity)
                emit noted(QString::fromStdString(finding.text));
        }
    }
}

} // namespace interstice
