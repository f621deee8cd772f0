// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/plan.h"

#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "study/methods.h"
#include "study/step_work.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

fs::path placed(const StudyPlaces& places, const std::string& file)
{
    const fs::path path(file);
    return path.is_absolute() || places.data.empty() ? path : places.data / path;
}

/// Shape and type of the user's file after crop and binning.
void takeFile(PlannedSet& planned, const StudyPlaces& places)
{
    const DataSet& set = planned.set;
    const fs::path file = scanPath(places, set);
    const SourcePtr source = prepared(openVolume(file).source, set);
    planned.origin = PlannedSet::Origin::File;
    planned.note = "The file " + set.file + ".";
    planned.shape = source->shape();
    planned.scalar = source->scalar();
    const bool asItIs = !set.crop && set.bin == 1 && set.voxelMicrometres == 0;
    planned.raw = asItIs ? file : places.folder / "data" / set.id / "raw.tif";
    if (!set.truth.empty())
        planned.truth = asItIs ? placed(places, set.truth) : places.folder / "data" / set.id / "truth.tif";
}

void takePhantom(PlannedSet& planned, const StudyPlaces& places)
{
    const PhantomRequest& request = *planned.set.phantom;
    const bool inPlace = !planned.set.file.empty();
    planned.origin = inPlace ? PlannedSet::Origin::PhantomInPlace : PlannedSet::Origin::Phantom;
    planned.note = (inPlace ? "The file " + planned.set.file + " is not there: a phantom of the same kind in its place, "
                            : std::string("A phantom, "))
        + phantomNature(request) + ".";
    if (inPlace && !planned.set.fetch.empty())
        planned.note += " " + planned.set.fetch;
    planned.shape = request.shape;
    planned.scalar = Scalar::U16;
    planned.set.foreground = phantomForeground(request);
    planned.raw = places.folder / "data" / planned.set.id / "raw.tif";
    planned.truth = places.folder / "data" / planned.set.id / "truth.tif";
}

PlannedSet planSet(const DataSet& set, const Recipe& recipe, const StudyPlaces& places)
{
    PlannedSet planned;
    planned.set = set;
    planned.reference = maskPath(places, set.id, referenceMethod(recipe), 0);
    if (!set.file.empty() && scanIsThere(places, set)) {
        takeFile(planned, places);
    } else if (set.phantom) {
        takePhantom(planned, places);
    } else {
        planned.origin = PlannedSet::Origin::Absent;
        planned.note = "The file " + set.file + " is not there. " + set.fetch;
    }
    return planned;
}

/// The U-Nets as they run on a data set: without a truth one that is to learn from it learns from Otsu's mask, unless
/// another does so anyway.
std::vector<Method> methodsOn(const Recipe& recipe, const PlannedSet& set)
{
    std::vector<Method> methods;
    const bool imitates = std::any_of(recipe.methods.begin(), recipe.methods.end(), [&](const Method& method) {
        return method.kind == MethodKind::UNet && method.labels == "otsu" && runsOn(method, set.set);
    });
    for (Method method : recipe.methods) {
        if (!runsOn(method, set.set))
            continue;
        if (method.kind == MethodKind::UNet && method.labels == "truth" && !set.hasTruth()) {
            if (imitates)
                continue;
            method.labels = "otsu";
        }
        methods.push_back(method);
    }
    return methods;
}

/// Adds the steps of one data set to a plan.
class SetPlanner {
public:
    SetPlanner(Plan& plan, const Recipe& recipe, const StudyPlaces& places, const PlannedSet& set)
        : m_plan(plan)
        , m_recipe(recipe)
        , m_places(places)
        , m_set(set)
    {
    }

    void addAll()
    {
        if (m_set.origin == PlannedSet::Origin::File)
            addPreparation();
        else
            m_plan.steps.push_back(phantomStep(m_set, m_places));
        const Method reference = referenceMethod(m_recipe);
        m_plan.steps.push_back(maskStep(m_set, reference, 0, m_set.reference,
            reference.kind == MethodKind::DepthMap ? mapPath(m_places, m_set.set.id, reference) : fs::path()));
        for (const Method& method : methodsOn(m_recipe, m_set)) {
            std::uint64_t made = 0;
            for (const std::uint64_t seed : seedsOf(m_recipe, method)) {
                // A mask that no seed changes is made once; scored it is on every repeat's test voxels.
                if (method.id != reference.id && (dependsOnSeed(method) || made == 0))
                    addMask(method, seed);
                ++made;
                addScore(method, seed);
            }
        }
        if (m_recipe.grid && m_recipe.grid->dataSet == m_set.set.id)
            addGrid();
    }

private:
    void addPreparation()
    {
        const auto file = scanPath(m_places, m_set.set);
        if (m_set.raw != file)
            m_plan.steps.push_back(preparationStep(m_set, file, m_set.raw, false));
        if (m_set.hasTruth()) {
            const auto truth = placed(m_places, m_set.set.truth);
            if (!volumeIsThere(truth))
                throw Error("The truth " + utf8(truth) + " of data set '" + m_set.set.id + "' is not there",
                    "Correct its name, or leave it away.");
            if (m_set.truth != truth)
                m_plan.steps.push_back(preparationStep(m_set, truth, m_set.truth, true));
        }
    }

    void addMask(const Method& method, std::uint64_t seed)
    {
        const std::string& set = m_set.set.id;
        const fs::path mask = maskPath(m_places, set, method, seed);
        if (method.kind != MethodKind::UNet) {
            m_plan.steps.push_back(maskStep(m_set, method, seed, mask,
                method.kind == MethodKind::DepthMap ? mapPath(m_places, set, method) : fs::path()));
            return;
        }
        const fs::path model = modelPath(m_places, set, method, seed);
        m_plan.steps.push_back(trainingStep(m_set, method, m_recipe.split, seed, model));
        m_plan.steps.push_back(predictionStep(m_set, method, m_recipe.split, seed, model, mask));
    }

    void addScore(const Method& method, std::uint64_t seed)
    {
        const std::uint64_t made = dependsOnSeed(method) ? seed : 0;
        m_plan.steps.push_back(scoreStep(
            m_set, method, seed, maskPath(m_places, m_set.set.id, method, made), excludedBoxes(m_recipe, m_set, seed)));
    }

    void addGrid()
    {
        const Grid& grid = *m_recipe.grid;
        auto found = std::find_if(m_recipe.methods.begin(), m_recipe.methods.end(),
            [&](const Method& method) { return method.id == grid.method; });
        Method method = *found;
        if (!m_set.hasTruth())
            method.labels = "otsu";
        const std::uint64_t seed = m_recipe.seeds.front();
        for (const double learningRate : grid.learningRates) {
            for (const int batch : grid.batches) {
                for (const int epochs : grid.epochs) {
                    method.options["learning_rate"] = learningRate;
                    method.options["batch"] = batch;
                    method.options["epochs"] = epochs;
                    const std::string id = gridStepId(learningRate, batch, epochs);
                    Step step = trainingStep(
                        m_set, method, m_recipe.split, seed, m_places.folder / "models" / "grid" / (id + ".safetensors"));
                    step.id = id;
                    step.title = "Table II: learning rate " + Json(learningRate).dump() + ", batch " + std::to_string(batch)
                        + ", " + std::to_string(epochs) + " epochs";
                    m_plan.steps.push_back(std::move(step));
                }
            }
        }
    }

    Plan& m_plan;
    const Recipe& m_recipe;
    const StudyPlaces& m_places;
    const PlannedSet& m_set;
};

std::string seeded(const Method& method, std::uint64_t seed)
{
    return method.id + (dependsOnSeed(method) ? ".seed" + std::to_string(seed) : std::string());
}

} // namespace

std::string PlannedSet::label() const
{
    switch (origin) {
    case Origin::Phantom:
        return set.title + " (phantom)";
    case Origin::PhantomInPlace:
        return set.title + " (phantom in its place)";
    case Origin::Absent:
        return set.title + " (not available)";
    case Origin::File:
        break;
    }
    return set.title;
}

const PlannedSet* Plan::find(const std::string& dataSet) const
{
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const PlannedSet& one) { return one.set.id == dataSet; });
    return found == sets.end() ? nullptr : &*found;
}

fs::path scanPath(const StudyPlaces& places, const DataSet& set)
{
    return placed(places, set.file);
}

bool scanIsThere(const StudyPlaces& places, const DataSet& set)
{
    return volumeIsThere(scanPath(places, set));
}

Method referenceMethod(const Recipe& recipe)
{
    for (const Method& method : recipe.methods)
        if (method.id == recipe.reference)
            return method;
    for (const Method& method : recipe.methods)
        if (method.kind == MethodKind::ClaheOtsu && method.options.value("equalise", true))
            return method;
    Method method;
    method.id = "reference";
    method.title = "CLAHE + Otsu";
    return method;
}

std::vector<std::uint64_t> seedsOf(const Recipe& recipe, const Method& method)
{
    std::vector<std::uint64_t> seeds = recipe.seeds;
    if (method.repeats > 0 && seeds.size() > static_cast<std::size_t>(method.repeats))
        seeds.resize(static_cast<std::size_t>(method.repeats));
    return seeds;
}

bool runsOn(const Method& method, const DataSet& set)
{
    return method.dataSets.empty()
        || std::find(method.dataSets.begin(), method.dataSets.end(), set.id) != method.dataSets.end();
}

std::vector<Box> excludedBoxes(const Recipe& recipe, const PlannedSet& set, std::uint64_t seed)
{
    std::vector<Box> boxes;
    std::vector<Split> seen;
    for (const Method& method : recipe.methods) {
        const auto seeds = seedsOf(recipe, method);
        if (method.kind != MethodKind::UNet || !runsOn(method, set.set)
            || std::find(seeds.begin(), seeds.end(), seed) == seeds.end())
            continue;
        const TrainOptions options = trainOptionsFor(method, recipe.split, seed);
        const Split split = makeSplit(set.shape, options.architecture, options.split);
        const bool again = std::any_of(seen.begin(), seen.end(), [&](const Split& other) {
            return other.block == split.block && other.guard == split.guard && other.training == split.training
                && other.validation == split.validation;
        });
        if (again)
            continue;
        seen.push_back(split);
        const auto more = split.excluded();
        boxes.insert(boxes.end(), more.begin(), more.end());
    }
    return boxes;
}

fs::path maskPath(const StudyPlaces& places, const std::string& set, const Method& method, std::uint64_t seed)
{
    return places.folder / "masks" / set / (seeded(method, seed) + ".tif");
}

fs::path mapPath(const StudyPlaces& places, const std::string& set, const Method& method)
{
    return places.folder / "masks" / set / (method.id + ".map.tif");
}

fs::path modelPath(const StudyPlaces& places, const std::string& set, const Method& method, std::uint64_t seed)
{
    return places.folder / "models" / set / (seeded(method, seed) + ".safetensors");
}

std::string stepId(const std::string& set, const Method& method, std::uint64_t seed, const std::string& kind)
{
    // A score is of one repeat whatever the method; see scoreStep.
    const std::string name = kind == "score" ? method.id + ".seed" + std::to_string(seed) : seeded(method, seed);
    return set + "." + name + "." + kind;
}

std::string gridStepId(double learningRate, int batch, int epochs)
{
    return kGridStep + Json(learningRate).dump() + ".batch" + std::to_string(batch) + ".epochs" + std::to_string(epochs);
}

Plan makePlan(const Recipe& recipe, const StudyPlaces& places)
{
    check(recipe);
    Plan plan;
    for (const DataSet& set : recipe.dataSets)
        plan.sets.push_back(planSet(set, recipe, places));
    if (std::none_of(plan.sets.begin(), plan.sets.end(), [](const PlannedSet& set) { return set.usable(); })) {
        std::string notes;
        for (const auto& set : plan.sets)
            notes += (notes.empty() ? "" : " ") + set.note;
        throw Error("None of the recipe's data sets is there", notes);
    }
    for (const PlannedSet& set : plan.sets)
        if (set.usable())
            SetPlanner(plan, recipe, places, set).addAll();
    return plan;
}

} // namespace interstice
