// SPDX-License-Identifier: GPL-3.0-or-later
// bench_learn THREADS: waits for lines "step PRESET D H W" and "tile PRESET D H W" on standard input and
// answers each with the seconds one training step or one predicted tile took; tests/bench/learn.py asks it
// and PyTorch in turn, so that both meet the same moods of the machine.
#include "base/allocator.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/losses.h"
#include "learn/network.h"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>

using namespace interstice;

namespace {

struct Case {
    UNet network { nullptr };
    std::unique_ptr<Adam> adam;
    std::unique_ptr<FoldedUNet> folded;
};

Case& caseFor(const std::string& preset)
{
    static std::map<std::string, Case> cases;
    Case& entry = cases[preset];
    if (!entry.network) {
        entry.network = UNet(ArchitectureSpec::preset(preset));
        entry.network->initialise(1);
        entry.folded = std::make_unique<FoldedUNet>(*entry.network, torch::kCPU);
        toChannelsLast(*entry.network);
        entry.adam = std::make_unique<Adam>(*entry.network, 1e-4);
    }
    return entry;
}

} // namespace

int main(int argc, char** argv)
{
    keepLargeBlocks();
    setLearnThreads(argc > 1 ? std::atoi(argv[1]) : 0);
    std::string what;
    std::string preset;
    std::int64_t d = 0;
    std::int64_t h = 0;
    std::int64_t w = 0;
    while (std::cin >> what >> preset >> d >> h >> w) {
        Case& entry = caseFor(preset);
        const auto input = torch::rand({ 1, 1, d, h, w });
        const auto target = (input > 0.5).to(torch::kFloat32);
        const auto started = std::chrono::steady_clock::now();
        if (what == "step") {
            entry.network->train();
            entry.adam->zeroGradients();
            const auto loss
                = lossOf(entry.network(input.contiguous(torch::MemoryFormat::ChannelsLast3d)), target, Loss::Dice);
            loss.backward();
            entry.adam->step();
        } else {
            c10::InferenceMode inference;
            (void)torch::sigmoid(entry.folded->forward(input)).contiguous();
        }
        std::printf("%.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
        std::fflush(stdout);
    }
    return 0;
}
