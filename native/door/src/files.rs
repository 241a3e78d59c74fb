//! Files that the core reads and writes by itself: config.json, the log, what a verb prints.
use crate::failure::Failure;
use rustix::fd::OwnedFd;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};

/// Larger ones are no configurations but attacks or accidents.
const CONFIG_LIMIT: u64 = 16 << 20;

/// The bytes of config.json as they were read, for the copy that the state keeps.
pub static CONFIG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LOG: Mutex<Option<OwnedFd>> = Mutex::new(None);

#[derive(Deserialize)]
pub struct Path<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
}

/// A regular file of at most limit bytes. Nothing here waits: a FIFO is opened without a writer, and refused.
fn read_regular(path: &str, limit: u64) -> Result<Vec<u8>, Failure> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| Failure::kernel("open", path, errno))?;
    let stat = rustix::fs::fstat(&file).map_err(|errno| Failure::kernel("stat", path, errno))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile {
        return Err(Failure::sentence("config", format!("{path}: expected a regular file, found {}", name_of(kind))));
    }
    if stat.st_size as u64 > limit {
        let message = format!("{path}: expected at most {limit} bytes, found {}", stat.st_size);
        return Err(Failure::sentence("config", message));
    }
    let mut bytes = Vec::with_capacity(stat.st_size as usize + 1);
    std::fs::File::from(file)
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::kernel("read", path, Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5))))?;
    Ok(bytes)
}

fn name_of(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a directory",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "something else",
    }
}

fn text(path: &str, bytes: &[u8]) -> Result<String, Failure> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let message = format!("{path}: expected UTF-8, found another byte at offset {}", error.valid_up_to());
            Err(Failure::sentence("config", message))
        }
    }
}

pub fn read_config(request: &Path) -> Result<String, Failure> {
    let bytes = read_regular(&request.path, CONFIG_LIMIT)?;
    let result = text(&request.path, &bytes);
    *CONFIG.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
    result
}

/// The text of a file of procfs, sysfs or a cgroup. They tell no size, and each read costs the kernel the making of the text: the
/// buffer is large enough for most of them at once.
pub fn kernel_text(path: impl rustix::path::Arg) -> Result<String, Errno> {
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut bytes = Vec::with_capacity(16384);
    loop {
        if bytes.capacity() - bytes.len() < 4096 {
            bytes.reserve(65536);
        }
        match rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    String::from_utf8(bytes).map_err(|_| Errno::ILSEQ)
}

/// Files of procfs and cgroups take a value in one write or not at all.
pub fn write_once(path: impl rustix::path::Arg, value: &str) -> Result<(), Errno> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, value.as_bytes()).map(drop)
}

pub fn write_all(file: &OwnedFd, mut rest: &[u8]) -> Result<(), Errno> {
    while !rest.is_empty() {
        let count = rustix::io::write(file, rest)?;
        rest = &rest[count..];
    }
    Ok(())
}

#[derive(Deserialize)]
pub struct ReadText<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    limit: u64,
}

pub fn read_text(request: &ReadText) -> Result<Option<String>, Failure> {
    match read_regular(&request.path, request.limit) {
        Err(failure) if failure.errno == Some(Errno::NOENT.raw_os_error()) => Ok(None),
        Err(failure) => Err(failure),
        Ok(bytes) => text(&request.path, &bytes).map(Some),
    }
}

#[derive(Deserialize)]
pub struct ReadInput {
    limit: u64,
}

/// Standard input to its end: a pipe, a file, whatever the caller has put there.
pub fn read_input(request: &ReadInput) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(request.limit + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::kernel("read", "stdin", Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5)))
    })?;
    if bytes.len() as u64 > request.limit {
        return Err(Failure::sentence("usage", format!("stdin: expected at most {} bytes, found more", request.limit)));
    }
    text("stdin", &bytes)
}

#[derive(Deserialize)]
pub struct CreateText<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    text: String,
    mode: u32,
}

pub fn create_text(request: &CreateText) -> Result<(), Failure> {
    let path = request.path.as_ref();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::from_raw_mode(request.mode))
        .map_err(|errno| Failure::kernel("open", path, errno))?;
    std::fs::File::from(file).write_all(request.text.as_bytes()).map_err(|error| {
        let _ = rustix::fs::unlink(path);
        Failure::kernel("write", path, Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5)))
    })
}

/// Several runtimes append to the same file: one write.
pub fn append_text(request: &CreateText) -> Result<(), Failure> {
    let path = request.path.as_ref();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::from_raw_mode(request.mode))
        .map_err(|errno| Failure::kernel("open", path, errno))?;
    rustix::io::write(&file, request.text.as_bytes()).map(drop).map_err(|errno| Failure::kernel("write", path, errno))
}

pub fn list_names(request: &Path) -> Result<Vec<String>, Failure> {
    let path = request.path.as_ref();
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let errno = Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5));
            return Err(Failure::kernel("opendir", path, errno));
        }
        Ok(entries) => entries,
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

pub fn canonical_path(request: &Path) -> Result<String, Failure> {
    let path = request.path.as_ref();
    let found = std::fs::canonicalize(path).map_err(|error| {
        Failure::kernel("realpath", path, Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5)))
    })?;
    found
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::sentence("config", format!("{path}: its real path is not valid UTF-8")))
}

#[derive(Deserialize)]
pub struct Print {
    descriptor: i32,
    text: String,
}

/// Writes all of it. A reader that is gone or a descriptor that cannot be written is nobody's fault here; a full disk
/// behind it is an error, for half a document would pass for a whole one.
pub fn print(request: &Print) -> Result<(), Failure> {
    let mut rest = request.text.as_bytes();
    let target = tsrun_sys::descriptor::borrowed(if request.descriptor == 2 { 2 } else { 1 });
    while !rest.is_empty() {
        match rustix::io::write(target, rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut poll = [rustix::event::PollFd::from_borrowed_fd(target, rustix::event::PollFlags::OUT)];
                let _ = rustix::event::poll(&mut poll, None);
            }
            Err(Errno::BADF | Errno::PIPE) => break,
            Err(errno) => {
                let name = if request.descriptor == 2 { "stderr" } else { "stdout" };
                return Err(Failure::kernel("write", name, errno));
            }
        }
    }
    Ok(())
}

#[derive(Deserialize)]
pub struct OpenLog<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    socket: bool,
}

pub fn open_log(request: &OpenLog) -> Result<(), Failure> {
    let path = request.path.as_ref();
    let file = if request.socket { service(path)? } else { log_file(path)? };
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    Ok(())
}

fn log_file(path: &str) -> Result<OwnedFd, Failure> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    rustix::fs::open(path, flags, Mode::from_raw_mode(0o644)).map_err(|errno| Failure::kernel("open", path, errno))
}

/// A socket that takes a record in a datagram: of the journal, of syslog. One that is full loses records rather than to wait.
fn service(path: &str) -> Result<OwnedFd, Failure> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(AddressFamily::UNIX, SocketType::DGRAM, flags, None)
        .and_then(|socket| rustix::net::connect(&socket, &SocketAddrUnix::new(path)?).map(|()| socket))
        .map_err(|errno| Failure::kernel("connect to", path, errno))
}

#[derive(Deserialize)]
pub struct Line {
    line: String,
}

pub fn append_log(request: &Line) -> Result<(), Failure> {
    match &*LOG.lock().unwrap_or_else(PoisonError::into_inner) {
        // one write: several runtimes append to the same file
        Some(log) => rustix::io::write(log, request.line.as_bytes())
            .map(drop)
            .map_err(|errno| Failure::kernel("write", "log", errno)),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
pub struct User {
    uid: u32,
}

/// From /etc/passwd of the host: a static program has no other name services.
pub fn user_name(request: &User) -> Option<String> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(request.uid)).then(|| name.to_owned())
    })
}
