//! How the program was called, and what it runs on.
use crate::DOOR_VERSION;
use crate::clock;
use crate::failure::Failure;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The only variables of the environment that tsrun reads.
const VARIABLES: [&str; 9] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "LISTEN_FDS",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
    "NO_COLOR",
    "TSRUN_NOFILE",
    "TSRUN_TIMINGS",
    "USER",
    "XDG_RUNTIME_DIR",
];

/// argv, as `main` got it; unset where the program is not ours, as on Node.
pub static ARGUMENTS: OnceLock<Vec<&'static CStr>> = OnceLock::new();

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Greeting {
    door_version: u32,
    library: &'static str,
    program: String,
    argv: Vec<String>,
    env: BTreeMap<&'static str, String>,
    cwd: String,
    pid: u32,
    euid: u32,
    egid: u32,
    in_user_namespace: bool,
    terminals: [bool; 3],
    libseccomp: String,
}

pub fn hello() -> Result<Greeting, Failure> {
    tsrun_sys::security::ignore_broken_pipes();
    clock::greeted();
    let words = ARGUMENTS.get().map(Vec::as_slice).unwrap_or_default();
    let called = words.first().and_then(|path| path.to_str().ok()).unwrap_or_default();
    let argv = words
        .iter()
        .skip(1)
        .map(|argument| {
            argument
                .to_str()
                .map(str::to_owned)
                .map_err(|_| Failure::sentence("usage", "an argument is not valid UTF-8"))
        })
        .collect::<Result<_, _>>()?;
    let env = VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?))).collect();
    let version = libseccomp::ScmpVersion::current().map_or_else(|_| String::new(), |version| version.to_string());
    Ok(Greeting {
        door_version: DOOR_VERSION,
        library: env!("CARGO_PKG_VERSION"),
        program: called.rsplit('/').next().unwrap_or_default().to_owned(),
        argv,
        env,
        cwd: std::env::current_dir().ok().and_then(|path| path.into_os_string().into_string().ok()).unwrap_or_default(),
        pid: std::process::id(),
        euid: rustix::process::geteuid().as_raw(),
        egid: rustix::process::getegid().as_raw(),
        in_user_namespace: in_user_namespace(),
        terminals: [0, 1, 2].map(|number| rustix::termios::isatty(tsrun_sys::descriptor::borrowed(number))),
        libseccomp: version,
    })
}

/// The initial user namespace has a fixed inode (PROC_USER_INIT_INO); its id map proves nothing, others map everything too.
/// Looked at once: this process does not change its own.
fn in_user_namespace() -> bool {
    const PROC_USER_INIT_INO: u64 = 0xEFFF_FFFD;
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| rustix::fs::stat("/proc/self/ns/user").is_ok_and(|stat| stat.st_ino != PROC_USER_INIT_INO))
}

/// Whether the kernel may refuse what only the machine's root may do: in a user namespace, and to plain users.
pub fn may_lack_privileges() -> bool {
    in_user_namespace() || !rustix::process::geteuid().is_root()
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |past| past.as_millis() as u64)
}
