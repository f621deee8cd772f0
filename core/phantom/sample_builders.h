// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/sample.h"

#include <string>
#include <utility>
#include <vector>

namespace interstice {

// What makeSample is made of; each fills an empty sample with its matrix and bodies.
void buildSpheres(Sample& sample, Task& task);
void buildShale(Sample& sample, Task& task);
void buildWood(Sample& sample, Task& task);

using SomeBodies = std::vector<std::pair<Body, PhantomObject::Kind>>;
/// Puts the bodies into the sample with their objects, by kind and then z, numbered.
void takeBodies(Sample& sample, SomeBodies bodies);

/// "20 %"
std::string percentOf(double fraction);

} // namespace interstice
