// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/sphere_phantom.h"

#include "base/error.h"
#include "base/parallel.h"
#include "phantom/packing.h"
#include "phantom/painter.h"
#include "phantom/pillar.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace interstice {

namespace {

/// Random sequential addition jams at 38 %.
constexpr double kMostFraction = 0.36;
constexpr double kMostVoids = 0.1;
/// A slab of both volumes together is then about 32 MB.
constexpr std::int64_t kSlabVoxels = std::int64_t { 10 } << 20;

std::string percent(double fraction)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%", 100 * fraction);
    return text;
}

void check(const SpherePhantomOptions& options, const VolumeSink& raw, const VolumeSink& truth)
{
    if (options.shape.empty())
        throw Error(
            "A phantom of " + describe(options.shape) + " has no voxels", "Give a size of at least 1 along Z, Y and X.");
    const VoxelSize voxel = options.voxel;
    if (!voxel.known() || voxel.z != voxel.x || voxel.y != voxel.x)
        throw Error("The phantom needs cubic voxels of known size, not " + describe(voxel), "Give one length, like 2.6um.");
    if (!(options.fraction >= 0 && options.fraction <= kMostFraction))
        throw Error("Spheres cannot be packed at random to " + percent(options.fraction) + " of the volume",
            "Ask for a fraction from 0 to 0.36.");
    if (!(options.voidFraction >= 0 && options.voidFraction <= kMostVoids))
        throw Error("A phantom cannot have " + percent(options.voidFraction) + " of voids",
            "Ask for a void fraction from 0 to 0.1.");
    const auto wrongRange = [](double low, double high) { return !(low > 0 && low <= high && std::isfinite(high)); };
    if (wrongRange(options.diameterLow, options.diameterHigh)
        || wrongRange(options.voidDiameterLow, options.voidDiameterHigh))
        throw Error("A range of diameters is not in order", "Give the smaller one first, both above zero, like 38:45um.");
    const double edge = voxel.inMicrometres().x;
    if (options.fraction > 0 && options.diameterLow < 2 * edge)
        throw Error("Spheres of " + formatMicrometres(options.diameterLow) + " are less than two voxels of "
                + formatMicrometres(edge),
            "Choose larger spheres or smaller voxels.");
    const bool greysFinite = std::isfinite(options.matrixGrey + options.airContrast + options.sphereContrast
        + options.voidContrast + options.rim + options.noise + options.rings);
    if (!(options.blurVoxels > 0 && options.blurVoxels <= 100) || !greysFinite || options.noise < 0 || options.rings < 0)
        throw Error("The phantom's greys are out of range", "The blur must be above 0, noise and rings not below 0.");
    const auto checkSink = [&](const VolumeSink& sink, Scalar scalar, const char* what) {
        if (sink.shape() != options.shape || sink.scalar() != scalar)
            throw Error(std::string("The phantom's ") + what + " was opened as " + describe(sink.shape()) + " "
                    + scalarName(sink.scalar()),
                "Open it as " + describe(options.shape) + " " + scalarName(scalar) + ".");
    };
    checkSink(raw, Scalar::U16, "raw volume");
    checkSink(truth, Scalar::U8, "truth");
}

PhantomObject asObject(const Ball& ball, PhantomObject::Kind kind, const SpherePhantomOptions& options)
{
    PhantomObject object;
    object.kind = kind;
    object.z = ball.z;
    object.y = ball.y;
    object.x = ball.x;
    object.diameterMicrometres = 2 * ball.radius * options.voxel.inMicrometres().x;
    object.volumeCubicMicrometres = std::numbers::pi / 6 * std::pow(object.diameterMicrometres, 3);
    object.cut = ball.z - ball.radius < -0.5 || ball.z + ball.radius > static_cast<double>(options.shape.z) - 0.5;
    return object;
}

/// Spheres, then voids in the room they leave.
std::vector<PhantomObject> packObjects(
    const SpherePhantomOptions& options, const Pillar& pillar, double pillarVoxels, Findings& findings, Task& task)
{
    const double edge = options.voxel.inMicrometres().x;
    const double largest
        = 0.5 * std::max(options.fraction > 0 ? options.diameterHigh : 0.0, options.voidDiameterHigh) / edge;
    if (options.fraction > 0 && !pillar.holdsDisc(pillar.centreY(), pillar.centreX(), 0.5 * options.diameterHigh / edge + 1))
        throw Error("Spheres of " + formatMicrometres(options.diameterHigh) + " do not fit into the pillar of a phantom of "
                + describe(options.shape) + " voxels of " + formatMicrometres(edge),
            "Make the volume larger in Y and X, or choose smaller spheres or larger voxels.");
    Packing packing(options.shape, pillar, largest, options.seed);

    const auto sphere = [&](Random& random) {
        const double middle = 0.5 * (options.diameterLow + options.diameterHigh);
        const double deviation = 0.25 * (options.diameterHigh - options.diameterLow);
        for (;;) {
            const double diameter = middle + deviation * random.gaussian();
            if (diameter >= options.diameterLow && diameter <= options.diameterHigh)
                return 0.5 * diameter / edge;
        }
    };
    Task first = task.part(0, 0.8);
    const double reached = packing.add(options.fraction * pillarVoxels, true, sphere, first) / pillarVoxels;
    if (reached < options.fraction - 0.005)
        throw Error(
            "Only " + percent(reached) + " of the pillar could be filled with spheres, not " + percent(options.fraction),
            "Ask for a smaller fraction, or make the volume larger in Y and X: spheres keep off the pillar's wall.");
    const std::size_t spheres = packing.balls().size();

    const auto hollow
        = [&](Random& random) { return 0.5 * random.uniform(options.voidDiameterLow, options.voidDiameterHigh) / edge; };
    Task second = task.part(0.8, 1);
    const double voids = packing.add(options.voidFraction * pillarVoxels, false, hollow, second) / pillarVoxels;
    if (voids < 0.9 * options.voidFraction)
        findings.push_back({ Finding::Severity::Warning, "voids-left-out",
            "There was room for voids of " + percent(voids) + " only, not " + percent(options.voidFraction) + "." });

    std::vector<PhantomObject> objects;
    for (std::size_t i = 0; i < packing.balls().size(); ++i)
        objects.push_back(
            asObject(packing.balls()[i], i < spheres ? PhantomObject::Kind::Sphere : PhantomObject::Kind::Void, options));
    std::sort(objects.begin(), objects.end(), [](const PhantomObject& a, const PhantomObject& b) {
        return a.kind != b.kind ? a.kind == PhantomObject::Kind::Sphere : a.z < b.z;
    });
    for (std::size_t i = 0; i < objects.size(); ++i)
        objects[i].id = static_cast<std::int64_t>(i) + 1;
    return objects;
}

} // namespace

PhantomResult makeSpherePhantom(const SpherePhantomOptions& options, VolumeSink& raw, VolumeSink& truth, Task& task)
{
    check(options, raw, truth);
    task.progress(0, "Packing");
    const Pillar pillar(options.shape.y, options.shape.x, options.seed);
    const std::vector<float> wall = pillar.distanceMap();
    const Shape shape = options.shape;
    const auto section = std::count_if(wall.begin(), wall.end(), [](float distance) { return distance <= 0; });

    PhantomResult result;
    result.pillarVoxels = static_cast<std::uint64_t>(section) * static_cast<std::uint64_t>(shape.z);
    Task packing = task.part(0, 0.3);
    result.objects = packObjects(options, pillar, static_cast<double>(result.pillarVoxels), result.findings, packing);

    const Painter painter(options, pillar, wall, result.objects);
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const std::int64_t depth = std::clamp<std::int64_t>(kSlabVoxels / shape.sliceVoxels(), 1, shape.z);
    std::vector<std::uint16_t> greys(plane * static_cast<std::size_t>(depth));
    std::vector<std::uint8_t> labels(greys.size());
    std::atomic<std::uint64_t> spheres { 0 };
    std::atomic<std::uint64_t> voids { 0 };
    for (std::int64_t z = 0; z < shape.z; z += depth) {
        task.progress(0.3 + 0.7 * static_cast<double>(z) / static_cast<double>(shape.z), "Writing the phantom");
        const Box box = Box::slices(shape, z, std::min(depth, shape.z - z));
        const auto voxels = static_cast<std::size_t>(box.size.voxels());
        parallelFor(box.size.z, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            const auto at = static_cast<std::size_t>(i) * plane;
            const auto slice = std::span(labels).subspan(at, plane);
            painter.paint(z + i, std::span(greys).subspan(at, plane), slice);
            spheres += static_cast<std::uint64_t>(std::count(slice.begin(), slice.end(), kPhantomSphere));
            voids += static_cast<std::uint64_t>(std::count(slice.begin(), slice.end(), kPhantomVoid));
        });
        raw.write(box, std::as_bytes(std::span<const std::uint16_t>(greys).first(voxels)));
        truth.write(box, std::as_bytes(std::span<const std::uint8_t>(labels).first(voxels)));
    }
    raw.finish();
    truth.finish();
    const auto share = [&](std::uint64_t n) {
        return result.pillarVoxels > 0 ? static_cast<double>(n) / static_cast<double>(result.pillarVoxels) : 0;
    };
    result.sphereFraction = share(spheres);
    result.voidFraction = share(voids);
    task.progress(1, "Writing the phantom");
    return result;
}

Cost estimateSpherePhantom(const SpherePhantomOptions& options)
{
    const auto plane = static_cast<std::uint64_t>(options.shape.sliceVoxels());
    Cost cost;
    // A slab of both volumes, the pillar's distances and greys, and a slice of greys for each thread.
    cost.ramBytes = 3 * std::max(static_cast<std::uint64_t>(kSlabVoxels), plane)
        + (8 + 4 * static_cast<std::uint64_t>(usableCores())) * plane;
    return cost;
}

} // namespace interstice
