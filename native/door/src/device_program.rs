//! Device rules of a cgroup v2: a program of the kernel's machine that is asked at every opening and making of a device.
use crate::failure::Trouble;
use crate::greeting::may_lack_privileges;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CStr;
use tsrun_plan::owned::outside::DeviceProgram;
use tsrun_sys::bpf;

/// By which a program of ours is known from systemd's.
const NAME: &CStr = c"tsrun_devices";

/// Bits of access in the kernel's context: BPF_DEVCG_ACC_*.
const ACCESS: [(char, u32); 3] = [('m', 1), ('r', 2), ('w', 4)];
const ALL: u32 = 7;
const BLOCK: u32 = 1;
const CHARACTER: u32 = 2;

/// Attaches the program before that of ours which is there goes away: there is never a moment without rules.
pub fn attach(op: &DeviceProgram) -> Result<(), Trouble> {
    match place(op) {
        // a user namespace gives no right to load programs, and no device to open that its owner may not open
        Err(Trouble::Errno(Errno::PERM)) if may_lack_privileges() => Ok(()),
        other => other,
    }
}

fn place(op: &DeviceProgram) -> Result<(), Trouble> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let cgroup = rustix::fs::open(op.directory.as_str(), flags, Mode::empty())?;
    let rules: Option<Vec<Rule>> = op.rules.iter().map(|line| Rule::parse(line)).collect();
    let program = bpf::load_device_program(&compile(&rules.ok_or(Errno::INVAL)?), NAME)?;
    let mut ours = ours(&cgroup)?.into_iter();
    bpf::attach(cgroup.as_fd(), &program, ours.next().as_ref())?;
    for old in ours {
        bpf::detach(cgroup.as_fd(), &old)?;
    }
    let id = bpf::info(&program)?.id;
    if bpf::attached(cgroup.as_fd())?.contains(&id) {
        return Ok(());
    }
    Err(Trouble::Detail(Errno::IO, "the kernel does not list the program that it has taken".to_owned()))
}

fn ours(cgroup: &OwnedFd) -> Result<Vec<OwnedFd>, Errno> {
    let mut found = Vec::new();
    for id in bpf::attached(cgroup.as_fd())? {
        let program = bpf::by_id(id)?;
        if bpf::info(&program)?.name.starts_with(NAME.to_bytes_with_nul()) {
            found.push(program);
        }
    }
    Ok(found)
}

/// A rule without a type or a number is about all of them.
#[derive(Debug)]
struct Rule {
    allow: bool,
    kind: Option<u32>,
    major: Option<u32>,
    minor: Option<u32>,
    access: u32,
}

impl Rule {
    /// `allow c 1:3 rwm`, `deny a *:* rwm`.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let allow = match words.next()? {
            "allow" => true,
            "deny" => false,
            _ => return None,
        };
        let kind = match words.next()? {
            "a" => None,
            "b" => Some(BLOCK),
            "c" => Some(CHARACTER),
            _ => return None,
        };
        let (major, minor) = words.next()?.split_once(':')?;
        let number = |word: &str| if word == "*" { Some(None) } else { word.parse().ok().map(Some) };
        let bit = |letter| ACCESS.iter().find(|(known, _)| *known == letter).map(|(_, bit)| *bit);
        let access = words.next()?.chars().try_fold(0, |bits, letter| Some(bits | bit(letter)?))?;
        Some(Self { allow, kind, major: number(major)?, minor: number(minor)?, access })
    }
}

/// Rules from the last to the first: the last one that names an access decides over it. What is left undecided is denied.
fn compile(rules: &[Rule]) -> Vec<u64> {
    let mut program = code::begin();
    for rule in rules.iter().rev() {
        let mut tests = Vec::new();
        tests.extend(rule.kind.map(|kind| (code::TYPE, kind)));
        tests.extend(rule.major.map(|major| (code::MAJOR, major)));
        tests.extend(rule.minor.map(|minor| (code::MINOR, minor)));
        let verdict = code::verdict(rule.allow, rule.access);
        for (index, (register, value)) in tests.iter().enumerate() {
            let beyond = tests.len() - 1 - index + verdict.len();
            program.push(code::skip_unless_equal(*register, *value, beyond));
        }
        program.extend(verdict);
        // the kernel refuses instructions that are never reached
        if tests.is_empty() && rule.access == ALL {
            return program;
        }
    }
    program.extend(code::answer(false));
    program
}

/// Instructions, as linux/bpf.h has them: opcode, registers, offset, immediate.
mod code {
    use super::ALL;

    /// Registers: the type of device, its numbers, and the accesses that no rule has decided yet.
    pub const TYPE: u8 = 2;
    const OPEN: u8 = 3;
    pub const MAJOR: u8 = 4;
    pub const MINOR: u8 = 5;
    const RESULT: u8 = 0;
    const SCRATCH: u8 = 6;
    /// struct bpf_cgroup_dev_ctx: access_type (access << 16 | type), major, minor.
    const CONTEXT: u8 = 1;

    const LOAD_WORD: u8 = 0x61;
    const MOVE: u8 = 0xb4;
    const MOVE_REGISTER: u8 = 0xbc;
    const AND: u8 = 0x54;
    const SHIFT_RIGHT: u8 = 0x74;
    const JUMP_IF_EQUAL: u8 = 0x16;
    const JUMP_IF_OTHER: u8 = 0x56;
    const EXIT: u8 = 0x95;

    pub fn begin() -> Vec<u64> {
        vec![
            instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0),
            instruction(MOVE_REGISTER, OPEN, TYPE, 0, 0),
            instruction(AND, TYPE, 0, 0, 0xffff),
            instruction(SHIFT_RIGHT, OPEN, 0, 0, 16),
            instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0),
            instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0),
        ]
    }

    pub fn answer(allowed: bool) -> [u64; 2] {
        [instruction(MOVE, RESULT, 0, 0, allowed.into()), instruction(EXIT, 0, 0, 0, 0)]
    }

    pub fn skip_unless_equal(register: u8, value: u32, count: usize) -> u64 {
        instruction(JUMP_IF_OTHER, register, 0, count as u16, value)
    }

    /// Denied is what asks for one denied access; allowed is what has no access left to be decided.
    pub fn verdict(allow: bool, access: u32) -> Vec<u64> {
        let mut verdict = Vec::new();
        if allow && access != ALL {
            verdict.push(instruction(AND, OPEN, 0, 0, !access));
            verdict.push(instruction(JUMP_IF_OTHER, OPEN, 0, 2, 0));
        }
        if !allow && access != ALL {
            verdict.push(instruction(MOVE_REGISTER, SCRATCH, OPEN, 0, 0));
            verdict.push(instruction(AND, SCRATCH, 0, 0, access));
            verdict.push(instruction(JUMP_IF_EQUAL, SCRATCH, 0, 2, 0));
        }
        verdict.extend(answer(allow));
        verdict
    }

    fn instruction(code: u8, target: u8, source: u8, offset: u16, immediate: u32) -> u64 {
        u64::from(code)
            | u64::from(target) << 8
            | u64::from(source) << 12
            | u64::from(offset) << 16
            | u64::from(immediate) << 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the rules mean, access by access: the last rule that names it decides.
    fn table(rules: &[Rule], kind: u32, major: u32, minor: u32, access: u32) -> bool {
        ACCESS.iter().filter(|(_, bit)| access & bit != 0).all(|(_, bit)| {
            let names = |rule: &&Rule| {
                rule.kind.is_none_or(|known| known == kind)
                    && rule.major.is_none_or(|number| number == major)
                    && rule.minor.is_none_or(|number| number == minor)
                    && rule.access & bit != 0
            };
            rules.iter().rev().find(names).is_some_and(|rule| rule.allow)
        })
    }

    /// A machine for the few instructions that are used.
    fn execute(program: &[u64], kind: u32, major: u32, minor: u32, access: u32) -> bool {
        let context = [access << 16 | kind, major, minor];
        let mut registers = [0_u32; 16];
        let mut at = 0;
        loop {
            let word = program[at];
            let (target, source) = ((word >> 8 & 15) as usize, (word >> 12 & 15) as usize);
            let (offset, value) = ((word >> 16) as u16, (word >> 32) as u32);
            at += 1;
            match word as u8 {
                0x61 => registers[target] = context[usize::from(offset) / 4],
                0xb4 => registers[target] = value,
                0xbc => registers[target] = registers[source],
                0x54 => registers[target] &= value,
                0x74 => registers[target] >>= value,
                0x16 if registers[target] == value => at += usize::from(offset),
                0x56 if registers[target] != value => at += usize::from(offset),
                0x16 | 0x56 => {}
                0x95 => return registers[0] != 0,
                other => panic!("instruction {other:#x}"),
            }
        }
    }

    fn agrees(lines: &[String]) {
        let rules: Vec<Rule> = lines.iter().map(|line| Rule::parse(line).expect("a rule")).collect();
        let program = compile(&rules);
        for kind in [BLOCK, CHARACTER] {
            for major in [0, 1, 2, u32::MAX] {
                for minor in [0, 1, 2] {
                    for access in 1..=ALL {
                        assert_eq!(
                            execute(&program, kind, major, minor, access),
                            table(&rules, kind, major, minor, access),
                            "{lines:?}: type {kind}, {major}:{minor}, access {access}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn without_rules_everything_is_denied() {
        agrees(&[]);
    }

    #[test]
    fn one_rule_of_each_kind_means_what_it_says() {
        for verdict in ["allow", "deny"] {
            for kind in ["a", "b", "c"] {
                for access in ["r", "w", "m", "rw", "rwm"] {
                    for numbers in ["*:*", "1:*", "*:2", "4294967295:0"] {
                        agrees(&["allow a *:* rw".to_owned(), format!("{verdict} {kind} {numbers} {access}")]);
                    }
                }
            }
        }
    }

    #[test]
    fn of_several_rules_the_last_one_decides_over_each_access() {
        // a pseudo-random walk over lists of up to six rules
        let mut state = 1_u32;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        for _ in 0..2000 {
            let length = next(7);
            let rules: Vec<_> = (0..length)
                .map(|_| {
                    let verdict = ["allow", "deny"][next(2)];
                    let kind = ["a", "b", "c"][next(3)];
                    let numbers = ["*", "0", "1", "2"];
                    let access = ["r", "w", "m", "rw", "rm", "wm", "rwm"][next(7)];
                    format!("{verdict} {kind} {}:{} {access}", numbers[next(4)], numbers[next(4)])
                })
                .collect();
            agrees(&rules);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for line in ["allow p 1:3 r", "allow c 1:3 rx", "allow c 1 r", "allow c 1:x r", "c 1:3 r", "allow c 1:-1 r", ""]
        {
            assert!(Rule::parse(line).is_none(), "{line}");
        }
    }
}
