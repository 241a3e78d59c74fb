//! One step of the plan, one call: the table from words to deeds.
use crate::hook::Hook;
use crate::mounts::{Attributes, NewMount, Origin, Place, Runtime};
use crate::{Init, devices, identity, join, masks, mounts, passwd, path, root, terminal};
use core::ffi::CStr;
use tsrun_plan::{ReportKind, Step};
use tsrun_sys::rustix::fd::{AsFd, AsRawFd, BorrowedFd};
use tsrun_sys::rustix::fs::{Mode, OFlags, open};
use tsrun_sys::rustix::net::{SocketFlags, accept_with};
use tsrun_sys::rustix::process::{DumpableBehavior, ioctl_tiocsctty};
use tsrun_sys::scheduling::{self, Scheduler};
use tsrun_sys::{Errno, Result, descriptor, namespace, network, process, rustix, security};

impl Init {
    fn root(&self) -> Result<BorrowedFd<'_>> {
        self.root.as_ref().map(AsFd::as_fd).ok_or(Errno::BADF)
    }

    pub fn perform(&mut self, index: u32, step: Step<'static>) -> Result<()> {
        match step {
            Step::JoinCgroup { path } => join::cgroup(path),
            Step::JoinNamespace { kind, path, unlike } => join::namespace(kind, path, unlike),
            Step::JoinProcess { pid, start_time, namespaces, others } => {
                join::process(pid, start_time, namespaces, others)
            }
            Step::Unshare { namespaces } => namespace::unshare(namespaces),
            Step::Fork => self.fork(index),
            // read by obey, which holds the plan
            Step::More => Err(Errno::INVAL),
            Step::Meet { point } => {
                if point == c"ready" {
                    // the runtime may exit as soon as it has let init go on; until then its death closes the channel
                    process::set_parent_death_signal(0)?;
                }
                self.channel.meet(index)?;
                self.filter_listener = None;
                Ok(())
            }
            Step::Limit { resource, soft, hard } => limit(resource, soft, hard),
            Step::Scheduler { policy, nice, priority, flags, runtime, deadline, period } => {
                let [runtime, deadline, period] = [number(runtime)?, number(deadline)?, number(period)?];
                let flags = u64::from(flags);
                scheduling::set_scheduler(0, &Scheduler { policy, nice, priority, flags, runtime, deadline, period })
            }
            Step::IoPriority { value } => scheduling::set_io_priority(0, value),
            Step::Personality { persona } => process::set_personality(persona),
            Step::Dumpable { on } => {
                let behavior = if on { DumpableBehavior::Dumpable } else { DumpableBehavior::NotDumpable };
                rustix::process::set_dumpable_behavior(behavior)
            }
            Step::BecomeRoot => identity::become_root(),
            Step::NewSession => {
                security::reset_affinity();
                rustix::process::setsid().map(drop)
            }
            Step::Keyring { name } => match security::join_session_keyring(name) {
                // a kernel without keys, or a user whose quota of keys is used up: the container shares the caller's keyring
                Err(Errno::NOSYS | Errno::DQUOT) => Ok(()),
                other => other,
            },
            Step::LoopbackUp => network::loopback_up(),
            Step::Propagation { path, flags } => root::propagate(path, flags),
            Step::OpenRoot { path, bind } => {
                self.root = Some(if bind { root::open_on_itself(path)? } else { root::open_plain(path)? });
                Ok(())
            }
            Step::Mount {
                kind,
                source,
                target,
                attributes,
                options,
                propagation,
                ordinary,
                below_proc,
                copy_up,
                idmap,
                instead,
                ..
            } => {
                let at = Place { target, propagation, below_proc, nofollow: false };
                let new = NewMount { kind, source, attributes, options, ordinary, copy_up, idmap, instead };
                mounts::mount(self.root()?, &at, &new, &Runtime { channel: &self.channel, step: index })
            }
            Step::Bind {
                source,
                target,
                recursive,
                set,
                clear,
                set_all,
                clear_all,
                propagation,
                below_proc,
                over_proc,
                idmap,
                idmap_all,
                borrow,
                source_nofollow,
                target_nofollow,
                copy_symlink,
                ..
            } => {
                let at = Place { target, propagation, below_proc, nofollow: target_nofollow };
                let idmap = if idmap { Some(idmap_all) } else { None };
                let attributes = Attributes { set, clear, set_all, clear_all, over_proc, idmap };
                let origin = Origin { source, recursive, nofollow: source_nofollow, borrow, copy_symlink };
                mounts::bind(self.root()?, &at, &origin, &attributes, &Runtime { channel: &self.channel, step: index })
            }
            Step::Remount { target, set, clear, options } => mounts::remount(self.root()?, target, set, clear, options),
            Step::MakeDirectory { path, mode } => {
                path::ensure(self.root()?, path, path::Kind::Directory, mode).map(drop)
            }
            Step::MakeSymlink { path, target } => devices::link(self.root()?, path, target),
            Step::MakeDevice { path, kind, major, minor, mode, uid, gid } => {
                devices::make(self.root()?, &devices::Device { path, kind, major, minor, mode, uid, gid })
            }
            Step::BindDevice { source, path, kind, major, minor } => devices::bind(
                self.root()?,
                source,
                &devices::Device { path, kind, major, minor, mode: 0, uid: 0, gid: 0 },
            ),
            Step::SetAttributes { path, set, clear, recursive } => {
                masks::change_attributes(self.root()?, path, set, clear, recursive)
            }
            Step::EnterRoot { method } => root::enter(self.root.as_ref().ok_or(Errno::BADF)?, method),
            Step::RootPropagation { flags } => root::propagate(c"/", flags),
            Step::Hostname { name } => rustix::system::sethostname(name.to_bytes()),
            Step::Domainname { name } => rustix::system::setdomainname(name.to_bytes()),
            Step::Sysctl { path, value } => masks::write_sysctl(path, value),
            Step::ReadonlyPath { path } => masks::make_readonly(self.root()?, path),
            Step::MaskPath { path } => {
                let root = self.root.as_ref().ok_or(Errno::BADF)?;
                self.masks.mask(root.as_fd(), path)
            }
            Step::Terminal { rows, columns, uid, gid, console } => {
                let wanted = terminal::Terminal { rows, columns, uid, gid, console };
                terminal::open(self.root()?, &self.channel, index, &wanted)
            }
            Step::ControllingTerminal => ioctl_tiocsctty(descriptor::borrowed(0)),
            Step::StdioOwner { uid, gid } => identity::own_stdio(self.root()?, uid, gid),
            Step::WorkingDirectory { path, make } => self.enter_directory(path, make),
            Step::Home { uid } => {
                self.program.home = Some(passwd::home_variable(uid)?);
                Ok(())
            }
            Step::Umask { mask } => {
                rustix::process::umask(Mode::from_raw_mode(mask));
                Ok(())
            }
            Step::NoNewPrivileges => identity::forbid_new_privileges(),
            Step::Seccomp { filter } => self.load_filter(index, filter),
            Step::BoundingSet { keep } => identity::bound_capabilities(keep),
            Step::Credentials { uid, gid, groups, setgroups } => {
                identity::set_credentials(uid, gid, groups, setgroups)?;
                // the change of user disarmed the parent-death signal
                process::set_parent_death_signal(9)
            }
            Step::Capabilities { effective, permitted, inheritable, ambient } => {
                identity::set_capability_sets(effective, permitted, inheritable, ambient)
            }
            Step::FindProgram { args, env } => self.program.find(args, env),
            Step::Hook { path, args, env, program_env, directory, timeout, state } => {
                self.run_hook(&Hook { path, args, env, program_env, directory, timeout, state })
            }
            Step::AwaitStart => self.await_start(index),
            Step::Execute => self.execute(),
        }
    }

    /// The first four bytes are SECCOMP_FILTER_FLAG_*, the rest is the program. The runtime fetches a listener by its number: to send it
    /// would take a system call that the filter may hand over, to an agent that is still without it.
    fn load_filter(&mut self, index: u32, filter: &[u8]) -> Result<()> {
        let (flags, program) = filter.split_first_chunk::<4>().ok_or(Errno::INVAL)?;
        // the filter may not know close_range: what it would close at the end is close-on-exec, and no directory is among it any more
        descriptor::close_on_exec_from(3 + self.preserve)?;
        self.filtered = true;
        self.filter_listener = security::load_filter(program, u32::from_le_bytes(*flags))?;
        match &self.filter_listener {
            Some(listener) => self.channel.report(ReportKind::Listener, index, listener.as_raw_fd()),
            None => Ok(()),
        }
    }

    /// The child takes over; it is a child of the runtime, as this process was.
    fn fork(&mut self, index: u32) -> Result<()> {
        match process::fork_sibling()? {
            0 => process::set_parent_death_signal(9),
            child => {
                let outcome = self.channel.report(ReportKind::Forked, index, child);
                process::exit(i32::from(outcome.is_err()))
            }
        }
    }

    fn enter_directory(&mut self, path: &CStr, make: bool) -> Result<()> {
        // a path that leads through /proc/self/fd must find no descriptor of ours
        self.root = None;
        self.masks = masks::Masks::default();
        match rustix::process::chdir(path) {
            Err(Errno::NOENT) if make => {
                let top = open(c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
                drop(path::ensure(top.as_fd(), path, path::Kind::Directory, 0o755)?);
                drop(top);
                rustix::process::chdir(path)?;
            }
            other => other?,
        }
        let mut buffer = [0_u8; path::PATH_MAX];
        // outside the root the kernel answers "(unreachable)…"
        match tsrun_sys::process::current_directory(&mut buffer)?.first() {
            Some(b'/') => Ok(()),
            _ => Err(Errno::XDEV),
        }
    }

    /// The container is created. Whoever connects first starts it; from then on failures go to that connection.
    fn await_start(&mut self, index: u32) -> Result<()> {
        let listener = self.listener.take().ok_or(Errno::BADF)?;
        let connection = loop {
            match accept_with(&listener, SocketFlags::CLOEXEC) {
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                other => break other?,
            }
        };
        drop(listener);
        self.channel.replace(connection);
        self.channel.report(ReportKind::Arrived, index, 0)
    }

    fn execute(&mut self) -> Result<()> {
        let first = 3 + self.preserve;
        // the channel closes by execve itself, so that its end tells of success; everything else closes now
        let channel = self.channel.move_to(first)?;
        if !self.filtered {
            descriptor::close_from(channel + 1)?;
        }
        Err(self.program.execute())
    }
}

fn number(decimal: &CStr) -> Result<u64> {
    decimal.to_str().ok().and_then(|digits| digits.parse().ok()).ok_or(Errno::INVAL)
}

/// Decimal numbers; an empty hard limit stays as it is.
fn limit(resource: u32, soft: &CStr, hard: &CStr) -> Result<()> {
    let hard = if hard.is_empty() { tsrun_sys::limit::hard(0, resource)? } else { number(hard)? };
    tsrun_sys::limit::set(0, resource, number(soft)?, hard)
}
