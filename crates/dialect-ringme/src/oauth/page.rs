//! The pages: plain HTML that works without a script and loads nothing but its own style sheet.

use std::fmt::Write as _;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use jackfield_edge::escape_html as escape;

/// Where the style sheet is, under the prefix.
pub(super) const STYLE_PATH: &str = "/style.css";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#222}\
label{display:block;margin:1rem 0 .25rem}input{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}\
button{margin:1.5rem .5rem 0 0;padding:.5rem 1.25rem;font:inherit}.wrong{color:#a00}";

/// The style sheet.
pub(super) async fn style() -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/css; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600")),
    ];
    (headers, STYLE).into_response()
}

/// A page in the making. Whatever comes from outside goes through [`escape`](jackfield_edge::escape_html) in here.
pub(super) struct Page {
    title: &'static str,
    body: String,
    /// Where a form may lead beside this server: the browser follows what comes after it under the same rule.
    leads_to: Option<String>,
}

impl Page {
    pub(super) fn new(title: &'static str) -> Self {
        let body = format!("<h1>{}</h1>\n", escape(title));
        Self {
            title,
            body,
            leads_to: None,
        }
    }

    /// A form of the page may end at another origin, which is one that was registered.
    pub(super) fn leading_to(mut self, origin: &str) -> Self {
        self.leads_to = Some(origin.to_owned());
        self
    }

    /// A sentence.
    pub(super) fn text(mut self, text: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
        self
    }

    /// A sentence about what is wrong, if something is.
    pub(super) fn wrong(mut self, text: Option<&str>) -> Self {
        if let Some(text) = text {
            let _ = writeln!(
                self.body,
                "<p class=\"wrong\" role=\"alert\">{}</p>",
                escape(text)
            );
        }
        self
    }

    /// A form that is posted to where the page came from.
    pub(super) fn form(mut self, action: &str, form: &Form) -> Self {
        let _ = writeln!(
            self.body,
            "<form method=\"post\" action=\"{}\" autocomplete=\"on\">\n{}</form>",
            escape(action),
            form.0
        );
        self
    }

    /// The answer, with what keeps it from being framed, cached, or led astray.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
             <link rel=\"stylesheet\" href=\"{}{STYLE_PATH}\">\n</head>\n<body>\n{}</body>\n</html>\n",
            escape(self.title),
            crate::OAUTH_PREFIX,
            self.body
        );
        let leads_to = self
            .leads_to
            .map_or_else(String::new, |origin| format!(" {origin}"));
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action 'self'{leads_to}; frame-ancestors 'none'; base-uri 'none'"
        );
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // Not "no-referrer": a browser would then say of the form that it comes from nowhere.
            (header::REFERRER_POLICY, "same-origin"),
            (header::CACHE_CONTROL, "no-store"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // An origin has no character that a header must not have; if one had, nothing may lead anywhere.
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }
}

/// The fields of a form.
#[derive(Default)]
pub(super) struct Form(String);

impl Form {
    /// A value that goes along unseen.
    pub(super) fn hidden(mut self, name: &str, value: &str) -> Self {
        let _ = writeln!(
            self.0,
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            escape(name),
            escape(value)
        );
        self
    }

    /// A field to be filled in.
    pub(super) fn field(mut self, name: &str, label: &str, kind: &str, hint: &str) -> Self {
        let _ = writeln!(
            self.0,
            "<label for=\"{name}\">{label}</label>\n<input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{hint}\">",
            name = escape(name),
            label = escape(label),
            kind = escape(kind),
            hint = escape(hint)
        );
        self
    }

    /// A button that sends the form.
    pub(super) fn button(mut self, name: &str, value: &str, label: &str) -> Self {
        let _ = writeln!(
            self.0,
            "<button type=\"submit\" name=\"{}\" value=\"{}\">{}</button>",
            escape(name),
            escape(value),
            escape(label)
        );
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_from_outside_becomes_markup() {
        let nasty = "<script>alert('x')</script>\"&";
        let form = Form::default()
            .hidden("state", nasty)
            .field(nasty, nasty, "text", "username")
            .button("x", nasty, nasty);
        let answer = Page::new("Title")
            .text(nasty)
            .wrong(Some(nasty))
            .form(nasty, &form)
            .answer(StatusCode::OK);
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.contains("form-action 'self';"), "{policy}");
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .unwrap();
        let html = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(!html.contains("<script") && !html.contains("'x'"), "{html}");
        assert!(
            html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"),
            "{html}"
        );
    }

    #[tokio::test]
    async fn a_form_leads_to_the_registered_origin_and_no_other() {
        let answer = Page::new("Title")
            .leading_to("https://app.example")
            .answer(StatusCode::OK);
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.contains("form-action 'self' https://app.example;"),
            "{policy}"
        );
        let answer = Page::new("Title")
            .leading_to("https://app.example\r\nX: y")
            .answer(StatusCode::OK);
        assert!(answer.headers().get("x").is_none());
    }
}
