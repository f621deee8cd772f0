// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "segment/otsu.h"

#include <algorithm>
#include <limits>
#include <string>

namespace interstice {

namespace {

/// Occupied bins alone, with sums so that the variance of any run of bins is two look-ups away.
class Runs {
public:
    explicit Runs(const Histogram& histogram)
    {
        weight.push_back(0);
        sum.push_back(0);
        for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
            const auto n = static_cast<double>(histogram.counts[i]);
            if (n == 0)
                continue;
            bin.push_back(i);
            weight.push_back(weight.back() + n);
            sum.push_back(sum.back() + n * static_cast<double>(i));
        }
    }
    int count() const { return static_cast<int>(bin.size()); }
    /// (Σ n i)² / Σ n over bins from…to−1: what the class adds to the variance between classes.
    double gain(int from, int to) const
    {
        const double n = weight[static_cast<std::size_t>(to)] - weight[static_cast<std::size_t>(from)];
        const double s = sum[static_cast<std::size_t>(to)] - sum[static_cast<std::size_t>(from)];
        return s * s / n;
    }

    std::vector<std::size_t> bin;

private:
    std::vector<double> weight;
    std::vector<double> sum;
};

/// best[to] = max over from of before[from] + gain(from, to); the best `from` never falls as `to` rises, which
/// halves the search at every step.
void solve(const Runs& runs, const std::vector<double>& before, std::vector<double>& best, std::vector<int>& choice,
    int first, int last, int lowest, int highest)
{
    if (first > last)
        return;
    const int to = (first + last) / 2;
    double top = -std::numeric_limits<double>::infinity();
    int chosen = lowest;
    for (int from = lowest; from <= std::min(highest, to - 1); ++from) {
        const double value = before[static_cast<std::size_t>(from)] + runs.gain(from, to);
        if (value > top) {
            top = value;
            chosen = from;
        }
    }
    best[static_cast<std::size_t>(to)] = top;
    choice[static_cast<std::size_t>(to)] = chosen;
    solve(runs, before, best, choice, first, to - 1, lowest, chosen);
    solve(runs, before, best, choice, to + 1, last, chosen, highest);
}

} // namespace

std::vector<double> multiOtsuThresholds(const Histogram& histogram, int classes)
{
    if (classes < 2 || classes > 5)
        throw Error("Multi-Otsu was asked for " + std::to_string(classes) + " classes", "Choose 2 to 5.");
    const Runs runs(histogram);
    const int n = runs.count();
    if (n < classes)
        throw Error("The volume has " + std::to_string(n) + " different grey value" + (n == 1 ? "" : "s") + ", too few for "
                + std::to_string(classes) + " classes",
            "Choose fewer classes, or another volume.");
    std::vector<double> best(static_cast<std::size_t>(n) + 1, -std::numeric_limits<double>::infinity());
    for (int to = 1; to <= n; ++to)
        best[static_cast<std::size_t>(to)] = runs.gain(0, to);
    std::vector<std::vector<int>> choices;
    for (int c = 2; c <= classes; ++c) {
        std::vector<double> next(best.size(), -std::numeric_limits<double>::infinity());
        choices.emplace_back(best.size(), 0);
        solve(runs, best, next, choices.back(), c, n, c - 1, n - 1);
        best = std::move(next);
    }
    std::vector<double> thresholds;
    int end = n;
    for (auto choice = choices.rbegin(); choice != choices.rend(); ++choice) {
        end = (*choice)[static_cast<std::size_t>(end)];
        thresholds.push_back(histogram.centre(runs.bin[static_cast<std::size_t>(end) - 1]));
    }
    std::reverse(thresholds.begin(), thresholds.end());
    return thresholds;
}

} // namespace interstice
