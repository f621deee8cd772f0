// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/checkpoint.h"

#include "base/error.h"
#include "base/file.h"

namespace fs = std::filesystem;

namespace interstice {

Adam::Adam(UNetImpl& network, double learningRate)
    : m_learningRate(learningRate)
{
    for (const auto& item : network.named_parameters()) {
        m_names.push_back(item.key());
        m_parameters.push_back(item.value());
        m_mean.push_back(torch::zeros_like(item.value()));
        m_square.push_back(torch::zeros_like(item.value()));
        m_steps.push_back(torch::zeros({}, torch::TensorOptions(item.value().device()).dtype(torch::kFloat32)));
    }
}

void Adam::step()
{
    torch::NoGradGuard noGrad;
    std::vector<torch::Tensor> gradients;
    for (const auto& parameter : m_parameters)
        gradients.push_back(parameter.grad());
    at::_foreach_add_(m_steps, 1);
    at::_fused_adam_(
        m_parameters, gradients, m_mean, m_square, {}, m_steps, m_learningRate, 0.9, 0.999, 0.0, 1e-7, false, false);
}

void Adam::zeroGradients(bool keep)
{
    std::vector<torch::Tensor> gradients;
    for (auto& parameter : m_parameters) {
        if (keep && parameter.grad().defined())
            gradients.push_back(parameter.grad());
        else
            parameter.mutable_grad().reset();
    }
    if (!gradients.empty())
        at::_foreach_zero_(gradients);
}

std::vector<NamedTensor> Adam::state() const
{
    std::vector<NamedTensor> tensors;
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        tensors.push_back(asNamed("adam.mean." + m_names[i], m_mean[i]));
        tensors.push_back(asNamed("adam.square." + m_names[i], m_square[i]));
    }
    return tensors;
}

double Adam::steps() const
{
    return m_steps.empty() ? 0 : m_steps.front().item<double>();
}

void Adam::loadState(const std::vector<NamedTensor>& tensors, double steps)
{
    torch::NoGradGuard noGrad;
    std::map<std::string, const NamedTensor*> byName;
    for (const auto& tensor : tensors)
        byName[tensor.name] = &tensor;
    const auto copyInto = [&](const std::string& name, torch::Tensor& target) {
        const auto found = byName.find(name);
        if (found == byName.end() || target.sizes() != at::IntArrayRef(found->second->shape))
            throw Error("The checkpoint lacks " + name, "Start the training anew.");
        target.copy_(asTensor(*found->second));
    };
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        copyInto("adam.mean." + m_names[i], m_mean[i]);
        copyInto("adam.square." + m_names[i], m_square[i]);
        m_steps[i].fill_(steps);
    }
}

void Adam::clip(double norm)
{
    torch::NoGradGuard noGrad;
    torch::Tensor squares;
    for (const auto& parameter : m_parameters) {
        const auto square = parameter.grad().to(torch::kFloat64).square().sum();
        squares = squares.defined() ? squares + square : square;
    }
    const double length = std::sqrt(squares.item<double>());
    if (!(length > norm))
        return;
    for (auto& parameter : m_parameters)
        parameter.grad().mul_(norm / length);
}

namespace {

Json identity(const TrainOptions& options, const Split& split)
{
    Json json = identityOf(options);
    json["split_made"] = toJson(split);
    return json;
}

} // namespace

double TrainingState::bestDice() const
{
    for (const auto& metrics : epochs)
        if (metrics.epoch == bestEpoch)
            return metrics.validationDice;
    return -1;
}

SafetensorsFile makeCheckpoint(
    UNetImpl& network, const Adam& adam, const TrainingState& state, const TrainOptions& options, const Split& split)
{
    SafetensorsFile file;
    file.tensors = tensorsOf(network, "model.");
    for (auto& tensor : adam.state())
        file.tensors.push_back(std::move(tensor));
    for (const auto& tensor : state.best)
        file.tensors.push_back({ "best." + tensor.name, tensor.shape, tensor.values });
    Json epochs = Json::array();
    for (const auto& metrics : state.epochs)
        epochs.push_back(toJson(metrics));
    const Json json = { { "format", "interstice-checkpoint" }, { "epoch", state.epoch }, { "blocks_done", state.blocksDone },
        { "pass",
            { { "loss_sum", state.pass.lossSum }, { "samples", state.pass.samples },
                { "counts", state.pass.counts.flat() } } },
        { "best_epoch", state.bestEpoch }, { "best_dice", state.bestQuality }, { "adam_steps", adam.steps() },
        { "started_from", state.startedFrom }, { "epochs", epochs }, { "identity", identity(options, split) } };
    file.metadata["interstice-checkpoint"] = json.dump();
    return file;
}

TrainingState readCheckpoint(
    const fs::path& path, UNetImpl& network, Adam& adam, const TrainOptions& options, const Split& split)
{
    const SafetensorsFile file = readSafetensors(path);
    const auto found = file.metadata.find("interstice-checkpoint");
    const Json json = found == file.metadata.end() ? Json() : Json::parse(found->second, nullptr, false);
    TrainingState state;
    try {
        if (upgradedIdentity(json.at("identity")) != identity(options, split))
            throw Error("The checkpoint " + utf8(path) + " belongs to a training with other options or another volume",
                "Use the options it was started with, or train without resume.");
        state.epoch = json.at("epoch").get<int>();
        if (json.value("blocks_done", std::size_t { 0 }) > 0) {
            state.blocksDone = json["blocks_done"].get<std::size_t>();
            const Json& pass = json.at("pass");
            state.pass.lossSum = pass.at("loss_sum").get<double>();
            state.pass.samples = pass.at("samples").get<double>();
            state.pass.counts = OverlapCounts::fromFlat(pass.at("counts").get<std::vector<double>>());
        }
        state.bestEpoch = json.at("best_epoch").get<int>();
        state.bestQuality = json.at("best_dice").get<double>();
        state.startedFrom = json.value("started_from", options.startFrom.filename().string());
        for (const auto& metrics : json.at("epochs"))
            state.epochs.push_back(epochMetricsFromJson(metrics));
        adam.loadState(file.tensors, json.at("adam_steps").get<double>());
    } catch (const Json::exception&) {
        throw Error(utf8(path) + " is not a checkpoint of Interstice", "Start the training anew, without resume.");
    }
    loadTensors(network, file.tensors, "model.");
    for (const auto& tensor : file.tensors) {
        if (tensor.name.starts_with("best."))
            state.best.push_back({ tensor.name.substr(5), tensor.shape, tensor.values });
    }
    return state;
}

void writeModel(const fs::path& path, const TrainingState& state, ModelCard card)
{
    writeModel(path, state.best, state, std::move(card));
}

void writeModel(const fs::path& path, std::vector<NamedTensor> weights, const TrainingState& state, ModelCard card)
{
    SafetensorsFile file;
    file.tensors = std::move(weights);
    card.checksum = checksumOf(file.tensors);
    card.bestEpoch = state.bestEpoch;
    card.bestValidationDice = card.pretrained ? 0 : state.bestDice();
    card.log = Json::array();
    for (const auto& metrics : state.epochs)
        card.log.push_back(toJson(metrics));
    file.metadata["format"] = "pt";
    file.metadata["interstice"] = toJson(card).dump();
    writeSafetensors(path, file);
}

void requireChecksum(const SafetensorsFile& file, const ModelCard& card, const fs::path& path)
{
    if (checksumOf(file.tensors) != card.checksum)
        throw Error("The weights in " + utf8(path) + " do not match their checksum",
            "The file is damaged: copy it again or train anew.");
}

LoadedModel loadModel(const fs::path& path)
{
    LoadedModel model;
    model.file = path;
    model.card = readModelCard(path);
    const SafetensorsFile file = readSafetensors(path);
    requireChecksum(file, model.card, path);
    model.network = UNet(model.card.architecture);
    try {
        loadTensors(*model.network, file.tensors);
    } catch (const Error& error) {
        throw Error(utf8(path) + ": " + error.happened(), error.remedy());
    }
    model.network->eval();
    return model;
}

} // namespace interstice
