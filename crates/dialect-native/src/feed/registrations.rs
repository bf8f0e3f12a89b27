//! SIP devices that were bound, renewed or unbound.

use jackfield_directory::ReportedRegistration;
use jackfield_domain::{Field, NewRegistration, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    batch::takes,
    wire::{required_moment, required_text, text},
};

/// A SIP device that is bound until a moment. Another report with the same `instance_id` renews it; one whose end has passed removes it.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct DeviceReport {
    /// The number of the extension that it is bound to.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 3, max_length = 64)]
    extension_number: Input<String>,
    /// What the device is known by: its `+sip.instance`, or what you have instead. Unique among the devices of the user.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    instance_id: Input<String>,
    /// When the binding ends unless it is renewed, at most seven days from now.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    expires_at: Input<String>,
    /// What the device calls itself.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    user_agent: Input<String>,
    /// The program it belongs to, for a softphone.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    application: Input<String>,
    /// The IP address it was seen at.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    ip: Input<String>,
    /// Whether it wants to be woken before a call.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    enable_push: Input<bool>,
    /// The SIP address that calls are sent to.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    contact_address: Input<String>,
}

impl DeviceReport {
    fn into_report(self) -> Result<ReportedRegistration> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = ReportedRegistration {
            extension_number: required_text(self.extension_number, at, Field::ExtensionNumber),
            binding: NewRegistration {
                instance_id: required_text(self.instance_id, at, Field::InstanceId),
                user_agent: text(self.user_agent, at, Field::UserAgent),
                application: text(self.application, at, Field::Application),
                ip: text(self.ip, at, Field::Ip),
                enable_push: self
                    .enable_push
                    .optional(at, Field::EnablePush)
                    .unwrap_or_default(),
                contact_address: text(self.contact_address, at, Field::ContactAddress),
                expires_at: required_moment(self.expires_at, at, Field::ExpiresAt),
            },
        };
        // How far ahead the end may be is judged where the time is known.
        conclude(found, || new.binding.check(new.binding.expires_at))?;
        Ok(new)
    }
}

takes! {
    /// Report SIP devices that are bound
    ///
    /// One, a list of up to 10,000, or a stream of lines. A binding ends by itself.
    "/feed/registrations" of DeviceReport as ReportedRegistration, by report_registrations
}
