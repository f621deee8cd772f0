// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/convolution_check.h"

#include "base/child_process.h"
#include "learn/instructions.h"
#include "learn/losses.h"
#include "learn/network.h"
#include "learn/torch_border.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>
#include <tuple>

namespace interstice {

namespace {

/// Largest difference over largest value: sums of a few thousand products round to a thousandth of this.
constexpr double kConvolutionTolerance = 1e-3;
/// Of whole gradients: a ReLU or a maximum that rounding turns over moved them by 0.0015 at most with six seeds.
constexpr double kGradientTolerance = 2e-2;
/// More products than this are one preset's bottom, whose kernels are those of half as many channels.
constexpr std::int64_t kMostChannelPairs = 256 * 256;

struct Channels {
    std::int64_t in;
    std::int64_t out;
    std::int64_t kernel;
    auto operator<=>(const Channels&) const = default;
};

std::set<Channels> channelsInUse()
{
    std::set<Channels> all = { { 4, 6, 3 }, { 6, 10, 3 }, { 10, 4, 1 }, { 12, 20, 3 }, { 20, 12, 1 }, { 17, 31, 3 } };
    for (const auto& name : ArchitectureSpec::presetNames()) {
        UNet network(ArchitectureSpec::preset(name));
        for (const auto& module : network->modules(false)) {
            const auto* convolution = module->as<torch::nn::Conv3d>();
            if (convolution && convolution->weight.size(0) * convolution->weight.size(1) <= kMostChannelPairs)
                all.insert({ convolution->weight.size(1), convolution->weight.size(0), convolution->weight.size(2) });
        }
    }
    return all;
}

double apart(const torch::Tensor& result, const torch::Tensor& expected)
{
    return ((result.to(torch::kFloat64) - expected).abs().max() / expected.abs().max()).item<double>();
}

/// The result and the three gradients, in the type of x.
std::vector<torch::Tensor> throughConvolution(
    const Convolution& convolution, torch::Tensor x, torch::Tensor weight, torch::Tensor bias, const torch::Tensor& pull)
{
    for (auto* leaf : { &x, &weight, &bias })
        leaf->requires_grad_(true);
    const auto y = convolution(x, weight, bias, (weight.size(2) - 1) / 2);
    y.backward(pull);
    return { y.detach(), x.grad(), weight.grad(), bias.grad() };
}

void checkOne(const Convolution& convolution, const Channels& channels, const std::vector<std::int64_t>& size,
    std::vector<std::string>& wrong)
{
    static const std::vector<std::string> parts = { "result", "input's gradient", "kernel's gradient", "bias's gradient" };
    auto generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(channels.in * 1000 + channels.out));
    const std::int64_t k = channels.kernel;
    const auto x = torch::randn({ size[0], channels.in, size[1], size[2], size[3] }, generator);
    const auto weight = torch::randn({ channels.out, channels.in, k, k, k }, generator);
    const auto bias = torch::randn({ channels.out }, generator);
    const auto pull = torch::randn({ size[0], channels.out, size[1], size[2], size[3] }, generator);
    const auto copy = [](const torch::Tensor& t, torch::MemoryFormat order) { return inOrder(t.clone(), order); };
    const Convolution plain = [](const auto& values, const auto& kernel, const auto& shift, std::int64_t around) {
        return at::conv3d(values, kernel, shift, 1, around);
    };
    const auto wide = [](const torch::Tensor& t) { return t.to(torch::kFloat64); };
    const auto expected = throughConvolution(plain, wide(x), wide(weight), wide(bias), wide(pull));
    for (const auto order : { torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast3d }) {
        const auto got = throughConvolution(convolution, copy(x, order), copy(weight, order), bias.clone(), copy(pull, order));
        for (std::size_t i = 0; i < got.size(); ++i) {
            const double difference = apart(got[i], expected[i]);
            if (!(difference < kConvolutionTolerance)) // also when it is no number
                wrong.push_back("The " + parts[i] + " of a convolution of " + std::to_string(channels.in) + " to "
                    + std::to_string(channels.out) + " channels, kernel " + std::to_string(k) + ", "
                    + std::to_string(size[0]) + " samples of " + std::to_string(size[1]) + " x " + std::to_string(size[2])
                    + " x " + std::to_string(size[3]) + " voxels, is off by " + std::to_string(difference) + ".");
        }
    }
}

std::vector<torch::Tensor> gradients(const ArchitectureSpec& spec, const torch::Tensor& x, const torch::Tensor& target)
{
    UNet network(spec);
    network->initialise(7);
    if (x.scalar_type() == torch::kFloat32)
        toChannelsLast(*network);
    network->to(x.scalar_type());
    network->train();
    lossOf(network(x), target, Loss::DiceBce).backward();
    std::vector<torch::Tensor> all;
    for (const auto& item : network->named_parameters()) {
        const bool kernel = item.value().dim() == 5; // shifts before normalisation have no gradient but rounding
        if (kernel)
            all.push_back(item.value().grad());
    }
    return all;
}

void checkNetwork(const ArchitectureSpec& spec, std::vector<std::string>& wrong)
{
    auto generator = at::detail::createCPUGenerator(11);
    const auto x = torch::rand({ 2, 1, 6, 20, 28 }, generator);
    const auto target = (torch::rand({ 2, 1, 6, 20, 28 }, generator) > 0.6).to(torch::kFloat32);
    const auto got = gradients(spec, x, target);
    const auto expected = gradients(spec, x.to(torch::kFloat64), target.to(torch::kFloat64));
    double largest = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double difference = ((got[i].to(torch::kFloat64) - expected[i]).norm() / expected[i].norm()).item<double>();
        largest = difference < largest ? largest : difference;
    }
    if (!(largest < kGradientTolerance))
        wrong.push_back("Gradients of a whole network of " + std::to_string(spec.filters.front())
            + " filters are off by " + std::to_string(largest) + ".");
}

} // namespace

std::vector<std::string> wrongConvolutions(const Convolution& convolution)
{
    std::vector<std::string> wrong;
    for (const Channels& channels : channelsInUse()) {
        checkOne(convolution, channels, { 1, 3, 5, 7 }, wrong);
        checkOne(convolution, channels, { 2, 2, 4, 33 }, wrong);
    }
    return wrong;
}

std::vector<std::string> wrongConvolutions()
{
    auto wrong = wrongConvolutions(
        [](const auto& x, const auto& weight, const auto& bias, std::int64_t padding) { return convolve(x, weight, bias, padding); });
    ArchitectureSpec ragged = ArchitectureSpec::preset("strong");
    ragged.filters = { 6, 10 };
    ragged.pooling.assign(2, { 1, 2, 2 });
    ragged.bridge = 12;
    ragged.deepSupervision = false; // the top output alone is looked at
    ragged.upsampling = ArchitectureSpec::Upsampling::Transposed;
    checkNetwork(ArchitectureSpec::preset("quick"), wrong);
    checkNetwork(ragged, wrong);
    return wrong;
}

std::optional<int> answerConvolutionCheck(int argc, char** argv)
{
    if (argc != 2 || std::strcmp(argv[1], kConvolutionCheckArgument) != 0) {
        checkConvolutionsWith(ownProgram());
        return {};
    }
    try {
        const auto wrong = atTorchBorder("The check", [] { return wrongConvolutions(); });
        for (const std::string& sentence : wrong)
            std::printf("%s\n", sentence.c_str());
        if (wrong.empty())
            std::printf("This processor's convolutions are right.\n");
        return wrong.empty() ? 0 : 1;
    } catch (const std::exception& problem) {
        std::printf("The convolutions could not be checked: %s\n", problem.what());
        return 2;
    }
}

} // namespace interstice
