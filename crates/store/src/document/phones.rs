//! The stored form of phones.

use jackfield_domain::{MacAddress, Phone, PhoneLanguage, PhoneSettings, SealedSecret, TransferMode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::owned::OwnedDocument;
use super::wire::{Wire, object, text, words};
use super::{decode, encode};

object!(Phone = Self {
    mac: MacAddress::default(),
    filename: String::new(),
    vendor: String::new(),
    model: String::new(),
    password: SealedSecret::default(),
    door_password1: SealedSecret::default(),
    door_password2: SealedSecret::default(),
    firmware: String::new(),
    settings: PhoneSettings::default(),
}; {
    mac,
    filename,
    vendor,
    model,
    password,
    door_password1,
    door_password2,
    firmware,
} .settings {});

object!(PhoneSettings = Self::default(); {
    language,
    transfer,
    codecs,
    interface,
    preferred_transport,
    timezone,
    ringtone,
    queue_ringtone,
    external_ringtone,
    date_format,
    time_format,
    powerled,
    backlight,
    screensaver,
    serial_number,
    rps,
    https,
    enable_lldp,
    enable_vlan_wan_port,
    enable_vlan_pc_port,
    wan_port_id,
    wan_port_priority,
    pc_port_id,
    pc_port_priority,
});

words!(PhoneLanguage {
    English = "ENGLISH",
    Chinese = "CHINESE",
    Dutch = "DUTCH",
    French = "FRENCH",
    German = "GERMAN",
    Greek = "GREEK",
    Italian = "ITALIAN",
    Japanese = "JAPANESE",
    Polish = "POLISH",
    Russian = "RUSSIAN",
    Spanish = "SPANISH",
    Swedish = "SWEDISH",
    Ukrainian = "UKRAINIAN",
    Bulgarian = "BULGARIAN",
});
words!(TransferMode { Blind = "BLIND", Attended = "ATTENDED", NewCall = "NEW_CALL" });

impl Serialize for Wire<&MacAddress> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Wire<MacAddress> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, MacAddress::FORM, MacAddress::parse)
    }
}

impl OwnedDocument for Phone {
    fn encode(&self) -> String {
        encode(self)
    }

    fn decode(text: &str) -> crate::Result<Self> {
        decode("a phone", text)
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{Interface, Transport};

    use super::*;

    #[test]
    fn phones_come_back() {
        let phone = Phone {
            mac: MacAddress::parse("001565abcdef").unwrap(),
            filename: "fanvil.ph.xml".into(),
            vendor: "Fanvil".into(),
            model: "X4U \"blue\"".into(),
            password: SealedSecret(vec![1, 0, 255]),
            door_password1: SealedSecret(vec![7]),
            door_password2: SealedSecret::default(),
            firmware: "2.4".into(),
            settings: PhoneSettings {
                language: PhoneLanguage::Ukrainian,
                transfer: TransferMode::NewCall,
                codecs: vec!["PCMU".into(), "G722".into()],
                interface: Interface::SbcDomain,
                preferred_transport: Transport::Tls,
                timezone: "GMT+8 Beijing".into(),
                rps: true,
                wan_port_id: Some(4094),
                wan_port_priority: Some(0),
                ..PhoneSettings::default()
            },
        };
        let text = phone.encode();
        assert_eq!(Phone::decode(&text).unwrap(), phone);
        assert!(text.contains(r#""password":"0100ff""#), "{text}");
        assert!(text.contains(r#""pc_port_id":null"#), "{text}");
        for language in PhoneLanguage::ALL {
            let mut phone = phone.clone();
            phone.settings.language = *language;
            assert_eq!(Phone::decode(&phone.encode()).unwrap(), phone);
        }
        let bare = Phone::decode(r#"{"mac":"00:15:65:ab:cd:ef","of_a_later_version":[1]}"#).unwrap();
        assert_eq!(bare.mac, phone.mac);
        assert_eq!(bare.settings, PhoneSettings::default());
        for damaged in [
            "[",
            r#"{"mac":"x"}"#,
            r#"{"password":"xyz"}"#,
            r#"{"codecs":[1]}"#,
        ] {
            assert!(Phone::decode(damaged).is_err(), "{damaged}");
        }
    }
}
