// SPDX-License-Identifier: GPL-3.0-or-later
// Several ranks against one: gradients, weights, statistics, whole trainings, and what happens when one is lost. The
// program starts itself again as a rank ("--rank WHAT FILE").
#include "base/file.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/losses.h"
#include "learn/network.h"
#include "learn/rank_processes.h"
#include "learn/rank_tensors.h"
#include "learn/train.h"
#include "volume/volume.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QElapsedTimer>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <random>
#include <thread>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// Two levels with everything that ranks can get wrong: normalisation, shortcuts, outputs at two levels. Without
/// biases before the normalisation: no output depends on them, so their gradients are rounding errors alone.
ArchitectureSpec smallSpec()
{
    ArchitectureSpec spec;
    spec.filters = { 8, 8 };
    spec.pooling.assign(2, { 1, 2, 2 });
    spec.bridge = 16;
    spec.convolutionBias = false;
    spec.batchNormMomentum = 0.1;
    spec.residual = true;
    spec.deepSupervision = true;
    return spec;
}

struct Sample {
    torch::Tensor grey;
    torch::Tensor target;
};

/// `count` samples whose shares of foreground differ much, some of it ignored.
Sample samples(std::int64_t count)
{
    // Noise, because in a regular pattern pooling chooses between equal voxels, and rounding decides for which.
    const auto grey = torch::rand({ count, 1, 6, 16, 16 }, at::detail::createCPUGenerator(5), torch::kFloat64);
    const auto limit = torch::arange(count, torch::kFloat64).view({ -1, 1, 1, 1, 1 }) * 0.15 + 0.3;
    auto target = (grey > limit).to(torch::kFloat32);
    target.view(-1).slice(0, 0, target.numel(), 13).fill_(-1);
    return { grey.to(torch::kFloat32), target };
}

/// "mean", "global", "bce": exactly parallel losses; "naive": each rank's own batch Dice, which is another thing. In
/// double precision, because in single precision rounding now and then carries one voxel across a ReLU's corner, which
/// alone changes a gradient by a part in a thousand; "-single" is in single precision and the trainer's order.
std::vector<NamedTensor> gradientsAndWeights(const std::string& name, RankGroup* group, int steps)
{
    const bool single = name.ends_with("-single");
    const std::string what = name.substr(0, name.find('-'));
    const auto order = single ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::Contiguous;
    at::set_num_threads(1);
    RankLink link { group };
    UNet network(smallSpec());
    network->initialise(4);
    if (single)
        toChannelsLast(*network);
    else
        network->to(torch::kFloat64);
    std::unique_ptr<GradientAverager> averager;
    if (group) {
        network->synchroniseStatistics(&link);
        averager = std::make_unique<GradientAverager>(*network, *group);
    }
    Adam adam(*network, 1e-4);
    LossContext context;
    context.loss = what == "bce" ? Loss::Bce : Loss::Dice;
    context.overBatch = what == "global" || what == "naive";
    context.ranks = group && what != "naive" ? &link : nullptr;
    Sample all = samples(4);
    if (!single)
        all.grey = all.grey.to(torch::kFloat64);
    const std::int64_t from = group ? 4 * group->rank() / group->world() : 0;
    const std::int64_t until = group ? 4 * (group->rank() + 1) / group->world() : 4;
    context.samples = what == "naive" ? 0 : 4;
    std::vector<NamedTensor> result;
    for (int step = 0; step < steps; ++step) {
        adam.zeroGradients();
        if (averager)
            averager->beforeForward();
        const auto grey = all.grey.slice(0, from, until).contiguous(order);
        const auto loss = lossOfAll(network->allOutputs(grey), all.target.slice(0, from, until), context);
        if (averager)
            averager->beforeBackward();
        loss.backward();
        if (step == 0) {
            for (const auto& item : network->named_parameters())
                result.push_back(asNamed("gradient." + item.key(), item.value().grad()));
        }
        adam.step();
    }
    for (auto& tensor : tensorsOf(*network, "after."))
        result.push_back(std::move(tensor));
    return result;
}

/// ‖a − b‖ / ‖b‖ over all the tensors whose names start so. The first shortcut is left out: it is one factor a channel
/// right before a normalisation that takes it away again, so its gradient is nothing but rounding.
double difference(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b, const std::string& start)
{
    double apart = a.size() == b.size() ? 0 : 1e9;
    double length = 0;
    for (const auto& one : a) {
        if (!one.name.starts_with(start) || one.name.ends_with("encoder1.shortcut.weight"))
            continue;
        const auto other = std::find_if(b.begin(), b.end(), [&](const auto& t) { return t.name == one.name; });
        if (other == b.end())
            return 1e9;
        const auto x = asTensor(one).to(torch::kFloat64);
        const auto y = asTensor(*other).to(torch::kFloat64);
        apart += (x - y).square().sum().item<double>();
        length += y.square().sum().item<double>();
    }
    return std::sqrt(apart / length);
}

/// The work in two threads; rank 0's result.
template <class F> auto asThreads(int world, F&& work)
{
    std::vector<decltype(work(std::declval<RankGroup&>()))> results(static_cast<std::size_t>(world));
    RankPlace place;
    place.meeting = RankPlace::Meeting::Threads;
    place.world = place.localWorld = world;
    place.threads = makeThreadMeeting();
    std::vector<std::thread> threads;
    for (int rank = 0; rank < world; ++rank) {
        threads.emplace_back([&, rank] {
            RankPlace here = place;
            here.rank = rank;
            RankGroup group(here, "cpu", 30);
            results[static_cast<std::size_t>(rank)] = work(group);
        });
    }
    for (auto& thread : threads)
        thread.join();
    return results;
}

/// Balls in noise, as in tst_train but without its noise's randomness.
struct Toy {
    std::shared_ptr<Volume> raw;
    std::shared_ptr<Volume> truth;
};

Toy toy()
{
    const Shape shape { 30, 48, 48 };
    Toy result { std::make_shared<Volume>(shape, Scalar::U8), std::make_shared<Volume>(shape, Scalar::U8) };
    std::uint32_t random = 1;
    std::size_t i = 0;
    for (int z = 0; z < shape.z; ++z) {
        for (int y = 0; y < shape.y; ++y) {
            for (int x = 0; x < shape.x; ++x, ++i) {
                const bool inside = std::hypot(z % 10 - 5.0, y % 16 - 8.0, x % 16 - 8.0) < 4.5;
                random = random * 1664525U + 1013904223U;
                result.truth->as<std::uint8_t>()[i] = inside ? 1 : 0;
                result.raw->as<std::uint8_t>()[i] = static_cast<std::uint8_t>((inside ? 130 : 80) + (random >> 26));
            }
        }
    }
    return result;
}

TrainOptions toyOptions(int epochs)
{
    TrainOptions options = TrainOptions::preset("quick");
    options.architecture = smallSpec();
    options.split.tile = 16;
    options.epochs = epochs;
    options.minimumSteps = 3;
    options.learningRate = 3e-3;
    options.schedule = Schedule::Constant;
    options.device = "cpu";
    options.rankTimeout = 20;
    options.checkpointSeconds = 0.05;
    return options;
}

/// What this program does as one of several processes.
int rankMain(const std::string& what, const fs::path& file)
{
    const RankPlace place = rankPlaceFrom(processEnvironment());
    try {
        if (what == "forever") {
            TrainOptions options = toyOptions(100000);
            options.device = "cpu*2";
            options.rankTimeout = 2;
            const Toy data = toy();
            Task task;
            if (place.rank == 1)
                writeTextFile(fs::path(file.string() + ".pid"), std::to_string(::getpid()));
            (void)train(*data.raw, *data.truth, options, file, task, {}, place);
            return 0;
        }
        if (what == "alone") {
            TrainOptions options = toyOptions(100000);
            options.resume = true;
            options.checkpointSeconds = 0;
            const Toy data = toy();
            Task task;
            (void)train(*data.raw, *data.truth, options, file, task);
            return 0;
        }
        if (what == "fails" && place.rank == 1)
            throw Error("This rank was told to fail", "Nothing to do.");
        RankGroup group(place, "cpu", 20);
        const auto result = gradientsAndWeights(what, &group, 20);
        if (place.rank == 0)
            writeSafetensors(file, { {}, result });
        return 0;
    } catch (const RankLost& problem) {
        (void)reportRankFailure(problem.what());
        std::_Exit(kRankLostStatus);
    } catch (const std::exception& problem) {
        (void)reportRankFailure(problem.what());
        std::_Exit(1);
    }
}

std::vector<std::string> selfAs(const std::string& what, const fs::path& file)
{
    return { fs::read_symlink("/proc/self/exe").string(), "--rank", what, file.string() };
}

} // namespace

class TestRanks : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

    /// The sentence with which two ranks that train for ever end after `signal` went to the second of them.
    std::pair<std::string, double> afterSignal(int signal)
    {
        const fs::path model = path("lost.safetensors");
        for (const auto& old : { model, checkpointPath(model), fs::path(model.string() + ".pid") })
            fs::remove(old);
        std::string said;
        QElapsedTimer since;
        std::thread watcher([&] {
            Task task;
            try {
                runRankProcesses({ selfAs("forever", model), 2, 1 }, task);
            } catch (const Error& error) {
                said = error.what();
            }
        });
        const bool begun = QTest::qWaitFor([&] { return fs::exists(checkpointPath(model)); }, 30000);
        const auto pid = begun ? std::stoi(readTextFile(model.string() + ".pid")) : 0;
        if (pid > 0)
            ::kill(pid, signal);
        since.start();
        watcher.join();
        return { said, 0.001 * static_cast<double>(since.elapsed()) };
    }

private Q_SLOTS:
    void initTestCase() { qputenv("XDG_CACHE_HOME", m_folder.path().toUtf8()); }

    void placesFromTheEnvironment()
    {
        const auto from = [](std::map<std::string, std::string> variables) {
            return rankPlaceFrom([variables](const std::string& name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional(found->second);
            });
        };
        QVERIFY(from({}).alone());
        QVERIFY(
            from({ { "RANK", "0" }, { "WORLD_SIZE", "1" }, { "MASTER_ADDR", "a" }, { "MASTER_PORT", "29500" } }).alone());
        const auto torchrun = from({ { "RANK", "5" }, { "WORLD_SIZE", "8" }, { "LOCAL_RANK", "1" },
            { "LOCAL_WORLD_SIZE", "4" }, { "MASTER_ADDR", "node3" }, { "MASTER_PORT", "29501" },
            { "TORCHELASTIC_USE_AGENT_STORE", "True" }, { "TORCHELASTIC_RESTART_COUNT", "2" } });
        QCOMPARE(torchrun.rank, 5);
        QCOMPARE(torchrun.world, 8);
        QCOMPARE(torchrun.localRank, 1);
        QCOMPARE(torchrun.localWorld, 4);
        QCOMPARE(torchrun.host, std::string("node3"));
        QCOMPARE(torchrun.port, 29501);
        QVERIFY(torchrun.hosted && torchrun.meeting == RankPlace::Meeting::Network);
        QCOMPARE(torchrun.prefix, std::string("2"));
        const std::map<std::string, std::string> srun { { "SLURM_PROCID", "3" }, { "SLURM_STEP_NUM_TASKS", "6" },
            { "SLURM_LOCALID", "1" }, { "SLURM_STEP_TASKS_PER_NODE", "2(x3)" }, { "SLURM_STEP_NODELIST", "gpu[07-09,12]" },
            { "SLURM_JOB_ID", "123456" }, { "SLURM_STEP_ID", "0" } };
        const auto slurm = from(srun);
        QCOMPARE(slurm.rank, 3);
        QCOMPARE(slurm.world, 6);
        QCOMPARE(slurm.localRank, 1);
        QCOMPARE(slurm.localWorld, 2);
        QCOMPARE(slurm.host, std::string("gpu07"));
        QVERIFY(slurm.port >= 20000 && slurm.port < 40000 && !slurm.hosted);
        // A batch script has these two, but is no rank.
        QVERIFY(from({ { "SLURM_PROCID", "0" }, { "SLURM_NTASKS", "4" } }).alone());
        const auto file = from({ { "INTERSTICE_MEETING", "/tmp/x" }, { "RANK", "1" }, { "WORLD_SIZE", "2" } });
        QVERIFY(file.meeting == RankPlace::Meeting::File && file.localRank == 1 && file.localWorld == 2);
        for (const auto& bad : std::vector<std::map<std::string, std::string>> { { { "RANK", "x" }, { "WORLD_SIZE", "2" } },
                 { { "RANK", "2" }, { "WORLD_SIZE", "2" }, { "MASTER_ADDR", "a" }, { "MASTER_PORT", "29500" } },
                 { { "RANK", "0" }, { "WORLD_SIZE", "2" }, { "MASTER_PORT", "29500" } },
                 { { "RANK", "0" }, { "WORLD_SIZE", "2" }, { "MASTER_ADDR", "a" } },
                 { { "RANK", "0" }, { "WORLD_SIZE", "2" }, { "MASTER_ADDR", "a" }, { "MASTER_PORT", "70000" } } })
            QVERIFY_THROWS_EXCEPTION(Error, from(bad));
        QCOMPARE(firstHostOf("a1,a2"), std::string("a1"));
        QCOMPARE(firstHostOf("n[3,5]-ib,m1"), std::string("n3-ib"));
        QCOMPARE(firstHostOf(""), std::string());
    }

    void listsOfDevices()
    {
        using Names = std::vector<std::string>;
        QVERIFY(parseDevices("auto") == Names { "auto" });
        QVERIFY((parseDevices("cpu*3") == Names { "cpu", "cpu", "cpu" }));
        QVERIFY((parseDevices("cuda:0,cuda:2") == Names { "cuda:0", "cuda:2" }));
        for (const char* bad : { "", ",", "cpu,", "cpu*0", "cpu*x", "*2", "cpu*1000" })
            QVERIFY_THROWS_EXCEPTION(Error, parseDevices(bad));
        RankPlace place;
        place.localRank = 3;
        QCOMPARE(deviceOfRank({ "auto" }, place, 0), std::string("cpu"));
        QCOMPARE(deviceOfRank({ "auto" }, place, 4), std::string("cuda:3"));
        QCOMPARE(deviceOfRank({ "auto" }, place, 1), std::string("cuda:0")); // srun shows each rank its own
        QCOMPARE(deviceOfRank({ "cuda:4", "cuda:5" }, place, 8), std::string("cuda:5"));
    }

    void synchronisedStatisticsEqualTheJoinedBatch()
    {
        torch::manual_seed(2);
        const auto x = torch::randn({ 5, 4, 3, 6, 5 }) * 3 + 20;
        const auto weight = torch::rand({ 4 }) + 0.5;
        const auto bias = torch::randn({ 4 });
        const auto pull = torch::randn({ 5, 4, 3, 6, 5 });
        const auto leaf = [](const torch::Tensor& t) { return t.detach().clone().requires_grad_(); };
        auto wx = leaf(x);
        auto ww = leaf(weight);
        auto wb = leaf(bias);
        auto mean = torch::zeros({ 4 });
        auto variance = torch::ones({ 4 });
        const auto whole = torch::batch_norm(wx, ww, wb, mean, variance, true, 0.1, 1e-3, false);
        (whole * pull).sum().backward();

        // One sample and four: unequal shares; a third rank only keeps them company.
        const std::vector<std::int64_t> starts = { 0, 1, 5, 5 };
        const auto parts = asThreads(3, [&](RankGroup& group) {
            const auto r = static_cast<std::size_t>(group.rank());
            const bool counts = starts[r + 1] > starts[r];
            RankLink link { &group, counts };
            auto own = leaf(counts ? x.slice(0, starts[r], starts[r + 1]) : x.slice(0, 0, 1));
            auto ow = leaf(weight);
            auto ob = leaf(bias);
            auto om = torch::zeros({ 4 });
            auto ov = torch::ones({ 4 });
            const auto y = synchronisedBatchNorm(own, ow, ob, om, ov, 0.1, 1e-3, link);
            (y * (counts ? pull.slice(0, starts[r], starts[r + 1]) : torch::zeros_like(y))).sum().backward();
            return std::vector<torch::Tensor> { y.detach(), own.grad(), ow.grad(), ob.grad(), om, ov };
        });
        const auto near = [](const torch::Tensor& a, const torch::Tensor& b, double tolerance) {
            const double d = ((a - b).abs().max() / b.abs().max()).item<double>();
            QVERIFY2(d < tolerance, qPrintable(QString::number(d)));
        };
        near(torch::cat({ parts[0][0], parts[1][0] }), whole.detach(), 2e-6);
        near(torch::cat({ parts[0][1], parts[1][1] }), wx.grad(), 2e-6);
        QVERIFY(parts[2][1].abs().max().item<double>() == 0);
        near(parts[0][2] + parts[1][2] + parts[2][2], ww.grad(), 2e-6);
        near(parts[0][3] + parts[1][3] + parts[2][3], wb.grad(), 2e-6);
        for (const auto& part : parts) {
            near(part[4], mean, 1e-6);
            near(part[5], variance, 1e-6);
        }
    }

    void twoRanksGiveTheGradientsOfOne_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("what");
        for (const char* what : { "mean", "global", "bce", "mean-single" })
            QTest::newRow(what) << "threads" << what;
        QTest::newRow("processes over a file") << "file" << "mean";
        QTest::newRow("processes over the network") << "network" << "mean";
        QTest::newRow("naive") << "threads" << "naive";
    }
    void twoRanksGiveTheGradientsOfOne()
    {
        QFETCH(QString, how);
        QFETCH(QString, what);
        const std::string kind = what.toStdString();
        const auto one = gradientsAndWeights(kind, nullptr, 20);
        std::vector<NamedTensor> two;
        if (how == "threads") {
            two = asThreads(2, [&](RankGroup& group) { return gradientsAndWeights(kind, &group, 20); }).front();
        } else if (how == "file") {
            Task task;
            QVERIFY(runRankProcesses({ selfAs(kind, path("file.safetensors")), 2 }, task));
            two = readSafetensors(path("file.safetensors")).tensors;
        } else {
            QTcpServer probe;
            QVERIFY(probe.listen(QHostAddress::LocalHost));
            const int port = probe.serverPort();
            probe.close();
            std::vector<std::unique_ptr<QProcess>> ranks;
            for (int rank = 0; rank < 2; ++rank) {
                ranks.push_back(std::make_unique<QProcess>());
                auto environment = QProcessEnvironment::systemEnvironment();
                environment.insert("RANK", QString::number(rank));
                environment.insert("WORLD_SIZE", "2");
                environment.insert("MASTER_ADDR", "127.0.0.1");
                environment.insert("MASTER_PORT", QString::number(port));
                ranks.back()->setProcessEnvironment(environment);
                ranks.back()->setProcessChannelMode(QProcess::ForwardedChannels);
                ranks.back()->start(QCoreApplication::applicationFilePath(),
                    { "--rank", what, QString::fromStdString(path("network.safetensors").string()) });
            }
            for (auto& rank : ranks) {
                QVERIFY(rank->state() == QProcess::NotRunning || rank->waitForFinished(30000));
                QCOMPARE(rank->exitCode(), 0);
            }
            two = readSafetensors(path("network.safetensors")).tensors;
        }
        const double gradients = difference(two, one, "gradient.");
        const double weights = difference(two, one, "after.");
        qInfo("largest relative difference: gradients %.2g, after 20 steps %.2g", gradients, weights);
        if (what == "naive") {
            QVERIFY(gradients > 1e-4); // otherwise this test could not tell right from wrong
            return;
        }
        const bool single = what.endsWith("-single");
        QVERIFY2(gradients < (single ? 2e-2 : 1e-6), qPrintable(QString::number(gradients)));
        QVERIFY2(weights < (single ? 2e-3 : 1e-5), qPrintable(QString::number(weights)));
    }

    void trainingWithTwoRanksIsTheSameTraining()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = toyOptions(3);
        options.batch = 3; // shares of two and one, and at the end of an epoch perhaps one and none
        const auto one = train(*data.raw, *data.truth, options, path("one.safetensors"), task);
        options.device = "cpu*2";
        const auto two = train(*data.raw, *data.truth, options, path("two.safetensors"), task);
        QCOMPARE(two.ranks, 2);
        QCOMPARE(two.epochs.size(), one.epochs.size());
        for (std::size_t i = 0; i < one.epochs.size(); ++i) {
            QVERIFY2(std::abs(one.epochs[i].trainLoss - two.epochs[i].trainLoss) < 1e-3,
                qPrintable(QString("%1 %2").arg(one.epochs[i].trainLoss).arg(two.epochs[i].trainLoss)));
            QVERIFY(std::abs(one.epochs[i].validationLoss - two.epochs[i].validationLoss) < 5e-3);
        }
        const double first = std::abs(one.epochs[0].trainLoss - two.epochs[0].trainLoss);
        // Local statistics are another training.
        options.globalStatistics = false;
        const auto local = train(*data.raw, *data.truth, options, path("local.safetensors"), task);
        const double other = std::abs(one.epochs[0].trainLoss - local.epochs[0].trainLoss);
        qInfo("loss of the first epoch: two ranks differ by %.2g, with local statistics by %.2g", first, other);
        QVERIFY(first < 1e-4 && other > 5e-4);
    }

    void aFailureOnOneRankIsTold()
    {
        Task task;
        try {
            runRankProcesses({ selfAs("fails", path("fails.safetensors")), 2, 1 }, task);
            QFAIL("a failing rank went unnoticed");
        } catch (const Error& error) {
            const std::string said = error.what();
            QVERIFY2(
                said.find("Rank 1") != std::string::npos && said.find("told to fail") != std::string::npos, said.c_str());
        }
        // In threads: the loss that is no number is the same sentence on both.
        const Toy data = toy();
        TrainOptions options = toyOptions(50);
        options.learningRate = 1e30;
        options.device = "cpu*2";
        try {
            train(*data.raw, *data.truth, options, path("nan.safetensors"), task);
            QFAIL("a loss that is no number went unnoticed");
        } catch (const Error& error) {
            const std::string said = error.what();
            QVERIFY2(said.find("batch") != std::string::npos && said.find("blocks at") != std::string::npos, said.c_str());
        }
    }

    void aKilledRankEndsTheOthers()
    {
        const auto [said, seconds] = afterSignal(SIGKILL);
        QVERIFY2(said.find("Rank 1") != std::string::npos && said.find("signal 9") != std::string::npos, said.c_str());
        QVERIFY2(seconds < 5, qPrintable(QString::number(seconds)));
        // The checkpoint stands and training goes on from it.
        const Toy data = toy();
        TrainOptions options = toyOptions(1);
        options.resume = true;
        Task task;
        const auto card = readSafetensors(checkpointPath(path("lost.safetensors")));
        const Json json = Json::parse(card.metadata.at("interstice-checkpoint"));
        options.epochs = json.at("epoch").get<int>() + 1;
        const auto result = train(*data.raw, *data.truth, options, path("lost.safetensors"), task);
        QCOMPARE(result.epochs.size(), static_cast<std::size_t>(options.epochs));
    }

    void killedAtAnyMomentACheckpointLoads()
    {
        // One process that writes a checkpoint after every step, killed twenty times, going on from where it was.
        const fs::path model = path("killed.safetensors");
        const Toy data = toy();
        std::mt19937 random(11);
        double farthest = 0;
        const auto written = [&] {
            std::error_code none;
            const auto time = fs::last_write_time(checkpointPath(model), none);
            return none ? fs::file_time_type::min() : time;
        };
        for (int round = 0; round < 20; ++round) {
            auto last = written();
            QProcess process;
            process.start(
                QCoreApplication::applicationFilePath(), { "--rank", "alone", QString::fromStdString(model.string()) });
            // The start of the process is not what is tested: it has gone on, and then up to three steps more.
            for (unsigned steps = 1 + random() % 3; steps > 0; --steps) {
                QVERIFY(QTest::qWaitFor([&] { return written() != last; }, 30000));
                last = written();
            }
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
            process.kill(); // SIGKILL
            process.waitForFinished();
            const auto file = readSafetensors(checkpointPath(model));
            const Json json = Json::parse(file.metadata.at("interstice-checkpoint"));
            const double place = json.at("epoch").get<int>() + 1e-4 * json.at("blocks_done").get<double>();
            QVERIFY(place > farthest); // never back
            farthest = place;
        }
        const int epochs = static_cast<int>(farthest) + 1;
        TrainOptions options = toyOptions(epochs);
        options.resume = true;
        Task task;
        const auto result = train(*data.raw, *data.truth, options, model, task);
        QCOMPARE(static_cast<int>(result.epochs.size()), epochs);
    }

    void aRankThatHangsIsNamedAndEnded()
    {
        const auto [said, seconds] = afterSignal(SIGSTOP);
        QVERIFY2(said.find("Rank 1") != std::string::npos && said.find("did not answer") != std::string::npos, said.c_str());
        QVERIFY2(seconds > 1 && seconds < 10, qPrintable(QString::number(seconds)));
    }

    void aBusyPortIsSaid()
    {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::Any));
        RankPlace place;
        place.meeting = RankPlace::Meeting::Network;
        place.world = 2;
        place.host = "127.0.0.1";
        place.port = other.serverPort();
        try {
            const RankGroup group(place, "cpu", 2);
            QFAIL("a busy port went unnoticed");
        } catch (const Error& error) {
            const std::string said = error.what();
            QVERIFY2(said.find("another program") != std::string::npos, said.c_str());
        }
    }

    void leftoversOfACrashAreCleared()
    {
        const fs::path folder = path("cache");
        fs::create_directories(folder / "ranks-2147483000-1"); // no process has so high a number
        fs::create_directories(folder / ("ranks-" + std::to_string(::getpid()) + "-1"));
        fs::create_directories(folder / "something else");
        clearStaleMeetings(folder);
        QVERIFY(!fs::exists(folder / "ranks-2147483000-1"));
        QVERIFY(fs::exists(folder / ("ranks-" + std::to_string(::getpid()) + "-1")));
        QVERIFY(fs::exists(folder / "something else"));
    }
};

int main(int argc, char** argv)
{
    if (argc == 4 && std::string(argv[1]) == "--rank")
        return rankMain(argv[2], argv[3]);
    QCoreApplication application(argc, argv);
    TestRanks tests;
    return QTest::qExec(&tests, argc, argv);
}
#include "tst_ranks.moc"
