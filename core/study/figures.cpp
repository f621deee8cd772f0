// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/figures.h"

#include "io/open_volume.h"
#include "picture/contrast.h"
#include "study/methods.h"
#include "study/score_rows.h"
#include "volume/histogram.h"
#include "volume/labels.h"
#include "volume/views.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Larger slices are shown in their middle, so that a report stays a file that opens at once.
constexpr std::int64_t kMostPixels = 640;

/// One slice of one data set.
class Slice {
public:
    Slice(const PlannedSet& set, double depth)
        : m_set(set)
        , m_z(std::clamp<std::int64_t>(
              static_cast<std::int64_t>(static_cast<double>(set.shape.z) * depth), 0, set.shape.z - 1))
        , m_box { { m_z, middle(set.shape.y), middle(set.shape.x) },
            { 1, std::min(set.shape.y, kMostPixels), std::min(set.shape.x, kMostPixels) } }
    {
    }

    int width() const { return static_cast<int>(m_box.size.x); }
    int height() const { return static_cast<int>(m_box.size.y); }
    std::int64_t z() const { return m_z; }
    bool cropped() const { return m_box.size.x < m_set.shape.x || m_box.size.y < m_set.shape.y; }

    /// Of a stack, or of the one slice of a map of the whole depth.
    std::vector<float> values(const fs::path& file) const
    {
        const SourcePtr source = openVolume(file).source;
        Box box = m_box;
        box.start.z = std::min(box.start.z, source->shape().z - 1);
        return readAs<float>(*source, box);
    }
    std::vector<std::uint8_t> mask(const fs::path& file, const std::string& foreground) const
    {
        const SourcePtr labels = openVolume(file).source;
        Task counting;
        const auto rule = foreground.empty() ? std::nullopt : std::optional(parseLabelRule(foreground));
        return readAs<std::uint8_t>(*asMask(labels, rule, counting), m_box);
    }
    std::vector<std::uint8_t> reference() const
    {
        return m_set.hasTruth() ? mask(m_set.truth, m_set.set.foreground) : mask(m_set.reference, "1");
    }
    RgbImage grey() const
    {
        const auto raw = values(m_set.raw);
        return composeGrey(raw, width(), height(), autoContrast(histogramOf(raw)));
    }
    std::string words() const
    {
        return m_set.label() + ", slice " + std::to_string(m_z + 1) + " of " + std::to_string(m_set.shape.z)
            + (cropped() ? ", its middle" : "");
    }

private:
    static std::int64_t middle(std::int64_t length) { return std::max<std::int64_t>(0, (length - kMostPixels) / 2); }

    const PlannedSet& m_set;
    std::int64_t m_z;
    Box m_box;
};

class FigureMaker {
public:
    FigureMaker(const StudyResult& result, const StudyPlaces& places)
        : m_result(result)
        , m_places(places)
    {
        for (const bool further : { false, true })
            for (const PlannedSet& set : result.sets)
                if (scored(set) && set.set.additional == further)
                    (further ? m_further : m_main).push_back(&set);
        m_all = m_main;
        m_all.insert(m_all.end(), m_further.begin(), m_further.end());
    }

    std::vector<StudyFigure> all(Task& task)
    {
        std::vector<StudyFigure> figures;
        const auto add = [&](std::optional<StudyFigure> figure) {
            if (figure)
                figures.push_back(std::move(*figure));
            task.throwIfStopped();
        };
        if (m_all.empty())
            return figures;
        const PlannedSet& first = *m_all.front();
        add(threePanels(1, first, 0.5));
        add(kMeansPanels(first));
        add(depthPanels(first));
        const bool further = !m_further.empty() && m_further.front() != &first;
        const PlannedSet& fourth = further ? *m_further.front() : m_all.size() > 1 ? *m_all[1] : first;
        add(threePanels(4, fourth, &fourth == &first ? 0.25 : 0.5));
        const bool evenFurther = further && m_further.size() > 1;
        const PlannedSet& fifth = evenFurther ? *m_further.back() : m_all.size() > 2 ? *m_all[2] : first;
        const bool again = &fifth == &first || &fifth == &fourth;
        add(threePanels(5, fifth, again ? 0.75 : 0.5));
        add(errorPanels(first));
        return figures;
    }

private:
    StudyFigure begun(int number, const PlannedSet& set, const Slice& slice) const
    {
        const VoxelSize size = openVolume(set.raw).source->voxelSize().inMicrometres();
        return { "figure-" + std::to_string(number), "Figure " + std::to_string(number), slice.words() + ".", {},
            size.knownInPlane() ? size.x : 0 };
    }

    /// Its volumes may not be there otherwise.
    bool scored(const PlannedSet& set) const
    {
        return std::any_of(m_result.records.begin(), m_result.records.end(),
            [&](const StepRecord& record) { return record.kind == "score" && record.dataSet == set.set.id; });
    }
    /// The first method of a kind that was scored on a data set, and where its first mask lies.
    const Method* methodOn(MethodKind kind, const PlannedSet& set) const
    {
        for (const Method& method : m_result.recipe.methods)
            if (method.kind == kind && madeOn(method, set))
                return &method;
        return nullptr;
    }
    bool madeOn(const Method& method, const PlannedSet& set) const
    {
        return m_result.find(stepId(set.set.id, method, firstSeed(), "score")) != nullptr;
    }
    std::uint64_t firstSeed() const { return m_result.recipe.seeds.front(); }
    fs::path maskOf(const Method& method, const PlannedSet& set) const
    {
        return maskPath(m_places, set.set.id, method, firstSeed());
    }

    static StudyPanel masked(
        const RgbImage& grey, const std::vector<std::uint8_t>& mask, Rgb colour, const std::string& caption)
    {
        StudyPanel panel { grey, caption, std::nullopt };
        overlayMask(panel.image, mask, { colour, 0.45, OverlayStyle::FillAndOutline });
        return panel;
    }

    std::optional<StudyFigure> threePanels(int number, const PlannedSet& set, double depth) const
    {
        const Method* method = methodOn(MethodKind::UNet, set);
        if (!method)
            return std::nullopt;
        const Slice slice(set, depth);
        const RgbImage grey = slice.grey();
        StudyFigure figure = begun(number, set, slice);
        figure.panels.push_back({ grey, "Raw", std::nullopt });
        figure.panels.push_back(masked(grey, slice.reference(), kTruthColour,
            set.hasTruth() ? "Exact truth" : "The reference (" + referenceMethod(m_result.recipe).title + ")"));
        figure.panels.push_back(masked(grey, slice.mask(maskOf(*method, set), "1"), kUNetColour,
            method->title + ", seed " + std::to_string(firstSeed())));
        return figure;
    }

    std::optional<StudyFigure> kMeansPanels(const PlannedSet& set) const
    {
        const Method* method = methodOn(MethodKind::KMeans, set);
        if (!method)
            return std::nullopt;
        const Slice slice(set, 0.5);
        const RgbImage grey = slice.grey();
        StudyFigure figure = begun(2, set, slice);
        figure.panels.push_back({ grey, "Raw", std::nullopt });
        for (const Method& other : m_result.recipe.methods)
            if (other.kind == MethodKind::KMeans && madeOn(other, set) && figure.panels.size() < 3)
                figure.panels.push_back(masked(grey, slice.mask(maskOf(other, set), "1"), kKMeansColour, other.title));
        return figure;
    }

    std::optional<StudyFigure> depthPanels(const PlannedSet& set) const
    {
        const Method* method = methodOn(MethodKind::DepthMap, set);
        if (!method)
            return std::nullopt;
        const Slice slice(set, 0.5);
        const RgbImage grey = slice.grey();
        StudyFigure figure = begun(3, set, slice);
        figure.panels.push_back({ grey, "Raw", std::nullopt });
        figure.panels.push_back(
            masked(grey, slice.mask(maskOf(*method, set), "1"), kDepthMapColour, method->title + ", its mask"));
        const auto map = slice.values(mapPath(m_places, set.set.id, *method));
        const auto [low, high] = std::minmax_element(map.begin(), map.end());
        const GreyWindow range { *low, *high };
        figure.panels.push_back({ composeMap(map, slice.width(), slice.height(), range, ColourMap::Viridis),
            method->title + ": Σ |∂I/∂z|", ColourBar { range.black, range.white, "grey values", ColourMap::Viridis } });
        return figure;
    }

    std::optional<StudyFigure> errorPanels(const PlannedSet& set) const
    {
        const Slice slice(set, 0.5);
        const RgbImage grey = slice.grey();
        const auto reference = slice.reference();
        StudyFigure figure = begun(6, set, slice);
        figure.caption += std::string(" Where each method errs against the ")
            + (set.hasTruth() ? "exact truth" : "reference") + ": light blue agrees, pink says too much, cyan misses.";
        for (const Method& method : m_result.recipe.methods) {
            if (!madeOn(method, set) || (!set.hasTruth() && maskOf(method, set) == set.reference))
                continue;
            StudyPanel panel { grey, method.title, std::nullopt };
            overlayErrors(panel.image, slice.mask(maskOf(method, set), "1"), reference, { {}, 0.45, OverlayStyle::Fill });
            figure.panels.push_back(std::move(panel));
        }
        return figure.panels.empty() ? std::nullopt : std::optional(figure);
    }

    const StudyResult& m_result;
    const StudyPlaces& m_places;
    std::vector<const PlannedSet*> m_main;
    std::vector<const PlannedSet*> m_further;
    std::vector<const PlannedSet*> m_all;
};

} // namespace

std::vector<StudyFigure> makeFigures(const StudyResult& result, const StudyPlaces& places, Task& task)
{
    return FigureMaker(result, places).all(task);
}

} // namespace interstice
