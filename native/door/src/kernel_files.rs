//! Files of the kernel that are read again and again: what is looked at each second stays open.
use crate::files::kernel_text;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Deserialize)]
pub struct Request {
    paths: Vec<String>,
    keep: bool,
}

static OPEN: Mutex<Option<HashMap<String, OwnedFd>>> = Mutex::new(None);

/// The text of each file; None of one that cannot be read.
pub fn read(request: &Request) -> Vec<Option<String>> {
    if !request.keep {
        return request.paths.iter().map(|path| kernel_text(path.as_str()).ok()).collect();
    }
    let mut kept = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let open = kept.get_or_insert_default();
    let mut buffer = vec![0; 65536];
    request.paths.iter().map(|path| read_kept(open, path, &mut buffer).ok()).collect()
}

/// From its beginning: the kernel makes the text anew. A file that fails is closed, for its cgroup is gone.
fn read_kept(open: &mut HashMap<String, OwnedFd>, path: &str, buffer: &mut [u8]) -> Result<String, Errno> {
    if !open.contains_key(path) {
        open.insert(path.to_owned(), rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?);
    }
    let file = open.get(path).ok_or(Errno::BADF)?;
    let mut length = 0;
    while length < buffer.len() {
        match rustix::io::pread(file, &mut buffer[length..], length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(Errno::INTR) => {}
            Err(errno) => {
                open.remove(path);
                return Err(errno);
            }
        }
    }
    String::from_utf8(buffer[..length].to_vec()).map_err(|_| Errno::ILSEQ)
}
