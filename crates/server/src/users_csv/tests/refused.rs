use super::*;
use crate::users_csv::UnreadableFile;

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn files_that_make_no_sense() {
    for (bytes, part) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n \n", "is empty"),
        (b"PK\x03\x04\x14\0\x06\0", "a spreadsheet"),
        (b"\xff\xfen\0a\0", "UTF-16"),
        (b"name\nad\0a\n", "binary"),
        (b"name,address\nada,x\nben,Stra\xdfe\n", "line 3 is not UTF-8"),
        (b"\xef\xbb\xbfname\nM\xfcller\n", "line 2 is not UTF-8"),
        (
            b"name,address\nada,x\nben,\"x\ncarla,y\n",
            "opens a cell on line 3 is never closed",
        ),
        (
            b"nmae,email\nada,x\n",
            "there is no column `nmae`; did you mean `name`?",
        ),
        (b"name,extention_number\n", "did you mean `extension_number`?"),
        (b"name,e-mail\n", "did you mean `email`?"),
        (b"name;e-mail\n", "did you mean `email`?"),
        (b"name,favourite colour\n", "docs/import.md lists them"),
        (b"name,email,Name\n", "the column Name is there twice"),
        (b"email\nx\n", "there is no column `name`"),
        (b"ada,secret\nben,more\n", "there is no column `name`"),
    ] {
        let text = refused(bytes);
        assert!(text.contains(part), "{bytes:?}: {text}");
    }
}

#[test]
fn all_faults_of_a_header_are_named() {
    let UnreadableFile::Header(faults) = read(b"nmae,foo,email,email\n").unwrap_err() else {
        panic!("another fault")
    };
    assert_eq!(faults.len(), 4, "{faults:?}");
}

#[test]
fn what_is_wrong_with_rows() {
    for (text, expected) in [
        (
            "name,enabled,sms\nada,wahr,perhaps\n",
            vec![
                "line 2 (ada), column enabled: must be TRUE or FALSE",
                "line 2 (ada), column sms: must be one of DISABLE, ALLOW, ALLOW_WITH_SENDER_ID",
            ],
        ),
        (
            "name,email\nada\nben,x,y\n",
            vec![
                "line 2 (ada): has 1 cells where the first line has 2; is a quotation mark or a separator missing or too many?",
                "line 3 (ben): has 3 cells where the first line has 2; is a quotation mark or a separator missing or too many?",
            ],
        ),
        (
            "name,,\nada,,x\n",
            vec!["line 2 (ada): has something in column 3, which the first line does not name"],
        ),
        (
            "name,phones\nada,\"[{\"\"mac\"\":\"\"00:11\"\"}]\"\nben,[ ]\n",
            vec![
                "line 2 (ada), column phones: an import does not make phones yet; empty the cell and make them through the API, so that none is lost unnoticed",
            ],
        ),
        (
            "name,password,password_hash\nada,x,$argon2id$\n",
            vec![
                "line 2 (ada), column password_hash: is given beside a password; leave one of the two empty",
            ],
        ),
        (
            "name;office_hours\n\nada;\"{\"\"mode\"\":\"\"x\"\",\"\"monday\"\":{\"\"ranges\"\":[{\"\"from\"\":\"\"9:00\"\"},7]},\"\"friday\"\":[]}\"\n",
            vec![
                "line 3 (ada), column office_hours at mode: must be one of GLOBAL, CUSTOM",
                "line 3 (ada), column office_hours at monday.enabled: is required",
                "line 3 (ada), column office_hours at monday.ranges[0].from: must be a time like 09:30",
                "line 3 (ada), column office_hours at monday.ranges[0].to: is required",
                "line 3 (ada), column office_hours at monday.ranges[1]: must be an object",
                "line 3 (ada), column office_hours at friday: must be an object",
            ],
        ),
        (
            "name;online_busy_forward_rule\nada;\"{\"\"action\"\":\"\"x\"\"}\"\n",
            vec![
                "line 2 (ada), column online_busy_forward_rule at action: must be one of FORWARD_TO_NUMBER, FORWARD_TO_VOICEMAIL, RING_ANYWAY, HANGUP",
            ],
        ),
        (
            "name;online_no_answer_forward_rule;available_no_answer_forward_rule\nada;{\"action\":\"HANGUP\"};{\"action\":\"HANGUP\",\"timeout\":9}\n",
            vec![
                "line 2 (ada), column available_no_answer_forward_rule: differs from online_no_answer_forward_rule, which means the same; empty one of the two",
            ],
        ),
        (
            "name;busy_no_answer_forward_rule;blfs;custom_forward_rules\nada;{\"timeout\":1.5};{};[{\"action\":5},{}]\n",
            vec![
                "line 2 (ada), column busy_no_answer_forward_rule at action: is required",
                "line 2 (ada), column busy_no_answer_forward_rule at timeout: must be a whole number",
                "line 2 (ada), column blfs: must be a list",
                "line 2 (ada), column custom_forward_rules at [0].action: must be text",
                "line 2 (ada), column custom_forward_rules at [1].action: is required",
            ],
        ),
        (
            "name;outbound_caller_ids\nada;[{\"caller_id\":\"1\"},{\"provider_id\":\"x\",\"preferred\":1}]\n",
            vec![
                "line 2 (ada), column outbound_caller_ids at [0].provider_id: is required",
                "line 2 (ada), column outbound_caller_ids at [1].provider_id: must be the id of a provider, in digits",
                "line 2 (ada), column outbound_caller_ids at [1].preferred: must be true or false",
            ],
        ),
        (
            "name;blfs\nada;[{\"key\":}]\n",
            vec!["line 2 (ada), column blfs: must be JSON; it stops making sense at its line 1, character 9"],
        ),
    ] {
        assert_eq!(complaints(text), expected, "{text}");
    }
}

#[test]
fn rounded_numbers_are_found_and_not_shown() {
    for column in [
        "extension_number",
        "voicemail_pin",
        "mobile_phone",
        "work_phone",
        "home_phone",
    ] {
        for cell in ["1.23E+17", "1,23E+17", "4E+11"] {
            let said = complaints(&format!("name;{column}\nx;1\nada;{cell}\n"));
            assert_eq!(said.len(), 1, "{column} {cell}");
            assert!(said[0].starts_with(&format!(
                "line 3 (ada), column {column}: is a number that a spreadsheet has rounded"
            )));
            assert!(!said[0].contains(cell));
        }
    }
    assert_eq!(complaints("name\n1.23E+17\n").len(), 1);
    // Elsewhere it may be meant.
    assert_eq!(
        complaints("name,password,department\nada,1.23E+17,4E5\n"),
        Vec::<String>::new()
    );
    assert_eq!(complaints("name\n4E5\n"), Vec::<String>::new());
}

#[test]
fn a_secret_is_not_repeated() {
    let text = "name,voicemail_pin,password,password_hash\nada,1.5E+9,hunter2,$hash\n";
    let said = complaints(text).concat() + &format!("{:?}", table(text).rows);
    for secret in ["1.5E", "hunter2", "$hash"] {
        assert!(!said.contains(secret), "{said}");
    }
}
