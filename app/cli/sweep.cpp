// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/training_choices.h"

#include "base/error.h"
#include "io/side_car.h"
#include "learn/ranks.h"
#include "learn/sweep.h"

#include <algorithm>
#include <memory>

namespace interstice {

namespace {

struct SweepArguments {
    std::string raw;
    std::string truth;
    std::string foreground;
    std::string out;
    TrainingChoices choices;
    std::vector<std::string> lr;
    std::vector<std::string> batch;
    std::vector<std::string> epochs;
    std::vector<std::string> also;
    bool halving = false;
};

void runSweep(Console& console, const SweepArguments& arguments)
{
    if (const RankPlace place = rankPlaceFrom(processEnvironment()); !place.alone())
        throw Error("A search trains in one process, and " + std::to_string(place.world) + " were started",
            "Start it with a single task, or without srun and torchrun.");
    const SourcePtr raw = openFor(console, arguments.raw).source;
    SweepOptions options;
    options.base = arguments.choices.optionsFor(raw->voxelSize());
    options.halving = arguments.halving;
    for (const auto& [name, values] :
        { std::pair { "lr", arguments.lr }, { "batch", arguments.batch }, { "epochs", arguments.epochs } }) {
        if (!values.empty())
            options.axes.push_back({ name, values });
    }
    for (const auto& text : arguments.also) {
        const auto equals = text.find('=');
        options.axes.push_back(
            sweepAxis(text.substr(0, equals), equals == std::string::npos ? std::string() : text.substr(equals + 1)));
    }
    if (options.axes.empty())
        throw Error("There is nothing to go over", "Give values, like --lr 1e-3,1e-4.");
    const SourcePtr truth = openTruthFor(console, arguments.truth, arguments.foreground, options.base.architecture.classes);

    std::vector<SweepRow::State> before;
    const auto rows = sweep(*raw, *truth, options, arguments.out, console.task(), [&](const std::vector<SweepRow>& now) {
        before.resize(now.size(), SweepRow::State::Waiting);
        for (std::size_t i = 0; i < now.size(); ++i) {
            const SweepRow& row = now[i];
            const bool ended = row.state != SweepRow::State::Waiting && row.state != SweepRow::State::Running;
            if (row.state != before[i] && ended) {
                std::string line;
                for (std::size_t k = 0; k < row.values.size(); ++k)
                    line += options.axes[k].name + " " + row.values[k] + "  ";
                char rest[96];
                std::snprintf(rest, sizeof rest, "%s: validation Dice %.4f in epoch %d of %d", stateName(row.state),
                    row.validationDice, row.bestEpoch, row.epochs);
                console.say(line + rest + (row.problem.empty() ? "" : " (" + row.problem + ")"));
            }
            before[i] = row.state;
        }
    });
    const auto best = std::find_if(rows.begin(), rows.end(), [](const SweepRow& row) { return row.best; });
    if (best == rows.end())
        throw Error("No setting could be trained", "See the table " + arguments.out + " for what happened.");
    writeSideCar(arguments.out, "sweep", toJson(options), { arguments.raw, arguments.truth }, console.seconds(),
        { { "settings", rows.size() }, { "val_dice", best->validationDice } });
    Json values = Json::object();
    for (std::size_t k = 0; k < best->values.size(); ++k)
        values[options.axes[k].name] = best->values[k];
    char line[64];
    std::snprintf(line, sizeof line, "%.4f in epoch %d", best->validationDice, best->bestEpoch);
    console.say("Wrote " + arguments.out + ": " + std::to_string(rows.size()) + " settings, best validation Dice " + line
        + "; its model is " + bestModelPath(arguments.out).string());
    console.print({ { "out", arguments.out }, { "settings", rows.size() }, { "best", values },
        { "val_dice", best->validationDice }, { "model", bestModelPath(arguments.out).string() } });
}

} // namespace

void addSweep(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand(
        "sweep", "Train with every combination of some options and tell the best; started again, it goes on");
    auto a = std::make_shared<SweepArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("TRUTH", a->truth, "Labels of the same shape")->required();
    command->add_option("-o,--out", a->out, "The table to write (.csv); its trainings are kept in a folder beside it")
        ->required();
    command->add_option("--foreground", a->foreground, "Label values that are foreground, like 1,2 (default: all but 0)");
    command->add_option("--lr", a->lr, "Learning rates, like 1e-2,1e-3,1e-4,1e-5")->delimiter(',');
    command->add_option("--batch", a->batch, "Batches, like 2,4,8,16")->delimiter(',');
    command->add_option("--epochs", a->epochs, "Epochs, like 50,100,200")->delimiter(',');
    command->add_option("--also", a->also, "Another option and its values, like 'loss=dice|dice+bce'; may be repeated");
    command->add_flag("--halving", a->halving, "Give up the worse half of the settings early, again and again");
    a->choices.addTo(command, TrainingChoices::For::Sweep);
    command->callback([a, &action] { action = [a](Console& console) { runSweep(console, *a); }; });
}

} // namespace interstice
