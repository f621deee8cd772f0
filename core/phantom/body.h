// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/materials.h"
#include "phantom/packing.h"
#include "phantom/random.h"

#include <array>
#include <cstdint>
#include <vector>

namespace interstice {

/// A direction or place, in voxels.
struct Vector {
    double z = 0;
    double y = 0;
    double x = 0;
};

/// One thing in the matrix whose projection is known exactly: an ellipsoid, of which planes may cut pieces off, and
/// which may end flat in z.
struct Body {
    /// Rows of the symmetric matrix A: p inside when (p − centre)ᵀ A (p − centre) ≤ 1.
    struct Form {
        double zz = 0;
        double yy = 0;
        double xx = 0;
        double zy = 0;
        double zx = 0;
        double yx = 0;
    };
    /// Inside where normal · (p − centre) ≤ offset.
    struct Cut {
        Vector normal;
        double offset = 0;
    };

    Vector centre;
    Form form;
    std::vector<Cut> cuts;
    /// Of the smallest ball about the centre that holds the uncut ellipsoid, and of the box along z, y and x.
    double reach = 0;
    Vector extent;
    /// Height of the ellipsoid over extent.z where flat ends cut it, 1 otherwise.
    double cutHeight = 1;
    Material material = Material::Air;
    std::uint8_t label = 0;

    bool contains(double z, double y, double x) const;
    /// In voxels: exact without cuts, otherwise summed over exact chords on a grid of a hundredth of the reach.
    double volume() const;

    static Body ball(const Ball& ball, Material material, std::uint8_t label);
    /// Half-axes along three orthogonal unit vectors.
    static Body ellipsoid(const Vector& centre, const std::array<Vector, 3>& axes, const std::array<double, 3>& halves,
        Material material, std::uint8_t label);
    /// Cuts an ellipsoid flat, at right angles to z, this far above and below its centre.
    void endFlat(double halfHeight);
    /// A splinter of a ball: what 5 to 8 random planes leave of it.
    static Body shard(const Ball& ball, Random& random, Material material, std::uint8_t label);
};

/// A body seen along a direction in the slices' plane: the chord at (U, V), both counted from the body's centre, is
/// 2 √(q0 V-part …)/a cut by the planes.
class BodyView {
public:
    /// The beam runs along (−sin, cos) in (x, y); u = x cos + y sin.
    BodyView(const Body& body, double cosine, double sine);

    /// Coefficients of the row V: the chord at U is `scale` × √(q0 + q1 U + q2 U²) where that is positive.
    struct Row {
        double q0;
        double q1;
        double q2;
        double scale;
        /// Where it is positive; from > to when nowhere.
        double from;
        double to;
    };
    Row row(double v) const;
    bool cut() const { return !m_cuts.empty(); }
    /// Length of the chord with the planes' cuts.
    double chord(const Row& row, double u, double v) const;

private:
    struct Line {
        /// t-coefficient, and the offset at (U, V): along·t ≤ offset − nu U − nv V.
        double along;
        double nu;
        double nv;
        double offset;
    };
    double m_a;
    double m_bu;
    double m_bv;
    double m_cuu;
    double m_cuv;
    double m_cvv;
    std::vector<Line> m_cuts;
};

} // namespace interstice
