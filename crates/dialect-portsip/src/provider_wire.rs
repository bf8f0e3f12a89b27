//! How trunks look.

use jackfield_domain::{
    Field, NewProvider, Provider, ProviderPatch, ProviderSettings, ProviderSettingsPatch, Result, Rule,
    Secret, TrunkAuth, Violations,
};
use jackfield_edge::{Expected, Input, conclude};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::words::{TransportWord, TrunkAuthWord, choice};

/// How the headers of SIP messages are to be filled, which is not kept.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Parameters(Map<String, Value>);

impl Expected for Parameters {
    const WORDS: &'static str = "an object";
}

/// Whoever asks for other headers is told that he would not get them.
fn refuse(input: Input<Parameters>, found: &mut Violations, field: Field) {
    let input = input.convert(|Parameters(map)| {
        let text = "is not kept: headers of SIP messages have their usual values; leave it out";
        if map.is_empty() {
            Ok(())
        } else {
            Err(Rule::Other(text.to_owned()))
        }
    });
    _ = input.optional(found, field);
}

fn secret(input: Input<String>) -> Input<Secret> {
    input.convert(|text| Ok(Secret::new(text)))
}

/// The settings of a trunk; `need` and `required` say whether one has to be given when it is made.
macro_rules! provider_wire {
    (
        texts { $($(#[doc = $tdoc:literal])* $text:ident = $tfield:ident, $length:tt, $tneed:ident, $trequired:tt;)* }
        numbers { $($(#[doc = $ndoc:literal])* $number:ident = $nfield:ident, $least:tt to $most:tt, $nneed:ident, $nrequired:tt;)* }
        flags { $($(#[doc = $fdoc:literal])* $flag:ident = $ffield:ident, $default:tt;)* }
    ) => {
        /// A trunk to be made.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct CreateProvider {
            /// Its name.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
            name: Input<String>,
            /// The name of the provider's product. It never changes.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 64)]
            brand: Input<String>,
            /// How the two sides know each other. It never changes.
            #[serde(default)]
            #[schema(value_type = TrunkAuthWord, required = false)]
            auth_mode: Input<String>,
            /// How SIP messages travel.
            #[serde(default)]
            #[schema(value_type = TransportWord, required = true)]
            transport: Input<String>,
            /// The host of the provider: a name or an address.
            #[serde(default)]
            #[schema(value_type = String, required = true)]
            hostname: Input<String>,
            /// The password at the provider. It is never told again.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 256)]
            password: Input<String>,
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = $trequired, max_length = $length)] $text: Input<String>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = $nrequired, minimum = $least, maximum = $most)] $number: Input<i64>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false, default = $default)] $flag: Input<bool>,)*
            /// Not kept: headers have their usual values. Anything but an empty object is refused.
            #[serde(default)]
            #[schema(value_type = Object, required = false)]
            inbound_parameters: Input<Parameters>,
            /// Not kept, as above.
            #[serde(default)]
            #[schema(value_type = Object, required = false)]
            outbound_parameters: Input<Parameters>,
        }

        /// A change to a trunk: what is left out stays.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct UpdateProvider {
            /// Its name.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Input<String>,
            /// How SIP messages travel.
            #[serde(default)]
            #[schema(value_type = TransportWord, required = false)]
            transport: Input<String>,
            /// The host of the provider: a name or an address.
            #[serde(default)]
            #[schema(value_type = String, required = false)]
            hostname: Input<String>,
            /// The password at the provider; empty for none. It is never told again.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 256)]
            password: Input<String>,
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = $length)] $text: Input<String>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most)] $number: Input<i64>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false)] $flag: Input<bool>,)*
            /// Not kept: headers have their usual values. Anything but an empty object is refused.
            #[serde(default)]
            #[schema(value_type = Object, required = false)]
            inbound_parameters: Input<Parameters>,
            /// Not kept, as above.
            #[serde(default)]
            #[schema(value_type = Object, required = false)]
            outbound_parameters: Input<Parameters>,
        }

        /// A trunk.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct ProviderAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// Its name.
            #[schema(min_length = 1, max_length = 64)]
            name: String,
            /// The name of the provider's product.
            #[serde(skip_serializing_if = "String::is_empty")]
            #[schema(required = false, min_length = 1, max_length = 64)]
            brand: String,
            /// How the two sides know each other.
            auth_mode: TrunkAuthWord,
            /// How SIP messages travel.
            transport: TransportWord,
            /// The host of the provider.
            hostname: String,
            $($(#[doc = $tdoc])* #[schema(max_length = $length)] $text: String,)*
            $($(#[doc = $ndoc])* #[schema(value_type = i32, minimum = $least, maximum = $most)] $number: i64,)*
            $($(#[doc = $fdoc])* $flag: bool,)*
            /// Whether it belongs to the installation and is lent to tenants. None is.
            shared: bool,
        }

        impl CreateProvider {
            /// What is to be made.
            pub(crate) fn read(self) -> Result<NewProvider> {
                let (mut found, default) = (Violations::new(), ProviderSettings::default());
                let settings = ProviderSettings {
                    transport: choice(self.transport).required(&mut found, Field::Transport).unwrap_or(default.transport),
                    $($text: self.$text.$tneed(&mut found, Field::$tfield).unwrap_or(default.$text),)*
                    $($number: self.$number.$nneed(&mut found, Field::$nfield).unwrap_or(default.$number),)*
                    $($flag: self.$flag.optional(&mut found, Field::$ffield).unwrap_or(default.$flag),)*
                };
                let new = NewProvider {
                    name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
                    hostname: self.hostname.required(&mut found, Field::Hostname).unwrap_or_default(),
                    brand: self.brand.optional(&mut found, Field::Brand).unwrap_or_default(),
                    auth_mode: choice::<TrunkAuth>(self.auth_mode).optional(&mut found, Field::AuthMode).unwrap_or_default(),
                    password: secret(self.password).optional(&mut found, Field::Password).unwrap_or_default(),
                    settings,
                };
                refuse(self.inbound_parameters, &mut found, Field::InboundParameters);
                refuse(self.outbound_parameters, &mut found, Field::OutboundParameters);
                conclude(found, || new.check())?;
                Ok(new)
            }
        }

        impl UpdateProvider {
            /// What is to be changed.
            pub(crate) fn read(self) -> Result<ProviderPatch> {
                let mut found = Violations::new();
                let settings = ProviderSettingsPatch {
                    transport: choice(self.transport).patch(&mut found, Field::Transport),
                    $($text: self.$text.patch_or_default(&mut found, Field::$tfield),)*
                    $($number: self.$number.patch(&mut found, Field::$nfield),)*
                    $($flag: self.$flag.patch(&mut found, Field::$ffield),)*
                };
                let patch = ProviderPatch {
                    name: self.name.patch(&mut found, Field::Name),
                    hostname: self.hostname.patch(&mut found, Field::Hostname),
                    password: secret(self.password).patch_or_default(&mut found, Field::Password),
                    settings,
                };
                refuse(self.inbound_parameters, &mut found, Field::InboundParameters);
                refuse(self.outbound_parameters, &mut found, Field::OutboundParameters);
                conclude(found, || patch.check())?;
                Ok(patch)
            }
        }

        impl From<Provider> for ProviderAnswer {
            fn from(provider: Provider) -> Self {
                let settings = provider.settings;
                Self {
                    id: provider.id.to_string(),
                    name: provider.name,
                    brand: provider.brand,
                    auth_mode: provider.auth_mode.into(),
                    transport: settings.transport.into(),
                    hostname: provider.hostname,
                    $($text: settings.$text,)*
                    $($number: settings.$number,)*
                    $($flag: settings.$flag,)*
                    shared: provider.tenant.is_system(),
                }
            }
        }
    };
}

provider_wire! {
    texts {
        /// The name for authentication, when it is not the account's.
        auth_id = AuthId, 64, optional, false;
        /// The account at the provider.
        username = Username, 64, optional, false;
        /// The host that messages are sent to instead of the provider's own; empty for none.
        outbound_server = OutboundServer, 253, required, true;
        /// Further addresses that the provider calls from, separated by semicolons.
        additional_ips = AdditionalIps, 16384, optional, false;
        /// The numbers that come with the trunk: numbers and ranges, as in `3000;12000-18000`.
        did_numbers = DidNumbers, 16384, optional, false;
    }
    numbers {
        /// The port at the provider; 0 leaves it to the transport.
        port = Port, 0 to 65535, required, true;
        /// The port of the outbound server.
        outbound_server_port = OutboundServerPort, 0 to 65535, required, true;
        /// Calls at the same time; 0 for as many as come.
        concurrency = Concurrency, 0 to 65535, required, true;
        /// Seconds between two registrations.
        register_interval = RegisterInterval, 0 to 86400, optional, false;
        /// Seconds between two signs of life.
        keep_alive_interval = KeepAliveInterval, 0 to 86400, optional, false;
    }
    flags {
        /// Whether calls take it.
        enabled = Enabled, true;
        /// Register at the provider.
        registration = Registration, true;
        /// The provider is in the local network.
        inlan = Inlan, false;
        /// Send one Via header only.
        single_via_header = SingleViaHeader, true;
        /// Put the address that messages are seen to come from in the Via header.
        rewrite_via_ip = RewriteViaIp, true;
        /// Take messages from the provider's port only.
        verify_port = VerifyPort, true;
        /// Send signs of life.
        keep_alive = KeepAlive, true;
        /// Correct the direction of media in session descriptions.
        adjust_sdp_direction = AdjustSdpDirection, true;
        /// Leave keys of encrypted media out of session descriptions.
        remove_srtp_info = RemoveSrtpInfo, true;
        /// Demand signed caller ids.
        stir_shaken_signature_required = StirShakenSignatureRequired, false;
    }
}

/// A line of the list of trunks.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// Whether calls take it.
    enabled: bool,
    /// The name of the provider's product.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, min_length = 1, max_length = 64)]
    brand: String,
    /// The host of the provider.
    hostname: String,
    /// The port at the provider.
    #[schema(value_type = i32, minimum = 0, maximum = 65535)]
    port: i64,
    /// The numbers that come with the trunk.
    #[schema(max_length = 16384)]
    did_numbers: String,
    /// Whether it belongs to the installation and is lent to tenants. None is.
    shared: bool,
}

impl From<Provider> for ProviderLine {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id.to_string(),
            name: provider.name,
            enabled: provider.settings.enabled,
            brand: provider.brand,
            hostname: provider.hostname,
            port: provider.settings.port,
            did_numbers: provider.settings.did_numbers,
            shared: provider.tenant.is_system(),
        }
    }
}
