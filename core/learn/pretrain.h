// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/train.h"

namespace interstice {

/// The same options for learning from grey values alone: the goal, no classes but one number a voxel, and a split for which
/// nothing needs to be kept apart for a test.
TrainOptions forPretraining(TrainOptions options);
/// Share of a stack that pretraining takes unless it is told: half, but no more than 2000 blocks.
double pretrainingFraction(const Shape& shape, const TrainOptions& options);

/// Trains the network to guess hidden cubes of a stack (learn/masking.h) for which nobody needs to label a voxel; the loss
/// is the mean squared error of standardised grey values over what is hidden. The model is a start for
/// TrainOptions::startFrom and cannot predict. Everything else is as `train` says: ranks, checkpoints, resuming, stopping;
/// the best epoch is the one with the lowest validation loss, and metrics have no Dice (NaN).
TrainResult pretrain(const VolumeSource& raw, const TrainOptions& options, const std::filesystem::path& model, Task& task,
    const EpochHandler& epochFinished = {}, const RankPlace& place = {});

} // namespace interstice
