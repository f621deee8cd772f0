// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/kmeans_pass.h"

#include "base/parallel.h"
#include "base/vectors.h"
#include "segment/kmeans_cuts.h"
#include "segment/kmeans_rows.h"
#include "volume/slabs.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace interstice::detail {

namespace {

// Eight voxels at a time, said in the compiler's vector types: left to itself it takes the loops over lanes apart.
constexpr std::int64_t kLanes = 8;
using Floats = float __attribute__((vector_size(32)));
using Ints = std::int32_t __attribute__((vector_size(32)));

constexpr std::int64_t kSegment = 128; // voxels that are looked at together before each is

template <class T> INTERSTICE_KERNEL void load(const T* from, Floats& to)
{
    typedef T Narrow __attribute__((vector_size(kLanes * sizeof(T)))); // `using` takes no such attribute here
    Narrow narrow;
    std::memcpy(&narrow, from, sizeof narrow);
    if constexpr (sizeof(T) <= 2)
        to = __builtin_convertvector(__builtin_convertvector(narrow, Ints), Floats); // exact, and cheaper than from unsigned
    else
        to = __builtin_convertvector(narrow, Floats);
}

/// The distance to centre c less that to centre 0, along one row: offset + value × (v − reference) + position × x,
/// v the grey value and x counted from the row's first voxel.
struct RowForm {
    int clusters = 0;
    float value[kMostClusters] = {};
    float position[kMostClusters] = {};
    float offset[kMostClusters] = {};
    float reference = 0;
    float threshold = 0;
    bool hasThreshold = false; ///< then segments below it are passed over
};

struct RowSums {
    std::int64_t count[kMostClusters] = {};
    double intensity[kMostClusters] = {};
    std::int64_t x[kMostClusters] = {};
};

/// K > 0: that many clusters, known when compiling, so that sums stay in registers; 0: as many as `form` says.
template <class T, int K, bool Write> struct RowKernel {
    static constexpr int kRoom = K > 0 ? K : kMostClusters;

    static INTERSTICE_KERNEL bool usable(float v, const RowForm& form)
    {
        if constexpr (std::is_floating_point_v<T>)
            return v > form.threshold && v <= std::numeric_limits<float>::max(); // NaN is neither
        else
            return v > form.threshold;
    }

    static INTERSTICE_KERNEL int winner(float relative, float x, const RowForm& form, int k)
    {
        float best = 0;
        int label = 0;
        for (int c = 1; c < k; ++c) {
            const float s = form.offset[c] + form.value[c] * relative + form.position[c] * x;
            label = s < best ? c : label;
            best = s < best ? s : best;
        }
        return label;
    }

    static INTERSTICE_KERNEL void run(
        const T* values, std::int64_t n, const RowForm* formPointer, RowSums* sums, std::uint8_t* labels)
    {
        const RowForm& form = *formPointer;
        const int k = K > 0 ? K : form.clusters;
        for (std::int64_t start = 0; start < n; start += kStretch) {
            const std::int64_t end = std::min(n, start + kStretch);
            Ints count[kRoom] = {};
            Floats intensity[kRoom] = {};
            Floats position[kRoom] = {};
            bool any = false;
            std::int64_t x = start;
            for (; x + kLanes <= end;) {
                const std::int64_t stop = std::min(x + kSegment, x + (end - x) / kLanes * kLanes);
                if (stop - x == kSegment && form.hasThreshold) {
                    T low = values[x];
                    T high = values[x];
                    for (std::int64_t i = x; i < stop; ++i) {
                        low = values[i] < low ? values[i] : low;
                        high = values[i] > high ? values[i] : high;
                    }
                    bool dark = !(static_cast<float>(high) > form.threshold);
                    if constexpr (std::is_floating_point_v<T>)
                        dark = dark && high == high && low == low; // else a NaN at the front hid the others
                    if (dark) {
                        if constexpr (Write)
                            std::fill(labels + x, labels + stop, std::uint8_t { 0 });
                        x = stop;
                        continue;
                    }
                }
                any = true;
                Floats at = { 0, 1, 2, 3, 4, 5, 6, 7 };
                at += static_cast<float>(x);
                const auto first = static_cast<float>(start);
                for (; x < stop; x += kLanes, at += static_cast<float>(kLanes)) {
                    Floats value;
                    load(values + x, value);
                    const Floats relative = value - form.reference;
                    Floats best = {};
                    Ints label = {};
                    for (int c = 1; c < k; ++c) {
                        const Floats s = form.offset[c] + form.value[c] * relative + form.position[c] * at;
                        const Ints nearer = s < best;
                        label = nearer ? Ints {} + c : label;
                        best = nearer ? s : best;
                    }
                    Ints usable = value > form.threshold;
                    if constexpr (std::is_floating_point_v<T>)
                        usable &= value <= std::numeric_limits<float>::max(); // NaN is neither
                    label = usable ? label : Ints {} - 1;
                    const Floats along = at - first;
                    for (int c = 0; c < k; ++c) {
                        const Ints mine = label == c;
                        count[c] -= mine;
                        intensity[c] += mine ? relative : Floats {};
                        position[c] += mine ? along : Floats {};
                    }
                    if constexpr (Write) {
                        using Bytes = std::uint8_t __attribute__((vector_size(kLanes)));
                        const Bytes bytes = __builtin_convertvector(label + 1, Bytes);
                        std::memcpy(labels + x, &bytes, sizeof bytes);
                    }
                }
            }
            if (any) {
                for (int c = 0; c < k; ++c) {
                    double n0 = 0;
                    double i0 = 0;
                    double x0 = 0;
                    for (std::int64_t l = 0; l < kLanes; ++l) {
                        n0 += static_cast<double>(count[c][l]);
                        i0 += static_cast<double>(intensity[c][l]);
                        x0 += static_cast<double>(position[c][l]);
                    }
                    sums->count[c] += static_cast<std::int64_t>(n0);
                    sums->intensity[c] += i0;
                    sums->x[c] += static_cast<std::int64_t>(x0) + static_cast<std::int64_t>(n0) * start;
                }
            }
            for (; x < end; ++x) {
                const auto v = static_cast<float>(values[x]);
                const int c = usable(v, form) ? winner(v - form.reference, static_cast<float>(x), form, k) : -1;
                if (c >= 0) {
                    ++sums->count[c];
                    sums->intensity[c] += static_cast<double>(v - form.reference);
                    sums->x[c] += x;
                }
                if constexpr (Write)
                    labels[x] = static_cast<std::uint8_t>(c + 1);
            }
        }
    }
};

template <class T, bool Write>
void runRow(const T* values, std::int64_t n, const RowForm& form, RowSums& sums, std::uint8_t* labels)
{
    switch (form.clusters) {
    case 2:
        return vectorised<RowKernel<T, 2, Write>>(values, n, &form, &sums, labels);
    case 3:
        return vectorised<RowKernel<T, 3, Write>>(values, n, &form, &sums, labels);
    case 4:
        return vectorised<RowKernel<T, 4, Write>>(values, n, &form, &sums, labels);
    default:
        return vectorised<RowKernel<T, 0, Write>>(values, n, &form, &sums, labels);
    }
}

/// Everything about a row but its place.
RowForm formOf(const ClusterModel& model, bool whole)
{
    RowForm form;
    form.clusters = model.clusters();
    form.reference = static_cast<float>(intensityReference(model));
    form.hasThreshold = !std::isinf(model.threshold);
    form.threshold
        = std::isinf(model.threshold) ? -std::numeric_limits<float>::infinity() : thresholdAsFloat(model.threshold, whole);
    for (std::size_t c = 0; c < model.centres.size(); ++c) {
        form.value[c] = static_cast<float>(-2 * (model.centres[c][0] - model.centres[0][0]) * model.gain[0]);
        form.position[c] = static_cast<float>(-2 * (model.centres[c][3] - model.centres[0][3]) * model.gain[3]);
    }
    return form;
}

void placeRow(RowForm& form, const ClusterModel& model, std::int64_t z, std::int64_t y)
{
    const Features f = model.standardised({ intensityReference(model), static_cast<double>(z), static_cast<double>(y), 0 });
    double first = 0;
    for (std::size_t c = 0; c < model.centres.size(); ++c) {
        const Features& centre = model.centres[c];
        double offset = 0;
        for (std::size_t d = 0; d < 4; ++d)
            offset += centre[d] * (centre[d] - 2 * f[d]);
        if (c == 0)
            first = offset;
        form.offset[c] = static_cast<float>(offset - first);
    }
}

/// The sums of a slab's rows first…end.
template <class T, bool Write>
void addRows(std::span<const T> voxels, const Box& box, std::int64_t first, std::int64_t end, const ClusterModel& model,
    std::vector<ClusterSums>& sums, std::uint8_t* labels)
{
    RowForm form = formOf(model, std::is_integral_v<T>);
    const std::int64_t n = box.size.x;
    for (std::int64_t row = first; row < end; ++row) {
        const std::int64_t z = box.start.z + row / box.size.y;
        const std::int64_t y = row % box.size.y;
        placeRow(form, model, z, y);
        RowSums one;
        runRow<T, Write>(voxels.data() + row * n, n, form, one, Write ? labels + row * n : nullptr);
        for (std::size_t c = 0; c < sums.size(); ++c)
            sums[c] += { one.count[c], one.intensity[c], one.count[c] * z, one.count[c] * y, one.x[c] };
    }
}

/// The same by cuts; the darkest cluster gets what is usable only if `usable`, and else less than nothing.
template <class T>
void addRowsByCuts(std::span<const T> voxels, const Box& box, std::int64_t first, std::int64_t end, const ClusterCuts& cuts,
    double reference, bool usable, std::vector<ClusterSums>& sums)
{
    const std::size_t k = sums.size();
    const double fromLowest = reference - static_cast<double>(std::numeric_limits<T>::lowest());
    std::array<CutSums, kMostClusters> row;
    std::array<CutSums, kMostClusters> all {};
    std::array<std::int64_t, kMostClusters> z {};
    std::array<std::int64_t, kMostClusters> y {};
    for (std::int64_t r = first; r < end; ++r) {
        const std::int64_t atZ = box.start.z + r / box.size.y;
        const std::int64_t atY = r % box.size.y;
        std::fill_n(row.begin(), k, CutSums {});
        cuts.addRow(voxels.subspan(static_cast<std::size_t>(r * box.size.x), static_cast<std::size_t>(box.size.x)), atZ, atY,
            usable, std::span(row));
        for (std::size_t j = 0; j < k; ++j) {
            all[j].count += row[j].count;
            all[j].value += row[j].value;
            all[j].x += row[j].x;
            z[j] += row[j].count * atZ;
            y[j] += row[j].count * atY;
        }
    }
    std::vector<ClusterSums> above(k + 1);
    for (std::size_t j = 0; j < k; ++j)
        above[j] = { all[j].count, static_cast<double>(all[j].value) - static_cast<double>(all[j].count) * fromLowest, z[j],
            y[j], all[j].x };
    for (std::size_t j = 0; j < k; ++j) {
        ClusterSums& cluster = sums[cuts.order()[j]];
        cluster += above[j];
        cluster -= above[j + 1];
    }
}

} // namespace

std::vector<ClusterSums> assignPass(const VolumeSource& raw, const ClusterModel& model, Task& task, const std::string& text,
    const std::function<void(const Box&, std::span<std::uint8_t>)>& write, const Moments* totals)
{
    const Shape shape = raw.shape();
    const auto k = static_cast<std::size_t>(model.clusters());
    std::vector<ClusterSums> all(k);
    std::vector<std::uint8_t> labels;
    const std::int64_t rowsEach = rowsOfBlock(shape);
    std::optional<ClusterCuts> cuts;
    forEachTypedSlab(raw, slabDepth(raw), task, text, [&](const Box& box, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        constexpr bool kByCuts = std::is_integral_v<T> && sizeof(T) <= 2;
        if (write)
            labels.resize(voxels.size());
        if constexpr (kByCuts)
            if (!write && box.start.z == 0)
                cuts = ClusterCuts::of(model, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max());
        // Summed up block by block in order, so that rounding is the same on any number of threads.
        std::vector<std::vector<ClusterSums>> sums(
            static_cast<std::size_t>((box.size.z * box.size.y + rowsEach - 1) / rowsEach));
        forEachBlockOfRows(box, rowsEach, [&](std::int64_t first, std::int64_t end, std::int64_t block) {
            task.throwIfStopped();
            auto& mine = sums[static_cast<std::size_t>(block)];
            mine.resize(k);
            const std::span<const T> values = voxels;
            if (write)
                return addRows<T, true>(values, box, first, end, model, mine, labels.data());
            if constexpr (kByCuts)
                if (cuts)
                    return addRowsByCuts<T>(values, box, first, end, *cuts, intensityReference(model), !totals, mine);
            addRows<T, false>(values, box, first, end, model, mine, nullptr);
        });
        for (const auto& block : sums)
            for (std::size_t c = 0; c < k; ++c)
                all[c] += block[c];
        if (write)
            write(box, labels);
    });
    if (cuts && totals) {
        const double n = static_cast<double>(totals->count);
        all[cuts->order()[0]] += { totals->count, totals->sum[0] + n * (totals->reference - intensityReference(model)),
            std::llround(totals->sum[1]), std::llround(totals->sum[2]), std::llround(totals->sum[3]) };
    }
    return all;
}

} // namespace interstice::detail
