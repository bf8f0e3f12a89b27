//! `/blobs`: files, which other records refer to by the id that a completed upload answers.

use std::fmt::Write as _;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use jackfield_directory::{Directory, Progress};
use jackfield_domain::{BlobKey, Error, Result};
use jackfield_edge::{Binary, RawBody};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{PREFIX, Params, PathOf, Reply, Session, id::Created};

/// The id of an upload in answers.
const UPLOAD_ID: HeaderName = HeaderName::from_static("portsip-upload-id");
/// The token of an upload, in requests and answers.
const UPLOAD_TOKEN: HeaderName = HeaderName::from_static("portsip-upload-token");
/// The name of a file that comes without one.
const UNNAMED: &str = "file";

/// The address of a file, without the server's own: what the vendor's clients are given.
pub(crate) fn url(key: &BlobKey) -> String {
    format!("{PREFIX}/blobs/{}", key.as_str())
}

/// What is said of a file before it comes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// The name of the file. It is what people see; what the file is, its content says.
    #[param(max_length = 255)]
    filename: Option<String>,
    /// Whether the file is wanted for a short time only. Every file goes a day after nothing refers to it any more, so this
    /// changes nothing.
    #[serde(rename = "temporary")]
    #[param(rename = "temporary")]
    _temporary: Option<bool>,
}

/// What is said of a file when it is there.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompleteQuery {
    /// The SHA-256 of the whole file in hexadecimal digits, to be compared.
    digest: Option<String>,
}

/// The headers that tell how far an upload has come.
fn headers(progress: &Progress) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    map.insert(UPLOAD_ID, value(&progress.id.to_string())?);
    map.insert(UPLOAD_TOKEN, value(&progress.token)?);
    // A range names its first and its last byte, and so cannot say that there is none.
    if let Some(last) = progress.received.checked_sub(1) {
        let mut range = String::from("0-");
        // Writing to a string does not fail.
        let _ = write!(range, "{last}");
        map.insert(header::RANGE, value(&range)?);
    }
    Ok(map)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(UPLOAD_TOKEN)?.to_str().ok()
}

/// Begins an upload. The answer has no body; its headers name the upload and bring the token for the next request about it.
#[utoipa::path(
    post, path = "/blobs/uploads", tag = "files", params(UploadQuery),
    responses((
        status = 202, description = "The upload has begun.",
        headers(
            ("PortSIP-Upload-ID" = String, description = "The id of the upload."),
            ("PortSIP-Upload-Token" = String, description = "What the next request about the upload has to bring along."),
        )
    ))
)]
pub(crate) async fn begin(
    session: Session,
    State(directory): State<Directory>,
    query: Params<UploadQuery>,
) -> Reply<(StatusCode, HeaderMap)> {
    let name = query.0.filename.as_deref().unwrap_or(UNNAMED);
    let progress = directory.begin_upload(&session.member()?, name).await?;
    Ok((StatusCode::ACCEPTED, headers(&progress)?))
}

/// Sends the next piece of a file. It goes where the last one ended; the token says which place that is, so a piece that is
/// sent again after it has arrived is refused (409), and `status` tells where to go on.
#[utoipa::path(
    post, path = "/blobs/uploads/{id}/append", tag = "files",
    params(
        ("id" = String, Path, description = "The id of the upload."),
        ("PortSIP-Upload-Token" = String, Header, description = "The token of the last answer about the upload."),
    ),
    request_body(content = Binary, content_type = "application/octet-stream"),
    responses((
        status = 203, description = "The piece has arrived, and is on disk.",
        headers(
            ("PortSIP-Upload-ID" = String, description = "The id of the upload."),
            ("PortSIP-Upload-Token" = String, description = "What the next request about the upload has to bring along."),
            ("Range" = String, description = "The bytes that are there: `0-` and the number of the last one."),
        )
    ))
)]
pub(crate) async fn append(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<String>,
    given: HeaderMap,
    mut body: RawBody,
) -> Reply<(StatusCode, HeaderMap)> {
    let outcome = directory
        .append_upload(&session.member()?, &id.0, token(&given), &mut body)
        .await;
    if outcome.is_err() {
        body.drain().await;
    }
    Ok((StatusCode::NON_AUTHORITATIVE_INFORMATION, headers(&outcome?)?))
}

/// Ends an upload, with the rest of the file or without a body. The answer is the id of the file.
#[utoipa::path(
    post, path = "/blobs/uploads/{id}/complete", tag = "files",
    params(
        ("id" = String, Path, description = "The id of the upload."),
        ("PortSIP-Upload-Token" = String, Header, description = "The token of the last answer about the upload."),
        CompleteQuery,
    ),
    request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 201, body = Created))
)]
pub(crate) async fn complete(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<String>,
    query: Params<CompleteQuery>,
    given: HeaderMap,
    mut body: RawBody,
) -> Reply<(StatusCode, Json<Created>)> {
    let digest = query.0.digest.as_deref().filter(|digest| !digest.is_empty());
    let outcome = directory
        .complete_upload(&session.member()?, &id.0, token(&given), digest, &mut body)
        .await;
    if outcome.is_err() {
        body.drain().await;
    }
    Ok(Created::answer(outcome?.get()))
}

/// Tells how far an upload has come, and brings a token for going on.
#[utoipa::path(
    get, path = "/blobs/uploads/{id}/status", tag = "files",
    params(("id" = String, Path, description = "The id of the upload.")),
    responses((
        status = 204, description = "The upload is under way.",
        headers(
            ("PortSIP-Upload-ID" = String, description = "The id of the upload."),
            ("PortSIP-Upload-Token" = String, description = "What the next request about the upload has to bring along."),
            ("Range" = String, description = "The bytes that are there; not sent while there are none."),
        )
    ))
)]
pub(crate) async fn status(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<String>,
) -> Reply<(StatusCode, HeaderMap)> {
    let progress = directory.upload_status(&session.member()?, &id.0).await?;
    Ok((StatusCode::NO_CONTENT, headers(&progress)?))
}

/// Gives an upload up.
#[utoipa::path(
    post, path = "/blobs/uploads/{id}/destroy", tag = "files",
    params(("id" = String, Path, description = "The id of the upload.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<String>,
) -> Reply<StatusCode> {
    directory.destroy_upload(&session.member()?, &id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a file, or a part of it. The address is the proof: whoever was given it needs no session.
#[utoipa::path(
    get, path = "/blobs/{key}", tag = "files", security(()),
    params(("key" = String, Path, description = "The unguessable part of the file's address.")),
    responses(
        (
            status = 200, description = "The file.",
            headers(("Content-Disposition" = String, description = "The name of the file, and whether it is only for saving.")),
            content(
                (Binary = "application/octet-stream"), (Binary = "audio/wav"), (Binary = "audio/mpeg"),
                (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/gif"), (Binary = "image/webp"),
            )
        ),
        (
            status = 206, description = "The part of the file that `Range` asks for.",
            content(
                (Binary = "application/octet-stream"), (Binary = "audio/wav"), (Binary = "audio/mpeg"),
                (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/gif"), (Binary = "image/webp"),
            )
        ),
        (status = 304, description = "Nothing is new since `If-None-Match`."),
    )
)]
pub(crate) async fn download(
    State(directory): State<Directory>,
    key: PathOf<String>,
    given: HeaderMap,
) -> Reply<Response> {
    let file = directory.open_blob(&key.0).await?;
    jackfield_edge::serve_file(&given, file).await
}
