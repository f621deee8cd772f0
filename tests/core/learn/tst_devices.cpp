// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/devices.h"

#include <QtTest>

using namespace interstice;

class TestDevices : public QObject {
    Q_OBJECT

private slots:
    void cardsThatCudaShows()
    {
        using Cards = std::vector<std::size_t>;
        QCOMPARE(visibleCards(3, nullptr), (Cards { 0, 1, 2 }));
        QCOMPARE(visibleCards(4, "2,0"), (Cards { 2, 0 }));
        QCOMPARE(visibleCards(4, ""), Cards());
        QCOMPARE(visibleCards(2, "1,7,0"), Cards { 1 }); // CUDA stops at what it does not know
        QCOMPARE(visibleCards(2, "GPU-8932f937"), Cards());
        QCOMPARE(visibleCards(2, "-1"), Cards());
    }

    void theProcessorIsFirst()
    {
        const auto devices = listDevices();
        QCOMPARE(devices.front().id, std::string("cpu"));
        QVERIFY(devices.front().totalBytes > 0);
        QCOMPARE(static_cast<int>(devices.size()), gpuCount() + 1);
        QCOMPARE(deviceNamed("cpu").totalBytes, devices.front().totalBytes);
        QCOMPARE(deviceNamed("cuda:99").totalBytes, std::uint64_t { 0 });
        QVERIFY_THROWS_EXCEPTION(Error, resolveDevice("cuda:99"));
    }

    void listsOfDevices()
    {
        QCOMPARE(resolveDevices("cpu*2"), (std::vector<std::string> { "cpu", "cpu" }));
        QCOMPARE(resolveDevices("auto").size(), std::size_t { 1 });
        QCOMPARE(resolveDeviceList("cpu*2"), std::string("cpu*2"));
        if (resolveDevice("auto") == "cpu")
            QCOMPARE(resolveDeviceList("cpu,auto"), std::string("cpu,cpu"));
        QCOMPARE(resolveDeviceList("auto"), resolveDevice("auto"));
        QVERIFY_THROWS_EXCEPTION(Error, resolveDevices("cpu,cuda:99"));
        QVERIFY_THROWS_EXCEPTION(Error, resolveDevices("cpu*0"));
        if (gpuCount() > 0)
            QVERIFY_THROWS_EXCEPTION(Error, resolveDevices("cuda:0,cuda"));
    }
};

QTEST_APPLESS_MAIN(TestDevices)
#include "tst_devices.moc"
