// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "learn/losses.h"
#include "learn/network.h"
#include "learn/train.h"

namespace interstice {

/// Adam (Kingma & Ba 2015) with bias correction, one fused call a step.
class Adam {
public:
    Adam(UNetImpl& network, double learningRate);
    void setLearningRate(double learningRate) { m_learningRate = learningRate; }
    void step();
    /// Drops the gradients, so that the next ones need not be added to zeros; `keep` zeroes them in place, which those
    /// need that are views into buckets.
    void zeroGradients(bool keep = false);
    /// Shortens the gradient to this length if it is longer (all parameters together).
    void clip(double norm);

    std::vector<NamedTensor> state() const;
    void loadState(const std::vector<NamedTensor>& tensors, double steps);
    double steps() const;

private:
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_parameters;
    std::vector<torch::Tensor> m_mean;
    std::vector<torch::Tensor> m_square;
    std::vector<torch::Tensor> m_steps;
    double m_learningRate;
};

/// Loss and counts gathered over the batches of one pass.
struct PassResult {
    double lossSum = 0;
    double samples = 0;
    OverlapCounts counts;

    double loss() const { return samples > 0 ? lossSum / samples : 0; }
};

/// All that a training needs to go on as if it had not been interrupted.
struct TrainingState {
    int epoch = 0; ///< last one finished
    std::size_t blocksDone = 0; ///< of the epoch after it
    PassResult pass; ///< over those
    std::vector<EpochMetrics> epochs;
    int bestEpoch = 0;
    /// Of the best epoch: validation Dice, or 1 / (1 + validation loss) where there is none (Goal::Reconstruct) or it says
    /// nothing (no foreground in the validation blocks).
    double bestQuality = -1;
    std::vector<NamedTensor> best; ///< weights of the best epoch
    std::string startedFrom; ///< file name of the model whose weights it began with; empty: from random ones

    double bestDice() const; ///< of validation; −1 before the first epoch
};

SafetensorsFile makeCheckpoint(
    UNetImpl& network, const Adam& adam, const TrainingState& state, const TrainOptions& options, const Split& split);
/// Throws Error when the file is damaged or belongs to a training with other options.
TrainingState readCheckpoint(
    const std::filesystem::path& path, UNetImpl& network, Adam& adam, const TrainOptions& options, const Split& split);

/// Weights with their card: the best epoch's.
void writeModel(const std::filesystem::path& path, const TrainingState& state, ModelCard card);
/// The same with other weights than the best.
void writeModel(
    const std::filesystem::path& path, std::vector<NamedTensor> weights, const TrainingState& state, ModelCard card);
/// Throws Error when the tensors are not those that the card was written with.
void requireChecksum(const SafetensorsFile& file, const ModelCard& card, const std::filesystem::path& path);
/// Network and card of a model file, checksum verified.
struct LoadedModel {
    ModelCard card;
    UNet network { nullptr }; ///< none of a TorchScript archive, which each device loads itself
    std::filesystem::path file;
};
LoadedModel loadModel(const std::filesystem::path& path);

} // namespace interstice
