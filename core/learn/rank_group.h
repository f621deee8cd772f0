// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "learn/ranks.h"

#include <memory>
#include <span>
#include <string>

namespace interstice {

/// Another rank ended or stopped answering; the sentence names it.
class RankLost : public Error {
public:
    using Error::Error;
};

/// What the threads of one process share to find each other (RankPlace::threads).
std::shared_ptr<void> makeThreadMeeting();

/// The ranks of one training, joined: small sums, and finding out who is missing. Gloo carries what lies in main
/// memory, NCCL what lies on GPUs. Every rank must call the same collective functions in the same order; one rank's
/// object belongs to one thread.
class RankGroup {
public:
    /// Returns when all have joined; throws Error when they do not within ten minutes, or the port is taken.
    /// `timeoutSeconds`: how long a collective waits for a rank that does not answer.
    RankGroup(const RankPlace& place, const std::string& device, double timeoutSeconds);
    ~RankGroup();
    RankGroup(const RankGroup&) = delete;
    RankGroup& operator=(const RankGroup&) = delete;

    int rank() const { return m_place.rank; }
    int world() const { return m_place.world; }
    const RankPlace& place() const { return m_place; }

    /// Sums each value over the ranks, in order of rank: the same bits everywhere. Throws RankLost.
    void sum(std::span<double> values);
    /// Tells the others why this rank ends, so that they can say it.
    void leave(const std::string& why) noexcept;
    /// After a collective failed: who is missing, in a sentence. Waits up to two seconds for what the others say.
    RankLost whoIsMissing(const std::string& problem) noexcept;
    /// Whether an exception's text is that of a broken connection rather than of the work itself.
    static bool isAboutConnections(const std::exception& problem);

    /// LibTorch's side, in learn/rank_tensors.h.
    struct Parts;
    Parts& parts() { return *m_parts; }

private:
    RankPlace m_place;
    double m_timeoutSeconds;
    std::unique_ptr<Parts> m_parts;
};

} // namespace interstice
