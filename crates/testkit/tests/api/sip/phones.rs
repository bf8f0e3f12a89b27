//! Telephones that others wrote.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use jackfield_testkit::{PASSWORD, SipOptions, sip::Wire};

use super::serve_with;

/// `sipp`, which knows MD5 alone, and gives up when it is offered anything else.
#[tokio::test]
async fn sipp_registers_over_udp_and_tcp() {
    let sip = SipOptions {
        digests: "md5",
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let folder = std::env::temp_dir().join(format!("jackfield-sipp-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let mut lines = "SEQUENTIAL\n".to_owned();
    let mut people = Vec::new();
    for name in ["alice", "bob", "carol"] {
        let person = server.portsip().user(name).await;
        let number = &person.number;
        lines.push_str(
            &[
                number,
                ";[authentication username=",
                number,
                " password=",
                PASSWORD,
                "]\n",
            ]
            .concat(),
        );
        people.push(person);
    }
    std::fs::write(folder.join("people.csv"), lines).expect("the folder can be written");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/sip/register.xml");
    for (wire, mode) in [(Wire::Udp, "u1"), (Wire::Tcp, "t1")] {
        let mut sipp = Command::new("sipp");
        sipp.arg(server.sip(wire).to_string())
            .args([
                "-i",
                "127.0.0.1",
                "-t",
                mode,
                "-m",
                "60",
                "-r",
                "30",
                "-inf",
                "people.csv",
                "-nostdin",
                "-sf",
            ])
            .arg(&scenario)
            .args([
                "-timeout",
                "50",
                "-timeout_error",
                "-trace_err",
                "-error_file",
                "errors.log",
            ])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // It may block the test: the server has threads of its own.
        let ended = sipp
            .output()
            .expect("sipp is installed (Debian: sip-tester; scripts/test does it)");
        let errors = std::fs::read_to_string(folder.join("errors.log")).unwrap_or_default();
        let words = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{mode}: {words}\n{errors}");
    }
    for person in &people {
        assert_eq!(person.get("/user/status").await.is(200)["status"], "OFFLINE");
    }
    std::fs::remove_dir_all(&folder).ok();
}
