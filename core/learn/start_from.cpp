// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/start_from.h"

#include "base/error.h"
#include "base/file.h"
#include "learn/checkpoint.h"
#include "learn/safetensors.h"

#include <map>

namespace interstice {

Findings takeOver(UNetImpl& network, const NormaliseOptions& normalise, const std::filesystem::path& model, Goal goal)
{
    const ModelCard card = readModelCard(model);
    const SafetensorsFile file = readSafetensors(model);
    requireChecksum(file, card, model);
    std::map<std::string, const NamedTensor*> byName;
    for (const NamedTensor& tensor : file.tensors)
        byName[tensor.name] = &tensor;
    torch::NoGradGuard noGrad;
    std::int64_t taken = 0;
    std::int64_t all = 0;
    std::string fresh;
    bool kernels = false; // single numbers fit anything
    const auto copyInto = [&](const std::string& name, torch::Tensor& target) {
        if (!target.is_floating_point())
            return;
        all += target.numel();
        const auto found = byName.find(name);
        // Grey values and classes are different things to give out.
        const bool otherOutput = card.pretrained != (goal == Goal::Reconstruct) && name.starts_with("head");
        if (found == byName.end() || otherOutput || target.sizes() != at::IntArrayRef(found->second->shape)) {
            fresh += (fresh.empty() ? "" : ", ") + name;
            return;
        }
        target.copy_(asTensor(*found->second));
        taken += target.numel();
        kernels = kernels || target.dim() > 1;
    };
    for (auto& item : network.named_parameters())
        copyInto(item.key(), item.value());
    for (auto& item : network.named_buffers())
        copyInto(item.key(), item.value());
    if (!kernels)
        throw Error("Nothing in " + utf8(model) + " fits this network",
            "Train with the preset and the network options that the model was made with ("
                + (card.architecture.name.empty() ? std::string("unnamed") : card.architecture.name) + ").");
    Findings findings;
    findings.push_back({ Finding::Severity::Note, "started-from",
        "Started from " + utf8(model) + " (" + (card.pretrained ? "pretrained without labels" : "trained on labels")
            + "): took over " + std::to_string(taken) + " of " + std::to_string(all)
            + " numbers; new: " + (fresh.empty() ? "none" : fresh) + "." });
    if (toJson(card.normalise) != toJson(normalise))
        findings.push_back({ Finding::Severity::Warning, "other-grey-values",
            "The model that this training starts from saw grey values brought to 0…1 in another way: its weights fit less "
            "well." });
    return findings;
}

} // namespace interstice
