// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/graphics_probe.h"
#include "app/window/main_window.h"
#include "app/window/shot.h"
#include "base/allocator.h"
#include "base/error.h"
#include "base/log.h"
#include "learn/convolution_check.h"

#include <QApplication>
#include <QIcon>
#include <QSettings>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace interstice;

int main(int argc, char** argv)
{
    if (argc == 2 && std::strcmp(argv[1], kProbeArgument) == 0) {
        std::printf("%s\n", toJson(probeGraphics()).dump().c_str());
        return 0;
    }
    keepDriverApart();
    keepLargeBlocks();
    // LibTorch of some distributions brings UCX along, whose handler for SIGSEGV would hide crashes.
    setenv("UCX_ERROR_SIGNALS", "", 0);
    if (const auto status = answerConvolutionCheck(argc, argv))
        return *status;
    QApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    QApplication application(argc, argv);
    std::setlocale(LC_NUMERIC, "C"); // libraries that read and write files take the decimal point from it
    QApplication::setApplicationName("interstice");
    QApplication::setApplicationDisplayName("Interstice");
    QApplication::setOrganizationName("interstice");
    QApplication::setApplicationVersion(INTERSTICE_VERSION);
    QApplication::setDesktopFileName("interstice");
    QApplication::setWindowIcon(QIcon(":/icons/interstice.svg"));

    const MethodRegistry methods;
    QStringList ids;
    for (const auto& method : methods.all())
        ids.append(method.id);
    const CommandLine line = parseCommandLine(application.arguments(), ids);
    try {
        startLogging({ LogLevel::Warning, !line.unattended() ? defaultLogFile("interstice") : std::filesystem::path() });
        QSettings settings(
            QSettings::IniFormat, QSettings::UserScope, "interstice", !line.unattended() ? "interstice" : "interstice-shot");
        if (line.unattended())
            settings.clear(); // pictures look the same for everybody
        SessionFolder session;
        JobQueue queue;
        Theme theme(application);
        theme.apply(line.theme.value_or(ThemeChoice(settings.value("theme", 0).toInt())));
        MainWindow window(methods, queue, session, theme, settings);
        window.start(line);
        window.show();
        if (line.unattended())
            new Shot(window, line);
        const int status = QApplication::exec();
        queue.stopAll();
        return status;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
