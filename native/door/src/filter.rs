//! seccomp: libseccomp compiles the profile; what it made is kept on disk under a hash of all it depends on.
use crate::unknown_calls;
use blake2::{Blake2b, Digest, digest::consts::U32};
use libseccomp::{ScmpAction, ScmpArch, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext, ScmpSyscall};
use rustix::fs::{MemfdFlags, Mode, OFlags};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};

type Hash = Blake2b<U32>;
const HASH_SIZE: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    default_action: u32,
    architectures: Vec<u32>,
    flags: u32,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    action: u32,
    names: Vec<String>,
    args: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    index: u32,
    op: u32,
    value: String,
    value_two: String,
}

/// Filter flags (4 bytes), then the program as an array of struct sock_filter.
/// Kept as: hash of the inputs, hash of the filter, filter. A file that does not match both is made anew, never loaded.
pub fn compile(profile: &RawValue, cache: &str) -> Result<Vec<u8>, String> {
    let inputs = Hash::new()
        .chain_update(env!("CARGO_PKG_VERSION"))
        .chain_update(libseccomp::ScmpVersion::current().map_or_else(|_| String::new(), |version| version.to_string()))
        .chain_update(profile.get())
        .finalize();
    if cache.is_empty() {
        return build(profile);
    }
    let name: String = inputs.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = format!("{cache}/{name}");
    if let Some(filter) = read_cached(&file, &inputs) {
        return Ok(filter);
    }
    let filter = build(profile)?;
    write_cached(cache, &file, &inputs, &filter);
    Ok(filter)
}

fn read_cached(path: &str, inputs: &[u8]) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    // a file of somebody else is none of ours
    if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & 0o022 != 0 || stat.st_size > 1 << 20 {
        return None;
    }
    let mut bytes = Vec::with_capacity(stat.st_size as usize + 1);
    std::fs::File::from(file).read_to_end(&mut bytes).ok()?;
    let (head, rest) = bytes.split_at_checked(HASH_SIZE)?;
    let (check, filter) = rest.split_at_checked(HASH_SIZE)?;
    (head == inputs && check == Hash::digest(filter).as_slice()).then(|| filter.to_vec())
}

/// A cache that cannot be written costs time, nothing else.
fn write_cached(cache: &str, path: &str, inputs: &[u8], filter: &[u8]) {
    let _exists = rustix::fs::mkdir(cache, Mode::from_raw_mode(0o700));
    let temporary = format!("{path}.{}", std::process::id());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::open(&temporary, flags, Mode::from_raw_mode(0o600)) else { return };
    let content = [inputs, Hash::digest(filter).as_slice(), filter].concat();
    if std::fs::File::from(file).write_all(&content).is_err() || rustix::fs::rename(&temporary, path).is_err() {
        let _ = rustix::fs::unlink(&temporary);
    }
}

fn build(profile: &RawValue) -> Result<Vec<u8>, String> {
    let profile: Profile = serde_json::from_str(profile.get()).map_err(|error| error.to_string())?;
    let words = |error: libseccomp::error::SeccompError| error.to_string();
    let default = action(profile.default_action)?;
    let mut context = ScmpFilterContext::new(default).map_err(words)?;
    // no_new_privs is a step of its own
    context.set_ctl_nnp(false).map_err(words)?;
    let mut architectures = Vec::new();
    for token in &profile.architectures {
        let arch = architecture(*token)?;
        context.add_arch(arch).map_err(words)?;
        architectures.push((*token, arch));
    }
    let native = ScmpArch::native();
    if !architectures.iter().any(|(_, arch)| *arch == native) {
        architectures.push((token_of(native), native));
    }
    for rule in &profile.rules {
        let wanted = action(rule.action)?;
        // libseccomp refuses a rule that says what happens anyway
        if wanted == default {
            continue;
        }
        for name in &rule.names {
            // a name that this libseccomp does not know cannot be called by a number that it knows
            if let Ok(syscall) = ScmpSyscall::from_name(name) {
                for conditions in alternatives(&rule.args)? {
                    context.add_rule_conditional(wanted, syscall, &conditions).map_err(words)?;
                }
            }
        }
    }
    let mut filter = profile.flags.to_le_bytes().to_vec();
    if refuses(default) {
        filter.extend(unknown_calls::stub(&architectures, profile.rules.iter().flat_map(|rule| &rule.names)));
    }
    export(&context, &mut filter)?;
    Ok(filter)
}

/// Whether calls that the profile does not name fail.
fn refuses(default: ScmpAction) -> bool {
    matches!(default, ScmpAction::Errno(_) | ScmpAction::KillProcess | ScmpAction::KillThread | ScmpAction::Trap)
}

/// libseccomp ands conditions on different arguments and takes one for each: several on the same argument become several
/// rules, of which any may match.
fn alternatives(args: &[Condition]) -> Result<Vec<Vec<ScmpArgCompare>>, String> {
    let mut uses: BTreeMap<u32, usize> = BTreeMap::new();
    args.iter().for_each(|condition| *uses.entry(condition.index).or_default() += 1);
    let compares = args.iter().map(compare).collect::<Result<Vec<_>, _>>()?;
    if uses.values().any(|count| *count > 1) {
        return Ok(compares.into_iter().map(|compare| vec![compare]).collect());
    }
    Ok(vec![compares])
}

fn compare(condition: &Condition) -> Result<ScmpArgCompare, String> {
    let number = |text: &String| text.parse::<u64>().map_err(|_| format!("not a number: {text}"));
    let (value, two) = (number(&condition.value)?, number(&condition.value_two)?);
    let (op, datum) = match condition.op {
        1 => (ScmpCompareOp::NotEqual, value),
        2 => (ScmpCompareOp::Less, value),
        3 => (ScmpCompareOp::LessOrEqual, value),
        4 => (ScmpCompareOp::Equal, value),
        5 => (ScmpCompareOp::GreaterEqual, value),
        6 => (ScmpCompareOp::Greater, value),
        // value is the mask, valueTwo what must be left
        7 => (ScmpCompareOp::MaskedEqual(value), two),
        other => return Err(format!("unknown comparison {other}")),
    };
    Ok(ScmpArgCompare::new(condition.index, op, datum))
}

/// SCMP_ACT_*: the action in the upper half, its data in the lower.
fn action(number: u32) -> Result<ScmpAction, String> {
    let data = number & 0xffff;
    Ok(match number & 0xffff_0000 {
        0x8000_0000 => ScmpAction::KillProcess,
        0x0000_0000 => ScmpAction::KillThread,
        0x0003_0000 => ScmpAction::Trap,
        0x0005_0000 => ScmpAction::Errno(data.cast_signed()),
        0x7fc0_0000 => ScmpAction::Notify,
        0x7ff0_0000 => ScmpAction::Trace(data as u16),
        0x7ffc_0000 => ScmpAction::Log,
        0x7fff_0000 => ScmpAction::Allow,
        _ => return Err(format!("unknown action {number:#x}")),
    })
}

/// SCMP_ARCH_* are the kernel's AUDIT_ARCH_* tokens, but for x32.
const ARCHITECTURES: [(u32, ScmpArch); 18] = [
    (0x4000_0003, ScmpArch::X86),
    (0xc000_003e, ScmpArch::X8664),
    (0x4000_003e, ScmpArch::X32),
    (0x4000_0028, ScmpArch::Arm),
    (0xc000_00b7, ScmpArch::Aarch64),
    (0x0000_0008, ScmpArch::Mips),
    (0x8000_0008, ScmpArch::Mips64),
    (0xa000_0008, ScmpArch::Mips64N32),
    (0x4000_0008, ScmpArch::Mipsel),
    (0xc000_0008, ScmpArch::Mipsel64),
    (0xe000_0008, ScmpArch::Mipsel64N32),
    (0x0000_0014, ScmpArch::Ppc),
    (0x8000_0015, ScmpArch::Ppc64),
    (0xc000_0015, ScmpArch::Ppc64Le),
    (0x0000_0016, ScmpArch::S390),
    (0x8000_0016, ScmpArch::S390X),
    (0x0000_000f, ScmpArch::Parisc),
    (0xc000_00f3, ScmpArch::Riscv64),
];

fn architecture(token: u32) -> Result<ScmpArch, String> {
    let found = ARCHITECTURES.iter().find(|(known, _)| *known == token);
    found.map(|(_, arch)| *arch).ok_or_else(|| format!("unknown architecture {token:#x}"))
}

fn token_of(wanted: ScmpArch) -> u32 {
    ARCHITECTURES.iter().find(|(_, arch)| *arch == wanted).map_or(0, |(token, _)| *token)
}

fn export(context: &ScmpFilterContext, filter: &mut Vec<u8>) -> Result<(), String> {
    let memory = rustix::fs::memfd_create("tsrun-filter", MemfdFlags::CLOEXEC).map_err(|errno| errno.to_string())?;
    let mut file = std::fs::File::from(memory);
    context.export_bpf(&file).map_err(|error| error.to_string())?;
    file.rewind().and_then(|()| file.read_to_end(filter)).map_err(|error| error.to_string())?;
    Ok(())
}
