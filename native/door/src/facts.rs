//! What the planner must know of the host.
use crate::failure::Failure;
use crate::files::kernel_text;
use rustix::fs::{Access, AtFlags, CWD};
use rustix::io::Errno;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    cgroup: Cgroup,
    #[serde(skip_serializing_if = "Option::is_none")]
    setgroups: Option<&'static str>,
}

#[derive(Serialize)]
struct Cgroup {
    hierarchies: Vec<Hierarchy>,
}

#[derive(Serialize)]
struct Hierarchy {
    version: u32,
    controllers: Vec<String>,
    mount: String,
    root: String,
    own: String,
    /// The caller may make no cgroup where a relative path begins.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
}

pub fn facts() -> Result<Facts, Failure> {
    let read = |path: &'static str| kernel_text(path).map_err(|errno| Failure::kernel("read", path, errno));
    let (mounts, own) = (read("/proc/self/mountinfo")?, read("/proc/self/cgroup")?);
    let mut hierarchies = hierarchies(&mounts, &own);
    let mut setgroups = None;
    if crate::greeting::may_lack_privileges() {
        hierarchies.iter_mut().for_each(|hierarchy| hierarchy.closed = !hierarchy.is_open());
        setgroups = kernel_text("/proc/self/setgroups").is_ok_and(|word| word.trim() == "deny").then_some("deny");
    }
    Ok(Facts { cgroup: Cgroup { hierarchies }, setgroups })
}

impl Hierarchy {
    /// v1: below the caller's cgroup; v2: beside it, and a process goes there only from a common ancestor that is the caller's.
    fn is_open(&self) -> bool {
        let may_write = |path: &str| rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
        let visible = if self.root == "/" { &self.own } else { self.own.strip_prefix(&self.root).unwrap_or(&self.own) };
        let own = format!("{}{visible}", self.mount);
        match (self.version, own.rsplit_once('/')) {
            (2, Some((parent, _))) => may_write(parent) && may_write(&format!("{parent}/cgroup.procs")),
            _ => may_write(&own),
        }
    }
}

/// Each hierarchy once, where it is mounted first.
fn hierarchies(mounts: &str, own: &str) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mounts.lines() {
        let Some(hierarchy) = hierarchy(line, own) else { continue };
        if !found.iter().any(|known| known.version == hierarchy.version && known.controllers == hierarchy.controllers) {
            found.push(hierarchy);
        }
    }
    found
}

/// proc(5): "36 35 98:0 /root /mount options - type source superoptions".
fn hierarchy(line: &str, own: &str) -> Option<Hierarchy> {
    let (mount, filesystem) = line.split_once(" - ")?;
    let (mut mount, mut filesystem) = (mount.split(' '), filesystem.split(' '));
    let (root, point) = (unescape(mount.nth(3)?), unescape(mount.next()?));
    match filesystem.next()? {
        "cgroup2" => {
            let controllers = kernel_text(format!("{point}/cgroup.controllers")).unwrap_or_default();
            let controllers = controllers.split_whitespace().map(str::to_owned).collect();
            Some(Hierarchy { version: 2, controllers, mount: point, root, own: own_path(own, "")?, closed: false })
        }
        "cgroup" => {
            let options: Vec<&str> = filesystem.nth(1)?.split(',').collect();
            let (controllers, path) = own.lines().find_map(|line| {
                let mut fields = line.splitn(3, ':').skip(1);
                let controllers: Vec<String> = fields.next()?.split(',').map(str::to_owned).collect();
                // the superblock's options hold every controller of the hierarchy beside options of other kinds
                (!controllers[0].is_empty() && controllers.iter().all(|name| options.contains(&name.as_str())))
                    .then(|| Some((controllers, fields.next()?.to_owned())))
                    .flatten()
            })?;
            Some(Hierarchy { version: 1, controllers, mount: point, root, own: path, closed: false })
        }
        _ => None,
    }
}

/// Directory of the cgroup v2 that a process is in.
pub fn unified_cgroup(pid: u32) -> Result<String, Errno> {
    let own = kernel_text(format!("/proc/{pid}/cgroup")).map_err(|_| Errno::SRCH)?;
    let found = hierarchies(&kernel_text("/proc/self/mountinfo")?, &own).into_iter().find(|one| one.version == 2);
    let Hierarchy { mount, root, own, .. } = found.ok_or(Errno::NOENT)?;
    let below = if root == "/" { own.as_str() } else { own.strip_prefix(root.as_str()).unwrap_or(&own) };
    Ok(format!("{mount}{below}"))
}

fn own_path(own: &str, controllers: &str) -> Option<String> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        (fields.next()? == controllers).then(|| fields.next().map(str::to_owned)).flatten()
    })
}

/// mountinfo writes space, tab, newline and backslash as three octal digits.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) => {
                out.push(value);
                rest = &tail[3..];
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "30 23 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
        31 23 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n\
        32 23 0:28 /a\\040b /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
        33 23 0:28 / /elsewhere rw - cgroup cgroup rw,pids\n";
    const OWN: &str = "4:pids:/a b/c\n3:cpu,cpuacct:/x\n2:name=systemd:/s\n0::/\n";

    #[test]
    fn each_hierarchy_is_found_once_with_its_controllers_and_the_callers_place() {
        let found = hierarchies(MOUNTS, OWN);
        let words: Vec<_> = found
            .iter()
            .map(|one| (one.controllers.join(","), one.mount.as_str(), one.root.as_str(), one.own.as_str()))
            .collect();
        assert_eq!(
            words,
            [
                ("cpu,cpuacct".to_owned(), "/sys/fs/cgroup/cpu", "/", "/x"),
                ("name=systemd".to_owned(), "/sys/fs/cgroup/systemd", "/", "/s"),
                ("pids".to_owned(), "/sys/fs/cgroup/pids", "/a b", "/a b/c"),
            ]
        );
    }
}
