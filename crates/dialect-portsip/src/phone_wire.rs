//! How phones look in requests and answers.
//!
//! Creating, changing and reading take the same settings, so one macro writes the three types. Lengths in the schemas repeat
//! [`limits`](jackfield_domain::limits); a test holds them together.

use jackfield_directory::SeenPhone;
use jackfield_domain::{
    Field, MacAddress, NewPhone, PhonePatch, PhoneSettings, PhoneSettingsPatch, Result, Rule, Secret,
    Violations,
};
use jackfield_edge::{Input, Place, conclude};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::words::{InterfaceWord, LanguageWord, TransferWord, TransportWord, choice};

/// A list of codecs, before anything is said about it.
type Codecs = Input<Vec<Input<String>>>;

macro_rules! phone_wire {
    (texts { $($(#[doc = $tdoc:literal])* $text:ident = $tfield:ident;)* }
     flags { $($(#[doc = $fdoc:literal])* $flag:ident = $ffield:ident;)* }
     numbers { $($(#[doc = $ndoc:literal])* $number:ident = $nfield:ident, $least:tt to $most:tt;)* }) => {
        /// A phone to be made.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct CreatePhone {
            /// Its hardware address: no two phones of the installation have the same. With colons, hyphens, dots or nothing
            /// between the digits.
            #[serde(default)]
            #[schema(value_type = String, required = true, example = "00:15:65:ab:cd:ef")]
            mac: Input<String>,
            /// The file name of its template.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 256, example = "fanvil.ph.xml")]
            filename: Input<String>,
            /// Who made it.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
            vendor: Input<String>,
            /// Its model.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
            model: Input<String>,
            /// The password of its own web page.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 128)]
            password: Input<String>,
            /// The language of its display.
            #[serde(default)]
            #[schema(value_type = LanguageWord, required = true)]
            language: Input<String>,
            /// What its transfer key does.
            #[serde(default)]
            #[schema(value_type = TransferWord, required = true)]
            transfer: Input<String>,
            /// The time zone, in the words of its template.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
            timezone: Input<String>,
            /// The codecs it offers, the preferred one first.
            #[serde(default)]
            #[schema(value_type = Vec<String>, required = true, max_items = 32)]
            codecs: Codecs,
            /// The address of the installation that it uses.
            #[serde(default)]
            #[schema(value_type = InterfaceWord, required = true)]
            interface: Input<String>,
            /// The transport that it uses.
            #[serde(default)]
            #[schema(value_type = TransportWord, required = true)]
            preferred_transport: Input<String>,
            /// What is dialled to open the first door.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 4, max_length = 8)]
            door_password1: Input<String>,
            /// What is dialled to open the second door.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 4, max_length = 8)]
            door_password2: Input<String>,
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = 256)] $text: Input<String>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false)] $flag: Input<bool>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most)] $number: Input<i64>,)*
        }

        /// A change to a phone: what is left out stays. The device and its template never change.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct UpdatePhone {
            /// The password of its own web page.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 128)]
            password: Input<String>,
            /// The language of its display.
            #[serde(default)]
            #[schema(value_type = LanguageWord, required = false)]
            language: Input<String>,
            /// What its transfer key does.
            #[serde(default)]
            #[schema(value_type = TransferWord, required = false)]
            transfer: Input<String>,
            /// The time zone, in the words of its template.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 256)]
            timezone: Input<String>,
            /// The codecs it offers, all of them.
            #[serde(default)]
            #[schema(value_type = Vec<String>, required = false, max_items = 32)]
            codecs: Codecs,
            /// The address of the installation that it uses.
            #[serde(default)]
            #[schema(value_type = InterfaceWord, required = false)]
            interface: Input<String>,
            /// The transport that it uses.
            #[serde(default)]
            #[schema(value_type = TransportWord, required = false)]
            preferred_transport: Input<String>,
            /// What is dialled to open the first door; empty for nothing.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 8)]
            door_password1: Input<String>,
            /// What is dialled to open the second door; empty for nothing.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 8)]
            door_password2: Input<String>,
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = 256)] $text: Input<String>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false)] $flag: Input<bool>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most)] $number: Input<i64>,)*
        }

        /// A phone.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct PhoneAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// Its hardware address.
            #[schema(example = "00:15:65:ab:cd:ef")]
            mac: String,
            /// The file name of its template.
            filename: String,
            /// Who made it.
            vendor: String,
            /// Its model.
            model: String,
            /// The password of its own web page; empty for who may not know it.
            password: String,
            /// The language of its display.
            language: LanguageWord,
            /// What its transfer key does.
            transfer: TransferWord,
            /// The time zone, in the words of its template.
            timezone: String,
            /// The codecs it offers, the preferred one first.
            codecs: Vec<String>,
            /// The address of the installation that it uses.
            interface: InterfaceWord,
            /// The transport that it uses.
            preferred_transport: TransportWord,
            /// What is dialled to open the first door; missing for nothing, and for who may not know it.
            #[serde(skip_serializing_if = "String::is_empty")]
            #[schema(required = false, min_length = 4, max_length = 8)]
            door_password1: String,
            /// What is dialled to open the second door; as above.
            #[serde(skip_serializing_if = "String::is_empty")]
            #[schema(required = false, min_length = 4, max_length = 8)]
            door_password2: String,
            $($(#[doc = $tdoc])* $text: String,)*
            $($(#[doc = $fdoc])* $flag: bool,)*
            $($(#[doc = $ndoc])* #[serde(skip_serializing_if = "Option::is_none")] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most)] $number: Option<i64>,)*
            /// The folder from which it fetches its configuration; empty when the installation has no public address.
            #[schema(example = "https://pbx.example.com/provision/0f3c/")]
            url: String,
        }

        impl CreatePhone {
            /// What is to be made.
            pub(crate) fn read(self) -> Result<NewPhone> {
                let mut found = Violations::new();
                let settings = PhoneSettings {
                    language: choice(self.language).required(&mut found, Field::Language).unwrap_or_default(),
                    transfer: choice(self.transfer).required(&mut found, Field::Transfer).unwrap_or_default(),
                    timezone: self.timezone.required(&mut found, Field::Timezone).unwrap_or_default(),
                    codecs: codecs(self.codecs, &mut found).required(&mut found, Field::Codecs).unwrap_or_default(),
                    interface: choice(self.interface).required(&mut found, Field::Interface).unwrap_or_default(),
                    preferred_transport: choice(self.preferred_transport).required(&mut found, Field::PreferredTransport).unwrap_or_default(),
                    $($text: self.$text.optional(&mut found, Field::$tfield).unwrap_or_default(),)*
                    $($flag: self.$flag.optional(&mut found, Field::$ffield).unwrap_or_default(),)*
                    $($number: self.$number.optional(&mut found, Field::$nfield),)*
                };
                let new = NewPhone {
                    mac: mac(self.mac).required(&mut found, Field::Mac).unwrap_or_default(),
                    filename: self.filename.required(&mut found, Field::Filename).unwrap_or_default(),
                    vendor: self.vendor.required(&mut found, Field::Vendor).unwrap_or_default(),
                    model: self.model.required(&mut found, Field::Model).unwrap_or_default(),
                    password: secret(self.password).required(&mut found, Field::Password).unwrap_or_default(),
                    door_password1: secret(self.door_password1).optional(&mut found, Field::DoorPassword1).unwrap_or_default(),
                    door_password2: secret(self.door_password2).optional(&mut found, Field::DoorPassword2).unwrap_or_default(),
                    settings,
                };
                conclude(found, || new.check())?;
                Ok(new)
            }
        }

        impl UpdatePhone {
            /// What is to be changed.
            pub(crate) fn read(self) -> Result<PhonePatch> {
                let mut found = Violations::new();
                let settings = PhoneSettingsPatch {
                    language: choice(self.language).patch(&mut found, Field::Language),
                    transfer: choice(self.transfer).patch(&mut found, Field::Transfer),
                    timezone: self.timezone.patch(&mut found, Field::Timezone),
                    codecs: codecs(self.codecs, &mut found).patch_or_default(&mut found, Field::Codecs),
                    interface: choice(self.interface).patch(&mut found, Field::Interface),
                    preferred_transport: choice(self.preferred_transport).patch(&mut found, Field::PreferredTransport),
                    $($text: self.$text.patch_or_default(&mut found, Field::$tfield),)*
                    $($flag: self.$flag.patch(&mut found, Field::$ffield),)*
                    $($number: self.$number.patch_option(&mut found, Field::$nfield),)*
                };
                let patch = PhonePatch {
                    password: secret(self.password).patch(&mut found, Field::Password),
                    door_password1: secret(self.door_password1).patch_or_default(&mut found, Field::DoorPassword1),
                    door_password2: secret(self.door_password2).patch_or_default(&mut found, Field::DoorPassword2),
                    settings,
                };
                found.finish()?;
                Ok(patch)
            }
        }

        impl From<SeenPhone> for PhoneAnswer {
            fn from(seen: SeenPhone) -> Self {
                let (phone, clear) = (seen.item.value, |secret: &Secret| secret.reveal().to_owned());
                Self {
                    id: seen.item.id.to_string(),
                    mac: phone.mac.to_string(),
                    filename: phone.filename,
                    vendor: phone.vendor,
                    model: phone.model,
                    password: clear(&seen.password),
                    door_password1: clear(&seen.door_password1),
                    door_password2: clear(&seen.door_password2),
                    language: phone.settings.language.into(),
                    transfer: phone.settings.transfer.into(),
                    timezone: phone.settings.timezone,
                    codecs: phone.settings.codecs,
                    interface: phone.settings.interface.into(),
                    preferred_transport: phone.settings.preferred_transport.into(),
                    $($text: phone.settings.$text,)*
                    $($flag: phone.settings.$flag,)*
                    $($number: phone.settings.$number,)*
                    url: seen.url,
                }
            }
        }
    };
}

phone_wire! {
    texts {
        /// The tone for calls.
        ringtone = Ringtone;
        /// The tone for calls of a queue.
        queue_ringtone = QueueRingtone;
        /// The tone for calls from outside.
        external_ringtone = ExternalRingtone;
        /// How the display writes dates.
        date_format = DateFormat;
        /// How the display writes times.
        time_format = TimeFormat;
        /// When the power lamp shines.
        powerled = Powerled;
        /// How long the display stays bright.
        backlight = Backlight;
        /// When the display is blanked.
        screensaver = Screensaver;
        /// The number on its back, which some vendors' redirection services ask for.
        serial_number = SerialNumber;
    }
    flags {
        /// Tell the vendor's redirection service where the phone finds its configuration.
        rps = Rps;
        /// Fetch the configuration over HTTPS.
        https = Https;
        /// Learn the VLAN from the switch (LLDP).
        enable_lldp = EnableLldp;
        /// Use a VLAN on the port to the network.
        enable_vlan_wan_port = EnableVlanWanPort;
        /// Use a VLAN on the port to the computer.
        enable_vlan_pc_port = EnableVlanPcPort;
    }
    numbers {
        /// The VLAN of the port to the network.
        wan_port_id = WanPortId, 1 to 4094;
        /// The priority (IEEE 802.1p) on that port.
        wan_port_priority = WanPortPriority, 0 to 7;
        /// The VLAN of the port to the computer.
        pc_port_id = PcPortId, 1 to 4094;
        /// The priority (IEEE 802.1p) on that port.
        pc_port_priority = PcPortPriority, 0 to 7;
    }
}

/// A phone in one's own list.
#[derive(Serialize)]
pub(crate) struct OwnPhone {
    /// The phone.
    #[serde(flatten)]
    phone: PhoneAnswer,
    /// The firmware that it last said it runs; empty before it said so.
    fwver: String,
}

impl From<SeenPhone> for OwnPhone {
    fn from(seen: SeenPhone) -> Self {
        Self {
            fwver: seen.item.value.firmware.clone(),
            phone: seen.into(),
        }
    }
}

/// Flat, as it is written: a schema in parts could not be closed against members that it does not mention.
impl PartialSchema for OwnPhone {
    fn schema() -> RefOr<Schema> {
        let mut schema = PhoneAnswer::schema();
        if let RefOr::T(Schema::Object(phone)) = &mut schema {
            phone.description = Some("A phone in one's own list.".to_owned());
            phone.properties.insert("fwver".to_owned(), String::schema());
            phone.required.push("fwver".to_owned());
        }
        schema
    }
}

impl ToSchema for OwnPhone {
    fn name() -> std::borrow::Cow<'static, str> {
        "OwnPhone".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PhoneAnswer::schemas(schemas);
    }
}

fn mac(input: Input<String>) -> Input<MacAddress> {
    input.convert(|text| MacAddress::parse(&text).ok_or(Rule::Form(MacAddress::FORM)))
}

fn secret(input: Input<String>) -> Input<Secret> {
    input.convert(|text| Ok(Secret::new(text)))
}

fn codecs(input: Codecs, found: &mut Violations) -> Input<Vec<String>> {
    input.entries(found, Field::Codecs, |codec, _, _: &Place| codec)
}
