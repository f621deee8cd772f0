// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/cost.h"
#include "base/error.h"
#include "base/parallel.h"
#include "reconstruct/attenuation.h"
#include "reconstruct/fft.h"
#include "volume/scratch_volume.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Index into n values that go on mirrored beyond both ends.
std::int64_t mirrored(std::int64_t i, std::int64_t n)
{
    const std::int64_t period = 2 * n;
    const std::int64_t inside = ((i % period) + period) % period;
    return inside < n ? inside : period - 1 - inside;
}

} // namespace

SourcePtr retrievePhase(const Scan& scan, SourcePtr attenuation, const PhaseRetrievalOptions& options, std::int64_t first,
    std::int64_t count, std::uint64_t memory, Task& task)
{
    if (!(scan.pixelMicrometres > 0) || !(scan.energyKev > 0))
        throw Error("Phase retrieval needs the pixel size and the energy, and the scan does not state them",
            "Give both, like --pixel 0.65um --energy 27.4keV.");
    if (!(options.distanceMillimetres > 0) || !(options.deltaOverBeta > 0))
        throw Error("Phase retrieval needs a distance and a ratio of δ to β above zero", "Give both, like 25mm and 468.");

    const Shape shape = attenuation->shape();
    const double pixel = scan.pixelMicrometres * 1e-6;
    // The square of a length, in pixels, by which the filter smooths.
    const double area = wavelengthMetres(scan.energyKev) * options.distanceMillimetres * 1e-3 * options.deltaOverBeta
        / (pixel * pixel) * std::numbers::pi;
    // The filter falls off like exp(−r / (√area / 2π)).
    const auto reach = std::max<std::int64_t>(8, std::llround(10 * std::sqrt(area) / (2 * std::numbers::pi)));
    const std::int64_t top = std::max<std::int64_t>(0, first - reach);
    const std::int64_t bottom = std::min(shape.y, first + count + reach);
    const std::int64_t rows = fastLength(bottom - top + 2 * std::min(reach, bottom - top));
    const std::int64_t columns = fastLength(shape.x + 2 * std::min(reach, shape.x));
    const Fft<float> fft(rows, columns);
    std::vector<float> response(fft.size());
    for (std::int64_t y = 0; y < rows; ++y) {
        for (std::int64_t x = 0; x < columns; ++x) {
            const double fy = frequency(y, rows);
            const double fx = frequency(x, columns);
            response[static_cast<std::size_t>(y * columns + x)]
                = static_cast<float>(1 / (1 + area * (fx * fx + fy * fy)) / static_cast<double>(fft.size()));
        }
    }

    auto result = std::make_shared<ScratchVolume>(
        Shape { shape.z, count, shape.x }, Scalar::F32, memory, attenuation->voxelSize(), attenuation->name());
    std::atomic<std::int64_t> done { 0 };
    // Whole planes a thread: not more threads than cores, which bounds the memory.
    parallelFor(shape.z, usableCores(), [&](std::int64_t z) {
        task.throwIfStopped();
        const Box box { { z, top, 0 }, { 1, bottom - top, shape.x } };
        const auto values = readAs<float>(*attenuation, box);
        Fft<float>::Plane plane(fft.size());
        for (std::int64_t y = 0; y < rows; ++y) {
            const std::int64_t from = mirrored(y - (rows - box.size.y) / 2, box.size.y) * shape.x;
            for (std::int64_t x = 0; x < columns; ++x)
                plane[static_cast<std::size_t>(y * columns + x)]
                    = std::exp(-values[static_cast<std::size_t>(from + mirrored(x - (columns - shape.x) / 2, shape.x))]);
        }
        fft.forward(plane);
        for (std::size_t i = 0; i < plane.size(); ++i)
            plane[i] *= response[i];
        fft.backward(plane);
        std::vector<float> out(static_cast<std::size_t>(count * shape.x));
        for (std::int64_t y = 0; y < count; ++y) {
            const auto from = (y + first - top + (rows - box.size.y) / 2) * columns + (columns - shape.x) / 2;
            for (std::int64_t x = 0; x < shape.x; ++x)
                out[static_cast<std::size_t>(y * shape.x + x)]
                    = -std::log(std::max(plane[static_cast<std::size_t>(from + x)].real(), 1e-4F));
        }
        result->write({ { z, 0, 0 }, { 1, count, shape.x } }, std::as_bytes(std::span(out)));
        task.progress(static_cast<double>(++done) / static_cast<double>(shape.z), "Retrieving the phase");
    });
    return result;
}

} // namespace interstice
