use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use super::*;

/// A mail server for one conversation. It answers every command with success, but the one that begins with `refused`,
/// and gives back all lines that it heard.
struct Post {
    address: SocketAddr,
    heard: JoinHandle<Vec<String>>,
}

impl Post {
    fn open(refused: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            stream.write_all(b"220 post.example ESMTP\r\n").unwrap();
            let (mut heard, mut letter) = (Vec::new(), false);
            for line in lines.map_while(Result::ok) {
                let answer: &str = match line.as_str() {
                    "." => "250 taken\r\n",
                    _ if letter => "",
                    line if !refused.is_empty() && line.starts_with(refused) => {
                        "550 5.1.1 nobody of that name\r\n"
                    }
                    line if line.starts_with("EHLO") => "250-post.example\r\n250 AUTH PLAIN\r\n",
                    line if line.starts_with("AUTH") => "235 welcome\r\n",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 bye\r\n",
                    _ => "250 ok\r\n",
                };
                letter = if letter {
                    line != "."
                } else {
                    line == "DATA" && answer.starts_with("354")
                };
                heard.push(line);
                if stream.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
            heard
        });
        Self { address, heard }
    }

    fn url(&self, more: &str) -> SmtpUrl {
        SmtpUrl::parse(&format!("smtp://{more}{}", self.address)).unwrap()
    }

    /// Ends the conversation, and gives what was heard.
    fn close(self, mailer: SmtpMailer) -> Vec<String> {
        drop(mailer);
        self.heard.join().unwrap()
    }
}

fn mail() -> Mail {
    Mail {
        to: "Ada <ada@example.com>".to_owned(),
        subject: "Grüße\r\nBcc: eve@example.com".to_owned(),
        text: "Hello Ada,\nthis is the text.\n".to_owned(),
        calendar: None,
    }
}

fn mailer(url: &SmtpUrl) -> SmtpMailer {
    SmtpMailer::new(url, "Telephones <jackfield@example.com>".parse().unwrap()).unwrap()
}

/// Why a mail was not sent.
fn reason(sent: Result<(), MailError>) -> String {
    sent.unwrap_err().0.to_string()
}

#[tokio::test]
async fn a_mail_arrives() {
    let post = Post::open("");
    let mailer = mailer(&post.url("user:p%40ss@"));
    mailer.send(mail()).await.unwrap();
    let heard = post.close(mailer);
    // "\0user\0p@ss" in base64.
    for line in [
        "AUTH PLAIN AHVzZXIAcEBzcw==",
        "MAIL FROM:<jackfield@example.com>",
        "RCPT TO:<ada@example.com>",
        "this is the text.",
    ] {
        assert!(
            heard.iter().any(|heard| heard.trim_end() == line),
            "{line:?} is missing in {heard:#?}"
        );
    }
    assert!(
        heard.iter().any(|line| line.starts_with("Message-ID: <")),
        "{heard:#?}"
    );
    assert!(
        !heard.iter().any(|line| line.starts_with("Bcc")),
        "a subject became a header: {heard:#?}"
    );
}

#[tokio::test]
async fn a_calendar_entry_comes_in_both_forms() {
    let post = Post::open("");
    let mailer = mailer(&post.url(""));
    let calendar = CalendarPart {
        method: "REQUEST",
        content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
    };
    let mail = Mail {
        calendar: Some(calendar),
        ..mail()
    };
    mailer.send(mail).await.unwrap();
    let heard = post.close(mailer).join("\n");
    for part in [
        "multipart/mixed",
        "multipart/alternative",
        "this is the text.",
        "Content-Type: text/calendar; charset=utf-8; method=REQUEST",
        "BEGIN:VCALENDAR",
        "filename=\"invite.ics\"",
    ] {
        assert!(heard.contains(part), "{part:?} is missing in {heard}");
    }
}

#[tokio::test]
async fn a_refusal_is_passed_on() {
    let post = Post::open("RCPT");
    let mailer = mailer(&post.url(""));
    let error = reason(mailer.send(mail()).await);
    assert!(
        error.contains("nobody of that name") && error.contains("JACKFIELD_SMTP_URL"),
        "{error}"
    );
    post.close(mailer);
}

#[tokio::test]
async fn a_server_that_must_speak_tls_and_does_not_hears_no_password() {
    let post = Post::open("");
    let url = SmtpUrl::parse(&format!("smtp://user:geheim@{}?tls=required", post.address)).unwrap();
    let mailer = mailer(&url);
    let error = reason(mailer.send(mail()).await);
    assert!(!error.contains("geheim"), "{error}");
    let heard = post.close(mailer);
    assert!(
        !heard
            .iter()
            .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
        "{heard:#?}"
    );
}

#[tokio::test]
async fn a_closed_door_and_a_bad_address_are_errors() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mailer = mailer(&SmtpUrl::parse(&format!("smtp://{closed}")).unwrap());
    assert!(mailer.send(mail()).await.is_err());
    let error = reason(
        mailer
            .send(Mail {
                to: "nobody".to_owned(),
                ..mail()
            })
            .await,
    );
    assert!(error.contains("not a mail address"), "{error}");
    let error = reason(NoMailer.send(mail()).await);
    assert!(error.contains("JACKFIELD_SMTP_URL"), "{error}");
}

#[test]
fn urls_are_read_strictly() {
    let good = [
        ("smtps://a:b@mail.example.com", "smtps://a:b@mail.example.com"),
        ("smtps://mail.example.com:465", "smtps://mail.example.com:465"),
        (
            "smtp://a:b@mail.example.com",
            "smtp://a:b@mail.example.com?tls=required",
        ),
        (
            "smtp://mail.example.com:587?tls=required",
            "smtp://mail.example.com:587?tls=required",
        ),
        ("smtp://mail.example.com?tls=none", "smtp://mail.example.com"),
        ("smtp://localhost:1025", "smtp://localhost:1025"),
        ("smtp://[::1]:1025", "smtp://[::1]:1025"),
        ("smtp://127.0.0.2?tls=required", "smtp://127.0.0.2?tls=required"),
    ];
    for (text, understood) in good {
        assert_eq!(SmtpUrl::parse(text).unwrap().0.expose(), understood);
    }
    let bad = [
        ("mail.example.com", "begins neither"),
        ("http://mail.example.com", "begins neither"),
        ("smtp://user@mail.example.com", "without a password"),
        ("smtp://:secret@mail.example.com", "without a user"),
        (
            "smtp://mail.example.com?tls=opportunistic",
            "neither `tls=required` nor `tls=none`",
        ),
        ("smtps://mail.example.com?tls=none", "always speaks TLS"),
        ("smtp://a b@mail.example.com", "is not a URL"),
    ];
    for (text, part) in bad {
        let wrong = SmtpUrl::parse(text).unwrap_err();
        assert!(wrong.wrong.contains(part), "{text:?}: {wrong:?}");
    }
    assert_eq!(
        format!("{:?}", SmtpUrl::parse("smtp://a:b@127.0.0.1").unwrap()),
        "…"
    );
}
