//! Hooks of config.json that run in the runtime's namespaces (runtime-spec, "POSIX-platform Hooks").
use crate::failure::Trouble;
use rustix::io::Errno;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tsrun_plan::owned::outside::Hook;

/// What is kept of a hook's output for the error; the rest is read and dropped.
const KEPT_OUTPUT: usize = 4096;

pub fn run(op: &Hook, state: &str) -> Result<(), Trouble> {
    // what the caller left open is for the container, not for hooks
    tsrun_sys::descriptor::close_on_exec_from(3)?;
    let mut command = Command::new(&op.path);
    if let Some((name, rest)) = op.args.split_first() {
        command.arg0(name).args(rest);
    }
    command.env_clear();
    for entry in &op.env {
        if let Some((name, value)) = entry.split_once('=') {
            command.env(name, value);
        }
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let text = state.to_owned();
    // a hook may write before it reads, and read nothing at all: each stream has a thread of its own
    let writer = std::thread::spawn(move || input.map(|mut pipe| pipe.write_all(text.as_bytes())));
    let output = std::thread::spawn(move || collect(output));
    let errors = std::thread::spawn(move || collect(errors));
    let status = wait(&mut child, op.timeout)?;
    if status.success() {
        // a process that the hook left behind may keep its pipes: nobody waits for that
        return Ok(());
    }
    drop(writer);
    let mut words = errors.join().unwrap_or_default();
    words.push_str(&output.join().unwrap_or_default());
    let end = status.signal().map_or_else(
        || format!("exit status {}", status.code().unwrap_or(-1)),
        |signal| format!("killed by signal {signal}"),
    );
    let words: Vec<&str> = words.split_whitespace().collect();
    Err(Trouble::Detail(Errno::CHILD, format!("{end}{}{}", if words.is_empty() { "" } else { ": " }, words.join(" "))))
}

fn wait(child: &mut Child, timeout: u32) -> Result<std::process::ExitStatus, Trouble> {
    if timeout == 0 {
        return Ok(child.wait()?);
    }
    let deadline = Instant::now() + Duration::from_secs(u64::from(timeout));
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Err(Trouble::Detail(Errno::TIMEDOUT, format!("no end after {timeout} s")));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn collect(pipe: Option<impl Read>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count) = pipe.read(&mut buffer) {
        if count == 0 {
            break;
        }
        let room = KEPT_OUTPUT - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
