//! The PortSIP PBX dialect, mounted at /api.
