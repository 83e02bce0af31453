//! The three pages, and how they are spoken.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Life, Shared, metrics, status};

/// Bytes of request headers that are read before a client is told that it talks too much.
const HEADERS: usize = 16 * 1024;

/// A client has so long to send the headers of a request, also of the next one on the connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves one connection until either side is done with it, or the server drains: then the response
/// in flight is the last.
pub(super) async fn serve<S>(stream: S, shared: Arc<Shared>, mut life: Life)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let timeout = HEADER_TIMEOUT.min(shared.settings.idle_timeout);
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(&shared, request.method(), request.uri().path());
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // What a client does wrong is its own business; nothing to say about it.
        _ = connection.as_mut() => return,
        () = life.draining() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn answer(shared: &Shared, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n".into());
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match path {
        "/" => page(status::page(&shared.figures())),
        "/healthz" => text(StatusCode::OK, "ok\n".into()),
        "/metrics" => typed(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            metrics::text(&shared.figures()).into(),
        ),
        _ => text(StatusCode::NOT_FOUND, "there are /, /healthz and /metrics\n".into()),
    }
}

fn page(html: String) -> Response<Full<Bytes>> {
    let mut response = typed(StatusCode::OK, "text/html; charset=utf-8", html.into());
    // The page loads nothing and runs nothing.
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    );
    response
}

fn text(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", body)
}

fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
