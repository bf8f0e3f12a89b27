//! The PortSIP PBX dialect, mounted at /api.

mod odata;
