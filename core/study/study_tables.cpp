// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/study_tables.h"

#include "learn/architecture.h"

#include <algorithm>

namespace interstice {

namespace {

constexpr const char* kScoredOn
    = "Scored on test voxels alone: those that no U-Net of the repeat was trained or validated on, nor its guard.";

/// A number with its spread: shown together, in CSV side by side.
struct Measure {
    std::string key;
    std::string title;
    std::string unit;
    int decimals = 3;
};

void addColumns(Table& table, const Measure& measure)
{
    table.columns.push_back({ measure.key, measure.title, measure.unit });
    table.columns.push_back({ measure.key + "_sd", {}, {}, Column::Where::Csv });
}

std::string exact(double value)
{
    return Json(value).dump();
}

void addCells(std::vector<Cell>& row, const Summary& summary, int decimals, bool best = false)
{
    row.push_back({ shown(summary, decimals), summary.n > 0 ? exact(summary.mean) : std::string(), best });
    row.push_back({ {}, summary.n > 1 ? exact(summary.deviation) : std::string() });
}

std::string repeats(const std::vector<std::uint64_t>& seeds)
{
    return seeds.size() < 2 ? "One repeat, seed " + listed(seeds) + "."
                            : "Mean ± standard deviation over " + std::to_string(seeds.size()) + " repeats with the seeds "
            + listed(seeds) + ", each with a split and weights of its own.";
}

std::string notesOf(const StudyResult& result)
{
    std::string note = repeats(result.recipe.seeds);
    for (const Method& method : result.recipe.methods)
        if (method.repeats > 0 && static_cast<std::size_t>(method.repeats) < result.recipe.seeds.size())
            note += " " + method.title + ": the first " + std::to_string(method.repeats) + " of them alone.";
    return note + " " + kScoredOn;
}

const char* originWords(PlannedSet::Origin origin)
{
    switch (origin) {
    case PlannedSet::Origin::File:
        return "file";
    case PlannedSet::Origin::Phantom:
        return "phantom";
    case PlannedSet::Origin::PhantomInPlace:
        return "phantom in its place";
    case PlannedSet::Origin::Absent:
        break;
    }
    return "not available";
}

std::string sides(const Shape& shape)
{
    return std::to_string(shape.x) + " × " + std::to_string(shape.y) + " × " + std::to_string(shape.z);
}

Cell numberCell(double value, int decimals)
{
    return { fixed(value, decimals), exact(value) };
}

Cell countCell(std::uint64_t value)
{
    return textCell(std::to_string(value));
}

/// The mean of a score over data sets, where all have it.
Summary over(const std::vector<const ScoreRow*>& rows, bool ofTruth)
{
    std::vector<double> means;
    for (const ScoreRow* row : rows) {
        const Summary& dice = ofTruth ? row->ofTruth("dice") : row->ofOtsu("dice");
        if (dice.n > 0)
            means.push_back(dice.mean);
    }
    return summarise(means);
}

} // namespace

std::optional<Table> failedTable(const StudyResult& result)
{
    if (result.failed.empty())
        return std::nullopt;
    Table table;
    table.id = kFailedTable;
    table.title = describeFailures(result);
    table.columns = { { "step", "Step", {}, Column::Where::Both, false }, { "skipped", {}, {}, Column::Where::Csv },
        { "why", "Why", {}, Column::Where::Both, false } };
    for (const FailedStep& step : result.failed)
        table.rows.push_back({ { step.title, step.id }, textCell(step.skipped ? "1" : "0"), textCell(step.why) });
    table.note = "All other steps were done. The same command tries these again.";
    return table;
}

Table dataSetTable(const StudyResult& result)
{
    Table table;
    table.id = "data-sets";
    table.title = "Data sets";
    table.columns = { { "data_set", "Data set", {}, Column::Where::Both, false }, { "title", {}, {}, Column::Where::Csv },
        { "origin", "From", {}, Column::Where::Both, false }, { "size", "X × Y × Z", "voxels" },
        { "fraction", "Volume fraction", "%" }, { "distance_mm", "Distance", "mm" }, { "seed", "Seed" },
        { "note", "What it is", {}, Column::Where::Both, false } };
    for (const PlannedSet& set : result.sets) {
        const bool known = set.set.fraction >= 0;
        const bool near = set.set.distanceMillimetres >= 0;
        const bool phantom = set.origin == PlannedSet::Origin::Phantom || set.origin == PlannedSet::Origin::PhantomInPlace;
        table.rows.push_back({ { set.set.title, set.set.id }, textCell(set.set.title), textCell(originWords(set.origin)),
            textCell(set.usable() ? sides(set.shape) : "–"),
            known ? Cell { fixed(100 * set.set.fraction, 0), exact(100 * set.set.fraction) } : Cell { "–", {} },
            near ? Cell { fixed(set.set.distanceMillimetres, 0), exact(set.set.distanceMillimetres) } : Cell { "–", {} },
            phantom ? countCell(set.set.phantom->seed) : Cell { "–", {} }, textCell(set.note) });
    }
    return table;
}

Table diceTable(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    Table table;
    table.id = "dice";
    table.title = "Dice of every method: against the exact truth / against the "
        + std::string(result.recipe.reference.empty() ? "study's reference" : "reference") + " ("
        + referenceMethod(result.recipe).title + ")";
    table.columns = { { "method", "Method", {}, Column::Where::Both, false } };
    for (const PlannedSet& set : result.sets) {
        if (!set.usable())
            continue;
        table.columns.push_back({ set.set.id, set.label(), "truth / reference", Column::Where::Page });
        table.columns.push_back({ set.set.id + "_origin", {}, {}, Column::Where::Csv });
        table.columns.push_back({ set.set.id + "_truth", {}, {}, Column::Where::Csv });
        table.columns.push_back({ set.set.id + "_otsu", {}, {}, Column::Where::Csv });
    }
    for (const Method& method : result.recipe.methods) {
        std::vector<Cell> cells = { { method.title, method.id } };
        bool any = false;
        for (const PlannedSet& set : result.sets) {
            if (!set.usable())
                continue;
            const auto row = std::find_if(rows.begin(), rows.end(),
                [&](const ScoreRow& one) { return one.set->set.id == set.set.id && one.method->id == method.id; });
            const Cell origin = textCell(originWords(set.origin));
            if (row == rows.end()) {
                cells.insert(cells.end(), { { "–", {} }, origin, {}, {} });
                continue;
            }
            any = true;
            const Summary& truth = row->ofTruth("dice");
            const Summary& otsu = row->ofOtsu("dice");
            cells.push_back({ shown(truth, 3) + " / " + (row->isReference ? "itself" : shown(otsu, 3)), {},
                bestOf(rows, set.set.id) == &*row });
            cells.push_back(origin);
            cells.push_back({ {}, truth.n > 0 ? exact(truth.mean) : std::string() });
            cells.push_back({ {}, otsu.n > 0 ? exact(otsu.mean) : std::string() });
        }
        if (any)
            table.rows.push_back(cells);
    }
    table.note = notesOf(result) + " Bold: the highest against the truth.";
    return table;
}

Table scoreTable(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    static const std::vector<Measure> measures = { { "dice", "Dice", {}, 3 }, { "iou", "IoU", {}, 3 },
        { "precision", "Precision", {}, 3 }, { "recall", "Recall", {}, 3 } };
    Table table;
    table.id = "scores";
    table.title = "All scores against the exact truth, and Dice against the study's reference";
    table.columns = { { "data_set", "Data set", {}, Column::Where::Both, false }, { "origin", {}, {}, Column::Where::Csv },
        { "method", "Method", {}, Column::Where::Both, false } };
    for (const Measure& measure : measures)
        addColumns(table, measure);
    addColumns(table, { "volume_error", "Volume error", "%", 1 });
    addColumns(table, { "hd95_voxels", "HD95", "voxels" });
    addColumns(table, { "assd_voxels", "Mean surface distance", "voxels" });
    addColumns(table, { "assd_um", "Mean surface distance", "µm" });
    addColumns(table, { "dice_otsu", "Dice to the reference", {}, 3 });
    table.columns.push_back({ "seeds", "Seeds", {}, Column::Where::Both, false });
    for (const ScoreRow& row : rows) {
        const bool best = bestOf(rows, row.set->set.id) == &row;
        std::vector<Cell> cells = { { row.set->label(), row.set->set.id }, textCell(originWords(row.set->origin)),
            { row.method->title, row.method->id, best } };
        for (const Measure& measure : measures)
            addCells(cells, row.ofTruth(measure.key), measure.decimals, best && measure.key == "dice");
        Summary volume = row.ofTruth("volume_error");
        volume.mean *= 100;
        volume.deviation *= 100;
        addCells(cells, volume, 1);
        addCells(cells, row.ofTruth("hd95_voxels"), 2);
        addCells(cells, row.ofTruth("assd_voxels"), 2);
        addCells(cells, row.ofTruth("assd_um"), 2);
        if (row.isReference)
            cells.insert(cells.end(), { { "itself", {} }, {} });
        else
            addCells(cells, row.ofOtsu("dice"), 3);
        cells.push_back(textCell(listed(row.seeds)));
        table.rows.push_back(cells);
    }
    table.note = notesOf(result)
        + " HD95: the larger of both directions' 95th percentiles of surface distances. Volume error: how much larger than "
          "the truth the mask is.";
    return table;
}

Table besideTable(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    Table table;
    table.id = "beside-the-study";
    table.title = "The study's own numbers beside ours: Dice of the U-Net";
    table.columns
        = { { "data", "Data", {}, Column::Where::Both, false }, { "method", "Method here", {}, Column::Where::Both, false },
              { "study_dice", "The study", "its masks" }, { "dice_otsu", "Here", "reference" },
              { "dice_truth", "Here", "exact truth" }, { "data_sets", "Data sets", {}, Column::Where::Both, false } };
    for (const bool additional : { false, true }) {
        for (const Method& method : result.recipe.methods) {
            if (method.kind != MethodKind::UNet)
                continue;
            std::vector<const ScoreRow*> ours;
            std::string sets;
            for (const ScoreRow& row : rows) {
                if (row.method->id != method.id || row.set->set.additional != additional)
                    continue;
                ours.push_back(&row);
                sets += (sets.empty() ? "" : ", ") + row.set->label();
            }
            if (ours.empty())
                continue;
            const Summary otsu = over(ours, false);
            const Summary truth = over(ours, true);
            const auto cell = [](const Summary& summary) {
                return Cell { shown(summary, 3), summary.n > 0 ? exact(summary.mean) : std::string() };
            };
            const std::string stated = additional ? "0.921, 0.918, 0.929" : "0.934";
            table.rows.push_back({ textCell(additional ? "Further data" : "Glass spheres"), { method.title, method.id },
                textCell(stated), cell(otsu), cell(truth), textCell(sets) });
        }
    }
    table.note
        = "Here: mean ± standard deviation over the data sets named (each the mean over its seeds). The study's "
          "own reference is a mask from CLAHE and Otsu, so its Dice says how well a network imitates that mask; only the "
          "exact truth says how well it finds the spheres. 0.934 is what a boundary that is 1.4 voxels off gives on "
          "full-size spheres (radius 32 voxels).";
    return table;
}

Table layersTable()
{
    const ArchitectureSpec spec = ArchitectureSpec::preset("paper-table");
    Table table;
    table.id = "table-1-layers";
    table.title = "Table I. The study's network as built from its table (preset paper-table)";
    table.columns = { { "stage", "Stage", {}, Column::Where::Both, false }, { "z", "Depth", "z" }, { "y", "Height", "y" },
        { "x", "Width", "x" }, { "filters", "Filters of its convolutions" } };
    for (const LayerRow& layer : layerTable(spec, { 10, 256, 256 })) {
        std::string filters;
        for (const int f : layer.filters)
            filters += (filters.empty() ? "" : ", ") + std::to_string(f);
        table.rows.push_back({ textCell(layer.stage), textCell(std::to_string(layer.output.z)),
            textCell(std::to_string(layer.output.y)), textCell(std::to_string(layer.output.x)), textCell(filters) });
    }
    table.note = grouped(spec.parameters())
        + " trainable parameters, for chunks of 10 × 256 × 256 voxels (z, y, x). The network of the study's text (preset "
          "paper, pooling in y and x alone) has "
        + grouped(ArchitectureSpec::preset("paper").parameters()) + ".";
    return table;
}

std::optional<Table> gridTable(const StudyResult& result)
{
    if (!result.recipe.grid)
        return std::nullopt;
    const Grid& grid = *result.recipe.grid;
    Table table;
    table.id = "table-2-options";
    table.title = "Table II. Learning rate, batch and epochs";
    table.columns = { { "learning_rate", "Learning rate" }, { "batch", "Batch" }, { "epochs", "Epochs" },
        { "best_epoch", "Best epoch" }, { "val_dice", "Validation Dice" }, { "seconds", "Time", "s" } };
    double best = -1;
    for (const double learningRate : grid.learningRates) {
        for (const int batch : grid.batches) {
            for (const int epochs : grid.epochs) {
                const StepRecord* record = result.find(gridStepId(learningRate, batch, epochs));
                if (!record)
                    continue;
                const double dice = record->result.at("val_dice").get<double>();
                best = std::max(best, dice);
                table.rows.push_back({ textCell(exact(learningRate)), textCell(std::to_string(batch)),
                    textCell(std::to_string(epochs)), textCell(std::to_string(record->result.at("best_epoch").get<int>())),
                    numberCell(dice, 4), numberCell(record->seconds, 0) });
            }
        }
    }
    if (table.rows.empty())
        return std::nullopt;
    for (auto& row : table.rows)
        row[4].best = row[4].value == exact(best);
    const PlannedSet* set = result.set(grid.dataSet);
    const auto method = std::find_if(result.recipe.methods.begin(), result.recipe.methods.end(),
        [&](const Method& one) { return one.id == grid.method; });
    table.note = method->title + " on " + (set ? set->label() : grid.dataSet) + ", seed "
        + std::to_string(result.recipe.seeds.front())
        + ", each setting one training; Dice at the threshold 0.5 over the validation blocks, in the best epoch. Bold: the "
          "best. The setting grid=study tries the study's own 48, `interstice-cli sweep` any others.";
    return table;
}

std::optional<Table> additionalTable(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    Table table;
    table.id = "table-3-further-data";
    table.title = "Table III. The further data";
    table.columns = { { "data_set", "Data set", {}, Column::Where::Both, false },
        { "method", "Method", {}, Column::Where::Both, false } };
    addColumns(table, { "dice_otsu", "Dice", "reference" });
    addColumns(table, { "dice_truth", "Dice", "exact truth" });
    addColumns(table, { "assd_voxels", "Mean surface distance", "voxels" });
    for (const ScoreRow& row : rows) {
        if (!row.set->set.additional)
            continue;
        std::vector<Cell> cells = { { row.set->label(), row.set->set.id }, { row.method->title, row.method->id } };
        if (row.isReference)
            cells.insert(cells.end(), { { "itself", {} }, {} });
        else
            addCells(cells, row.ofOtsu("dice"), 3);
        addCells(cells, row.ofTruth("dice"), 3, bestOf(rows, row.set->set.id) == &row);
        addCells(cells, row.ofTruth("assd_voxels"), 2);
        table.rows.push_back(cells);
    }
    if (table.rows.empty())
        return std::nullopt;
    table.note = notesOf(result) + " The study states 0.921, 0.918 and 0.929 for its further data.";
    return table;
}

Table costTable(const StudyResult& result)
{
    Table table;
    table.id = "steps";
    table.title = "Time, memory and device of each step";
    table.columns = { { "data_set", "Data set", {}, Column::Where::Both, false }, { "origin", {}, {}, Column::Where::Csv },
        { "step", "Step", {}, Column::Where::Both, false }, { "method", "Method", {}, Column::Where::Both, false },
        { "seed", "Seed" }, { "seconds", "Time", "s" }, { "peak_bytes", "Peak memory", "MB" },
        { "device", "Device", {}, Column::Where::Both, false }, { "date", "Done", "UTC", Column::Where::Both, false } };
    for (const StepRecord& record : result.records) {
        const PlannedSet* set = result.set(record.dataSet);
        const auto method = std::find_if(result.recipe.methods.begin(), result.recipe.methods.end(),
            [&](const Method& one) { return one.id == record.method; });
        const std::string title = method == result.recipe.methods.end() ? record.method : method->title;
        std::string date = record.date.substr(0, 16);
        std::replace(date.begin(), date.end(), 'T', ' ');
        table.rows.push_back(
            { { set ? set->label() : record.dataSet, record.dataSet }, textCell(set ? originWords(set->origin) : ""),
                textCell(record.kind), { title.empty() ? "–" : title, record.method },
                record.seed ? textCell(std::to_string(*record.seed)) : Cell { "–", {} }, numberCell(record.seconds, 1),
                { fixed(static_cast<double>(record.peakBytes) / 1e6, 0), std::to_string(record.peakBytes) },
                textCell(record.device), { date, record.date } });
    }
    table.note = "Peak memory: the largest resident set of the process during the step, libraries included.";
    return table;
}

Table fileTable(const StudyResult& result)
{
    Table table;
    table.id = "files";
    table.title = "Files and checksums";
    table.columns = { { "path", "File", {}, Column::Where::Both, false }, { "size_bytes", "Size", "MB" },
        { "xxh128", "XXH3-128", {}, Column::Where::Both, false } };
    std::vector<std::string> listedPaths;
    for (const StepRecord& record : result.records) {
        for (const auto* files : { &record.inputs, &record.outputs }) {
            for (const StepFile& file : *files) {
                if (std::find(listedPaths.begin(), listedPaths.end(), file.path) != listedPaths.end())
                    continue;
                listedPaths.push_back(file.path);
                table.rows.push_back(
                    { textCell(file.path), { fixed(static_cast<double>(file.size) / 1e6, 2), std::to_string(file.size) },
                        textCell(file.checksum) });
            }
        }
    }
    table.note = "Of a model (.safetensors) the checksum is that of its weights.";
    std::string inPlace;
    for (const PlannedSet& set : result.sets)
        if (set.origin == PlannedSet::Origin::PhantomInPlace)
            inPlace += (inPlace.empty() ? "" : ", ") + set.set.id;
    if (!inPlace.empty())
        table.note += " Files of " + inPlace + " are of phantoms in the place of scans.";
    return table;
}

std::vector<Table> allTables(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    std::vector<Table> tables;
    if (auto failed = failedTable(result))
        tables.push_back(*failed);
    tables.insert(tables.end(),
        { diceTable(result, rows), scoreTable(result, rows), besideTable(result, rows), dataSetTable(result),
            layersTable() });
    if (auto grid = gridTable(result))
        tables.push_back(*grid);
    if (auto further = additionalTable(result, rows))
        tables.push_back(*further);
    tables.push_back(costTable(result));
    tables.push_back(fileTable(result));
    return tables;
}

} // namespace interstice
