//! bpf(2) for programs that decide over devices of a cgroup v2 (BPF_PROG_TYPE_CGROUP_DEVICE).
use crate::raw::{check, number, syscall};
use alloc::vec::Vec;
use core::ffi::CStr;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;

const PROG_LOAD: usize = 5;
const PROG_ATTACH: usize = 8;
const PROG_DETACH: usize = 9;
const PROG_GET_FD_BY_ID: usize = 13;
const OBJ_GET_INFO_BY_FD: usize = 15;
const PROG_QUERY: usize = 16;

const PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const CGROUP_DEVICE: u32 = 6;
const F_ALLOW_MULTI: u32 = 1 << 1;
const F_REPLACE: u32 = 1 << 2;

/// A cgroup has at most this many programs of one kind (BPF_CGROUP_MAX_PROGS).
const MOST_PROGRAMS: usize = 64;

/// What the kernel tells of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    pub id: u32,
    /// Padded with NUL.
    pub name: [u8; 16],
}

/// The leading part of union bpf_attr; the kernel takes what is missing for zero.
fn bpf<Attributes>(command: usize, attributes: &mut Attributes) -> Result<usize, Errno> {
    // SAFETY: attributes is one of the structures below, all without padding and made for its command; the pointers in them are
    // those of buffers that live during the call and are as long as the structure says
    check(unsafe {
        syscall(number::BPF, command, core::ptr::from_mut(attributes) as usize, size_of::<Attributes>(), 0, 0)
    })
}

/// Loads a program of `struct bpf_insn`, each eight bytes. `name` has at most 15 letters, digits, dots or underscores.
pub fn load_device_program(instructions: &[u64], name: &CStr) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Load {
        kind: u32,
        count: u32,
        instructions: u64,
        license: u64,
        log_level: u32,
        log_size: u32,
        log: u64,
        kernel_version: u32,
        flags: u32,
        name: [u8; 16],
    }
    let mut padded = [0; 16];
    let bytes = name.to_bytes();
    padded.get_mut(..bytes.len()).filter(|_| bytes.len() < 16).ok_or(Errno::INVAL)?.copy_from_slice(bytes);
    let mut load = Load {
        kind: PROG_TYPE_CGROUP_DEVICE,
        count: instructions.len() as u32,
        instructions: instructions.as_ptr() as u64,
        license: c"GPL".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log: 0,
        kernel_version: 0,
        flags: 0,
        name: padded,
    };
    bpf(PROG_LOAD, &mut load).map(own)
}

#[repr(C)]
struct Attach {
    target: u32,
    program: u32,
    kind: u32,
    flags: u32,
    replaced: u32,
}

/// Adds a program to those of a cgroup, all of which must agree; or puts it in the place of another without a moment between.
pub fn attach(cgroup: BorrowedFd, program: &OwnedFd, replaced: Option<&OwnedFd>) -> Result<(), Errno> {
    let mut attach = Attach {
        target: number_of(cgroup),
        program: number_of(program.as_fd()),
        kind: CGROUP_DEVICE,
        flags: F_ALLOW_MULTI | if replaced.is_some() { F_REPLACE } else { 0 },
        replaced: replaced.map_or(0, |program| number_of(program.as_fd())),
    };
    bpf(PROG_ATTACH, &mut attach).map(drop)
}

pub fn detach(cgroup: BorrowedFd, program: &OwnedFd) -> Result<(), Errno> {
    let (target, program) = (number_of(cgroup), number_of(program.as_fd()));
    bpf(PROG_DETACH, &mut Attach { target, program, kind: CGROUP_DEVICE, flags: 0, replaced: 0 }).map(drop)
}

/// Ids of the device programs that are attached to a cgroup itself, in their order.
pub fn attached(cgroup: BorrowedFd) -> Result<Vec<u32>, Errno> {
    #[repr(C)]
    struct Query {
        target: u32,
        kind: u32,
        query_flags: u32,
        attach_flags: u32,
        ids: u64,
        count: u32,
        padding: u32,
    }
    let mut ids = [0_u32; MOST_PROGRAMS];
    let mut query = Query {
        target: number_of(cgroup),
        kind: CGROUP_DEVICE,
        query_flags: 0,
        attach_flags: 0,
        ids: ids.as_mut_ptr() as u64,
        count: MOST_PROGRAMS as u32,
        padding: 0,
    };
    bpf(PROG_QUERY, &mut query)?;
    Ok(ids.into_iter().take(query.count as usize).collect())
}

pub fn by_id(id: u32) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Get {
        id: u32,
        next: u32,
        flags: u32,
    }
    bpf(PROG_GET_FD_BY_ID, &mut Get { id, next: 0, flags: 0 }).map(own)
}

pub fn info(program: &OwnedFd) -> Result<Info, Errno> {
    /// The beginning of struct bpf_prog_info, up to the name.
    #[repr(C)]
    #[derive(Default)]
    struct Program {
        kind: u32,
        id: u32,
        tag: [u8; 8],
        lengths: [u32; 2],
        instructions: [u64; 2],
        load_time: u64,
        created_by: u32,
        map_count: u32,
        maps: u64,
        name: [u8; 16],
    }
    #[repr(C)]
    struct Get {
        program: u32,
        length: u32,
        info: u64,
    }
    let mut found = Program::default();
    let mut get = Get {
        program: number_of(program.as_fd()),
        length: size_of::<Program>() as u32,
        info: core::ptr::from_mut(&mut found) as u64,
    };
    bpf(OBJ_GET_INFO_BY_FD, &mut get)?;
    Ok(Info { id: found.id, name: found.name })
}

fn own(descriptor: usize) -> OwnedFd {
    // SAFETY: only used for what the kernel has just answered: a new descriptor, which nobody else owns
    unsafe { OwnedFd::from_raw_fd(descriptor as i32) }
}

fn number_of(descriptor: BorrowedFd) -> u32 {
    descriptor.as_raw_fd().cast_unsigned()
}
