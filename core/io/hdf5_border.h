// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/scalar.h"

#include <hdf5.h>

#include <mutex>
#include <string>

namespace interstice {

/// Taken around every call of the library, which Debian builds for one thread at a time at best.
std::unique_lock<std::recursive_mutex> enterHdf5();

/// An object of the library that closes itself.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);
    Hdf5Handle(hid_t id, Close close)
        : m_id(id)
        , m_close(close)
    {
    }
    ~Hdf5Handle()
    {
        if (m_id >= 0) {
            const auto lock = enterHdf5();
            m_close(m_id);
        }
    }
    Hdf5Handle(const Hdf5Handle&) = delete;
    Hdf5Handle& operator=(const Hdf5Handle&) = delete;

    bool good() const { return m_id >= 0; }
    hid_t id() const { return m_id; }

private:
    hid_t m_id;
    Close m_close;
};

/// The type of voxels in memory.
inline hid_t hdf5Type(Scalar scalar)
{
    switch (scalar) {
    case Scalar::U8:
        return H5T_NATIVE_UINT8;
    case Scalar::U16:
        return H5T_NATIVE_UINT16;
    case Scalar::I16:
        return H5T_NATIVE_INT16;
    case Scalar::U32:
        return H5T_NATIVE_UINT32;
    case Scalar::F32:
        break;
    }
    return H5T_NATIVE_FLOAT;
}

} // namespace interstice
