// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"

#include "base/allocator.h"
#include "base/error.h"
#include "base/log.h"
#include "learn/convolution_check.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv)
{
    using namespace interstice;
    keepLargeBlocks();
    // Debian's LibTorch brings UCX, which would put its own handler on segmentation faults.
    ::setenv("UCX_ERROR_SIGNALS", "", 1);
    if (const auto status = answerConvolutionCheck(argc, argv))
        return *status;

    constexpr int failed = 1;
    constexpr int usage = 2;
    constexpr int stopped = 130;

    CLI::App app("Interstice: segmentation of 3-D X-ray tomography stacks, without a window.", "interstice-cli");
    app.set_version_flag("--version", std::string("interstice-cli ") + INTERSTICE_VERSION);
    app.require_subcommand(1);
    app.fallthrough();

    Console console;
    bool verbose = false;
    app.add_flag("--json", console.json, "Print one JSON object on standard output and nothing else there");
    app.add_flag("--quiet", console.quiet, "No progress and no notes on standard error");
    app.add_flag("--verbose", verbose, "Show the log on standard error");

    Action action;
    addInfo(app, action);
    addConvert(app, action);
    addPhantom(app, action);
    addMask(app, action);
    addKMeans(app, action);
    addDepthMap(app, action);
    addObjects(app, action);
    addTrain(app, action);
    addPretrain(app, action);
    addPredict(app, action);
    addSweep(app, action);
    addScore(app, action);
    addStudy(app, action);
    addReplay(app, action);
    addReconstruct(app, action);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : usage;
    }
    startLogging({ verbose ? LogLevel::Debug : LogLevel::Error, defaultLogFile("interstice-cli") });

    try {
        action(console);
        console.endProgress();
        return console.task().stopRequested() ? stopped : 0;
    } catch (const Stopped&) {
        console.endProgress();
        std::fprintf(stderr, "Stopped.\n");
        return stopped;
    } catch (const std::exception& problem) {
        console.endProgress();
        std::fprintf(stderr, "%s\n", problem.what());
        return failed;
    }
}
