// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/convolution_check.h"

#include "learn/instructions.h"
#include "learn/losses.h"
#include "learn/network.h"
#include "learn/torch_border.h"

#include <malloc.h>

#include <compare>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

namespace interstice {

namespace {

/// Largest difference over largest value: sums of a few thousand products round to a thousandth of this.
constexpr double kConvolutionTolerance = 1e-3;
/// Of whole gradients: a ReLU or a maximum that rounding turns over moved them by 0.0015 at most with six seeds.
constexpr double kGradientTolerance = 2e-2;
/// Products of channels beyond which one small size is enough, and those that are left out: their kernels are those of
/// fewer channels, more often.
constexpr std::int64_t kManyChannels = 64 * 64;
constexpr std::int64_t kTooManyChannels = 256 * 256;
/// Below which one size is as large as a block of a training.
constexpr std::int64_t kFewChannels = 16 * 16;

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
            if (convolution && convolution->weight.size(0) * convolution->weight.size(1) <= kTooManyChannels)
                all.insert({ convolution->weight.size(1), convolution->weight.size(0), convolution->weight.size(2) });
        }
    }
    return all;
}

double apart(const torch::Tensor& result, const torch::Tensor& expected)
{
    return ((result.to(torch::kFloat64) - expected).abs().max() / expected.abs().max()).item<double>();
}

/// A batch and the padding around it.
struct Size {
    std::int64_t samples;
    Shape shape;
    Extent padding;
};

/// The result and the three gradients, in the type of x.
std::vector<torch::Tensor> throughConvolution(
    const Convolution& convolution, torch::Tensor x, torch::Tensor weight, torch::Tensor bias, const Extent& padding)
{
    for (auto* leaf : { &x, &weight, &bias })
        leaf->requires_grad_(true);
    const auto y = convolution(x, weight, bias, padding);
    // Any weights of the sum will do, as long as both sides have the same.
    const auto pull = torch::sin(torch::arange(y.numel(), torch::kFloat64) * 0.7).view(y.sizes()).to(y.scalar_type());
    y.backward(y.is_contiguous() ? pull : inOrder(pull, torch::MemoryFormat::ChannelsLast3d));
    return { y.detach(), x.grad(), weight.grad(), bias.grad() };
}

void checkOne(const Convolution& convolution, const Channels& channels, const Size& size, std::vector<std::string>& wrong)
{
    static const std::vector<std::string> parts = { "result", "input's gradient", "kernel's gradient", "bias's gradient" };
    auto generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(channels.in * 1000 + channels.out));
    const std::int64_t k = channels.kernel;
    const auto x = torch::randn({ size.samples, channels.in, size.shape.z, size.shape.y, size.shape.x }, generator);
    const auto weight = torch::randn({ channels.out, channels.in, k, k, k }, generator);
    const auto bias = torch::randn({ channels.out }, generator);
    const auto copy = [](const torch::Tensor& t, torch::MemoryFormat order) { return inOrder(t.clone(), order); };
    const auto wide = [](const torch::Tensor& t) { return t.to(torch::kFloat64); };
    const Convolution plain = [](const auto& values, const auto& kernel, const auto& shift, const Extent& around) {
        return at::conv3d(values, kernel, shift, 1, { around.z, around.y, around.x });
    };
    const auto expected = throughConvolution(plain, wide(x), wide(weight), wide(bias), size.padding);
    for (const auto order : { torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast3d }) {
        const auto got = throughConvolution(convolution, copy(x, order), copy(weight, order), bias.clone(), size.padding);
        for (std::size_t i = 0; i < got.size(); ++i) {
            const double difference = apart(got[i], expected[i]);
            if (!(difference < kConvolutionTolerance)) // also when it is no number
                wrong.push_back("The " + parts[i] + " of a convolution of " + std::to_string(channels.in) + " to "
                    + std::to_string(channels.out) + " channels, kernel " + std::to_string(k) + ", "
                    + std::to_string(size.samples) + " samples of " + describe(size.shape) + " voxels, is off by "
                    + std::to_string(difference) + ".");
        }
    }
}

std::vector<Size> sizesFor(const Channels& channels)
{
    const std::int64_t side = (channels.kernel - 1) / 2;
    const Extent same { side, side, side };
    std::vector<Size> sizes = { { 1, { 3, 5, 7 }, same } };
    if (channels.in * channels.out > kManyChannels)
        return sizes;
    sizes.push_back({ 2, { 2, 4, 33 }, same });
    if (side > 0)
        sizes.push_back({ 1, { 3, 5, 18 }, { 0, side, side } }); // slices that flow through the layers
    if (channels.in * channels.out <= kFewChannels)
        sizes.push_back({ 4, { 10, 32, 32 }, same });
    return sizes;
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
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double difference = ((got[i].to(torch::kFloat64) - expected[i]).norm() / expected[i].norm()).item<double>();
        if (!(difference < kGradientTolerance))
            wrong.push_back("The gradient of kernel " + std::to_string(i + 1) + " of a network of "
                + std::to_string(spec.filters.front()) + " filters is off by " + std::to_string(difference) + ".");
    }
}

} // namespace

std::vector<std::string> wrongConvolutions(const Convolution& convolution)
{
    std::vector<std::string> wrong;
    for (const Channels& channels : channelsInUse()) {
        for (const Size& size : sizesFor(channels))
            checkOne(convolution, channels, size, wrong);
    }
    return wrong;
}

std::vector<std::string> wrongConvolutions()
{
    auto wrong = wrongConvolutions([](const auto& x, const auto& weight, const auto& bias, const Extent& padding) {
        return convolve(x, weight, bias, padding);
    });
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
        allowAvx512();
        return {};
    }
    ::setenv(kInstructionsVariable, thisMachine().avx512 ? kAvx512 : kAvx2, 0);
    ::mallopt(M_PERTURB, 0xa5); // fresh memory that is not zero shows who reads what was never written
    try {
        const auto wrong = atTorchBorder("The check", [] { return wrongConvolutions(); });
        for (const std::string& sentence : wrong)
            std::printf("%s\n", sentence.c_str());
        if (wrong.empty())
            std::printf("This processor's convolutions are right (%s).\n", chosenInstructions().c_str());
        return wrong.empty() ? 0 : 1;
    } catch (const std::exception& problem) {
        std::printf("The convolutions could not be checked: %s\n", problem.what());
        return 2;
    }
}

} // namespace interstice
