//! Phones: the devices on people's desks, as far as the installation sets them up.

use crate::{
    Field, Interface, Kind, MacAddress, Owned, Patch, Rule, SealedSecret, Secret, Thing, Transport,
    Violations, change::words, limits,
};

words! {
    /// The language of a phone's display.
    #[derive(Default)]
    #[expect(missing_docs, reason = "the names of the languages")]
    PhoneLanguage {
        #[default]
        English = "english",
        Chinese = "chinese",
        Dutch = "dutch",
        French = "french",
        German = "german",
        Greek = "greek",
        Italian = "italian",
        Japanese = "japanese",
        Polish = "polish",
        Russian = "russian",
        Spanish = "spanish",
        Swedish = "swedish",
        Ukrainian = "ukrainian",
        Bulgarian = "bulgarian",
    }
}

words! {
    /// What the transfer key of a phone does.
    #[derive(Default)]
    TransferMode {
        /// Hands the call over at once.
        #[default]
        Blind = "blind",
        /// Lets its user speak with the other side first.
        Attended = "attended",
        /// Begins a call of its own.
        NewCall = "new_call",
    }
}

macro_rules! phone_settings {
    (texts { $($(#[$tdoc:meta])* $text:ident = $tfield:ident;)* }
     flags { $($(#[$fdoc:meta])* $flag:ident;)* }
     numbers { $($(#[$ndoc:meta])* $number:ident = $nfield:ident, $limits:expr;)* }) => {
        /// What a phone is told. The texts are words of the phone's template and are not understood here.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct PhoneSettings {
            /// The language of its display.
            pub language: PhoneLanguage,
            /// What its transfer key does.
            pub transfer: TransferMode,
            /// The codecs it offers, the preferred one first.
            pub codecs: Vec<String>,
            /// The address of the installation that it uses.
            pub interface: Interface,
            /// The transport that it uses.
            pub preferred_transport: Transport,
            $($(#[$tdoc])* pub $text: String,)*
            $($(#[$fdoc])* pub $flag: bool,)*
            $($(#[$ndoc])* pub $number: Option<i64>,)*
        }

        /// A change to what a phone is told.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        #[expect(missing_docs, reason = "each is the value of the same name in `PhoneSettings`")]
        pub struct PhoneSettingsPatch {
            pub language: Patch<PhoneLanguage>,
            pub transfer: Patch<TransferMode>,
            pub codecs: Patch<Vec<String>>,
            pub interface: Patch<Interface>,
            pub preferred_transport: Patch<Transport>,
            $(pub $text: Patch<String>,)*
            $(pub $flag: Patch<bool>,)*
            $(pub $number: Patch<Option<i64>>,)*
        }

        impl PhoneSettings {
            fn check(&self, found: &mut Violations) {
                $(found.text(Field::$tfield, &self.$text, limits::PHONE_TEXT);)*
                if self.timezone.is_empty() {
                    found.add(Field::Timezone, Rule::Required);
                }
                $(if let Some(number) = self.$number {
                    found.range(Field::$nfield, number, $limits);
                })*
                check_codecs(found, &self.codecs);
            }
        }

        impl PhoneSettingsPatch {
            /// Carries the change out; tells whether anything changed.
            pub fn apply(self, settings: &mut PhoneSettings) -> bool {
                let mut changed = self.language.apply(&mut settings.language);
                changed |= self.transfer.apply(&mut settings.transfer);
                changed |= self.codecs.apply(&mut settings.codecs);
                changed |= self.interface.apply(&mut settings.interface);
                changed |= self.preferred_transport.apply(&mut settings.preferred_transport);
                $(changed |= self.$text.apply(&mut settings.$text);)*
                $(changed |= self.$flag.apply(&mut settings.$flag);)*
                $(changed |= self.$number.apply(&mut settings.$number);)*
                changed
            }
        }
    };
}

phone_settings! {
    texts {
        /// The time zone, as the template lists it: not an IANA name.
        timezone = Timezone;
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
        /// The number on the back, which some vendors' redirection services ask for.
        serial_number = SerialNumber;
    }
    flags {
        /// Tell the vendor's redirection service where the phone finds its configuration.
        rps;
        /// Fetch the configuration over HTTPS.
        https;
        /// Learn the VLAN from the switch (LLDP).
        enable_lldp;
        /// Use a VLAN on the port to the network.
        enable_vlan_wan_port;
        /// Use a VLAN on the port to the computer.
        enable_vlan_pc_port;
    }
    numbers {
        /// The VLAN of the port to the network.
        wan_port_id = WanPortId, limits::VLAN_ID;
        /// The priority (IEEE 802.1p) on that port.
        wan_port_priority = WanPortPriority, limits::VLAN_PRIORITY;
        /// The VLAN of the port to the computer.
        pc_port_id = PcPortId, limits::VLAN_ID;
        /// The priority (IEEE 802.1p) on that port.
        pc_port_priority = PcPortPriority, limits::VLAN_PRIORITY;
    }
}

/// A phone of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Its hardware address; unique in the installation; never changes.
    pub mac: MacAddress,
    /// The file name of its template; never changes.
    pub filename: String,
    /// Who made it; never changes.
    pub vendor: String,
    /// Its model; never changes.
    pub model: String,
    /// The password of its own web page, sealed.
    pub password: SealedSecret,
    /// What is dialled to open the first door; empty for none.
    pub door_password1: SealedSecret,
    /// What is dialled to open the second door; empty for none.
    pub door_password2: SealedSecret,
    /// The firmware that it last said it runs; empty before it said so.
    pub firmware: String,
    /// What it is told.
    pub settings: PhoneSettings,
}

/// A phone to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Phone`")]
pub struct NewPhone {
    pub mac: MacAddress,
    pub filename: String,
    pub vendor: String,
    pub model: String,
    pub password: Secret,
    pub door_password1: Secret,
    pub door_password2: Secret,
    pub settings: PhoneSettings,
}

/// A change to a phone. Another device or template is another phone: those are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Phone`")]
pub struct PhonePatch {
    pub password: Patch<Secret>,
    pub door_password1: Patch<Secret>,
    pub door_password2: Patch<Secret>,
    pub settings: PhoneSettingsPatch,
}

fn check_codecs(found: &mut Violations, codecs: &[String]) {
    if codecs.len() > limits::CODECS {
        return found.add(Field::Codecs, Rule::TooMany(limits::CODECS));
    }
    for (index, codec) in codecs.iter().enumerate() {
        let at = || format!("[{index}]");
        if codec.is_empty() {
            found.add_at(Field::Codecs, at(), Rule::Required);
        } else if codec.chars().count() > limits::CODEC_NAME {
            found.add_at(Field::Codecs, at(), Rule::TooLong(limits::CODEC_NAME));
        } else if codec.chars().any(char::is_control) {
            found.add_at(Field::Codecs, at(), Rule::Form("text without control characters"));
        } else if codecs.iter().take(index).any(|other| other == codec) {
            found.add_at(Field::Codecs, at(), Rule::Repeated);
        }
    }
}

/// A value that has to be there, in one line.
fn check_line(found: &mut Violations, field: Field, text: &str) {
    found.length(field, text, 1..=limits::PHONE_TEXT);
    if text.chars().any(char::is_control) {
        found.add(field, Rule::Form("text without control characters"));
    }
}

fn check_password(found: &mut Violations, password: &Secret) {
    found.length(Field::Password, password.reveal(), limits::PHONE_PASSWORD);
    if password.reveal().chars().any(char::is_control) {
        found.add(Field::Password, Rule::Form("text without control characters"));
    }
}

/// Empty text takes the password away.
fn check_door(found: &mut Violations, field: Field, password: &Secret) {
    if !password.is_empty() {
        found.length(field, password.reveal(), limits::DOOR_PASSWORD);
        if password.reveal().chars().any(char::is_control) {
            found.add(field, Rule::Form("text without control characters"));
        }
    }
}

impl NewPhone {
    /// Every rule that the phone breaks on its own.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_line(&mut found, Field::Filename, &self.filename);
        // The name finds a template among others; it must never lead out of their folder.
        if self.filename.contains(['/', '\\']) || self.filename.starts_with('.') {
            found.add(Field::Filename, Rule::Form("a file name like fanvil.ph.xml"));
        }
        check_line(&mut found, Field::Vendor, &self.vendor);
        check_line(&mut found, Field::Model, &self.model);
        check_password(&mut found, &self.password);
        check_door(&mut found, Field::DoorPassword1, &self.door_password1);
        check_door(&mut found, Field::DoorPassword2, &self.door_password2);
        self.settings.check(&mut found);
        found
    }
}

impl PhonePatch {
    /// Every rule that the change breaks, judged with the settings as they would be.
    fn check(&self, settings: &PhoneSettings) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(password) = &self.password {
            check_password(&mut found, password);
        }
        for (field, password) in [
            (Field::DoorPassword1, &self.door_password1),
            (Field::DoorPassword2, &self.door_password2),
        ] {
            if let Patch::Set(password) = password {
                check_door(&mut found, field, password);
            }
        }
        let mut changed = settings.clone();
        if self.settings.clone().apply(&mut changed) {
            changed.check(&mut found);
        }
        found
    }
}

impl Owned for Phone {
    const THING: Thing = Thing::Phone;
    const KIND: Kind = Kind::Phone;
    const COLLECTION: &'static str = "phone";
    const MOST: i64 = limits::PHONES;
    const KEY: Field = Field::Mac;

    type New = NewPhone;
    type Patch = PhonePatch;

    fn check(new: &NewPhone) -> Violations {
        new.check()
    }

    fn check_patch(&self, patch: &PhonePatch) -> Violations {
        patch.check(&self.settings)
    }

    fn make(new: NewPhone, seal: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self {
            password: new.password.sealed(seal),
            door_password1: new.door_password1.sealed(seal),
            door_password2: new.door_password2.sealed(seal),
            mac: new.mac,
            filename: new.filename,
            vendor: new.vendor,
            model: new.model,
            firmware: String::new(),
            settings: new.settings,
        }
    }

    /// A secret that is given counts as changed: its sealed form differs each time and cannot be compared.
    fn apply(&mut self, patch: PhonePatch, seal: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let mut changed = patch.settings.apply(&mut self.settings);
        for (new, old) in [
            (patch.password, &mut self.password),
            (patch.door_password1, &mut self.door_password1),
            (patch.door_password2, &mut self.door_password2),
        ] {
            if let Patch::Set(secret) = new {
                *old = secret.sealed(seal);
                changed = true;
            }
        }
        changed
    }

    fn key(&self) -> Option<String> {
        Some(self.mac.bare())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewPhone {
        NewPhone {
            mac: MacAddress::parse("00:15:65:ab:cd:ef").unwrap(),
            filename: "fanvil.ph.xml".into(),
            vendor: "Fanvil".into(),
            model: "X4U".into(),
            password: Secret::new("w3bpage"),
            door_password1: Secret::new("1234"),
            door_password2: Secret::default(),
            settings: PhoneSettings {
                timezone: "GMT+8 Beijing".into(),
                codecs: vec!["PCMU".into(), "G722".into()],
                wan_port_id: Some(4094),
                wan_port_priority: Some(0),
                ..PhoneSettings::default()
            },
        }
    }

    fn seal(text: &str) -> SealedSecret {
        SealedSecret(text.bytes().rev().collect())
    }

    type Spoil = fn(&mut NewPhone);

    #[test]
    fn rules_of_a_new_phone() {
        assert!(Phone::check(&new()).is_empty());
        let breaks: [(Field, Spoil); 14] = [
            (Field::Filename, |new| new.filename.clear()),
            (Field::Filename, |new| new.filename = "../../etc/passwd".into()),
            (Field::Filename, |new| new.filename = "..".into()),
            (Field::Vendor, |new| new.vendor = "x".repeat(257)),
            (Field::Model, |new| new.model = "a\nb".into()),
            (Field::Password, |new| new.password = Secret::default()),
            (Field::DoorPassword1, |new| {
                new.door_password1 = Secret::new("123");
            }),
            (Field::DoorPassword2, |new| {
                new.door_password2 = Secret::new("123456789");
            }),
            (Field::Timezone, |new| new.settings.timezone.clear()),
            (Field::Ringtone, |new| new.settings.ringtone = "\0".into()),
            (Field::Codecs, |new| new.settings.codecs.push("PCMU".into())),
            (Field::Codecs, |new| new.settings.codecs = vec!["x".into(); 33]),
            (Field::WanPortId, |new| new.settings.wan_port_id = Some(4095)),
            (Field::PcPortPriority, |new| {
                new.settings.pc_port_priority = Some(8);
            }),
        ];
        for (field, spoil) in breaks {
            let mut new = new();
            spoil(&mut new);
            assert!(Phone::check(&new).concerns(field), "{field:?}");
        }
    }

    #[test]
    fn secrets_are_sealed_and_never_printed() {
        let mut phone = Phone::make(new(), &mut seal);
        assert_eq!(phone.password, SealedSecret(b"egapb3w".to_vec()));
        assert_eq!(
            phone.door_password2,
            SealedSecret::default(),
            "none is not sealed"
        );
        let patch = PhonePatch {
            door_password1: Patch::Set(Secret::default()),
            ..PhonePatch::default()
        };
        assert!(phone.apply(patch, &mut seal));
        assert_eq!(phone.door_password1, SealedSecret::default());
        for text in [format!("{:?}", new()), format!("{phone:?}")] {
            assert!(!text.contains("w3bpage") && !text.contains("1234"), "{text}");
        }
    }

    #[test]
    fn a_change_is_judged_and_carried_out() {
        let mut phone = Phone::make(new(), &mut seal);
        assert_eq!(phone.key().as_deref(), Some("001565abcdef"));
        let patch = |vlan| PhonePatch {
            settings: PhoneSettingsPatch {
                wan_port_id: Patch::Set(vlan),
                language: Patch::Set(PhoneLanguage::Greek),
                ..PhoneSettingsPatch::default()
            },
            ..PhonePatch::default()
        };
        assert!(phone.check_patch(&patch(Some(0))).concerns(Field::WanPortId));
        assert!(phone.check_patch(&patch(None)).is_empty());
        assert!(phone.apply(patch(None), &mut seal));
        assert!(!phone.apply(patch(None), &mut seal), "nothing is left to change");
        assert_eq!(phone.settings.wan_port_id, None);
        assert_eq!(phone.settings.language, PhoneLanguage::Greek);
        assert_eq!(phone.settings.codecs, ["PCMU", "G722"]);
    }
}
