use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Loads settings from a file of this text (if any), these variables and these flags.
fn load(
    test: &str,
    file: Option<&str>,
    variables: &[(&str, &str)],
    flags: &[&str],
) -> Result<Settings, ConfigError> {
    let path = std::env::temp_dir().join(format!("jackfield-config-{test}-{}.toml", std::process::id()));
    if let Some(text) = file {
        fs::write(&path, text).unwrap();
    }
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let program = Program::parse_from(std::iter::once("jackfield").chain(flags.iter().copied()));
    let loaded = Settings::load_with(
        &program.settings,
        &|name| variables.get(name).map(OsString::from),
        &path,
    );
    let _ = fs::remove_file(path);
    loaded
}

fn words(loaded: Result<Settings, ConfigError>) -> String {
    loaded.unwrap_err().to_string()
}

#[test]
fn nothing_has_to_be_set() {
    let settings = load("defaults", None, &[], &[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8887");
    assert_eq!(
        settings.database(),
        DatabaseUrl::Sqlite(PathBuf::from("./data/jackfield.db"))
    );
    assert_eq!(settings.public_address().as_str(), "http://127.0.0.1:8887");
    assert_eq!(settings.log_format, None);
    assert!(settings.trusted_proxies.is_empty());
    assert!(
        settings.smtp_url.is_none() && settings.master_key.is_none() && settings.admin_password.is_none()
    );
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
    let file = Some("listen = \"127.0.0.1:1\"\n");
    let variables = &[("JACKFIELD_LISTEN", "127.0.0.1:2")];
    let flags = &["--listen", "127.0.0.1:3"];
    let port = |settings: Result<Settings, ConfigError>| settings.unwrap().listen.port();
    assert_eq!(port(load("order", None, &[], &[])), 8887);
    assert_eq!(port(load("order", file, &[], &[])), 1);
    assert_eq!(port(load("order", file, &[("JACKFIELD_LISTEN", "")], &[])), 1);
    assert_eq!(port(load("order", file, variables, &[])), 2);
    assert_eq!(port(load("order", file, variables, flags)), 3);
}

#[test]
fn every_setting_can_be_set_in_every_way() {
    let key = "11".repeat(32);
    let values: &[(&str, &str)] = &[
        ("listen", "0.0.0.0:80"),
        ("database_url", "sqlite:/tmp/x.db"),
        ("data_dir", "/tmp/x"),
        ("blobs", "s3://bucket/prefix"),
        ("max_upload", "1G"),
        ("admin_password", "correct horse"),
        ("master_key", &key),
        ("master_key_file", "/tmp/key"),
        ("smtp_url", "smtps://a:b@mail.example.com"),
        ("smtp_from", "a@example.com"),
        ("log", "debug"),
        ("log_format", "json"),
        ("public_url", "https://example.com"),
        ("trusted_proxies", "10.0.0.1"),
        ("sip", "on"),
        ("sip_listen", "0.0.0.0:5070"),
        ("sip_tls_listen", "0.0.0.0:5071"),
        ("sip_tls_cert", "/tmp/cert"),
        ("sip_tls_key", "/tmp/tls-key"),
        ("sip_tls_ca", "/tmp/ca"),
        ("sip_ws_listen", "0.0.0.0:5072"),
        ("sip_digests", "md5"),
        ("sip_rate", "7"),
        ("sip_ban_failures", "8"),
        ("sip_ban_time", "9s"),
        ("sip_renewal_delay", "5s"),
        ("sip_media_engine", "sip:127.0.0.1:5080"),
        ("requests_per_hour", "5000"),
    ];
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(
        names,
        values.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "a setting has no value here"
    );

    let file: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{name} = \"{value}\""))
        .collect();
    let by_file = load("every", Some(&file.join("\n")), &[], &[]).unwrap();

    let variables: Vec<(String, &str)> = values
        .iter()
        .map(|(name, value)| (table::variable(name), *value))
        .collect();
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let by_variable = load("every", None, &variables, &[]).unwrap();

    let flags: Vec<String> = SETTINGS
        .iter()
        .zip(values)
        .flat_map(|(setting, (_, value))| [setting.flag(), (*value).to_owned()])
        .collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let by_flag = load("every", None, &[], &flags).unwrap();

    for settings in [by_file, by_variable, by_flag] {
        assert_eq!(settings.listen.port(), 80);
        assert_eq!(
            settings.database(),
            DatabaseUrl::Sqlite(PathBuf::from("/tmp/x.db"))
        );
        assert_eq!(settings.data_dir, PathBuf::from("/tmp/x"));
        assert_eq!(
            settings.admin_password.as_ref().unwrap().expose(),
            "correct horse"
        );
        assert_eq!(settings.master_key.as_ref().unwrap().expose(), &[0x11; 32]);
        assert_eq!(settings.master_key_file, Some(PathBuf::from("/tmp/key")));
        assert_eq!(
            settings.blobs,
            Some(BlobPlace::Bucket("s3://bucket/prefix".into()))
        );
        assert_eq!(settings.max_upload, Bytes(1 << 30));
        assert!(settings.smtp_url.is_some());
        assert_eq!(
            settings.smtp_from.as_ref().unwrap().email.to_string(),
            "a@example.com"
        );
        assert_eq!(settings.log_format, Some(LogFormat::Json));
        assert_eq!(settings.public_address().as_str(), "https://example.com");
        assert_eq!(settings.trusted_proxies.len(), 1);
        telephones(&settings);
        let shown = format!("{settings:?}");
        for secret in ["correct horse", &key, "a:b@", "x.db?"] {
            assert!(!shown.contains(secret), "{secret:?} is shown in {shown}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: a case or two for each setting")]
fn a_bad_value_says_where_it_came_from_what_is_wrong_and_what_to_write() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "JACKFIELD_LISTEN",
            "8887",
            &["`8887` is not an IP address with a port", "0.0.0.0:8887"],
        ),
        (
            "JACKFIELD_LISTEN",
            "localhost:8887",
            &["`localhost:8887` is not an IP address"],
        ),
        (
            "JACKFIELD_DATABASE_URL",
            "mysql://root:geheim@h/d",
            &["begins neither", "postgres://user:password@host"],
        ),
        (
            "JACKFIELD_DATABASE_URL",
            "sqlite::memory:",
            &["would forget everything"],
        ),
        ("JACKFIELD_DATABASE_URL", "sqlite:", &["names no file"]),
        (
            "JACKFIELD_DATABASE_URL",
            "sqlite://x.db?mode=rwc",
            &["has parameters"],
        ),
        ("JACKFIELD_MASTER_KEY", "geheim", &["openssl rand -hex 32"]),
        (
            "JACKFIELD_SMTP_URL",
            "http://a:geheim@h",
            &["begins neither with `smtp://` nor with `smtps://`"],
        ),
        (
            "JACKFIELD_SMTP_FROM",
            "nobody",
            &["`nobody` is not a mail address", "jackfield@example.com"],
        ),
        (
            "JACKFIELD_LOG",
            "jackfield=loud",
            &["is not a log filter", "`info`"],
        ),
        (
            "JACKFIELD_LOG_FORMAT",
            "xml",
            &["`xml` is not a form of log", "`json` or `pretty`"],
        ),
        (
            "JACKFIELD_PUBLIC_URL",
            "phones.example.com",
            &["begins neither with `https://`"],
        ),
        (
            "JACKFIELD_PUBLIC_URL",
            "https://a:geheim@h",
            &["must not hold a user"],
        ),
        ("JACKFIELD_PUBLIC_URL", "https://h/?a=1", &["has a query"]),
        (
            "JACKFIELD_BLOBS",
            "gs://bucket",
            &[
                "is neither a path nor begins with `s3://`",
                "`s3://bucket/prefix`",
            ],
        ),
        (
            "JACKFIELD_BLOBS",
            "s3://key:geheim@bucket",
            &["must not hold a key", "AWS_SECRET_ACCESS_KEY"],
        ),
        ("JACKFIELD_BLOBS", "s3://", &["does not name a bucket"]),
        ("JACKFIELD_BLOBS", "s3://bucket/../x", &["does not name a bucket"]),
        ("JACKFIELD_BLOBS", "s3://bucket?a=1", &["does not name a bucket"]),
        (
            "JACKFIELD_MAX_UPLOAD",
            "16 MB",
            &["`16 MB` is not a number of bytes", "`16M`"],
        ),
        ("JACKFIELD_MAX_UPLOAD", "0", &["is not a number of bytes"]),
        ("JACKFIELD_MAX_UPLOAD", "-1", &["is not a number of bytes"]),
        ("JACKFIELD_MAX_UPLOAD", "M", &["is not a number of bytes"]),
        (
            "JACKFIELD_MAX_UPLOAD",
            "17179869184G",
            &["is not a number of bytes"],
        ),
        (
            "JACKFIELD_TRUSTED_PROXIES",
            "10.0.0.1, proxy",
            &["has a member, `proxy`"],
        ),
    ];
    for (variable, value, parts) in cases {
        let words = words(load("bad", None, &[(variable, value)], &[]));
        assert!(
            words.contains(&format!("environment variable {variable}: ")),
            "{words}"
        );
        for part in *parts {
            assert!(words.contains(part), "{part:?} is not in: {words}");
        }
        assert!(!words.contains("geheim"), "a secret is shown: {words}");
    }
}

/// The settings of the SIP edge, as they reach it.
fn telephones(settings: &Settings) {
    let edge = settings.sip_edge().unwrap();
    let ports = [&edge.listen.plain, &edge.listen.tls, &edge.listen.web_socket];
    assert_eq!(ports.map(|all| all[0].port()), [5070, 5071, 5072]);
    let tls = edge.tls.unwrap();
    assert_eq!(
        (tls.certificate, tls.key),
        ("/tmp/cert".into(), "/tmp/tls-key".into())
    );
    assert_eq!(edge.authorities, Some("/tmp/ca".into()));
    assert_eq!(edge.algorithms, [jackfield_registrar::Algorithm::Md5]);
    let limits = (edge.limits.rate, edge.limits.failures, edge.limits.ban.as_secs());
    assert_eq!(limits, (7, 8, 9));
    assert!((edge.trusted)([10, 0, 0, 1].into()) && !(edge.trusted)([10, 0, 0, 2].into()));
}

#[test]
fn sip_over_tls_needs_a_certificate_unless_sip_is_off() {
    let tls = ("JACKFIELD_SIP_TLS_LISTEN", "127.0.0.1:5061");
    let words = words(load("tls", None, &[tls], &[]));
    assert!(
        words.contains("sip_tls_cert") && words.contains("sip_tls_key"),
        "{words}"
    );
    let off = load("tls", None, &[tls, ("JACKFIELD_SIP", "off")], &[]).unwrap();
    assert!(off.sip_edge().is_none());
}

#[test]
fn the_other_origins_are_named_too() {
    assert!(words(load("origin", None, &[], &["--log-format", "xml"])).contains("flag --log-format: `xml`"));
    let words = words(load(
        "origin",
        Some("\n# format\nlog_format = \"xml\"\n"),
        &[],
        &[],
    ));
    assert!(
        words.contains(".toml, line 3, key `log_format`: `xml`"),
        "{words}"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let file = Some("lisen = \"x\"\nlog_format = \"xml\"\n");
    let error = load(
        "all",
        file,
        &[("JACKFIELD_LISTEN", "x"), ("JACKFIELD_MASTER_KEY", "x")],
        &[],
    )
    .unwrap_err();
    assert_eq!(error.problems.len(), 4, "{error}");
}

#[test]
fn an_unknown_key_names_its_line_and_the_near_one() {
    let cases = [
        ("lisen", Some("listen")),
        ("data-dir", Some("data_dir")),
        ("JACKFIELD_DATA_DIR", Some("data_dir")),
        ("trusted_proxy", Some("trusted_proxies")),
        ("master_key_path", Some("master_key")),
        ("colour", None),
        ("config", None),
    ];
    for (key, near) in cases {
        let words = words(load(
            "unknown",
            Some(&format!("log = \"info\"\n{key} = \"x\"\n")),
            &[],
            &[],
        ));
        assert!(
            words.contains(&format!("line 2: there is no setting `{key}`")),
            "{words}"
        );
        match near {
            Some(near) => assert!(words.contains(&format!("did you mean `{near}")), "{words}"),
            None => assert!(words.contains("docs/settings.md lists them all"), "{words}"),
        }
    }
}

#[test]
fn the_file_may_hold_numbers_lists_and_texts_only() {
    let file = "trusted_proxies = [\"10.0.0.2\", \"::1\"]\n";
    assert_eq!(
        load("forms", Some(file), &[], &[]).unwrap().trusted_proxies.len(),
        2
    );
    let words = words(load("forms", Some("[listen]\nport = 1\n"), &[], &[]));
    assert!(words.contains("neither a text nor a number"), "{words}");
}

#[test]
fn a_file_that_is_not_toml_shows_no_secret() {
    let words = words(load(
        "syntax",
        Some("listen = \"127.0.0.1:1\"\nadmin_password = geheim\n"),
        &[],
        &[],
    ));
    assert!(words.contains("line 2: this is not TOML"), "{words}");
    assert!(!words.contains("geheim"), "{words}");
}

#[test]
fn a_named_file_must_be_there() {
    for (variables, flags, origin) in [
        (
            &[("JACKFIELD_CONFIG", "/nowhere/x.toml")][..],
            &[][..],
            "environment variable JACKFIELD_CONFIG",
        ),
        (&[][..], &["--config", "/nowhere/x.toml"][..], "flag --config"),
    ] {
        let words = words(load("named", None, variables, flags));
        assert!(
            words.contains(&format!("{origin}: /nowhere/x.toml cannot be read")),
            "{words}"
        );
    }
}

#[test]
fn a_mail_server_needs_a_sender() {
    let words = words(load(
        "sender",
        None,
        &[("JACKFIELD_SMTP_URL", "smtp://127.0.0.1")],
        &[],
    ));
    assert!(
        words.contains("set JACKFIELD_SMTP_FROM, or `smtp_from`"),
        "{words}"
    );
}

#[test]
fn the_public_address_can_be_followed() {
    for (listen, public) in [
        ("127.0.0.1:1", "http://127.0.0.1:1"),
        ("0.0.0.0:1", "http://127.0.0.1:1"),
        ("[::]:1", "http://[::1]:1"),
        ("192.0.2.7:1", "http://192.0.2.7:1"),
    ] {
        let settings = load("public", None, &[("JACKFIELD_LISTEN", listen)], &[]).unwrap();
        assert_eq!(settings.public_address().as_str(), public);
    }
    let slash = load(
        "public",
        None,
        &[("JACKFIELD_PUBLIC_URL", "https://example.com/pbx/")],
        &[],
    )
    .unwrap();
    assert_eq!(slash.public_address().to_string(), "https://example.com/pbx");
}

#[test]
fn files_have_a_place_and_a_size() {
    let place = |text| {
        load("files", None, &[("JACKFIELD_BLOBS", text)], &[])
            .unwrap()
            .blobs
    };
    let bucket = |url: &str| Some(BlobPlace::Bucket(url.into()));
    assert_eq!(place("s3://bucket/"), bucket("s3://bucket"));
    assert_eq!(place("s3://b.u-c_k/a/b"), bucket("s3://b.u-c_k/a/b"));
    assert_eq!(place("/srv/files"), Some(BlobPlace::Folder("/srv/files".into())));
    assert_eq!(place("files"), Some(BlobPlace::Folder("files".into())));
    let size = |text| {
        load("files", None, &[("JACKFIELD_MAX_UPLOAD", text)], &[])
            .unwrap()
            .max_upload
    };
    for (text, bytes) in [
        ("1", 1),
        ("16777216", 16 << 20),
        ("2K", 2 << 10),
        ("3M", 3 << 20),
        ("4G", 4 << 30),
    ] {
        assert_eq!(size(text), Bytes(bytes), "{text}");
    }
    assert_eq!(load("files", None, &[], &[]).unwrap().max_upload, Bytes(16 << 20));
}

/// The table as a page for `docs/`, in Markdown.
fn page(table: &[Setting]) -> String {
    let mut lines = vec![
        "# Settings".to_owned(),
        String::new(),
        "Written from the table in `crates/server/src/config/mod.rs`; change it there, then run".to_owned(),
        "`JACKFIELD_UPDATE_DOCS=1 cargo nextest run -p jackfield-server settings_page`.".to_owned(),
        String::new(),
        "Each setting is a flag, an environment variable and a key of the settings file (`jackfield.toml`; flat keys,".to_owned(),
        "no sections). A flag goes before the environment, the environment before the file, the file before the".to_owned(),
        "default. An empty environment variable counts as not set. Relative paths are taken from the folder in which".to_owned(),
        "the server is started. Other users of the machine can read a flag, so give secrets in the environment or in a".to_owned(),
        "file that only the server's user may read.".to_owned(),
        String::new(),
        "| setting | what it is for | when nobody sets it | example |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for setting in table {
        let names = format!(
            "`{}`<br>`{}`<br>`{}`",
            setting.variable(),
            setting.flag(),
            setting.name
        );
        let default = match (setting.default, setting.otherwise) {
            (Some(default), "") => format!("`{default}`"),
            (Some(default), words) => format!("`{default}`: {words}"),
            (None, words) => words.to_owned(),
        };
        lines.push(format!(
            "| {names} | {} | {default} | `{}` |",
            setting.summary(),
            setting.example
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// `docs/settings.md` is the table. `JACKFIELD_UPDATE_DOCS=1` writes it.
#[test]
fn settings_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let rows: Vec<Setting> = SETTINGS.iter().copied().chain([CONFIG]).collect();
    let page = page(&rows);
    if std::env::var_os("JACKFIELD_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, page,
        "docs/settings.md is not what the table says; run \
         `JACKFIELD_UPDATE_DOCS=1 cargo nextest run -p jackfield-server settings_page`"
    );
}
