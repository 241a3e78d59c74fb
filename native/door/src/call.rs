//! One request, one reply.
use crate::failure::Failure;
use crate::{cgroup, clock, examine, exit, facts, files, foreground, greeting, kernel_files, output, perform, probe};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow)]
    call: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Reply {
    Ok(Box<RawValue>),
    Error(Failure),
}

/// Answers one request. Never panics on bad input: a malformed request gets an error reply.
#[must_use]
pub fn call(request: &[u8]) -> Vec<u8> {
    let reply = match std::str::from_utf8(request) {
        Ok(text) => answer(text).map_or_else(Reply::Error, Reply::Ok),
        Err(_) => Reply::Error(Failure::sentence("internal", "the request is not UTF-8")),
    };
    serde_json::to_vec(&reply)
        .unwrap_or_else(|_| br#"{"error":{"code":"internal","message":"the reply cannot be written"}}"#.to_vec())
}

fn answer(text: &str) -> Result<Box<RawValue>, Failure> {
    let tag: Tag = parameters(text)?;
    match tag.call.as_ref() {
        "hello" => reply(&greeting::hello()?),
        "readConfig" => reply(&files::read_config(&parameters(text)?)?),
        "readText" => reply(&files::read_text(&parameters(text)?)?),
        "createText" => reply(&files::create_text(&parameters(text)?)?),
        "listNames" => reply(&files::list_names(&parameters(text)?)?),
        "canonicalPath" => reply(&files::canonical_path(&parameters(text)?)?),
        "examine" => reply(&examine::examine(&parameters(text)?)),
        "facts" => reply(&facts::facts()?),
        "perform" => reply(&perform::perform(&parameters(text)?)?),
        "probe" => reply(&probe::probe(&parameters(text)?)),
        "readInput" => reply(&files::read_input(&parameters(text)?)?),
        "readKernelFiles" => reply(&kernel_files::read(&parameters(text)?)),
        "exitStatus" => reply(&exit::status(&parameters(text)?)?),
        "members" => reply(&cgroup::members_below(&parameters(text)?)),
        "output" => reply(&output::output(&parameters(text)?)?),
        "becomeSubreaper" => reply(&foreground::become_subreaper()?),
        "wait" => reply(&foreground::wait(&parameters(text)?)?),
        "print" => reply(&files::print(&parameters(text)?)?),
        "openLog" => reply(&files::open_log(&parameters(text)?)?),
        "appendLog" => reply(&files::append_log(&parameters(text)?)?),
        "appendText" => reply(&files::append_text(&parameters(text)?)?),
        "now" => reply(&greeting::now()),
        "clock" => reply(&clock::clock(&parameters(text)?)),
        "userName" => reply(&files::user_name(&parameters(text)?)),
        other => Err(Failure::sentence("internal", format!("the library has no call {other}"))),
    }
}

fn parameters<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::sentence("internal", format!("malformed request: {error}")))
}

fn reply<T: Serialize>(value: &T) -> Result<Box<RawValue>, Failure> {
    to_raw_value(value).map_err(|error| Failure::sentence("internal", format!("unwritable reply: {error}")))
}
