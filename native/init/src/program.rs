//! The container's program: found at create, executed at start.
use crate::path::PathBuffer;
use core::ffi::CStr;
use tsrun_plan::wire::Texts;
use tsrun_sys::memory::StringArray;
use tsrun_sys::rustix::fs::{Access, AtFlags, CWD, FileType, accessat, stat};
use tsrun_sys::{Errno, Result};

const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Default)]
pub struct Program {
    args: Option<StringArray<'static>>,
    pub env: Option<StringArray<'static>>,
    path: Option<PathBuffer>,
    pub home: Option<&'static CStr>,
}

impl Program {
    /// Looks args[0] up, as the user that it will run as.
    pub fn find(&mut self, args: Texts<'static>, env: Texts<'static>) -> Result<()> {
        let name = args.iter().next().ok_or(Errno::INVAL)?;
        self.args = Some(array(args, None)?);
        self.env = Some(array(env, self.home)?);
        let mut path = PathBuffer::new();
        if name.to_bytes().contains(&b'/') {
            executable(path.set(name.to_bytes())?)?;
            self.path = Some(path);
            return Ok(());
        }
        let search = env.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH=")).unwrap_or(DEFAULT_PATH);
        // as execvp(3): one that may not be executed is remembered while the search goes on
        let mut failure = Errno::NOENT;
        for directory in search.split(|byte| *byte == b':') {
            let directory = if directory.is_empty() { b"." } else { directory };
            path.set(directory)?;
            if path.push(b"/").and_then(|()| path.push(name.to_bytes())).is_err() {
                continue;
            }
            match executable(path.as_c_str()?) {
                Ok(()) => {
                    self.path = Some(path);
                    return Ok(());
                }
                Err(Errno::ACCESS) => failure = Errno::ACCESS,
                Err(_) => {}
            }
        }
        Err(failure)
    }

    /// Returns only on failure.
    pub fn execute(&self) -> Errno {
        match (&self.path, &self.args, &self.env) {
            (Some(path), Some(args), Some(env)) => match path.as_c_str() {
                Ok(path) => tsrun_sys::process::execute(path, args, env),
                Err(errno) => errno,
            },
            _ => Errno::INVAL,
        }
    }
}

pub fn array(texts: Texts<'static>, more: Option<&'static CStr>) -> Result<StringArray<'static>> {
    let mut array = StringArray::with_capacity(texts.len() + 1)?;
    texts.iter().chain(more).try_for_each(|text| array.push(text))?;
    Ok(array)
}

fn executable(path: &CStr) -> Result<()> {
    let kind = FileType::from_raw_mode(stat(path)?.st_mode);
    if kind == FileType::Directory {
        return Err(Errno::ISDIR);
    }
    accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS)
}
