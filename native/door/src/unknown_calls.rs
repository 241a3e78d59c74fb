//! System calls that are newer than a seccomp profile: its author could not name them, so that they are answered with ENOSYS,
//! as by a kernel that lacks them. Programs then try the older call, which the profile does name; EPERM would make them give up.
use libseccomp::{ScmpArch, ScmpSyscall};

const LOAD_WORD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER: u16 = 0x25;
const JUMP_GREATER_EQUAL: u16 = 0x35;
const RETURN: u16 = 0x06;
/// Offsets in struct seccomp_data.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const SECCOMP_RET_ERRNO: u32 = 0x0005_0000;
const ENOSYS: u32 = 38;
/// x32 shares the architecture token of x86-64; its calls have this bit.
const X32_BIT: u32 = 0x4000_0000;

/// BPF instructions to put before the filter: for each architecture, every call above the highest one that is named.
pub fn stub<'a>(architectures: &[(u32, ScmpArch)], names: impl Iterator<Item = &'a String> + Clone) -> Vec<u8> {
    let highest = |arch: ScmpArch| {
        let numbers = names.clone().filter_map(|name| ScmpSyscall::from_name_by_arch(name, arch).ok());
        numbers.filter_map(|call| u32::try_from(i32::from(call)).ok()).max()
    };
    let x32 = architectures.iter().find(|(_, arch)| *arch == ScmpArch::X32).and_then(|(_, arch)| highest(*arch));
    let mut program = Vec::new();
    for (token, arch) in architectures {
        match highest(*arch) {
            Some(last) if *arch == ScmpArch::X8664 => program.extend(wide_block(*token, last, x32)),
            Some(last) if *arch != ScmpArch::X32 => program.extend(block(*token, last)),
            _ => {}
        }
    }
    program.into_iter().flatten().collect()
}

fn block(token: u32, last: u32) -> Vec<[u8; 8]> {
    vec![
        instruction(LOAD_WORD, 0, 0, ARCHITECTURE),
        instruction(JUMP_EQUAL, 0, 3, token),
        instruction(LOAD_WORD, 0, 0, NUMBER),
        instruction(JUMP_GREATER, 0, 1, last),
        instruction(RETURN, 0, 0, SECCOMP_RET_ERRNO | ENOSYS),
    ]
}

/// x86-64 and x32 in one; without x32 in the profile its calls are left to the filter, which refuses the architecture.
fn wide_block(token: u32, last: u32, x32: Option<u32>) -> Vec<[u8; 8]> {
    vec![
        instruction(LOAD_WORD, 0, 0, ARCHITECTURE),
        instruction(JUMP_EQUAL, 0, 5, token),
        instruction(LOAD_WORD, 0, 0, NUMBER),
        instruction(JUMP_GREATER_EQUAL, 1, 0, X32_BIT),
        instruction(JUMP_GREATER, 1, 2, last),
        instruction(JUMP_GREATER, 0, 1, x32.map_or(u32::MAX, |last| last | X32_BIT)),
        instruction(RETURN, 0, 0, SECCOMP_RET_ERRNO | ENOSYS),
    ]
}

/// struct sock_filter of linux/filter.h.
fn instruction(code: u16, on_true: u8, on_false: u8, k: u32) -> [u8; 8] {
    let (code, k) = (code.to_ne_bytes(), k.to_ne_bytes());
    [code[0], code[1], on_true, on_false, k[0], k[1], k[2], k[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the stub returns for a call; None: it goes on to the filter.
    fn run(program: &[u8], arch: u32, number: u32) -> Option<u32> {
        let (mut at, mut accumulator) = (0, 0);
        while let Some(step) = program.chunks_exact(8).nth(at) {
            let (on_true, on_false) = (usize::from(step[2]), usize::from(step[3]));
            let k = u32::from_ne_bytes([step[4], step[5], step[6], step[7]]);
            let mut jump = |holds: bool| at += if holds { on_true } else { on_false };
            match u16::from_ne_bytes([step[0], step[1]]) {
                LOAD_WORD => accumulator = if k == NUMBER { number } else { arch },
                JUMP_EQUAL => jump(accumulator == k),
                JUMP_GREATER => jump(accumulator > k),
                JUMP_GREATER_EQUAL => jump(accumulator >= k),
                _ => return Some(k),
            }
            at += 1;
        }
        None
    }

    const X86_64: u32 = 0xc000_003e;
    const X86: u32 = 0x4000_0003;
    const X32: u32 = 0x4000_003e;

    #[test]
    fn only_calls_beyond_the_highest_named_one_are_unknown() {
        let names = ["read".to_owned(), "execve".to_owned(), "no_such_call".to_owned()];
        let program = stub(&[(X86_64, ScmpArch::X8664), (X86, ScmpArch::X86), (X32, ScmpArch::X32)], names.iter());
        let unknown = Some(SECCOMP_RET_ERRNO | ENOSYS);
        // execve is 59 on x86-64, 11 on x86 and 520 on x32
        let cases = [
            (X86_64, 59, None),
            (X86_64, 60, unknown),
            (X86_64, X32_BIT | 520, None),
            (X86_64, X32_BIT | 521, unknown),
            (X86, 11, None),
            (X86, 12, unknown),
            (0xc000_00b7, 999, None),
        ];
        for (arch, number, expected) in cases {
            assert_eq!(run(&program, arch, number), expected, "{arch:#x} {number}");
        }
    }

    #[test]
    fn without_x32_in_the_profile_its_calls_go_to_the_filter() {
        let program = stub(&[(X86_64, ScmpArch::X8664)], ["read".to_owned()].iter());
        assert_eq!(run(&program, X86_64, X32_BIT | 7000), None);
    }
}
