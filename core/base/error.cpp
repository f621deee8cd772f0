// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace interstice {

namespace {

std::string asSentence(const std::string& text)
{
    if (text.empty())
        return text;
    const char last = text.back();
    return last == '.' || last == '!' || last == '?' ? text : text + '.';
}

std::string joined(const std::string& happened, const std::string& remedy)
{
    return remedy.empty() ? asSentence(happened) : asSentence(happened) + ' ' + asSentence(remedy);
}

} // namespace

Error::Error(std::string happened, std::string remedy)
    : std::runtime_error(joined(happened, remedy))
    , m_happened(std::move(happened))
    , m_remedy(std::move(remedy))
{
}

Stopped::Stopped()
    : std::runtime_error("Stopped on request.")
{
}

} // namespace interstice
