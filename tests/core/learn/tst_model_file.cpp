// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "learn/model_file.h"
#include "learn/safetensors.h"

#include <QTemporaryDir>
#include <QtTest>

#include <random>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

SafetensorsFile sample()
{
    SafetensorsFile file;
    file.metadata["interstice"] = "not a card";
    file.tensors
        = { { "weight", { 2, 3 }, { 1, 2, 3, 4, 5, 6 } }, { "bias", { 2 }, { -1, 0.5F } }, { "scalar", {}, { 42 } } };
    return file;
}

} // namespace

class TestModelFile : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void roundTrip()
    {
        writeSafetensors(path("a.safetensors"), sample());
        const auto again = readSafetensors(path("a.safetensors"));
        QCOMPARE(again.tensors.size(), std::size_t { 3 });
        QCOMPARE(again.metadata.at("interstice"), std::string("not a card"));
        QCOMPARE(again.tensors[0].name, std::string("weight"));
        QVERIFY(again.tensors[0].values == sample().tensors[0].values);
        QVERIFY(again.tensors[1].shape == sample().tensors[1].shape);
        QCOMPARE(checksumOf(again.tensors), checksumOf(sample().tensors));
    }

    void layoutIsTheFormats()
    {
        // Eight bytes of header length, the header, then the values of the first tensor.
        writeSafetensors(path("b.safetensors"), sample());
        const std::string bytes = readTextFile(path("b.safetensors"));
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), 8);
        QCOMPARE(length % 8, std::uint64_t { 0 });
        const Json header = Json::parse(bytes.substr(8, length));
        QCOMPARE(header["weight"]["dtype"].get<std::string>(), std::string("F32"));
        QCOMPARE(header["bias"]["data_offsets"][0].get<int>(), 24);
        float first = 0;
        std::memcpy(&first, bytes.data() + 8 + length, 4);
        QCOMPARE(first, 1.0F);
        QCOMPARE(bytes.size(), 8 + length + 9 * 4);
    }

    void everyTruncationIsRefused()
    {
        writeSafetensors(path("c.safetensors"), sample());
        const std::string bytes = readTextFile(path("c.safetensors"));
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            writeTextFile(path("cut"), bytes.substr(0, length));
            QVERIFY_THROWS_EXCEPTION(Error, readSafetensors(path("cut")));
        }
    }

    void mutationsNeverCrash()
    {
        writeSafetensors(path("d.safetensors"), sample());
        const std::string bytes = readTextFile(path("d.safetensors"));
        std::mt19937 random(1);
        int refused = 0;
        for (int i = 0; i < 600; ++i) {
            std::string damaged = bytes;
            for (int k = 0; k < 3; ++k)
                damaged[random() % damaged.size()] = static_cast<char>(random());
            writeTextFile(path("mutated"), damaged);
            try {
                (void)readSafetensors(path("mutated"));
            } catch (const Error&) {
                ++refused;
            }
        }
        QVERIFY(refused > 50);
    }

    void filesThatAreNoModels()
    {
        QVERIFY_THROWS_EXCEPTION(Error, readModelCard(path("absent.safetensors")));
        writeSafetensors(path("other.safetensors"), {});
        QVERIFY_THROWS_EXCEPTION(Error, readModelCard(path("other.safetensors")));
        writeSafetensors(path("bad.safetensors"), sample());
        try {
            readModelCard(path("bad.safetensors"));
            QFAIL("a damaged card was taken");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("bad.safetensors") != std::string::npos);
            QVERIFY(!error.remedy().empty());
        }
    }

    void cardRoundTrip()
    {
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("quick");
        card.normalise.mode = NormaliseOptions::Mode::Percentiles;
        card.range = { 12, 240 };
        card.trainedAt = parseVoxelSize("0.65um");
        SplitOptions split;
        split.tile = 32;
        card.split = makeSplit({ 60, 64, 64 }, card.architecture, split);
        card.bestEpoch = 7;
        card.bestValidationDice = 0.934;
        const auto again = modelCardFromJson(toJson(card));
        QCOMPARE(again.architecture.parameters(), card.architecture.parameters());
        QCOMPARE(again.range.high, 240.0);
        QCOMPARE(again.trainedAt.x, 0.65);
        QVERIFY(again.split.training == card.split.training);
        QCOMPARE(again.bestEpoch, 7);
        Json newer = toJson(card);
        newer["format_version"] = 99;
        QVERIFY_THROWS_EXCEPTION(Error, modelCardFromJson(newer));
    }
};

QTEST_APPLESS_MAIN(TestModelFile)
#include "tst_model_file.moc"
