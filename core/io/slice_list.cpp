// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/slice_list.h"

#include "base/error.h"
#include "base/file.h"

#include <glob.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string>

namespace fs = std::filesystem;

namespace interstice {

namespace {

std::string lowerExtension(const fs::path& path)
{
    std::string text = utf8(path.extension());
    std::transform(
        text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool isTiffName(const fs::path& path)
{
    const std::string extension = lowerExtension(path);
    return extension == ".tif" || extension == ".tiff";
}

std::vector<fs::path> filesOfFolder(const fs::path& folder, Findings& findings)
{
    std::vector<fs::path> files;
    std::size_t others = 0;
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
        const std::string name = utf8(at->path().filename());
        std::error_code ignored;
        if (name.starts_with(".") || !at->is_regular_file(ignored))
            continue;
        static constexpr const char* pictures[] = { ".png", ".jpg", ".jpeg", ".bmp", ".dcm", ".gif" };
        const std::string extension = lowerExtension(at->path());
        if (isTiffName(at->path()))
            files.push_back(at->path());
        else if (std::find(std::begin(pictures), std::end(pictures), extension) != std::end(pictures))
            ++others;
    }
    if (problem)
        throw Error("Cannot look into the folder " + utf8(folder) + ": " + problem.message(), "Check that you may read it.");
    if (files.empty())
        throw Error("The folder " + utf8(folder) + " holds no TIFF files" + (others ? ", only pictures of other kinds" : ""),
            others ? "Convert them to TIFF." : "Choose the folder that the slices are in.");
    if (others)
        findings.push_back({ Finding::Severity::Note, "other-files",
            std::to_string(others) + (others == 1 ? " picture" : " pictures") + " of other kinds in " + utf8(folder)
                + (others == 1 ? " was" : " were") + " left out." });
    return files;
}

std::vector<fs::path> filesOfGlob(const fs::path& pattern)
{
    glob_t found {};
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<fs::path> files;
    if (result == 0) {
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            std::error_code ignored;
            if (fs::is_regular_file(found.gl_pathv[i], ignored))
                files.emplace_back(found.gl_pathv[i]);
        }
    }
    ::globfree(&found);
    if (files.empty())
        throw Error("No file is named like " + utf8(pattern), "Check the pattern and the folder.");
    return files;
}

/// "scan2_0007b" → {"scan", "_", "b"} and {"2", "0007"}.
struct Name {
    std::vector<std::string> words;
    std::vector<std::string> numbers;
};

Name split(const std::string& stem)
{
    Name name;
    name.words.emplace_back();
    for (const char c : stem) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && name.numbers.size() < name.words.size())
            name.numbers.emplace_back();
        else if (!digit && name.numbers.size() == name.words.size())
            name.words.emplace_back();
        (digit ? name.numbers : name.words).back() += c;
    }
    if (name.numbers.size() == name.words.size())
        name.words.emplace_back();
    return name;
}

std::optional<std::int64_t> toNumber(const std::string& digits)
{
    return digits.size() <= 17 ? std::optional<std::int64_t>(std::stoll(digits)) : std::nullopt;
}

std::string inFolder(const fs::path& file)
{
    const fs::path folder = file.parent_path();
    return folder.empty() ? "" : " in " + utf8(folder);
}

std::string someOf(const std::vector<std::int64_t>& numbers)
{
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(numbers.size(), 5); ++i)
        text += (i ? ", " : "") + std::to_string(numbers[i]);
    return numbers.size() > 5 ? text + ", …" : text;
}

} // namespace

bool isGlob(const fs::path& path)
{
    std::error_code ignored;
    return utf8(path).find_first_of("*?[") != std::string::npos && !fs::exists(path, ignored);
}

std::vector<fs::path> listSlices(const fs::path& folderOrGlob, Findings& findings)
{
    auto files = isGlob(folderOrGlob) ? filesOfGlob(folderOrGlob) : filesOfFolder(folderOrGlob, findings);
    std::sort(
        files.begin(), files.end(), [](const fs::path& a, const fs::path& b) { return naturalLess(utf8(a), utf8(b)); });
    return files;
}

Findings checkNumbering(const std::vector<fs::path>& files)
{
    if (files.size() < 2)
        return {};
    Findings findings;
    // The pattern that most names share.
    std::vector<Name> names;
    std::map<std::vector<std::string>, std::size_t> patterns;
    for (const auto& file : files) {
        names.push_back(split(utf8(file.stem())));
        ++patterns[names.back().words];
    }
    const auto common = std::max_element(
        patterns.begin(), patterns.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (patterns.size() > 1) {
        const auto odd
            = std::find_if(names.begin(), names.end(), [&](const Name& name) { return name.words != common->first; });
        findings.push_back({ Finding::Severity::Warning, "names-differ",
            std::to_string(files.size() - common->second) + " of " + std::to_string(files.size())
                + " files are named unlike the others" + inFolder(files[0]) + " ("
                + utf8(files[static_cast<std::size_t>(odd - names.begin())].filename())
                + "): do they belong to the stack?" });
    }
    std::vector<const Name*> alike;
    for (const auto& name : names) {
        if (name.words == common->first)
            alike.push_back(&name);
    }
    // The last number that is not the same in all of them counts the slices.
    std::size_t column = alike[0]->numbers.size();
    for (std::size_t c = alike[0]->numbers.size(); c-- > 0 && column == alike[0]->numbers.size();) {
        if (std::any_of(
                alike.begin(), alike.end(), [&](const Name* name) { return name->numbers[c] != alike[0]->numbers[c]; }))
            column = c;
    }
    if (column == alike[0]->numbers.size())
        return findings;
    std::vector<std::int64_t> numbers;
    for (const Name* name : alike) {
        if (const auto number = toNumber(name->numbers[column]))
            numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());

    std::vector<std::int64_t> twice;
    std::map<std::int64_t, std::size_t> steps;
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] == numbers[i - 1]) {
            if (twice.empty() || twice.back() != numbers[i])
                twice.push_back(numbers[i]);
        } else {
            ++steps[numbers[i] - numbers[i - 1]];
        }
    }
    if (!twice.empty())
        findings.push_back({ Finding::Severity::Warning, "slice-duplicate",
            "More than one file has the number " + someOf(twice) + inFolder(files[0]) + "." });
    if (steps.empty())
        return findings;
    const std::int64_t step = std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
    })->first;
    std::vector<std::int64_t> missing;
    std::int64_t missingCount = 0;
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        for (std::int64_t n = numbers[i - 1] + step; n < numbers[i] && missing.size() < 6; n += step)
            missing.push_back(n);
        if (numbers[i] > numbers[i - 1])
            missingCount += (numbers[i] - numbers[i - 1] - 1) / step;
    }
    if (!missing.empty())
        findings.push_back({ Finding::Severity::Warning, "slice-gap",
            std::to_string(missingCount) + (missingCount == 1 ? " slice is" : " slices are") + " missing"
                + inFolder(files[0]) + ": number " + someOf(missing) + "." });
    if (step > 1)
        findings.push_back({ Finding::Severity::Note, "slice-step",
            "The slices are numbered in steps of " + std::to_string(step) + inFolder(files[0]) + ": are they neighbours?" });
    return findings;
}

} // namespace interstice
